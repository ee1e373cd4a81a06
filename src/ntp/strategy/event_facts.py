"""Facts of an event during a run: what was observed and forecast of it, and what holdings can lose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from ntp.core import Absent
from ntp.markets import Aggregation, Observable
from ntp.rules import worst_loss
from ntp.strategy.fair.ladder import coherent_values
from ntp.strategy.objects import Contract, Forecast

if TYPE_CHECKING:
    from ntp.strategy.fair import FairValue
    from ntp.strategy.readings import Readings

_DIGITS: Final = 6
_MEANS: Final = (Aggregation.MEAN, Aggregation.TRIMMED_MEAN, Aggregation.MEAN_AGAINST_MEAN)


class EventFacts:
    """What the runtime knows of one event.

    Parameters
    ----------
    runtime : Readings
        Of the replay.
    event : str
        Its id.
    """

    def __init__(self, runtime: Readings, event: str) -> None:
        self._runtime, self._event = runtime, event

    def observed(self, contracts: Sequence[Contract]) -> float:
        """See :attr:`EventView.observed`."""
        runtime, observable = self._runtime, _observable(contracts)
        numbers = {view.spot_index for view in runtime._members[self._event] if view.spot_index >= 0}
        if observable is None or len(numbers) != 1 or observable.aggregation in (Aggregation.COUNT, Aggregation.NAMED):
            raise Absent("event.observed")
        published = runtime._published.get(numbers.pop())
        end = runtime.ts if observable.at_ns is None else min(observable.at_ns, runtime.ts)
        window = observable.window_ns if observable.at_ns is not None else 0
        start = (observable.at_ns or 0) - window if window else -1
        if published is None:
            raise Absent("event.observed")
        values = published.within(start, end)
        if not len(values):
            raise Absent("event.observed")
        if observable.aggregation is Aggregation.MAXIMUM:
            return float(max(values))
        if observable.aggregation is Aggregation.MINIMUM:
            return float(min(values))
        if observable.aggregation in _MEANS and window:
            return float(sum(values) / len(values))
        return float(values[-1])

    def forecasts(self, contracts: Sequence[Contract]) -> dict[str, Forecast]:
        """See :attr:`EventView.forecasts`."""
        runtime, observable = self._runtime, _observable(contracts)
        known = runtime._forecasts
        inputs = set(runtime._aliases.values()) & {number for number, _ in known}
        found: dict[str, Forecast] = {}
        for (number, target), forecast in known.items():
            if number in inputs if inputs else self._fits(number, contracts, observable):
                before = found.get(forecast.model)
                if _within(observable, target) and (before is None or _order(forecast) > _order(before)):
                    found[forecast.model] = forecast
        if not found:
            raise Absent("event.forecasts")
        return dict(sorted(found.items()))

    def _fits(self, number: int, contracts: Sequence[Contract], observable: Observable | None) -> bool:
        """Whether a series of forecasts is of the station that an event settles on."""
        series = self._runtime.replay.tape.instruments[number]
        station = str(series.attributes.get("station", "") or series.symbol.partition(":")[0]).upper()
        records = [each._instrument for each in contracts if each._instrument is not None]
        stated = {str(record.attributes.get("station", "")).upper() for record in records}
        named = observable.source.rpartition(":")[2].removeprefix("CLI") if observable is not None else ""
        return bool(station) and (station in stated or station.removeprefix("K") == named)

    def fair_values(
        self, contracts: Sequence[Contract], groups: Mapping[str, Sequence[Contract]]
    ) -> dict[Contract, FairValue]:
        """See :meth:`EventView.fair_values`."""
        runtime = self._runtime
        views = {view.contract: view for view in runtime._members[self._event]}
        found: dict[Contract, FairValue] = {}
        why: Absent | None = None
        for contract in contracts:
            try:
                found[contract] = runtime.appraise(views[contract].index)
            except Absent as error:
                why = why or error
        if why is not None and not found:
            raise why
        together: dict[Contract, FairValue] = {}
        for name, members in groups.items():
            known = {each: found[each] for each in members if each in found}
            records = {each: each._instrument for each in members if each._instrument is not None}
            together |= coherent_values(name, records, known)
        return together

    def worst_case_usd(self, contracts: Sequence[Contract]) -> float:
        """See :attr:`EventView.worst_case_usd`."""
        total = 0.0
        for states in self._runtime.states_of(contracts):
            held = [self._runtime.by_contract[name].position for name in states.members]
            total += worst_loss(states, [-each.cost for each in held], [each.size for each in held])
        return round(total, _DIGITS)


def _observable(contracts: Sequence[Contract]) -> Observable | None:
    """Observable that all contracts share, None where they do not or it is unknown."""
    specs = [contract.settlement for contract in contracts]
    if not specs or any(spec is None or spec.observable != specs[0].observable for spec in specs):
        return None
    found: Observable = specs[0].observable
    return found


def _within(observable: Observable | None, target: int) -> bool:
    if observable is None or observable.at_ns is None or not observable.window_ns:
        return True
    return observable.at_ns - observable.window_ns <= target <= observable.at_ns


def _order(forecast: Forecast) -> tuple[int, int]:
    return forecast.issued, forecast.ts
