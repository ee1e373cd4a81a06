"""Conditional: what a customised template does with the conditions it was given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ntp.core import Absent
from ntp.strategy.signal import Signal
from ntp.strategy.template.conditions import OF_POSITION, Condition, value_of
from ntp.strategy.template.template import Template


class ConditionState:
    """What conditions remember of one contract."""

    since = 0  # nanoseconds; when the present position was entered
    leaving = ""  # name of the condition that closes it
    changes: dict[str, list[list[float]]] | None = None  # of what may cross, the last two different pairs of values


class Conditional(Template):
    """Acts as the template it is mixed into, within conditions."""

    _entries: ClassVar[tuple[Condition, ...]] = ()
    _exits: ClassVar[tuple[Condition, ...]] = ()
    _attributes: ClassVar[Mapping[str, str]] = {}
    _side: ClassVar[str | None] = None

    def analyze(self, data: Any) -> Any:
        """Leave if an exit holds, else do what the template does; with a side, enter when all entries hold."""
        state = data.state
        self._note_changes(data)
        if data.position.size == 0.0:
            state.leaving = ""
        # An exit that held once is followed to the end: a crossing is over long before a passive order is filled.
        state.leaving = state.leaving or self._exit_of(data)
        if state.leaving:
            return self._leave(data)
        if self._side is None:
            return super().analyze(data)
        if not self.allowed(data):
            return Signal("HOLD")  # takes back an entry that still waits
        return Signal(self._side, size=self.size, tag="entry")  # type: ignore[attr-defined]

    def allowed(self, data: Any) -> bool:
        """Whether all entries hold."""
        return all(self._holds(each, data) for each in self._entries)

    def on_fill(self, fill: Any) -> None:
        """Note when a position was entered."""
        super().on_fill(fill)
        state, size = self.market(fill.contract).state, self.position(fill.contract).size
        bought = fill.size if fill.side == "BUY" else -fill.size
        if size == 0.0:
            state.since = 0
        elif not state.since or size * (size - bought) <= 0.0:  # new, or turned round
            state.since = fill.ts

    def _leave(self, data: Any) -> Signal | None:
        return Signal("CLOSE", tag=data.state.leaving)

    def _exit_of(self, data: Any) -> str:
        """Name of the first exit that holds; empty if none does."""
        return next((each.name for each in self._exits if self._holds(each, data)), "")

    def _holds(self, condition: Condition, data: Any) -> bool:
        if condition.crosses:
            seen = (data.state.changes or {}).get(condition.text, [])
            return len(seen) == 2 and condition.crossed(seen[0], seen[1])
        try:
            return condition.compares(*self._both(condition, data))
        except Absent:
            return False

    def _both(self, condition: Condition, data: Any) -> list[float]:
        """Return what a condition looks at, and what it compares that with."""
        limit = condition.limit
        return [self._value(condition.name, data), self._value(limit, data) if isinstance(limit, str) else limit]

    def _value(self, name: str, data: Any) -> float:
        if name in OF_POSITION:
            return self._of_position(name, data)
        if name in self.inputs:
            return float(self.input(name).price)
        return value_of(name, data, self._attributes)

    def _of_position(self, name: str, data: Any) -> float:
        """Profit and loss as fractions of the cost, the time it has been held in seconds; Absent while flat."""
        if name == "held":
            if not data.state.since:
                raise Absent("position.held")
            return float(data.ts - data.state.since) / 1e9
        legs = [each.position for each in self._legs(data)]
        cost = sum(each.cost for each in legs)
        if cost <= 0.0:
            raise Absent(f"position.{name}")
        gain = float(sum(each.unrealised_usd for each in legs) / cost)
        return gain if name == "profit" else -gain

    def _legs(self, data: Any) -> list[Any]:
        return [data]

    def _note_changes(self, data: Any) -> None:
        """Remember what everything that may cross was before it last changed."""
        for condition in (*self._entries, *self._exits):
            if not condition.crosses:
                continue
            try:
                both = self._both(condition, data)
            except Absent:
                continue
            changes = data.state.changes = data.state.changes or {}
            seen = changes.get(condition.text, [])
            if not seen or seen[-1] != both:
                changes[condition.text] = [*seen[-1:], both]


class ConditionalPair(Conditional):
    """Conditions of a pair: those of the leg that leads it, profit and loss of both legs together."""

    def analyze(self, data: Any) -> Any:
        """Leave both legs if an exit holds, else do what the template does."""
        other = self._other(data)
        if "other" not in self.inputs and (other is None or other.contract.id < data.contract.id):
            return super(Conditional, self).analyze(data)
        return super().analyze(data)

    def _other(self, data: Any) -> Any:
        found = self.pairs.get(data.contract.id)  # type: ignore[attr-defined]
        return None if found is None else self.market(found)

    def _legs(self, data: Any) -> list[Any]:
        other = self._other(data)
        return [data] if other is None else [data, other]

    def _leave(self, data: Any) -> None:
        data.state.wanted = 0.0
        self.work(data, 0.0, self._other(data))  # type: ignore[attr-defined]
