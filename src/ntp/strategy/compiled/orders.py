"""Order calls, signals and sizes of a compiled strategy, each with the reasons for which it may fail."""

from __future__ import annotations

import ast
import inspect
import types
from typing import Any, Final

from ntp.strategy.base import Strategy
from ntp.strategy.compiled.expressions import as_real
from ntp.strategy.compiled.inside.single import TIFS
from ntp.strategy.compiled.inside.sizing import TEXTS
from ntp.strategy.compiled.kinds import (
    INT,
    NONE,
    NOTHING,
    NUMBERS,
    ORDER,
    PLACES,
    SELF,
    SIGNAL,
    TEXT,
    Value,
)
from ntp.strategy.compiled.program import REFUSES
from ntp.strategy.compiled.refusal import Refused
from ntp.strategy.compiled.views import Views

_QUOTE: Final = ("contract", "bid", "ask", "size", "bid_size", "ask_size", "fair", "match", "tag")
_TARGET: Final = ("contract", "position", "price", "ttl", "fair", "match", "tag")
_ORDER: Final = (
    "contract", "size", "price", "post_only", "tif", "expire", "reduce_only", "outcome", "fair", "match", "tag",
)  # fmt: skip
_BY_PLACE: Final = {"quote": 1, "target": 2, "order": 3}
_BAD_SIZE: Final = "expected a size of at least 0 contracts, was {}"
_BAD_PRICE: Final = "expected a price in dollars, was {}"
_WATCHED: Final = "expected a contract of the universe, it is only watched"
_NO_CONTRACT: Final = "expected a contract, was none"


