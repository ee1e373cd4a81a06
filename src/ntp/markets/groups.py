"""Outcome groups: contracts on one observable, their states and the worst of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise, product

from ntp.core import DataError
from ntp.markets.instrument import Instrument
from ntp.markets.settlement import Named, Observed, SettlementSpec, State
from ntp.markets.settlement_sources import settlement_of


class Relation(StrEnum):
    """How the contracts of a group hang together."""

    EXCLUSIVE = "exclusive"
    """At most one pays."""
    NESTED = "nested"
    """Each pays whenever the next stricter one does: thresholds."""
    INDEPENDENT = "independent"
    """Nothing is known of them together."""


@dataclass(frozen=True, slots=True)
class OutcomeGroup:
    """Contracts whose payoffs are functions of one observable.

    Attributes
    ----------
    name : str
        Event or group name.
    relation : Relation
    exhaustive : bool
        Whether one of an exclusive group always pays.
    members : tuple of (str, SettlementSpec)
        Contract symbols with their specs.
    """

    name: str
    relation: Relation
    exhaustive: bool
    members: tuple[tuple[str, SettlementSpec], ...]

    def states(self) -> Iterator[tuple[Fraction, ...]]:
        """Yield each distinct row of payoffs that can happen, one number per member.

        A void is not among them: it is a branch of its own with the members' own rules. Independent
        groups yield every combination.
        """
        yield from dict.fromkeys(self._rows())

    def _rows(self) -> Iterator[tuple[Fraction, ...]]:
        specs = [spec for _, spec in self.members]
        if self.relation is Relation.INDEPENDENT:
            yield from product((Fraction(0), Fraction(1)), repeat=len(specs))
            return
        for state in _common_states(specs, open_field=not self.exhaustive):
            yield tuple(_number(spec, state) for spec in specs)

    def worst_value(self, holdings: Mapping[str, tuple[int, int]]) -> int:
        """Least that holdings pay, over all states.

        Parameters
        ----------
        holdings : Mapping
            Symbol to (yes, no) in 0.000001 contract; symbols outside the group are an error.

        Returns
        -------
        int
            Cash units, rounded down.

        Raises
        ------
        DataError
            If a symbol is not of this group.
        """
        names = [name for name, _ in self.members]
        foreign = set(holdings) - set(names)
        if foreign:
            raise DataError(f"expected contracts of {self.name}, was {sorted(foreign)}", code="not_in_group")
        pairs = [holdings.get(name, (0, 0)) for name in names]
        if self.relation is Relation.INDEPENDENT:
            return sum(min(yes, no) for yes, no in pairs)
        values = (
            sum(
                (yes * pays + no * (1 - pays) for (yes, no), pays in zip(pairs, row, strict=True)),
                Fraction(0),
            )
            for row in self.states()
        )
        worst = min(values)
        return worst.numerator // worst.denominator

    def worst_loss(self, holdings: Mapping[str, tuple[int, int]], cost: int) -> int:
        """Most that can be lost on holdings that cost `cost`; 0 if they cannot lose."""
        return max(cost - self.worst_value(holdings), 0)


_EXCLUSIVE = ("mutually_exclusive", "exclusive", "negRisk")


def group_of(name: str, instruments: Iterable[Instrument]) -> OutcomeGroup:
    """Group contracts of one event and find out how they hang together.

    Contracts on one number are compared over all its states. Contracts on a name are exclusive
    where the venue says so (attribute ``mutually_exclusive``, ``exclusive`` or ``negRisk``) and
    exhaustive only where it
    states that too (``exhaustive``) and the field is not open (``negRiskAugmented``). Everything
    else is independent.

    Raises
    ------
    DataError
        If there is no contract or one's settlement cannot be told.
    """
    listed = sorted(instruments, key=lambda instrument: instrument.symbol)
    if not listed:
        raise DataError(f"expected contracts in the group {name!r}, was none", code="empty_group")
    members = tuple((instrument.symbol, settlement_of(instrument)) for instrument in listed)
    specs = [spec for _, spec in members]
    if len({spec.observable for spec in specs}) > 1:
        return OutcomeGroup(name, Relation.INDEPENDENT, False, members)
    if specs[0].outcome:
        flags = [instrument.attributes for instrument in listed]
        exclusive = all(any(f.get(name) for name in _EXCLUSIVE) for f in flags)
        closed = all(f.get("exhaustive") for f in flags) and not any(f.get("negRiskAugmented") for f in flags)
        relation = Relation.EXCLUSIVE if exclusive else Relation.INDEPENDENT
        return OutcomeGroup(name, relation, exclusive and closed, members)
    rows = [tuple(_number(spec, state) for spec in specs) for state in _common_states(specs, open_field=True)]
    if all(sum(row) <= 1 for row in rows):
        return OutcomeGroup(name, Relation.EXCLUSIVE, all(sum(row) == 1 for row in rows), members)
    if _is_chain(rows):
        return OutcomeGroup(name, Relation.NESTED, False, members)
    return OutcomeGroup(name, Relation.INDEPENDENT, False, members)


def _is_chain(rows: Sequence[tuple[Fraction, ...]]) -> bool:
    columns = sorted(zip(*rows, strict=True), key=sum)
    return all(all(a <= b for a, b in zip(low, high, strict=True)) for low, high in pairwise(columns))


def _number(spec: SettlementSpec, state: State) -> Fraction:
    value = spec.payoff(state)
    return Fraction(0) if value is None else value


def _common_states(specs: Sequence[SettlementSpec], *, open_field: bool) -> list[State]:
    if specs[0].outcome:
        states: list[State] = [Named(spec.outcome) for spec in specs]
        return [*states, Named("")] if open_field else states
    strikes = sorted({k for spec in specs for k in (spec.low, spec.high) if k is not None})
    step = specs[0].observable.step
    if step is not None:
        floors = {(k / step).to_integral_value(ROUND_FLOOR) * step for k in strikes}
        return [Observed(v) for v in sorted({k + n * step for k in floors for n in (-1, 0, 1)})]
    middles = [(a + b) / 2 for a, b in pairwise(strikes)]
    return [Observed(v) for v in sorted({*strikes, *middles, strikes[0] - 1, strikes[-1] + Decimal(1)})]
