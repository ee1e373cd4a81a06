"""What a strategy reads on itself during a run, besides orders and money."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from functools import cached_property
from typing import Any, Final, NoReturn

from ntp.core import Absent, NotFound, StrategyError, parse_duration, suggest, to_datetime
from ntp.engine import records as r
from ntp.engine.limiting import equal_matches
from ntp.engine.replay import Replay
from ntp.pricing.edge import EdgeCosts, EntryRule, net_edge
from ntp.rules import EventStates, Gate, event_states
from ntp.strategy.assets import asset_path
from ntp.strategy.bars import BarBook
from ntp.strategy.declaration import declaration_of
from ntp.strategy.event_facts import EventFacts
from ntp.strategy.events import EventView
from ntp.strategy.fair import Appraiser, FairValue
from ntp.strategy.history import Published, Series
from ntp.strategy.indicators.book import IndicatorBook
from ntp.strategy.indicators.reading import IndicatorSet
from ntp.strategy.objects import Contract, Forecast
from ntp.strategy.orders import OrderCalls
from ntp.strategy.turned import TurnedView
from ntp.strategy.view import VALUE, MarketView

_WORDS: Final = r.CONTRACT.itemsize // 8
_HAS_QUOTES: Final = r.field(r.CONTRACT, "has_quotes")
_HAS_TAPE: Final = r.field(r.CONTRACT, "has_tape")
_VIEW_TS: Final = r.field(r.CONTRACT, "view_ts")
_LAST_TS: Final = r.field(r.CONTRACT, "last_ts")


class Readings(OrderCalls):
    """The readings of :class:`ntp.strategy.port.Runtime` over a replay."""

    entry_rule = EntryRule()

    def __init__(self, strategy: Any, replay: Replay, gate: Gate, aliases: Mapping[str, int]) -> None:
        super().__init__(strategy, replay.state, gate)
        self.replay = replay
        self.declaration = declaration_of(strategy)
        self.rows: list[tuple[int, str, float]] = []
        self._aliases = dict(aliases)
        self._events: dict[str, EventView] = {}
        self._members: dict[str, list[MarketView]] = {}
        self._gone: set[int] = set()
        self._states: dict[tuple[str, ...], list[EventStates]] = {}
        self._newest: dict[int, dict[str, Any]] = {}
        self._timers: list[str] = []
        self.absent: dict[str, int] = {}
        declared = self.declaration.indicators
        self._indicators = IndicatorBook(
            declared, strategy, self._aliases, self.index_value, self.has_quotes, self.absent,
            keeps="history" in self.declaration.reads,
        )
        self._appraiser: Appraiser | None = None
        self.set_edge_costs(EdgeCosts())
        self.partners: Mapping[int, Mapping[str, tuple[int, bool]]] = {}
        self._matched: dict[tuple[int, bool], MarketView] = {}
        self._bars = BarBook(tuple(sorted({*self.declaration.wake.bars, *self._indicators.spans})))
        self._inputs_past: dict[int, Series] = {}
        self._published: dict[int, Published] = {}
        self._forecasts: dict[tuple[int, int], Forecast] = {}

    @property
    def ts(self) -> int:
        """Present moment in nanoseconds UTC."""
        return self._ts

    @property
    def now(self) -> datetime:
        """Present moment."""
        return to_datetime(self._ts)

    @property
    def markets(self) -> list[MarketView]:
        """Views of the contracts of the universe that are listed and not settled yet."""
        return [
            view for number, view in enumerate(self.views)
            if view is not None and self.traded[number] and number not in self._gone and self._listed(view)
        ]

    @property
    def events(self) -> list[EventView]:
        """Their events."""
        return [self.event_of(contract) for contract in {v.contract.event: v.contract for v in self.markets}.values()]

    def states_of(self, contracts: Sequence[Contract]) -> list[EventStates]:
        """Tell what contracts pay together with all that are linked with them, over venues, and listed by now."""
        linked = dict.fromkeys(name for each in contracts for name in self._linked.get(each.id, ()))
        views = [view for view in map(self.by_contract.__getitem__, linked) if self._listed(view)]
        key = tuple(view.contract.id for view in views)
        if key not in self._states:
            records = [view.contract._instrument for view in views if view.contract._instrument is not None]
            self._states[key] = event_states(records, self._equal)
        return self._states[key]

    @cached_property
    def _linked(self) -> dict[str, tuple[str, ...]]:
        """Contracts of an event, over venues, by each of them."""
        records = [view.contract._instrument for view in self.views if view is not None]
        found = event_states([each for each in records if each is not None], self._equal)
        return {name: states.members for states in found for name in states.members}

    @cached_property
    def _equal(self) -> list[tuple[str, str, bool]]:
        return equal_matches(self.replay.state, [instrument.id for instrument in self.replay.tape.instruments])

    def event_of(self, contract: Contract) -> EventView:
        """Event of a contract, with the contracts listed so far."""
        known = self._events.get(contract.event)
        if known is None:
            known = EventView(
                contract.event, contract.series, close_time=contract.close_time, ts=self._ts,
                facts=EventFacts(self, contract.event),
            )
            self._events[contract.event] = known
            self._members[contract.event] = [
                view for view in self.views if view is not None and view.contract.event == contract.event
            ]
        members = self._members[contract.event]
        if len(known.contracts) < len(members):
            known.contracts = tuple(view.contract for view in members if self._listed(view))
            known.groups = {}
            for each in known.contracts:
                name = (each._instrument.group if each._instrument is not None else "") or contract.event
                known.groups[name] = (*known.groups.get(name, ()), each)
        known.ts = self._ts
        return known

    def _listed(self, view: MarketView) -> bool:
        """Whether a contract is known by now: something of it was seen, or it opened before the data began."""
        opened = view.contract.open_time
        first = self.replay.state.contract_words[view.index * _WORDS + _VIEW_TS] == 0
        return not first or (opened is not None and opened <= self._ts)

    def number_of(self, contract: Any) -> int:
        """Find a contract of the data, traded or not, by its id, by its symbol where that is unique, or a view.

        Raises
        ------
        NotFound
            ``unknown_contract``, with a suggestion.
        """
        if isinstance(contract, MarketView):
            return contract.index
        name = contract.id if isinstance(contract, Contract) else str(contract)
        hits = self._by_name.get(name, ())
        if len(hits) != 1:
            raise NotFound(
                f"expected a contract of this run, was {name!r}", code="unknown_contract",
                hint=suggest(name, self._by_name),
            )
        return hits[0]

    @cached_property
    def _by_name(self) -> dict[str, tuple[int, ...]]:
        found: dict[str, tuple[int, ...]] = {}
        for number, instrument in enumerate(self.replay.tape.instruments):
            for name in {instrument.id, instrument.symbol}:
                found[name] = (*found.get(name, ()), number)
        return found

    def index_value(self, number: int) -> float:
        """Newest value of an index; Absent before the first."""
        state = self.replay.state
        if state.contract_words[number * _WORDS + _LAST_TS] == 0:
            raise Absent("spot")
        return float(state.contract_floats[number * _WORDS + VALUE])

    def appraise(self, number: int) -> FairValue:
        """See :meth:`MarketView.fair_value`; the appraiser takes this name over where there is one."""
        raise StrategyError(
            "expected a strategy that asks for fair values to say so, was without", code="not_priced",
            hint="set pricing = Pricing() in the class",
        )

    def net_edge(self, view: MarketView, side: str) -> float:
        """See :meth:`MarketView.net_edge`."""
        fair, price = self.appraise(view.index), view.touch(side)
        left = view.get("seconds_to_settlement", math.nan)
        fee = self.fee_per_contract(view.contract, price, side)
        costs = self.edge_costs
        return net_edge(
            1 if side == "BUY" else -1, fair, fair.sd, price, fee, 1, left, costs.adverse_selection, costs.uncertainty,
            costs.lock_up_rate, costs.unknown_settlement_s,
        )  # fmt: skip

    def matched(self, view: MarketView, venue: str) -> MarketView:
        """See :meth:`MarketView.match`."""
        found = self.partners.get(view.index, {}).get(venue)
        if found is None:
            raise Absent(f"match({venue!r})")
        if found not in self._matched:
            number, turned = found
            known = self.views[number]
            runtime: Any = self
            if known is None or turned:
                contract = Contract.of(self.replay.tape.instruments[number])
                known = (TurnedView if turned else MarketView)(runtime, number, contract)
                known.spot_index = view.spot_index
            self._matched[found] = known
        return self._matched[found]

    def set_edge_costs(self, costs: EdgeCosts) -> None:
        """Set what edges pay for, here and in the gate."""
        self.edge_costs = costs
        for field in fields(costs):
            self.replay.state.context[field.name] = getattr(costs, field.name)

    def input(self, alias: str) -> Any:
        """Newest value of an input."""
        if alias not in self._aliases:
            raise StrategyError(
                f"expected one of inputs, was {alias!r}", code="unknown_input", hint=suggest(alias, self._aliases)
            )
        number = self._aliases[alias]
        return InputView(self, alias, number)

    def indicators_of(self, view: MarketView) -> IndicatorSet:
        """See :attr:`MarketView.indicators`."""
        return self._indicators.of(view.index)

    def record(self, **values: float) -> None:
        """Add points to curves of the report."""
        for name, value in values.items():
            self.rows.append((self._ts, name, float(value)))

    def call_at(self, time: Any, name: str) -> None:
        """Ask for ``on_timer`` with this name at a time."""
        self._set_timer(self.time_of(time), name)

    def asset(self, name: str) -> Any:
        """Path of a file listed in `assets`."""
        return asset_path(type(self.strategy), name)

    def has_quotes(self, number: int) -> bool:
        """Whether a contract's data has quotes."""
        return bool(self.replay.state.contract_words[number * _WORDS + _HAS_QUOTES])

    def _has_tape(self, number: int) -> bool:
        return bool(self.replay.state.contract_words[number * _WORDS + _HAS_TAPE])

    def custom_fields(self, number: int) -> dict[str, Any]:
        """Fields of the newest custom event of an instrument."""
        return _Fields(self._newest.get(number, {}))

    def new_state(self) -> Any:
        """Make what a strategy remembers of one contract."""
        kind = self.declaration.state
        return kind() if kind is not None else _Namespace()

    def history(self, view: MarketView, field: str, last: int | str) -> Any:
        """See :meth:`MarketView.history`."""
        return view._kept().look_back(field, last, self._ts)

    def bars(self, view: MarketView, span: int, n: int) -> Any:
        """See :meth:`MarketView.bars`."""
        return self._bars.last(view.index, span, n)

    def _set_timer(self, when: int, name: str, span: int = 0) -> None:
        self._timers.append(name)
        self.command_timer(when, len(self._timers) - 1, span)


