"""Calls: functions of Python and :mod:`math`, methods of views, orders, sizes and the strategy's own methods."""

from __future__ import annotations

import ast
import builtins
import inspect
import math
import types
from collections.abc import Callable, Hashable
from typing import Any, Final

import numpy as np

from ntp.core import NtpError, format_duration, parse_duration
from ntp.strategy.calls import BOUND_CALLS
from ntp.strategy.compiled.expressions import as_int, as_real
from ntp.strategy.compiled.inside.link import MATHS
from ntp.strategy.compiled.kinds import (
    ARRAY,
    BARS,
    BOOL,
    CONTRACT,
    CONTRACTS,
    FAIR,
    FLOAT,
    INDICATOR,
    INDICATORS,
    INT,
    MAYBE,
    MIXED,
    NONE,
    NOTHING,
    NUMPY,
    SELF,
    TEXT,
    THING,
    TUPLE,
    VIEW,
    Value,
)
from ntp.strategy.compiled.refusal import Refused
from ntp.strategy.compiled.signals import SignalCalls
from ntp.strategy.compiled.views import READINGS
from ntp.strategy.history import FIELDS
from ntp.strategy.signal import Signal
from ntp.strategy.validation import is_sdk_function

_DOMAIN: Final = "ValueError: math domain error"
_MATHS: Final[dict[Any, str]] = {getattr(math, name): name for name in MATHS}
_WHOLE: Final = {math.floor: "whole_down", math.ceil: "whole_up", math.trunc: "whole"}
_TESTS: Final = {
    math.isnan: "isnan", math.isinf: "isinf", math.isfinite: "isfinite", np.isnan: "isnan", np.isfinite: "isfinite",
}  # fmt: skip
_STATISTICS: Final = {np.mean: "mean", np.sum: "sum", np.std: "std", np.min: "min", np.max: "max"}
_TWO: Final = ("pow", "atan2")


