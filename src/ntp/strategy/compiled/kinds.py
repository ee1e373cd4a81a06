"""Kinds of values in a compiled strategy, known before it runs: what decides how each expression is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

BOOL: Final = "bool"
INT: Final = "int"
FLOAT: Final = "float"
NUMPY: Final = "NumPy number"
"""A float64 that came out of an array: dividing it by zero gives infinity, not an error."""
MIXED: Final = "float or NumPy number"
MAYBE: Final = "number or None"
"""A float; None is one NaN that no calculation makes."""
NONE: Final = "None"
TEXT: Final = "text"
"""The number of a text that is written in the program; -1 for None."""
SIGNAL: Final = "Signal"
ARRAY: Final = "array"
"""Address and count of float64 numbers."""
BARS: Final = "bars"
VIEW: Final = "view of a market"
CONTRACT: Final = "contract"
POSITION: Final = "position"
TRADE: Final = "trade"
STATE: Final = "state"
EVENT: Final = "event"
INPUT: Final = "input"
FILL: Final = "fill"
TIMER: Final = "timer"
INDEX_VALUE: Final = "index value"
SETTLEMENT: Final = "settlement"
ORDER: Final = "order"
TUPLE: Final = "tuple"
CONTRACTS: Final = "list of contracts"
"""Only to be looped over; its one item is a contract, by the condition under which it is among them."""
SELF: Final = "self"
THING: Final = "Python object"
INDICATORS: Final = "indicators"
INDICATOR: Final = "indicator "
"""Followed by its name; at run time the contract whose indicator it is, which has a value."""

FAIR: Final = "fair value"
"""At run time the contract whose fair value it is, which has one."""

NUMBERS: Final = (BOOL, INT, FLOAT, NUMPY, MIXED)
REALS: Final = (FLOAT, NUMPY, MIXED)
PLACES: Final = (VIEW, CONTRACT)
"""Kinds that are the number of a contract at run time."""
UNKNOWN: Final = object()


@dataclass(frozen=True, slots=True)
class Value:
    """An expression of the program written so far.

    Attributes
    ----------
    kind : str
        One of the kinds above.
    code : str
        How it is written in the compiled program.
    static : object
        Its value where that is known now, else `UNKNOWN`.
    items : tuple of Value
        Members of a tuple or a list.
    """

    kind: str
    code: str
    static: Any = UNKNOWN
    items: tuple[Value, ...] = field(default=())

    @property
    def known(self) -> bool:
        """Whether its value is known now."""
        return self.static is not UNKNOWN


NOTHING: Final = Value(NONE, "none()", None)


def joined(one: str, other: str) -> str | None:
    """Kind of a variable that holds both; None where there is none."""
    if one == other:
        return one
    pair = {one, other}
    if NONE in pair:
        rest = (pair - {NONE}).pop()
        if rest in (INT, *REALS, MAYBE):
            return MAYBE
        return rest if rest in (TEXT, SIGNAL) else None
    if pair <= {BOOL, INT}:
        return None
    if pair <= {INT, FLOAT}:
        return FLOAT
    if pair <= {INT, FLOAT, NUMPY, MIXED}:
        return MIXED
    if pair <= {INT, *REALS, MAYBE}:
        return MAYBE
    return None


def converted(value: Value, kind: str) -> str:
    """Write a value as another kind that :func:`joined` said it fits into; an integer as the nearest float."""
    if value.kind == kind:
        return value.code
    if value.kind == NONE:
        return {MAYBE: "none()", TEXT: "-1", SIGNAL: "no_signal()"}[kind]
    return f"float({value.code})" if value.kind == INT else value.code
