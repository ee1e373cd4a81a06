"""Attributes: what views, positions, fills and the strategy itself show, each as a checked reading of memory."""

from __future__ import annotations

import ast
from typing import Final

from ntp.engine.fair import WHY
from ntp.statistics.indicators import IndicatorKind
from ntp.strategy.compiled.conditions import Conditions
from ntp.strategy.compiled.kinds import (
    ARRAY,
    BARS,
    BOOL,
    CONTRACT,
    CONTRACTS,
    EVENT,
    FAIR,
    FILL,
    FLOAT,
    INDEX_VALUE,
    INDICATOR,
    INDICATORS,
    INPUT,
    INT,
    MAYBE,
    POSITION,
    SELF,
    SETTLEMENT,
    SIGNAL,
    STATE,
    TEXT,
    THING,
    TIMER,
    TRADE,
    VIEW,
    Value,
)
from ntp.strategy.compiled.program import ABSENT
from ntp.strategy.compiled.refusal import Refused
from ntp.strategy.indicators.declared import DeclaredIndicator
from ntp.strategy.indicators.indicator import BAR_FIELDS

READINGS: Final[dict[str, tuple[str, str]]] = {
    "bid": ("price_at(me, {k}, BID_WORD)", "bid"),
    "ask": ("price_at(me, {k}, ASK_WORD)", "ask"),
    "mid": ("mid(me, {k})", "mid"),
    "price": ("price_at(me, {k}, LAST_WORD)", "price"),
    "bid_size": ("size_at(me, {k}, BID_WORD, BID_SIZE_WORD)", "bid_size"),
    "ask_size": ("size_at(me, {k}, ASK_WORD, ASK_SIZE_WORD)", "ask_size"),
    "volume": ("size_at(me, {k}, LAST_WORD, LAST_SIZE_WORD)", "volume"),
    "spot": ("spot(me, {k})", "spot"),
    "seconds_to_close": ("seconds_to_close(me, {k})", "seconds_to_close"),
    "seconds_to_settlement": ("seconds_to_close(me, {k})", "seconds_to_close"),
    "spread": ("spread(me, {k})", ""),
}
"""Numbers of a view: how they are read, None where absent, and what is then said to be absent."""
_POSITION: Final = {"size": "held(me, {k})", "cost": "cost(me, {k})"}
_SIGNAL: Final = {
    "action": (0, TEXT), "confidence": (1, FLOAT), "size": (2, MAYBE), "price": (3, MAYBE), "fair": (6, MAYBE),
}  # fmt: skip
_FILL: Final = {
    "side": ("fill_side(me, {k})", TEXT), "price": ("fill_price(me, {k})", FLOAT),
    "size": ("fill_size(me, {k})", FLOAT), "fee": ("fill_fee(me, {k})", FLOAT),
    "is_maker": ("fill_is_maker(me, {k})", BOOL), "ts": ("fill_ts(me, {k})", INT),
    "fair": ("fill_fair(me, {k})", MAYBE), "contract": ("fill_contract(me, {k})", CONTRACT),
}  # fmt: skip


_FAIR: Final = ("sd", "low", "high", "delta", "vega", "theta", "age")


def kind_of(each: DeclaredIndicator) -> IndicatorKind:
    """Kind of a classical indicator."""
    assert each.indicator is not None
    assert each.indicator.kind is not None
    return each.indicator.kind