class InputView:
    """An input at this moment."""

    __slots__ = ("_number", "_runtime", "alias")

    def __init__(self, runtime: Readings, alias: str, number: int) -> None:
        self._runtime, self._number = runtime, number
        self.alias = alias

    @property
    def price(self) -> float:
        """Newest value; Absent before the first."""
        return self._runtime.index_value(self._number)

    @property
    def age(self) -> float:
        """Seconds since it came; Absent before the first."""
        self._runtime.index_value(self._number)
        words = self._runtime.replay.state.contract_words
        return (self._runtime.ts - words[self._number * _WORDS + _LAST_TS]) / 1e9

    def get(self, name: str, default: Any = None) -> Any:
        """Value of ``price`` or ``age``, or `default` where it is absent."""
        try:
            return getattr(self, name)
        except Absent:
            return default

    def history(self, last: int | str) -> Any:
        """Read-only array of the last changes, oldest first, see :meth:`MarketView.history`."""
        past = self._runtime._inputs_past.get(self._number)
        name = f"input({self.alias!r}).history"
        if past is None:
            raise Absent(f"{name}({last!r})")
        return past.look_back(last, self._runtime.ts, name)

    def bars(self, duration: str, n: int) -> Any:
        """Last `n` complete bars of its values, see :meth:`MarketView.bars`; their volume is 0."""
        return self._runtime._bars.last(self._number, parse_duration(duration), n)


class _Fields(dict[str, Any]):
    """Custom fields; reading one that is not there raises Absent."""

    def __missing__(self, name: str) -> NoReturn:
        raise Absent(f"custom_fields[{name!r}]")


class _Namespace:
    """Attributes as they are set."""