class OrderCalls(Views):
    """Writes what a strategy asks of the engine."""

    def given(self, node: ast.Call, names: tuple[str, ...], by_place: int) -> dict[str, ast.expr]:
        """Arguments by name, in the order they stand; those left out are left out.

        An argument `match` is read and has no effect in a backtest, as in Python.
        """
        if len(node.args) > by_place:
            raise Refused(f"{ast.unparse(node.func)} with so many arguments by place", node)
        found = dict(zip(names, node.args, strict=False))
        for each in node.keywords:
            if each.arg not in names or each.arg in found:
                raise Refused(f"{ast.unparse(node.func)} with the argument {each.arg!r}", node)
            found[str(each.arg)] = each.value
        if "match" in found and self.value(found["match"]).kind != NONE:
            raise Refused("a matched contract", node)
        return {name: each for name, each in found.items() if not _is_none(each)}

    def fault(self, node: ast.AST, text: str, code: str, hint: str = "") -> int:
        """Add a reason to stop and return its number: the engine cannot do what is asked."""
        return self.stop(node, text, REFUSES, code, hint)

    def place(self, node: ast.expr | None, at: ast.AST) -> str:
        """Write the contract that is meant, by default that of the call."""
        if node is None:
            hint = "name the contract outside of analyze and the callbacks of one contract"
            return f"here(me, {self.fault(at, _NO_CONTRACT, 'no_contract', hint)})"
        found = self.value(node)
        if found.kind not in PLACES:
            raise Refused(f"a {found.kind} as a contract", node)
        return found.code

    def traded(self, node: ast.expr | None, at: ast.AST) -> str:
        """Write the contract that is meant, which must be one of the universe."""
        return f"tradable(me, {self.place(node, at)}, {self.fault(at, _WATCHED, 'not_in_universe')})"

    def tag(self, node: ast.expr | None) -> str:
        """Write the number of a tag's text."""
        if node is None:
            return "-1"
        found = self.value(node)
        if found.kind != TEXT:
            raise Refused(f"a {found.kind} as a tag", node)
        if found.known:
            self.program.tags.add(str(found.static))
        else:
            self.program.every_tag = True
        return found.code

    def word(self, node: ast.expr | None, default: str, allowed: tuple[str, ...]) -> str:
        """Write the number of a word such as an action; what is written out may be in small letters."""
        if node is None:
            return str(TEXTS.index(default))
        found = self.value(node)
        if found.kind != TEXT:
            raise Refused(f"a {found.kind} where {' or '.join(allowed)} is needed", node)
        if not found.known:
            return found.code
        if str(found.static).upper() not in allowed:
            raise Refused(f"{found.static!r} where {' or '.join(allowed)} is needed", node)
        return str(TEXTS.index(str(found.static).upper()))

    def span(self, node: ast.expr | None) -> str:
        """Write a time to live in nanoseconds, -1 for none."""
        if node is None:
            return "-1"
        found = self.value(node)
        if found.known:
            return str(self.duration(found.static, node))
        if found.kind != INT:
            raise Refused(f"a {found.kind} as a duration", node)
        raise Refused("a duration that is not written out", node)

    def duration(self, text: Any, node: ast.AST) -> int:
        """Nanoseconds of a duration that is written out."""
        raise NotImplementedError

    # wishes

    def self_quote(self, node: ast.Call) -> Value:
        """Write ``self.quote(...)``."""
        given = self.given(node, _QUOTE, _BY_PLACE["quote"])
        names: dict[str, str] = {}
        kinds: dict[str, str] = {}
        for name in (each for each in given if each not in ("contract", "match", "tag")):
            found = self.value(given[name])
            kinds[name] = found.kind
            names[name] = self._name(name, self.maybe_of(found, given[name]))
        k = self._name("k", self.traded(given.get("contract"), node))
        tag = self.tag(given.get("tag"))
        sizes = {}
        for side, own in (("bid", "bid_size"), ("ask", "ask_size")):
            sizes[own] = "0.0"
            if side in given:
                sizes[own] = self._quoted_size(node, k, "BUY" if side == "bid" else "SELL", names[side], [
                    (names[each], kinds[each]) for each in (own, "size") if each in given
                ])  # fmt: skip
        site = self.fault(node, _BAD_PRICE, "bad_price", "None rests nothing on a side")
        self.fault(node, _BAD_SIZE, "bad_size")
        none = NOTHING.code
        code = (
            f"quote(me, {k}, {names.get('bid', none)}, {names.get('ask', none)}, {sizes['bid_size']}, "
            f"{sizes['ask_size']}, {names.get('fair', none)}, {tag}, {site})"
        )
        return Value(NONE, code, None)

    def _name(self, what: str, code: str) -> str:
        """Evaluate something now, under a name of its own."""
        if code.isidentifier():
            return code
        if self.conditional:
            raise Refused("such a call within a condition", self.node, "make it a statement of its own")
        return self.temporary(code, what)

    def _quoted_size(self, node: ast.AST, k: str, side: str, price: str, sizes: list[tuple[str, str]]) -> str:
        """Write the size of a side: its own, that of both, or what `calculate_position_size` says."""
        code = ""
        certain = False
        for name, kind in sizes:
            code += name if kind in NUMBERS else f"{name} if not is_none({name}) else "
            if kind in NUMBERS:
                certain = True
                break
        if certain:
            return f"({code})"
        sized = self.sized(node, k, side, price)
        return f"(0.0 if is_none({price}) else {code}{sized})"

    def sized(self, node: ast.AST, k: str, side: str, price: str) -> str:
        """Write the size that `calculate_position_size` says of a side and a price."""
        signal = Value(SIGNAL, (
            f"({TEXTS.index(side)}, 1.0, none(), {price}, -1, {TEXTS.index('YES')}, none(), -1, -1)"
        ))  # fmt: skip
        return self.size_of(node, k, signal)

    def size_of(self, node: ast.AST, k: str, signal: Value) -> str:
        """Write the size of a signal that states none."""
        cls = type(self.program.strategy)
        found = inspect.getattr_static(cls, "calculate_position_size")
        if found is inspect.getattr_static(Strategy, "calculate_position_size"):
            site = self.sizing_sites(node)
            share = self.read_field(Value(SELF, ""), "position_size", node)
            return f"default_size(me, {k}, {signal.code}, {as_real(share)}, {site})"
        if not isinstance(found, types.FunctionType):
            raise Refused("calculate_position_size that is no method", node)
        argument = list(inspect.signature(found).parameters)
        made = self.program_call(found, {argument[0]: Value(SELF, ""), argument[1]: signal}, node)
        if made.kind not in NUMBERS:
            raise Refused(f"a size that is a {made.kind}", node)
        return as_real(made)

    def program_call(self, function: types.FunctionType, values: dict[str, Value], node: ast.AST) -> Value:
        """Write a call of a function of the program, compiled for values of these kinds."""
        raise NotImplementedError

    def sizing_sites(self, node: ast.AST) -> int:
        """Add the reasons for which a size cannot be computed; return the number of the first."""
        first = self.touches(node)
        bad = "bad_size"
        self.fault(node, "expected a price from 0 to 1 dollar, was {}", bad)
        self.fault(node, "expected an amount of at least 0 dollars, was {}", bad)
        self.fault(node, "expected a contract, was an asset", bad)
        self.absent(node, "fee")
        self.fault(node, "expected a Kelly fraction of at least 0, was {}", bad)
        self.fault(node, "expected a probability from 0 to 1, was {}", bad)
        return first

    def self_target(self, node: ast.Call) -> Value:
        """Write ``self.target(...)``."""
        given = self.given(node, _TARGET, _BY_PLACE["target"])
        names = {
            name: self._name(name, self.maybe(given[name])) for name in given if name in ("position", "price", "fair")
        }
        k = self.place(given.get("contract"), node)
        none = NOTHING.code
        code = (
            f"target(me, {k}, {names.get('position', '0.0')}, {names.get('price', none)}, "
            f"{self.span(given.get('ttl'))}, {names.get('fair', none)}, {self.tag(given.get('tag'))}, "
            f"{self.target_sites(node)})"
        )
        return Value(NONE, code, None)

    def target_sites(self, node: ast.AST) -> int:
        """Add the reasons for which a target cannot be taken; return the number of the first."""
        first = self.fault(node, _BAD_PRICE, "bad_price", "None rests nothing on a side")
        self.fault(node, _BAD_SIZE, "bad_size")
        self.fault(node, _WATCHED, "not_in_universe")
        return first

    def self_buy(self, node: ast.Call) -> Value:
        """Write ``self.buy(...)``."""
        return self._order(node, "BUY")

    def self_sell(self, node: ast.Call) -> Value:
        """Write ``self.sell(...)``."""
        return self._order(node, "SELL")

    def _order(self, node: ast.Call, side: str) -> Value:
        given = self.given(node, _ORDER, _BY_PLACE["order"])
        names = {name: self._name(name, self.maybe(given[name])) for name in given if name in ("size", "price", "fair")}
        tif = self._written(given.get("tif"), "gtc")
        if tif not in TIFS or (tif == "gtd") != ("expire" in given):
            raise Refused(f"tif {tif!r} with such an expiry", node)
        post_only = "True" if "post_only" not in given else self.test(given["post_only"])[0]
        reduce_only = "False" if "reduce_only" not in given else self.test(given["reduce_only"])[0]
        other = self._written(given.get("outcome"), "YES").upper() == "NO"
        taking = "True" if tif in ("ioc", "fok") else f"(not {post_only})"
        price = names.get("price", NOTHING.code)
        if other:
            side = "SELL" if side == "BUY" else "BUY"
            price = price if "price" not in names else f"(1.0 - {price})"
        buy = side == "BUY"
        k = self._name("k", self.traded(given.get("contract"), node))
        price = self._name("price", f"order_price(me, {k}, {buy}, {price}, {taking}, {self.touches(node)})")
        size = names.get("size") or self.sized(node, k, side, price)
        expire = f"(now(me) + {self.span(given['expire'])})" if "expire" in given else "0"
        site = self.fault(node, "expected a size above 0, was {}", "bad_size")
        self.fault(node, _BAD_PRICE, "bad_price")
        code = (
            f"order(me, {k}, {buy}, {size}, {price}, {taking}, {TIFS[tif]}, {expire}, int({reduce_only}), "
            f"{names.get('fair', NOTHING.code)}, {self.tag(given.get('tag'))}, {site})"
        )
        return Value(ORDER, code)

    def _written(self, node: ast.expr | None, default: str) -> str:
        if node is None:
            return default
        found = self.value(node)
        if found.kind != TEXT or not found.known:
            raise Refused("a word that is not written out", node)
        return str(found.static)

    def self_cancel(self, node: ast.Call) -> Value:
        """Write ``self.cancel(...)``."""
        if not node.args and not node.keywords:
            return Value(NONE, "cancel_all(me)", None)
        if node.keywords or len(node.args) != 1:
            raise Refused("cancel with such arguments", node)
        return Value(NONE, f"cancel_contract(me, {self.place(node.args[0], node)})", None)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None

