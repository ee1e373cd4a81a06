"""Event: the contracts of an event at one moment, and what they settle on together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ntp.core import Absent
from ntp.strategy.objects import Contract, Forecast

if TYPE_CHECKING:
    from ntp.strategy.event_facts import EventFacts
    from ntp.strategy.fair import FairValue


@dataclass(slots=True)
class EventView:
    """An event and its contracts at one moment.

    Attributes
    ----------
    id, series : str
        Names at the venue.
    contracts : tuple of Contract
        Contracts listed so far.
    groups : dict of str to tuple of Contract
        Outcome groups.
    close_time : int or None
        Nanoseconds UTC.
    ts : int
        The moment looked at.
    facts : EventFacts or None
        Where the rest is read from during a run.
    """

    id: str
    series: str = ""
    contracts: tuple[Contract, ...] = ()
    groups: dict[str, tuple[Contract, ...]] = field(default_factory=dict)
    close_time: int | None = None
    ts: int = 0
    facts: EventFacts | None = field(default=None, repr=False, compare=False)

    @property
    def seconds_to_close(self) -> float:
        """Seconds until trading ends; Absent where the close is unknown."""
        if self.close_time is None:
            raise Absent("event.seconds_to_close")
        return (self.close_time - self.ts) / 1e9

    @property
    def underlying(self) -> str | None:
        """Source of the observable that its contracts settle on; None where unknown."""
        specs = [contract.settlement for contract in self.contracts[:1]]
        return None if not specs or specs[0] is None else str(specs[0].observable.source)

    @property
    def observed(self) -> float:
        """Settlement quantity so far, of what its source had published by now.

        That is the running maximum or minimum of the window, the mean of the part of it that is over, or the last
        value before its end. Absent before the first value of the window.
        """
        return self._known("observed").observed(self.contracts)

    @property
    def forecasts(self) -> dict[str, Forecast]:
        """Newest forecasts by model: of the strategy's inputs, else of the station that the event settles on.

        They are those whose target lies within the window of the observation, where it has one.
        """
        return self._known("forecasts").forecasts(self.contracts)

    @property
    def worst_case_usd(self) -> float:
        """Dollars lost on the positions held in the worst state of the observable; 0 if they cannot lose.

        Positions at other venues count where they settle on the same observable or are matched as equal, and a void
        is a state too. Where the contracts' rules cannot be told together, each is taken to lose.
        """
        return self._known("worst_case_usd").worst_case_usd(self.contracts)

    def fair_values(self) -> dict[Contract, FairValue]:
        """Fair values of its contracts, priced together; a contract without one is left out.

        Those of an exclusive and exhaustive group sum to one, those of thresholds are in order.

        Raises
        ------
        Absent
            Where no contract has a fair value, with the reason of the first.
        """
        return self._known("fair_values").fair_values(self.contracts, self.groups)

    def probabilities(self, distribution: Any, observed: float | None = None) -> dict[Contract, float]:
        """Probabilities of its contracts, rounding included.

        Parameters
        ----------
        distribution : object
            Has ``cdf(x)``, P(value <= x) of what the event settles on; with `observed` of what is still to come.
        observed : float, optional
            Running maximum or minimum so far, for example ``event.observed``.

        Returns
        -------
        dict of Contract to float
            Given that there is a result; an exclusive and exhaustive group sums to one.

        Raises
        ------
        ConfigError
            ``bad_distribution``.
        DataError
            ``unknown_settlement`` if the payoff of a contract cannot be told, or it settles on a name.
        """
        from ntp.markets import probability, settlement_of

        records = {each: each._instrument for each in self.contracts}
        specs = {each: settlement_of(record) for each, record in records.items() if record is not None}
        return {contract: probability(spec, distribution, observed) for contract, spec in specs.items()}

    def _known(self, what: str) -> EventFacts:
        if self.facts is None:
            raise Absent(f"event.{what}")
        return self.facts