class Calls(SignalCalls):
    """Writes calls."""

    def _write_call(self, node: ast.Call) -> Value:
        if any(isinstance(each, ast.Starred) for each in node.args) or any(each.arg is None for each in node.keywords):
            raise Refused("arguments that are spread by *", node)
        function = node.func
        if isinstance(function, ast.Attribute):
            owner = self.raw(function.value)
            if owner.kind != THING:
                return self._method(owner, function.attr, node)
            return self._function(self.module_attribute(owner.static, function.attr, function).static, node)
        if isinstance(function, ast.Name):
            if function.id in self.variables:
                raise Refused(f"a call of the variable {function.id!r}", node)
            known = self.globals.get(function.id, getattr(builtins, function.id, None))
            return self._function(known, node)
        raise Refused("a call of what an expression gives", node)

    def _function(self, function: Any, node: ast.Call) -> Value:
        if not (callable(function) and isinstance(function, Hashable)):
            raise _not_compiled(node)
        if function is Signal:
            return self.signal(node)
        if isinstance(function, types.FunctionType) and not function.__module__.startswith("ntp."):
            return self.own_call(function, node, [])
        if function in _STATISTICS:
            array = self.value(node.args[0]) if node.args else NOTHING
            return self._statistic(array, _STATISTICS[function], node, node.args[1:])
        name = getattr(function, "__name__", "")
        write: Callable[[ast.Call], Value] | None = getattr(self, f"_call_{name}", None)
        if write is not None and function is getattr(builtins, name, None):
            return write(node)
        return self._mathematics(function, node)

    def plain(self, node: ast.Call, least: int, most: int) -> list[ast.expr]:
        """Arguments of a function that takes them by place only."""
        if node.keywords or not least <= len(node.args) <= most:
            raise Refused(f"{ast.unparse(node.func)} with such arguments", node)
        return node.args

    def _mathematics(self, function: Any, node: ast.Call) -> Value:
        if function in _WHOLE:
            given = self.number(self.plain(node, 1, 1)[0])
            if given.kind in (BOOL, INT):
                return Value(INT, as_int(given))
            return Value(INT, f"{_WHOLE[function]}(me, {given.code}, {self.stop(node, 'ValueError: no integer')})")
        if function in _TESTS:
            return Value(BOOL, f"{_TESTS[function]}({self.real(self.plain(node, 1, 1)[0])})")
        if function in (math.sqrt, np.sqrt):
            given = self.number(self.plain(node, 1, 1)[0])
            if function is np.sqrt:
                return Value(NUMPY, f"sqrt({as_real(given)})")
            return Value(FLOAT, f"root(me, {as_real(given)}, {self.stop(node, _DOMAIN)})")
        if function in (math.fabs, math.copysign):
            given_args = self.plain(node, 1 if function is math.fabs else 2, 2)
            return Value(FLOAT, f"{function.__name__}({', '.join(self.real(each) for each in given_args)})")
        if function in _MATHS:
            return self._library(_MATHS[function], node)
        raise _not_compiled(node)

    def _library(self, name: str, node: ast.Call) -> Value:
        count = 2 if name in _TWO or (name == "log" and len(node.args) == 2) else 1
        given = [self.real(each) for each in self.plain(node, count, count)]
        site = self.stop(node, _DOMAIN)
        if name == "log" and count == 2:
            one, other = (f"apply(me, link_at(me, 0).log, {each}, {site})" for each in given)
            return Value(FLOAT, f"divide(me, {one}, {other}, {self.stop(node, 'ZeroDivisionError: division by zero')})")
        if name == "pow":
            return Value(FLOAT, f"power(me, {given[0]}, {given[1]}, {site})")
        apply = "apply2" if count == 2 else "apply"
        return Value(FLOAT, f"{apply}(me, link_at(me, 0).{name}, {', '.join(given)}, {site})")

    # functions of Python

    def _call_abs(self, node: ast.Call) -> Value:
        given = self.number(self.plain(node, 1, 1)[0])
        return Value(INT if given.kind == BOOL else given.kind, f"abs({as_int(given)})")

    def _call_float(self, node: ast.Call) -> Value:
        given = self.number(self.plain(node, 1, 1)[0])
        return Value(FLOAT, as_real(given))

    def _call_bool(self, node: ast.Call) -> Value:
        code, known = self.test(self.plain(node, 1, 1)[0])
        return Value(BOOL, code) if known is None else Value(BOOL, code, known)

    def _call_int(self, node: ast.Call) -> Value:
        given = self.number(self.plain(node, 1, 1)[0])
        if given.kind in (BOOL, INT):
            return Value(INT, as_int(given))
        return Value(INT, f"whole(me, {given.code}, {self.stop(node, 'ValueError: no integer')})")

    def _call_len(self, node: ast.Call) -> Value:
        given = self.value(self.plain(node, 1, 1)[0])
        if given.kind == TUPLE:
            return Value(INT, str(len(given.items)), len(given.items))
        if given.kind != ARRAY:
            raise Refused(f"the length of a {given.kind}", node)
        return Value(INT, f"{given.code}[1]")

    def _call_round(self, node: ast.Call) -> Value:
        given = self.plain(node, 1, 2)
        found = self.number(given[0])
        if found.kind in (BOOL, INT):
            return Value(INT, as_int(found))
        site = self.stop(node, "ValueError: no number that can be rounded here")
        if len(given) == 1:
            return Value(INT, f"nearest(me, {found.code}, {site})")
        digits = self.number(given[1])
        if not digits.known or not 0 <= digits.static <= 15 or found.kind == MIXED:
            raise Refused("round to digits that are not written out, 0 to 15", node)
        scale = repr(10.0**digits.static)
        if found.kind == NUMPY:
            return Value(NUMPY, f"numpy_rounded({found.code}, {scale})")
        return Value(FLOAT, f"rounded(me, {found.code}, {scale}, {site})")

    def _call_max(self, node: ast.Call) -> Value:
        return self._extreme(node, "larger")

    def _call_min(self, node: ast.Call) -> Value:
        return self._extreme(node, "smaller")

    def _extreme(self, node: ast.Call, name: str) -> Value:
        given = [self.value(each) for each in self.plain(node, 1, 9)]
        if len(given) == 1:
            if given[0].kind == ARRAY:
                return self._statistic(given[0], {"larger": "max", "smaller": "min"}[name], node, [])
            given = list(given[0].items)
        numbers = [self.number(node, each) for each in given]
        if not numbers:
            raise Refused("the extreme of nothing", node)
        found = numbers[0]
        for each in numbers[1:]:
            kind = self.common(found.kind, each.kind, node)
            found = Value(kind, f"{name}({self.fitted(found, kind, node)}, {self.fitted(each, kind, node)})")
        return found

    def _call_sum(self, node: ast.Call) -> Value:
        given = self.value(self.plain(node, 1, 1)[0])
        if given.kind != ARRAY:
            raise Refused(f"the sum of a {given.kind}", node, "add the numbers up")
        return Value(MIXED, f"plain_sum({given.code})")

    # methods

    def _method(self, owner: Value, name: str, node: ast.Call) -> Value:
        if owner.kind == SELF:
            return self._self_call(name, node)
        if owner.kind == VIEW:
            return self._view_call(owner, name, node)
        if owner.kind.startswith(INDICATOR):
            return self._indicator_history(owner, name, node)
        if owner.kind == INDICATORS and name == "get":
            return self._indicator_or(owner, node)
        if owner.kind == ARRAY:
            return self._statistic(owner, name, node, node.args)
        if owner.kind == CONTRACT and name == "tick":
            price = self.real(self.plain(node, 1, 1)[0])
            return Value(FLOAT, f"step_of(me, {owner.code}, {price}, {self.absent(node, 'tick')})")
        raise Refused(f"{name!r} of a {owner.kind}", node)

    def _statistic(self, array: Value, name: str, node: ast.Call, rest: list[ast.expr]) -> Value:
        given = {each.arg: each.value for each in node.keywords}
        if array.kind != ARRAY or rest or set(given) - ({"ddof"} if name == "std" else set()):
            raise Refused(f"{name} with such arguments", node)
        if name in ("min", "max"):
            site = self.stop(node, "ValueError: no number in the array")
            return Value(NUMPY, f"array_extreme(me, {array.code}, {name == 'max'}, {site})")
        if name in ("sum", "mean"):
            return Value(NUMPY, f"array_{name}(me, {array.code})")
        if name == "std":
            freedom = self.whole(given["ddof"]) if given else "0"
            return Value(NUMPY, f"array_std(me, {array.code}, {freedom})")
        raise Refused(f"{name!r} of an array", node)

    def _view_call(self, owner: Value, name: str, node: ast.Call) -> Value:
        if name == "get":
            return self._get(owner, node)
        if name == "history":
            return self._history(owner, node)
        if name == "bars":
            return self._bar_rows(owner, node)
        if name == "touch":
            side = self.value(self.plain(node, 1, 1)[0])
            if not side.known:
                raise Refused("touch of a side that is not written out", node)
            return Value(FLOAT, f"touch(me, {owner.code}, {side.static == 'BUY'}, False, {self.touches(node)})")
        if name == "fair_value" and not node.args and not node.keywords:
            return Value(FAIR, f"fair_ready(me, {owner.code}, {self.reasons(node)})")
        if name in ("edge", "net_edge"):
            return self._edge(owner, name, node)
        raise Refused(f"data.{name}", node)

    def _edge(self, owner: Value, name: str, node: ast.Call) -> Value:
        side = self.value(self.plain(node, 1, 1)[0])
        if not side.known:
            raise Refused(f"{name} of a side that is not written out", node)
        sites = [self.reasons(node), self.touches(node)]
        if name == "net_edge":
            sites.append(self.absent(node, "fee"))
        places = ", ".join(str(site) for site in sites)
        return Value(FLOAT, f"{name}(me, {owner.code}, {side.static == 'BUY'}, {places})")

    def _get(self, owner: Value, node: ast.Call) -> Value:
        given = self.plain(node, 1, 2)
        name = self.value(given[0])
        if name.known and name.static == "fair_value":
            return self._or(Value(MAYBE, f"fair_or_none(me, {owner.code})"), given[1:], node)
        if not name.known or name.static not in READINGS:
            raise Refused("data.get of something else than a number of the view", node)
        return self._or(self.reading(owner.code, str(name.static)), given[1:], node)

    def _or(self, found: Value, rest: list[ast.expr], node: ast.AST) -> Value:
        """Write a number, or what stands in for it where it is absent."""
        if not rest:
            return found
        instead = self.value(rest[0])
        if instead.kind == NONE:
            return found
        kind = self.common(FLOAT, instead.kind, node)
        return Value(kind, f"either({found.code}, {self.fitted(instead, kind, node)})")

    def _history(self, owner: Value, node: ast.Call) -> Value:
        field_node, last_node = self.plain(node, 2, 2)
        field, last = self.value(field_node), self.value(last_node)
        if not field.known or field.static not in FIELDS:
            raise Refused("history of something else than " + ", ".join(FIELDS), node)
        place = self.program.one_of(self.program.series, str(field.static))
        if last.kind == TEXT:
            if not last.known:
                raise Refused("history of a duration that is not written out", node)
            site = self.absent(node, f"history({field.static!r}, {last.static!r})")
            span = self.duration(last.static, node)
            return Value(ARRAY, f"changes_since(me, {owner.code}, {place}, {span}, {site})")
        site = self.stop(node, f"history({field.static!r}, {{}})", "absent, of a number")
        return Value(ARRAY, f"last_changes(me, {owner.code}, {place}, {self.whole(last_node)}, {site})")

    def _bar_rows(self, owner: Value, node: ast.Call) -> Value:
        span_node, count = self.plain(node, 2, 2)
        span = self.value(span_node)
        if not span.known:
            raise Refused("bars of a duration that is not written out", node)
        length, spans = self.duration(span.static, node), self.program.spans
        if length not in spans:
            raise Refused(f"bars that wake does not name, {span.static!r}", node, f"wake = (..., 'bar:{span.static}')")
        site = self.stop(node, f"bars({format_duration(length)!r}, {{}})", "absent, of a number")
        code = f"last_bars(me, {owner.code}, {spans.index(length)}, {self.whole(count)}, {site})"
        return Value(BARS, code)

    def duration(self, text: Any, node: ast.AST) -> int:
        """Nanoseconds of a duration that is written out."""
        try:
            return parse_duration(text)
        except NtpError as error:
            raise Refused(f"the duration {text!r}", node, error.hint) from error

    def _indicator_history(self, owner: Value, name: str, node: ast.Call) -> Value:
        if name != "history":
            raise Refused(f"{name!r} of an indicator", node)
        own = owner.kind.removeprefix(INDICATOR)
        place = list(self.program.declaration.indicators).index(own)
        count = self.whole(self.plain(node, 1, 1)[0])
        site = self.stop(node, f"indicators.{own}.history({{}})", "absent, of a number")
        return Value(ARRAY, f"last_values(me, {owner.code}, {place}, {count}, {site})")

    def _indicator_or(self, owner: Value, node: ast.Call) -> Value:
        given = self.plain(node, 1, 2)
        name, names = self.value(given[0]), list(self.program.declaration.indicators)
        if not name.known or name.static not in names:
            raise Refused("an indicator that the strategy does not declare", node)
        found = Value(MAYBE, f"indicator_output(me, {owner.code}, {names.index(name.static)}, 0)")
        return self._or(found, given[1:], node)

    # the strategy's own methods

    def _self_call(self, name: str, node: ast.Call) -> Value:
        write: Callable[[ast.Call], Value] | None = getattr(self, f"self_{name}", None)
        if write is not None:
            return write(node)
        cls = type(self.program.strategy)
        found = inspect.getattr_static(cls, name, None)
        if isinstance(found, staticmethod):
            plain: Any = found.__func__
            return self.own_call(plain, node, [])
        bound = name in BOUND_CALLS
        if isinstance(found, types.FunctionType) and not bound and not is_sdk_function(found):
            return self.own_call(found, node, [Value(SELF, "")])
        raise Refused(f"self.{name}(...)", node)

    def own_call(self, function: types.FunctionType, node: ast.Call, before: list[Value]) -> Value:
        """Write a call of a function that is compiled with the strategy."""
        signature = inspect.signature(function)
        given = [*before, *(self.raw(each) for each in node.args)]
        named = {str(each.arg): self.raw(each.value) for each in node.keywords}
        try:
            bound = signature.bind(*given, **named)
        except TypeError as error:
            raise Refused(f"a call of {function.__name__} that does not fit it", node) from error
        values: dict[str, Value] = {}
        for name, parameter in signature.parameters.items():
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                raise Refused(f"{function.__name__}, which takes any arguments", node)
            found = bound.arguments.get(name)
            values[name] = self.constant(parameter.default, node) if found is None else found
        return self.program_call(function, values, node)

    def program_call(self, function: types.FunctionType, values: dict[str, Value], node: ast.AST) -> Value:
        """Write a call of a function of the program, compiled for values of these kinds."""
        kinds = {name: each.kind for name, each in values.items()}
        if not {THING, TUPLE, CONTRACTS}.isdisjoint(kinds.values()):
            raise Refused(f"an argument of {function.__name__} that is no number", node)
        name, kind = self.compile_function(function, kinds, node)
        given = [each.code for each in values.values() if each.kind not in (SELF, NONE)]
        code = f"{name}({', '.join(['me', *given])})"
        return Value(NONE, code, None) if kind == NONE else Value(kind, code)

    def compile_function(self, function: types.FunctionType, kinds: dict[str, str], node: ast.AST) -> tuple[str, str]:
        """Name and kind of the result of a function, compiled for arguments of these kinds."""
        raise NotImplementedError


def _not_compiled(node: ast.Call) -> Refused:
    return Refused(f"a call of {ast.unparse(node.func)}", node, "math and the SDK's calls have a compiled form")


__all__ = ["Calls"]
