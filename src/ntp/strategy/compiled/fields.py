"""Fields: what belongs to the strategy, on ``self``, and to a contract, in ``data.state``."""

from __future__ import annotations

import ast
from typing import Final

from ntp.strategy.compiled.calls import Calls
from ntp.strategy.compiled.expressions import as_int
from ntp.strategy.compiled.kinds import (
    ARRAY,
    BOOL,
    CONTRACTS,
    EVENT,
    INT,
    NONE,
    NOTHING,
    ORDER,
    SELF,
    SIGNAL,
    TEXT,
    THING,
    TUPLE,
    UNKNOWN,
    VIEW,
    Value,
)
from ntp.strategy.compiled.refusal import Refused

KEPT: Final = (THING, TUPLE, CONTRACTS, SELF)
"""Kinds that have no form at run time."""


class Fields(Calls):
    """Writes readings and settings of fields."""

    def set_field(self, owner: Value, name: str, found: Value, node: ast.AST) -> None:
        """Write an assignment to a field of the strategy or of the state."""
        fields = self.program.own if owner.kind == SELF else self.program.state
        what = f"self.{name}" if owner.kind == SELF else f"data.state.{name}"
        field = fields.get(name)
        if field is None or field.kind in (ARRAY, THING):
            hint = "set it to a number in on_start" if owner.kind == SELF else "declare it in class State"
            raise Refused(f"{what}, which is no number there", node, hint)
        if found.kind in (*KEPT, SIGNAL, ARRAY, VIEW, EVENT, ORDER):
            raise Refused(f"{what} as a {found.kind}", node, "numbers only")
        kind = self.program.widen_field(field, found.kind, node, what)
        if (owner.kind, name) not in self.program.assigned:
            self.program.assigned.add((owner.kind, name))
            self.program.changed = True
        code = self.fitted(found, kind, node)
        address = "link_at(me, 0).own" if owner.kind == SELF else f"state_place(me, {owner.code}, {field.place})"
        place = str(field.place) if owner.kind == SELF else "0"
        if kind in (BOOL, INT, TEXT):
            code = as_int(Value(kind, code)) if kind == BOOL else code
            self.add(f"store_i64({address}, {place}, {code})")
        elif kind != NONE:
            self.add(f"store_f64({address}, {place}, {code})")

    def read_field(self, owner: Value, name: str, node: ast.AST) -> Value:
        """Write the reading of a field of the strategy or of the state."""
        own = owner.kind == SELF
        field = (self.program.own if own else self.program.state)[name]
        if field.kind == ARRAY:
            return Value(ARRAY, f"(state_place(me, {owner.code}, {field.place}), {field.length})")
        if own and field.kind in (NONE, TEXT) and (owner.kind, name) not in self.program.assigned:
            return self.constant(field.value, node)
        if field.kind == NONE:
            return NOTHING
        address = "link_at(me, 0).own" if own else f"state_place(me, {owner.code}, {field.place})"
        place = field.place if own else 0
        if field.kind in (BOOL, INT, TEXT):
            code = f"load_i64({address}, {place})"
            return Value(BOOL, f"({code} != 0)") if field.kind == BOOL else Value(field.kind, code)
        return Value(field.kind, f"load_f64({address}, {place})", UNKNOWN)
