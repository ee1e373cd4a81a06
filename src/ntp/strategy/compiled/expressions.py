"""Expressions: arithmetic, comparisons and names, written so that the result is Python's to the bit."""

from __future__ import annotations

import ast
import math
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from ntp.strategy.compiled.kinds import (
    ARRAY,
    BOOL,
    FAIR,
    FLOAT,
    INDICATOR,
    INDICATORS,
    INT,
    MAYBE,
    MIXED,
    NONE,
    NOTHING,
    NUMBERS,
    NUMPY,
    SELF,
    TEXT,
    THING,
    TUPLE,
    UNKNOWN,
    Value,
    converted,
    joined,
)
from ntp.strategy.compiled.program import RAISES, REFUSES, Program, kind_of
from ntp.strategy.compiled.refusal import Refused

_SIGNS: Final = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_INTS: Final = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "divide_ints", ast.FloorDiv: "floor_divide_ints",
    ast.Mod: "modulo_ints",
}
_ZERO: Final = "ZeroDivisionError: division by zero"
_LARGE: Final = "OverflowError: an integer beyond 64 bits"


class Expressions:
    """Writes expressions of one function.

    Attributes
    ----------
    program : Program
        What it is part of.
    file : str
        Where its source stands.
    globals : dict
        What its global names mean.
    variables : dict of str to str
        Kinds of its local variables.
    sure : set of str
        Variables that have a value here.
    """

    program: Program
    file: str
    globals: dict[str, Any]
    module: dict[str, Any]
    variables: dict[str, str]
    sure: set[str] | None
    temporaries: int
    conditional: int = 0
    node: ast.AST

    @contextmanager
    def perhaps(self, really: bool = True) -> Iterator[None]:  # noqa: FBT001 - reads as a word
        """Write what may not be evaluated, or more than once."""
        self.conditional += really
        try:
            yield
        finally:
            self.conditional -= really

    def value(self, node: ast.expr) -> Value:
        """Write an expression; an indicator and a fair value are their numbers."""
        found = self.raw(node)
        if found.kind.startswith(INDICATOR):
            place = list(self.program.declaration.indicators).index(found.kind.removeprefix(INDICATOR))
            return Value(FLOAT, f"indicator_output(me, {found.code}, {place}, 0)")
        return Value(FLOAT, f"fair_is(me, {found.code})") if found.kind == FAIR else found

    def raw(self, node: ast.expr) -> Value:
        """Write an expression."""
        self.node = node
        write = getattr(self, f"_write_{type(node).__name__.lower()}", None)
        if write is None:
            raise Refused(_described(node), node)
        found: Value = write(node)
        return found

    def stop(self, node: ast.AST, text: str, kind: str = RAISES, code: str = "", hint: str = "") -> int:
        """Add a reason to stop here and return its number."""
        return self.program.site(kind, text, node, self.file, code, hint)

    def fitted(self, value: Value, kind: str, node: ast.AST) -> str:
        """Write a value as another kind; an integer that no float equals ends the call, as Python would keep it."""
        if value.kind != INT or kind == INT:
            return converted(value, kind)
        if value.known and abs(value.static) <= 2**53:
            return converted(value, kind)
        hint = "keep times and other large integers under a name of their own: last: int = 0"
        text = "expected an integer up to 2**53 where a float is kept as well, was a larger one"
        site = self.stop(node, text, REFUSES, "not_compilable", hint)
        return f"exactly(me, {value.code}, {site})"

    def kept(self, value: Value, node: ast.AST) -> str:
        """Evaluate a value now, once, and return the code that uses it."""
        if value.code.isidentifier() or value.known:
            return value.code
        if self.conditional:
            raise Refused("a value that is used twice within a condition", node, "give it a name first")
        return self.temporary(value.code)

    def temporary(self, code: str, what: str = "") -> str:
        """Evaluate something now and return the name it has from then on."""
        self.temporaries += 1
        name = f"t{self.temporaries}_{what}" if what else f"t{self.temporaries}"
        self.add(f"{name} = {code}")
        return name

    def add(self, text: str) -> None:
        """Add a line."""
        raise NotImplementedError

    def indicator(self, owner: Value, name: str, node: ast.AST) -> Value:
        """Write an indicator of a contract, which must have a value."""
        raise NotImplementedError

    # numbers

    def number(self, node: ast.expr, value: Value | None = None) -> Value:
        """Write an expression that has to be a number."""
        found = self.value(node) if value is None else value
        if found.kind == MAYBE:
            site = self.stop(node, "TypeError: None where a number is needed")
            return Value(MIXED, f"must(me, {found.code}, {site})")
        if found.kind not in NUMBERS:
            raise Refused(f"a {found.kind} where a number is needed", node)
        return found

    def real(self, node: ast.expr) -> str:
        """Write an expression as a float."""
        return as_real(self.number(node))

    def maybe(self, node: ast.expr | None) -> str:
        """Write an expression as a float or None."""
        if node is None:
            return NOTHING.code
        return self.maybe_of(self.value(node), node)

    def maybe_of(self, found: Value, node: ast.expr) -> str:
        """Write a value as a float or None."""
        return found.code if found.kind in (NONE, MAYBE) else as_real(self.number(node, found))

    def whole(self, node: ast.expr) -> str:
        """Write an expression that has to be an integer."""
        found = self.number(node)
        if found.kind not in (BOOL, INT):
            raise Refused(f"a {found.kind} where an integer is needed", node, "write int(...)")
        return as_int(found)

    def _write_constant(self, node: ast.Constant) -> Value:
        return self.constant(node.value, node)

    def constant(self, value: Any, node: ast.AST) -> Value:
        """Write a Python object as a constant."""
        kind = kind_of(value)
        if kind == NONE:
            return NOTHING
        if kind == TEXT:
            return Value(TEXT, str(self.program.text(value)), value)
        if kind == THING:
            raise Refused(f"a {type(value).__name__}", node)
        if kind in (FLOAT, NUMPY):
            number = float(value)
            code = repr(number) if math.isfinite(number) else "nan" if number != number else (
                "inf" if number > 0 else "-inf"
            )  # fmt: skip
            return Value(kind, f"({code})" if code.startswith("-") else code, number)
        return Value(kind, repr(value) if value >= 0 else f"({value!r})", value)

    def _write_unaryop(self, node: ast.UnaryOp) -> Value:
        if isinstance(node.op, ast.Not):
            code, known = self.test(node.operand)
            return Value(BOOL, f"(not {code})", UNKNOWN if known is None else not known)
        found = self.number(node.operand)
        if isinstance(node.op, ast.Invert):
            raise Refused("the operator ~", node)
        kind = INT if found.kind == BOOL else found.kind
        code = as_int(found) if kind == INT else found.code
        if isinstance(node.op, ast.UAdd):
            return Value(kind, code, found.static)
        return Value(kind, f"(-{code})", -found.static if found.known else UNKNOWN)

    def _write_binop(self, node: ast.BinOp) -> Value:
        left, right = self.number(node.left), self.number(node.right)
        sign = type(node.op)
        if left.kind in (BOOL, INT) and right.kind in (BOOL, INT):
            return self._ints(node, left, right)
        kind = _of_both(left.kind, right.kind)
        a, b = as_real(left), as_real(right)
        if sign in (ast.Add, ast.Sub, ast.Mult) or (sign is ast.Div and kind == NUMPY):
            return Value(kind, f"({a} {_SIGNS[sign]} {b})")
        if sign is ast.Div and right.known and right.static:
            return Value(kind, f"({a} / {b})")
        name = {ast.Div: "divide", ast.FloorDiv: "floor_divide", ast.Mod: "modulo", ast.Pow: "power"}.get(sign)
        if name is None:
            raise Refused(f"the operator {_sign(node.op)}", node)
        if sign is ast.Pow and kind == NUMPY:
            return Value(kind, f"numpy_power(me, {a}, {b})")
        wrong = "a power that is no finite number" if sign is ast.Pow else _ZERO
        return Value(kind, f"{name}(me, {a}, {b}, {self.stop(node, wrong)})")

    def _ints(self, node: ast.BinOp, left: Value, right: Value) -> Value:
        a, b = as_int(left), as_int(right)
        if isinstance(node.op, ast.Pow):
            if not (right.known and right.static >= 0):
                raise Refused("a power of integers with an exponent that is not written out", node, "write float(...)")
            return Value(INT, f"int_power(me, {a}, {b}, {self.stop(node, _LARGE)})")
        name = _INTS.get(type(node.op))
        if name is None:
            raise Refused(f"the operator {_sign(node.op)}", node)
        wrong = _LARGE if isinstance(node.op, ast.Add | ast.Sub | ast.Mult) else _ZERO
        kind = FLOAT if isinstance(node.op, ast.Div) else INT
        return Value(kind, f"{name}(me, {a}, {b}, {self.stop(node, wrong)})")

    def test(self, node: ast.expr) -> tuple[str, bool | None]:
        """Write an expression as a condition; also its truth where that is known now."""
        raise NotImplementedError

    def common(self, one: str, other: str, node: ast.AST) -> str:
        """Kind of something that is one or the other."""
        kind = joined(one, other)
        if kind is None:
            raise Refused(f"something that is a {one} or a {other}", node)
        return kind

    # names and parts

    def _write_name(self, node: ast.Name) -> Value:
        name = node.id
        if name in self.variables:
            if self.sure is not None and name not in self.sure:
                raise Refused(f"the variable {name!r}, which may have no value here", node, "set it before")
            kind = self.variables[name]
            return NOTHING if kind == NONE else Value(kind, "" if kind == SELF else f"v_{name}")
        if name not in self.globals:
            raise Refused(f"the name {name!r}", node)
        if name in self.module:
            self.program.read.append((self.module, name, self.module[name]))
        return self.global_value(self.globals[name], node)

    def global_value(self, value: Any, node: ast.AST) -> Value:
        """Write what a global name means."""
        if isinstance(value, tuple) and all(kind_of(each) != THING for each in value):
            items = tuple(self.constant(each, node) for each in value)
            return Value(TUPLE, f"({', '.join(each.code for each in items)},)", items=items)
        if kind_of(value) == THING:
            return Value(THING, "", value)
        return self.constant(value, node)

    def _write_tuple(self, node: ast.Tuple | ast.List) -> Value:
        items = tuple(self.value(each) for each in node.elts)
        return Value(TUPLE, f"({', '.join(each.code for each in items)},)", items=items)

    _write_list = _write_tuple

    def _write_subscript(self, node: ast.Subscript) -> Value:
        base = self.value(node.value)
        if base.kind == TUPLE:
            place = self.number(node.slice)
            if not place.known or not -len(base.items) <= place.static < len(base.items):
                raise Refused("an index that is not written out", node)
            found: Value = base.items[place.static]
            return found
        if base.kind == INDICATORS:
            name = self.value(node.slice)
            return self.indicator(base, str(name.static), node)
        if base.kind != ARRAY:
            raise Refused(f"an index into a {base.kind}", node)
        if not isinstance(node.slice, ast.Slice):
            site = self.stop(node, "IndexError: index is out of bounds")
            return Value(NUMPY, f"item(me, {base.code}, {self.whole(node.slice)}, {site})")
        if node.slice.step is not None:
            raise Refused("a slice with a step", node)
        first = "0" if node.slice.lower is None else self.whole(node.slice.lower)
        last = "9223372036854775807" if node.slice.upper is None else self.whole(node.slice.upper)
        return Value(ARRAY, f"part({base.code}, {first}, {last})")

    def _write_joinedstr(self, node: ast.JoinedStr) -> Value:
        raise Refused("a formatted text", node)

    def module_attribute(self, owner: Any, name: str, node: ast.AST) -> Value:
        """Write an attribute of a module or a class."""
        if not isinstance(owner, types.ModuleType) or not hasattr(owner, name):
            raise Refused(f"{name!r} of a {type(owner).__name__}", node)
        self.program.read.append((vars(owner), name, getattr(owner, name)))
        return self.global_value(getattr(owner, name), node)


