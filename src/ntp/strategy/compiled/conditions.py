"""Conditions: truth, comparisons and choices between two values."""

from __future__ import annotations

import ast
from typing import Final

from ntp.strategy.compiled.expressions import Expressions, as_int
from ntp.strategy.compiled.kinds import (
    BOOL,
    INT,
    MAYBE,
    NONE,
    NUMBERS,
    PLACES,
    REALS,
    SIGNAL,
    TEXT,
    TUPLE,
    UNKNOWN,
    Value,
)
from ntp.strategy.compiled.refusal import Refused

_COMPARED: Final = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}

_MIRRORED: Final = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_EXACTLY: Final = {
    "==": "({} == 0)", "!=": "({} != 0)", "<": "({} == -1)", "<=": "({} <= 0)", ">": "({} == 1)",
    ">=": "(abs(2 * {} - 1) == 1)",
}


class Conditions(Expressions):
    """Writes conditions."""

    def test(self, node: ast.expr) -> tuple[str, bool | None]:
        """Write an expression as a condition; also its truth where that is known now."""
        if isinstance(node, ast.BoolOp):
            return self._tests(node)
        found = self.value(node)
        return self.truth(found, node)

    def truth(self, found: Value, node: ast.AST) -> tuple[str, bool | None]:
        """Write whether a value counts as true."""
        if found.known:
            return repr(bool(found.static)), bool(found.static)
        if found.kind == BOOL:
            return found.code, None
        if found.kind == INT:
            return f"({found.code} != 0)", None
        if found.kind in REALS:
            return f"({found.code} != 0.0)", None
        if found.kind == MAYBE:
            return f"truthy({found.code})", None
        if found.kind == SIGNAL:
            return f"({found.code}[0] >= 0)", None
        raise Refused(f"a {found.kind} as a condition", node, "compare it with something")

    def _tests(self, node: ast.BoolOp) -> tuple[str, bool | None]:
        both = isinstance(node.op, ast.And)
        parts: list[str] = []
        for each in node.values:
            with self.perhaps(each is not node.values[0]):
                code, known = self.test(each)
            if known is None:
                parts.append(code)
            elif known is not both:  # decides: what follows is never evaluated
                if not parts:
                    return repr(known), known
                parts.append(repr(known))
                break
        if not parts:
            return repr(both), both
        return f"({(' and ' if both else ' or ').join(parts)})", None

    def _write_boolop(self, node: ast.BoolOp) -> Value:
        both = isinstance(node.op, ast.And)
        values: list[Value] = []
        for each in node.values:
            with self.perhaps(each is not node.values[0]):
                found = self.value(each)
            known = self.truth(found, node)[1] if found.known or each is not node.values[-1] else None
            if known is not None and known is both and each is not node.values[-1]:
                continue
            values.append(found)
            if known is not None and known is not both:
                break
        if all(each.kind == BOOL for each in values):
            if len(values) == 1:
                return values[0]
            return Value(BOOL, f"({(' and ' if both else ' or ').join(each.code for each in values)})")
        result = values[-1]
        for earlier in reversed(values[:-1]):
            name = self.kept(earlier, node)
            code, _ = self.truth(Value(earlier.kind, name), node)
            kind = self.common(earlier.kind, result.kind, node)
            one, other = self.fitted(Value(earlier.kind, name), kind, node), self.fitted(result, kind, node)
            result = Value(kind, f"({other} if {code} else {one})" if both else f"({one} if {code} else {other})")
        return result

    def _write_ifexp(self, node: ast.IfExp) -> Value:
        code, known = self.test(node.test)
        if known is not None:
            return self.value(node.body if known else node.orelse)
        with self.perhaps():
            one, other = self.value(node.body), self.value(node.orelse)
        kind = self.common(one.kind, other.kind, node)
        return Value(kind, f"({self.fitted(one, kind, node)} if {code} else {self.fitted(other, kind, node)})")

    def _write_compare(self, node: ast.Compare) -> Value:
        if len(node.ops) > 1:
            return self._chain(node)
        left, right = self.value(node.left), self.value(node.comparators[0])
        code, known = self._compared(node.ops[0], left, right, node, node.comparators[0])
        return Value(BOOL, code, UNKNOWN if known is None else known)

    def _chain(self, node: ast.Compare) -> Value:
        """Write ``a < b < c``, of numbers only: each is evaluated once."""
        left = self.number(node.left)
        code = as_int(left)
        for sign, other in zip(node.ops, node.comparators, strict=True):
            if type(sign) not in _COMPARED:
                raise Refused("a chain of comparisons other than of numbers", node, "compare two at a time")
            with self.perhaps(other is not node.comparators[0]):
                right = self.number(other)
            if _inexact(left, right):
                raise Refused("a chain of comparisons of integers and floats", node, "compare two at a time")
            code += f" {_COMPARED[type(sign)]} {as_int(right)}"
            left = right
        return Value(BOOL, f"({code})")

    def _compared(
        self, sign: ast.cmpop, left: Value, right: Value, node: ast.Compare, other: ast.expr
    ) -> tuple[str, bool | None]:
        if isinstance(sign, ast.Is | ast.IsNot):
            return self._identical(left, right, node, same=isinstance(sign, ast.Is))
        if isinstance(sign, ast.In | ast.NotIn):
            return self._member(left, right, node, among=isinstance(sign, ast.In))
        equal = isinstance(sign, ast.Eq | ast.NotEq)
        word = _COMPARED[type(sign)]
        if equal and NONE in (left.kind, right.kind):
            return self._identical(left, right, node, same=isinstance(sign, ast.Eq))
        if left.kind == right.kind == TEXT or (left.kind in PLACES and right.kind in PLACES):
            if not equal:
                raise Refused(f"a comparison of a {left.kind} by {word}", node)
            if left.known and right.known:
                same = (left.static == right.static) is isinstance(sign, ast.Eq)
                return repr(same), same
            return f"({left.code} {word} {right.code})", None
        if equal and {left.kind, right.kind} <= {*NUMBERS, MAYBE}:
            return _ordered(left, word, right), None
        a, b = self.number(node.left, left), self.number(other, right)
        return _ordered(a, word, b), None

    def _identical(self, left: Value, right: Value, node: ast.AST, *, same: bool) -> tuple[str, bool | None]:
        if left.kind == NONE:
            left, right = right, left
        if right.kind != NONE:
            raise Refused("'is' with something else than None", node, "compare with ==")
        if left.kind == NONE:
            return repr(same), same
        code = {
            MAYBE: f"is_none({left.code})", SIGNAL: f"({left.code}[0] < 0)", TEXT: f"({left.code} < 0)",
        }.get(left.kind)
        if code is None or left.known:
            return repr(not same), not same
        return (code if same else f"(not {code})"), None

    def _member(self, left: Value, right: Value, node: ast.AST, *, among: bool) -> tuple[str, bool | None]:
        if right.kind != TUPLE or not right.items:
            raise Refused(f"'in' with a {right.kind}", node, "list what is meant: in (1, 2, 3)")
        name = self.kept(left, node)
        parts = []
        for each in right.items:
            texts = left.kind == each.kind == TEXT
            if not texts and not (left.kind in NUMBERS and each.kind in NUMBERS):
                raise Refused(f"'in' of a {left.kind} among a {each.kind}", node)
            parts.append(f"{name} == {each.code}")
        code = f"({' or '.join(parts)})"
        return (code if among else f"(not {code})"), None


def _ordered(left: Value, word: str, right: Value) -> str:
    """Write a comparison of two numbers; of an integer and a float it is exact, as in Python."""
    if not _inexact(left, right):
        return f"({as_int(left)} {word} {as_int(right)})"
    if left.kind == INT:
        return _EXACTLY[word].format(f"against({left.code}, {right.code})")
    return _EXACTLY[_MIRRORED[word]].format(f"against({right.code}, {left.code})")


def _inexact(left: Value, right: Value) -> bool:
    """Whether two numbers are an integer and a float that its nearest float might equal, though it does not."""
    for whole, real in ((left, right), (right, left)):
        if whole.kind == INT and real.kind not in (BOOL, INT) and not (whole.known and abs(whole.static) <= 2**53):
            return True
    return False