class Views(Conditions):
    """Writes attributes."""

    def _write_attribute(self, node: ast.Attribute) -> Value:
        owner = self.raw(node.value)
        name = node.attr
        if owner.kind.startswith(INDICATOR):
            return self._indicator(owner, name, node)
        if owner.kind == THING:
            return self.module_attribute(owner.static, name, node)
        read = {
            SELF: self._own, VIEW: self._view, POSITION: self._position, TRADE: self._trade, STATE: self._state,
            CONTRACT: self._contract, SIGNAL: self._signal, FILL: self._fill, TIMER: self._timer, BARS: self._bars,
            INDEX_VALUE: self._index_value, INPUT: self._input, SETTLEMENT: self._settlement, EVENT: self._event,
            ARRAY: self._array, INDICATORS: self.indicator, FAIR: self._fair,
        }.get(owner.kind)
        if read is None:
            raise Refused(f"{name!r} of a {owner.kind}", node)
        found: Value | None = read(owner, name, node)
        if found is None:
            raise Refused(f"{name!r} of a {owner.kind}", node)
        return found

    def absent(self, node: ast.AST, name: str) -> int:
        """Add a reason to stop, a value that is absent, and return its number."""
        return self.stop(node, name, ABSENT)

    def touches(self, node: ast.AST) -> int:
        """Add three reasons, no bid, no ask, no step of the grid, and return the number of the first."""
        first = self.absent(node, "bid")
        self.absent(node, "ask")
        self.absent(node, "tick")
        return first

    def reasons(self, node: ast.AST) -> int:
        """Add the reasons why there is no fair value, in the order of their numbers; return that of the first."""
        sites = [self.absent(node, f"fair_value: {WHY[reason]}") for reason in sorted(WHY)]
        return min(sites)

    def reading(self, k: str, name: str) -> Value:
        """Write a number of a view, None where it is absent."""
        return Value(MAYBE, READINGS[name][0].format(k=k))

    def _view(self, owner: Value, name: str, node: ast.AST) -> Value | None:
        k = owner.code
        if name == "spread":
            ask, bid = self.absent(node, "ask"), self.absent(node, "bid")
            return Value(FLOAT, (
                f"(must(me, price_at(me, {k}, ASK_WORD), {ask}) - must(me, price_at(me, {k}, BID_WORD), {bid}))"
            ))  # fmt: skip
        if name in READINGS:
            return Value(FLOAT, f"must(me, {self.reading(k, name).code}, {self.absent(node, READINGS[name][1])})")
        if name == "ts":
            return Value(INT, "now(me)")
        if name == "trade":
            return Value(TRADE, f"printed(me, {k}, {self.absent(node, 'trade')})")
        if name == "event":
            return Value(EVENT, f"event_of(me, {k})")
        kind = {"position": POSITION, "contract": CONTRACT, "state": STATE, "indicators": INDICATORS}.get(name)
        if kind == STATE and self.program.declaration.state is None:
            raise Refused("data.state without a class State", node, "declare an inner class State with its numbers")
        return None if kind is None else Value(kind, k)

    def indicator(self, owner: Value, name: str, node: ast.AST) -> Value:
        """Write an indicator of a contract, which must have a value."""
        names = list(self.program.declaration.indicators)
        if name not in names:
            raise Refused(f"the indicator {name!r}, which the strategy does not declare", node)
        site = self.absent(node, f"indicators.{name}")
        return Value(f"{INDICATOR}{name}", f"indicator_ready(me, {owner.code}, {names.index(name)}, {site})")

    def _indicator(self, owner: Value, name: str, node: ast.AST) -> Value:
        declared = self.program.declaration.indicators
        own = owner.kind.removeprefix(INDICATOR)
        place, kind = list(declared).index(own), kind_of(declared[own])
        if name != "value" and (len(kind.outputs) < 2 or name not in kind.outputs):
            raise Refused(f"{name!r} of the indicator {own!r}", node)
        output = 0 if name == "value" else kind.outputs.index(name)
        return Value(FLOAT, f"indicator_output(me, {owner.code}, {place}, {output})")

    def _position(self, owner: Value, name: str, node: ast.AST) -> Value | None:
        k = owner.code
        if name in _POSITION:
            return Value(FLOAT, _POSITION[name].format(k=k))
        if name == "average_price":
            return Value(FLOAT, f"must(me, average_price(me, {k}), {self.absent(node, 'position.average_price')})")
        if name == "unrealised_usd":
            return Value(FLOAT, f"unrealised(me, {k}, {self.touches(node)})")
        return None

    def _trade(self, owner: Value, name: str, node: ast.AST) -> Value | None:
        if name == "price":
            return self._view(owner, "price", node)
        if name == "size":
            return self._view(owner, "volume", node)
        return Value(TEXT, f"taker_side(me, {owner.code})") if name == "taker_side" else None

    def _state(self, owner: Value, name: str, node: ast.AST) -> Value:
        if name not in self.program.state:
            raise Refused(f"data.state.{name}", node, "declare it in class State as a number or an Array")
        return self.read_field(owner, name, node)

    def read_field(self, owner: Value, name: str, node: ast.AST) -> Value:
        """Write the reading of a field."""
        raise NotImplementedError

    def _contract(self, owner: Value, name: str, node: ast.AST) -> Value | None:
        if name in ("strike_low", "strike_high"):
            return Value(MAYBE, f"strike(me, {owner.code}, {int(name == 'strike_high')})")
        return Value(BOOL, f"is_asset(me, {owner.code})") if name == "is_asset" else None

    def _signal(self, owner: Value, name: str, node: ast.AST) -> Value | None:
        if name in _SIGNAL:
            place, kind = _SIGNAL[name]
            return Value(kind, f"{owner.code}[{place}]")
        if name == "side":
            return Value(TEXT, f"side_of({owner.code})")
        if name == "yes_price":
            return Value(MAYBE, f"yes_price({owner.code})")
        return Value(FLOAT, f"probability({owner.code})") if name == "probability" else None

    def _fill(self, owner: Value, name: str, node: ast.AST) -> Value | None:
        if name not in _FILL:
            return None
        code, kind = _FILL[name]
        return Value(kind, code.format(k=owner.code))

    def _fair(self, owner: Value, name: str, node: ast.AST) -> Value | None:
        return Value(FLOAT, f"fair_{name}(me, {owner.code})") if name in _FAIR else None

    def _timer(self, owner: Value, name: str, node: ast.AST) -> Value | None:
        if name == "name":
            return Value(TEXT, owner.code)
        return Value(INT, "now(me)") if name == "ts" else None

    def _bars(self, owner: Value, name: str, node: ast.AST) -> Value | None:
        if name not in BAR_FIELDS:
            return None
        return Value(ARRAY, f"bar_column(me, {owner.code}, {BAR_FIELDS.index(name)})")

    def _array(self, owner: Value, name: str, node: ast.AST) -> Value | None:
        return Value(INT, f"{owner.code}[1]") if name == "size" else None

    def _index_value(self, owner: Value, name: str, node: ast.AST) -> Value | None:
        if name == "price":
            return Value(FLOAT, f"index_value(me, {owner.code})")
        if name == "ts":
            return Value(INT, "now(me)")
        return Value(TEXT, f"load_i64(link_at(me, 0).aliases, {owner.code})") if name == "alias" else None

    def _input(self, owner: Value, name: str, node: ast.AST) -> Value | None:
        value = f"must(me, index_value(me, {owner.code}), {self.absent(node, 'spot')})"
        if name == "price":
            return Value(FLOAT, value)
        return Value(FLOAT, f"index_age(me, {owner.code}, {value})") if name == "age" else None

    def _settlement(self, owner: Value, name: str, node: ast.AST) -> Value | None:
        if name in ("value", "position", "pnl_usd"):
            return Value(FLOAT, f"settled_{name}(me, {owner.code})")
        return Value(CONTRACT, f"settled_contract(me, {owner.code})") if name == "contract" else None

    def _event(self, owner: Value, name: str, node: ast.AST) -> Value | None:
        if name == "contracts":
            return Value(CONTRACTS, "", items=(Value(CONTRACT, f"in_event(me, {{place}}, {owner.code})"),))
        return None

    def _own(self, owner: Value, name: str, node: ast.AST) -> Value | None:
        money = {"cash": "dollars(me, CASH_WORD)", "equity": "equity(me)", "available": "available(me)"}
        if name in money:
            return Value(FLOAT, money[name])
        if name == "ts":
            return Value(INT, "now(me)")
        if name == "markets":
            return Value(CONTRACTS, "", items=(Value(VIEW, "on_market(me, {place})"),))
        if name in self.program.own:
            return self.read_field(owner, name, node)
        strategy = self.program.strategy
        if name in vars(strategy) or not hasattr(type(strategy), name):
            held = vars(strategy).get(name)
            raise Refused(
                f"self.{name}" + (f", a {type(held).__name__}" if held is not None else ", which nothing sets"), node,
                "keep numbers on self, set in on_start, and what belongs to a contract in class State",
            )
        found = getattr(type(strategy), name)
        if isinstance(found, property) or callable(found) or name in ("rng", "log", "now", "events", "open_orders"):
            raise Refused(f"self.{name}", node)
        return self.global_value(found, node)