def as_real(value: Value) -> str:
    """Write a number as a float."""
    if value.kind in (BOOL, INT):
        return repr(float(value.static)) if value.known and value.static >= 0 else f"float({value.code})"
    return value.code


def as_int(value: Value) -> str:
    """Write a bool as an integer, any other number as it is."""
    return f"int({value.code})" if value.kind == BOOL else value.code


def _of_both(one: str, other: str) -> str:
    """Kind of what arithmetic of floats gives, at least one of which is none of the integers."""
    if NUMPY in (one, other):
        return NUMPY
    return MIXED if MIXED in (one, other) else FLOAT


def _sign(node: ast.operator) -> str:
    names = {ast.MatMult: "@", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>"}
    return names.get(type(node), type(node).__name__)


def _described(node: ast.AST) -> str:
    return {
        "ListComp": "a list comprehension", "DictComp": "a dict comprehension", "SetComp": "a set comprehension",
        "GeneratorExp": "a generator expression", "Dict": "a dict", "Set": "a set", "Lambda": "a lambda",
        "Await": "await", "Yield": "yield", "YieldFrom": "yield", "Starred": "a starred expression",
        "NamedExpr": "the operator :=", "FormattedValue": "a formatted text",
    }.get(type(node).__name__, f"{type(node).__name__}")

