"""Signals and sizes of a compiled strategy, and what else it asks of the engine."""

from __future__ import annotations

import ast
import inspect

from ntp.strategy.base import Strategy
from ntp.strategy.compiled.expressions import as_real
from ntp.strategy.compiled.inside.sizing import TEXTS
from ntp.strategy.compiled.kinds import (
    BOOL,
    FLOAT,
    INPUT,
    MAYBE,
    NONE,
    NOTHING,
    NUMBERS,
    POSITION,
    SELF,
    SIGNAL,
    TEXT,
    TUPLE,
    VIEW,
    Value,
)
from ntp.strategy.compiled.orders import OrderCalls
from ntp.strategy.compiled.program import RAISES
from ntp.strategy.compiled.refusal import Refused

_SIGNAL = ("action", "confidence", "size", "price", "contract", "outcome", "fair", "match", "ttl", "tag")


class SignalCalls(OrderCalls):
    """Writes signals and sizes."""

    def signal(self, node: ast.Call) -> Value:
        """Write ``Signal(...)``."""
        given = self.given(node, _SIGNAL, 3)
        if "action" not in given:
            raise Refused("a Signal without an action", node)
        numbers = {
            name: self.maybe(given[name]) for name in given if name in ("confidence", "size", "price", "fair")
        }
        confidence = "1.0" if "confidence" not in given else self.real(given["confidence"])
        action = self.word(given["action"], "BUY", TEXTS[:4])
        outcome = self.word(given.get("outcome"), "YES", TEXTS[4:])
        contract = "-1" if "contract" not in given else self.place(given["contract"], node)
        site = self.stop(node, "expected an action and an outcome, was another word", RAISES, "bad_signal")
        for what in ("a confidence from 0 to 1", "a size of at least 0 contracts", "a price in dollars"):
            self.fault(node, f"expected {what}, was {{}}", "bad_signal")
        none = NOTHING.code
        return Value(SIGNAL, (
            f"signal(me, {action}, {confidence}, {numbers.get('size', none)}, {numbers.get('price', none)}, "
            f"{contract}, {outcome}, {numbers.get('fair', none)}, {self.span(given.get('ttl'))}, "
            f"{self.tag(given.get('tag'))}, {site})"
        ))  # fmt: skip

    def follow(self, expression: ast.expr) -> None:
        """Write what becomes of something that `analyze` returns."""
        if isinstance(expression, ast.List | ast.Tuple):
            for each in [self._name("item", made) for made in map(self._followed, expression.elts) if made]:
                self._follow_signal(Value(SIGNAL, each), expression)
            return
        made = self._followed(expression)
        if made:
            self._follow_signal(Value(SIGNAL, self._name("signal", made)), expression)

    def _followed(self, expression: ast.expr) -> str:
        """Write the signal of an item of a result; empty for None."""
        found = self.value(expression)
        if found.kind == NONE:
            if found.code != NOTHING.code:
                self.add(found.code)
            return ""
        if found.kind == SIGNAL:
            return found.code
        if found.kind == TUPLE:
            raise Refused("a list of lists as a result", expression)
        hook = inspect.getattr_static(type(self.program.strategy), "generate_signal")
        if hook is not inspect.getattr_static(Strategy, "generate_signal"):
            names = list(inspect.signature(hook).parameters)
            made = self.program_call(hook, {names[0]: Value(SELF, ""), names[1]: found}, expression)
            if made.kind not in (SIGNAL, NONE):
                raise Refused(f"a {made.kind} as a result of generate_signal", expression)
            return made.code if made.kind == SIGNAL else ""
        if found.kind in (*NUMBERS, MAYBE) and found.kind != BOOL:
            site = self.stop(expression, "expected a Signal or a number, was NaN", RAISES, "bad_signal")
            if found.kind == MAYBE:
                name = self.kept(found, expression)
                return f"(no_signal() if is_none({name}) else signal_of_number(me, {name}, {site}))"
            return f"signal_of_number(me, {as_real(found)}, {site})"
        if found.kind == TEXT:
            return f"plain_signal({self.word(expression, 'BUY', TEXTS[:4])})"
        raise Refused(f"a {found.kind} as a result of analyze", expression)

    def _follow_signal(self, signal: Value, node: ast.AST) -> None:
        s, sites = signal.code, self.target_sites(node)
        k, held, side = (self._name(what, code) for what, code in (
            ("c", f"({s}[4] if {s}[4] >= 0 else {self.place(None, node)})"), ("held", "0.0"), ("side", "-1"),
        ))  # fmt: skip
        self.add(f"if {s}[0] >= 0:")
        self.depth += 1
        self.add(f"{held} = held(me, {k})")
        self.add(f"{side} = side_of({s})")
        self.add(f"if {side} == {TEXTS.index('HOLD')}:")
        self.add(f"    target(me, {k}, {held}, none(), -1, none(), {s}[8], {sites})")
        self.add("else:")
        self.depth += 1
        wanted = self._name("wanted", "0.0")
        enters = "<= 1" if type(self.program.strategy).short else "== 0"
        size = self._name("size", "0.0")
        self.add(f"if {side} {enters}:")
        self.depth += 1
        self.add(f"if is_none({s}[2]):")
        self.depth += 1
        bad = self.fault(
            node, "expected a number of contracts of at least 0 from calculate_position_size, was {}", "bad_size"
        )
        self.add(f"{size} = checked_size(me, {self.size_of(node, k, Value(SIGNAL, f'on({s}, {k})'))}, {bad})")
        self.depth -= 1
        self.add("else:")
        self.add(f"    {size} = {s}[2]")
        self.add(f"if {side} == 0:")
        self.add(f"    {wanted} = {size} if {size} > {held} else {held}")
        self.add("else:")
        self.add(f"    {wanted} = -{size} if -{size} < {held} else {held}")
        self.depth -= 1
        self.add(f"target(me, {k}, {wanted}, yes_price({s}), {s}[7], {s}[6], {s}[8], {sites})")
        self.depth -= 2

    depth: int

    # sizes

    def self_kelly_sizing(self, node: ast.Call) -> Value:
        """Write ``self.kelly_sizing(...)``."""
        given = self.given(node, ("p", "price", "side", "fraction"), 3)
        if "p" not in given:
            raise Refused("kelly_sizing without a probability", node)
        p = self.value(given["p"])
        fraction = self.real(given["fraction"]) if "fraction" in given else "0.25"
        if p.kind == SIGNAL:
            s = self._name("signal", p.code)
            place = self.place(None, node)
            k, chance, side = f"({s}[4] if {s}[4] >= 0 else {place})", f"probability({s})", f"side_of({s})"
            price = self.maybe(given["price"]) if "price" in given else f"yes_price({s})"
        else:
            k, chance = self.place(None, node), as_real(self.number(given["p"], p))
            price = self.maybe(given.get("price"))
            side = self.word(given.get("side"), "BUY", TEXTS[:4])
        return Value(FLOAT, f"kelly(me, {k}, {chance}, {price}, {side}, {fraction}, {self.sizing_sites(node)})")

    def self_contracts(self, node: ast.Call) -> Value:
        """Write ``self.contracts(...)``."""
        given = self.given(node, ("usd", "price", "side"), 3)
        usd, price = self.real(given["usd"]), self.maybe(given.get("price"))
        side = self.word(given.get("side"), "BUY", TEXTS[:2])
        k = self.place(None, node)
        return Value(FLOAT, f"contracts_for(me, {k}, {usd}, {price}, {side}, {self.sizing_sites(node)})")

    def self_calculate_position_size(self, node: ast.Call) -> Value:
        """Write ``self.calculate_position_size(signal)``."""
        if len(node.args) != 1 or node.keywords:
            raise Refused("calculate_position_size with such arguments", node)
        found = self.value(node.args[0])
        if found.kind != SIGNAL:
            raise Refused(f"the size of a {found.kind}", node)
        s = self._name("signal", found.code)
        k = f"({s}[4] if {s}[4] >= 0 else {self.place(None, node)})"
        return Value(FLOAT, self.size_of(node, k, Value(SIGNAL, s)))

    # others

    def self_market(self, node: ast.Call) -> Value:
        """Write ``self.market(contract)``."""
        return Value(VIEW, self.place(node.args[0] if node.args else None, node))

    def self_position(self, node: ast.Call) -> Value:
        """Write ``self.position(contract)``."""
        return Value(POSITION, self.place(node.args[0] if node.args else None, node))

    def self_record(self, node: ast.Call) -> Value:
        """Write ``self.record(name=value)``."""
        if node.args:
            raise Refused("record without names", node)
        values = [(str(each.arg), self._name("point", self.real(each.value))) for each in node.keywords]
        for name, value in values:
            self.add(f"record(me, {self.program.one_of(self.program.curves, name)}, {value})")
        return NOTHING

    def self_call_at(self, node: ast.Call) -> Value:
        """Write ``self.call_at(time, name)``."""
        given = self.given(node, ("time", "name"), 2)
        if set(given) != {"time", "name"}:
            raise Refused("call_at with such arguments", node)
        name = self.value(given["name"])
        if not name.known or name.kind != TEXT:
            raise Refused("call_at with a name that is not written out", node)
        time = self.value(given["time"])
        when = f"now(me) + {self.duration(time.static, node)}" if time.kind == TEXT else self.whole(given["time"])
        return Value(NONE, f"timer(me, {when}, TIMER_NAMES + {self.program.text(str(name.static))})", None)

    def self_input(self, node: ast.Call) -> Value:
        """Write ``self.input(alias)``."""
        alias = self.value(node.args[0]) if len(node.args) == 1 and not node.keywords else NOTHING
        if not alias.known or alias.static not in self.program.declaration.inputs:
            raise Refused("input of something else than an alias of inputs", node)
        place = self.program.one_of(self.program.inputs, str(alias.static))
        return Value(INPUT, f"load_i64(link_at(me, 0).inputs, {place})")

