"""Book of indicators: those of every contract in a replay, advanced as wakes and complete bars come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ntp.core import Absent
from ntp.strategy.bars import ROW, BarBook, GrowingBar
from ntp.strategy.indicators.custom import CustomIndicator, load_custom, save_custom
from ntp.strategy.indicators.declared import DeclaredIndicator
from ntp.strategy.indicators.indicator import BAR_FIELDS
from ntp.strategy.indicators.reading import ClassicalIndicator, IndicatorSet

_PLACE: Final = {name: ROW.index(name) for name in BAR_FIELDS}
_VOLUME: Final = ROW.index("volume")


class IndicatorBook:
    """Indicators of the contracts of one replay.

    An indicator with bars sees a bar when it is complete and nothing of the one that is growing; one without
    sees what the contract shows at each wake, before the strategy is called.

    Parameters
    ----------
    declared : Mapping
        What the strategy declares.
    strategy : Strategy
        Whose parameters arguments may stand for.
    inputs : Mapping of str to int
        Aliases of inputs to the instruments behind them.
    input_value : callable
        Newest value of an instrument; raises Absent before the first.
    has_quotes : callable
        Whether a contract's data has quotes.
    absent : dict
        Counts by field what a custom indicator wanted to read and was not there.
    keeps : bool
        Whether values are kept, for a look back.
    """

    def __init__(
        self, declared: Mapping[str, DeclaredIndicator], strategy: Any, inputs: Mapping[str, int],
        input_value: Callable[[int], float], has_quotes: Callable[[int], bool], absent: dict[str, int],
        *, keeps: bool,
    ) -> None:
        self._declared, self._strategy, self._inputs = declared, strategy, inputs
        self._input_value, self._has_quotes, self._absent, self._keeps = input_value, has_quotes, absent, keeps
        self._at_wakes = [each for each in declared.values() if each.span is None]
        self._sets: dict[int, dict[str, Any]] = {}
        self._values = {
            name: each.indicator.values(strategy) for name, each in declared.items() if each.indicator is not None
        }
        barred = [each for each in declared.values() if each.span is not None]
        self._due = {each.span: [other for other in barred if other.span == each.span] for each in barred if each.span}
        self.spans = tuple(sorted(self._due))
        self._sampled = {(each.on, each.span) for each in barred if not _of_bars(each, inputs)}
        self._growing: dict[tuple[int, str | None, int | None], GrowingBar] = {}

    @property
    def samples_inputs(self) -> bool:
        """Whether bars of inputs are needed."""
        return any(on in self._inputs for on, _ in self._sampled)

    @property
    def samples_views(self) -> bool:
        """Whether bars of fields of views are needed."""
        return any(on not in self._inputs for on, _ in self._sampled)

    def of(self, number: int) -> IndicatorSet:
        """Return those of a contract."""
        return IndicatorSet(self._live(number))

    def forget(self, number: int) -> None:
        """Drop those of a contract that is settled."""
        self._sets.pop(number, None)
        for key in [key for key in self._growing if key[0] == number and key[1] not in self._inputs]:
            del self._growing[key]

    def woke(self, view: Any) -> None:
        """Advance what advances at every wake."""
        if not self._at_wakes:
            return
        live = self._live(view.index)
        for each in self._at_wakes:
            indicator = live[each.name]
            if isinstance(indicator, CustomIndicator):
                self._advance(indicator, view)
                continue
            on = each.on or ("mid" if self._has_quotes(view.index) else "price")
            value = self._field(view, on)
            if value is not None:
                indicator.advance(*[value] * len(indicator.kind.inputs))

    def sample(self, view: Any) -> None:
        """Add what a contract shows to the bars of its fields."""
        for on, span in self._sampled:
            if on is not None and on not in self._inputs:
                value = self._field(view, on)
                if value is not None:
                    self._bar(view.index, on, span).add(value, 0.0)

    def sample_input(self, number: int) -> None:
        """Add a value of an input to its bars."""
        for on, span in self._sampled:
            if on is not None and self._inputs.get(on) == number:
                self._bar(number, on, span).add(self._input_value(number), 0.0)

    def end_bars(self, span: int, ts: int) -> bool:
        """End the bars of fields and inputs of a duration; returns whether any indicator advances by it."""
        for (_, _, length), growing in self._growing.items():
            if length == span:
                growing.done.clear()
                growing.complete(ts)
        return span in self._due

    def complete(self, span: int, ts: int, bars: BarBook, view: Any) -> None:
        """Advance a contract's indicators by the bars of a duration that have just been completed."""
        row = bars.newest(view.index, span, ts)
        if row is None and not self._sampled:
            return  # nothing of it was seen yet
        live = self._live(view.index)
        for each in self._due[span]:
            indicator = live[each.name]
            if isinstance(indicator, CustomIndicator):
                if row is not None:
                    self._advance(indicator, BarMoment(view, row))
            else:
                self._advance_by(each, indicator, view.index, row)

    def _advance_by(self, each: DeclaredIndicator, indicator: ClassicalIndicator, number: int, row: Any) -> None:
        inputs = indicator.kind.inputs
        if (each.on, each.span) in self._sampled:
            growing = self._growing.get((self._inputs.get(each.on or "", number), each.on, each.span))
            if growing is None or not growing.done:
                return
            volume = row[_VOLUME] if row is not None else 0.0
            row = (*growing.done[-1][:_VOLUME], volume)
        elif row is None:
            return
        if len(inputs) == 1:
            indicator.advance(row[_PLACE.get(each.on or "close", _PLACE["close"])])
        else:
            indicator.advance(*[row[_PLACE[name]] for name in inputs])

    def _advance(self, indicator: CustomIndicator, data: Any) -> None:
        try:
            indicator.advance(data)
        except Absent as error:  # no value now; nothing of the strategy has to be withdrawn for that
            self._absent[error.field] = self._absent.get(error.field, 0) + 1

    def _field(self, view: Any, on: str) -> float | None:
        number = self._inputs.get(on)
        try:
            if number is not None:
                return self._input_value(number)
            if on.startswith("x_"):
                found = view.custom_fields.get(on[2:])
                return float(found) if isinstance(found, int | float) else None
            return float(getattr(view, on))
        except Absent:
            return None

    def _bar(self, number: int, on: str, span: int | None) -> GrowingBar:
        return self._growing.setdefault((number, on, span), GrowingBar())

    def _live(self, number: int) -> dict[str, Any]:
        live = self._sets.get(number)
        if live is None:
            live = self._sets[number] = {name: self._made(each) for name, each in self._declared.items()}
        return live

    def _made(self, each: DeclaredIndicator) -> ClassicalIndicator | CustomIndicator:
        if each.custom is not None:
            return each.custom.fresh(self._strategy)
        assert each.indicator is not None
        assert each.indicator.kind is not None
        return ClassicalIndicator(each.indicator.kind, self._values[each.name], keeps=self._keeps)

    def save(self, number: int) -> dict[str, Any]:
        """State of a contract's indicators in JSON types."""
        return {
            name: save_custom(each) if isinstance(each, CustomIndicator) else each.save()
            for name, each in self._live(number).items()
        }

    def load(self, number: int, saved: Mapping[str, Any]) -> None:
        """Take up what :meth:`save` gave; an indicator that is new since then starts afresh."""
        live = self._live(number)
        for name, state in saved.items():
            indicator = live.get(name)
            if isinstance(indicator, CustomIndicator):
                load_custom(indicator, state)
            elif indicator is not None:
                indicator.load(state)

    def save_bars(self, number: int) -> list[list[Any]]:
        """Bars of fields of a contract, or of an input, in JSON types."""
        return [[on, span, bar.save()] for (at, on, span), bar in self._growing.items() if at == number]

    def load_bars(self, number: int, saved: list[list[Any]]) -> None:
        """Take up what :meth:`save_bars` gave."""
        for on, span, state in saved:
            if (on, span) in self._sampled:
                self._bar(number, on, span).load(state)


class BarMoment:
    """A view at the end of a bar: the view's fields, and ``open high low close volume`` of the bar."""

    __slots__ = ("_row", "_view")

    def __init__(self, view: Any, row: tuple[float, ...]) -> None:
        self._view, self._row = view, row

    def __getattr__(self, name: str) -> Any:
        place = _PLACE.get(name)
        return getattr(self._view, name) if place is None else self._row[place]

    def get(self, name: str, default: Any = None) -> Any:
        """Value of a field, or `default` where it is absent."""
        try:
            return getattr(self, name)
        except Absent:
            return default


def _of_bars(each: DeclaredIndicator, inputs: Mapping[str, int]) -> bool:
    """Whether it is computed from the contract's own bars, not from bars of another field."""
    return each.on is None or (each.on in BAR_FIELDS and each.on not in inputs)
