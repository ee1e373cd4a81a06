"""Program: what is being compiled of a strategy, and what its parts share: fields, texts, series, reasons to stop."""

from __future__ import annotations

import ast
import numbers
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from ntp.strategy.base import Strategy
from ntp.strategy.compiled.array import Array
from ntp.strategy.compiled.inside.sizing import TEXTS
from ntp.strategy.compiled.kinds import ARRAY, BOOL, FLOAT, INT, NONE, NUMPY, TEXT, THING, joined
from ntp.strategy.compiled.refusal import Refused
from ntp.strategy.declaration import Declaration, declaration_of

ABSENT: Final = "absent"
ABSENT_NUMBER: Final = "absent, of a number"
RAISES: Final = "raises"
REFUSES: Final = "refuses"


@dataclass(frozen=True, slots=True)
class Site:
    """A place where a call of the strategy may end, and why.

    Attributes
    ----------
    kind : str
        One of the kinds above.
    text : str
        The field that is absent, or what is wrong.
    code : str
        Error's code.
    hint : str
        What to do about it.
    file, line : str, int
        Where.
    """

    kind: str
    text: str
    code: str = ""
    hint: str = ""
    file: str = ""
    line: int = 0


@dataclass(slots=True)
class Field:
    """Something remembered: its place among the words, its kind, and what it is at first."""

    place: int
    kind: str
    value: Any
    length: int = 0


@dataclass
class Program:
    """What the parts of a compiled strategy share.

    Parameters
    ----------
    strategy : Strategy
        The instance; its numbers are read when it runs, its texts and what is None are compiled in.
    """

    strategy: Strategy
    declaration: Declaration = field(init=False)
    own: dict[str, Field] = field(default_factory=dict)
    state: dict[str, Field] = field(default_factory=dict)
    kinds: dict[Any, dict[str, str]] = field(default_factory=dict)
    """Kinds of local variables by function, as far as known."""
    returns: dict[Any, str] = field(default_factory=dict)
    changed: bool = False
    sites: list[Site] = field(default_factory=list)
    series: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=lambda: list(TEXTS))
    tags: set[str] = field(default_factory=set)
    curves: list[str] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    functions: dict[Any, list[str]] = field(default_factory=dict)
    names: dict[Any, str] = field(default_factory=dict)
    every_tag: bool = False
    read: list[tuple[Mapping[str, Any], str, Any]] = field(default_factory=list)
    """Names of modules that were compiled in, with what they meant."""
    assigned: set[tuple[str, str]] = field(default_factory=set)
    """Fields that some method sets, as far as known."""

    def __post_init__(self) -> None:
        self.declaration = declaration_of(self.strategy)
        self._own_fields()
        self._state_fields()

    @property
    def name(self) -> str:
        """Name of the strategy."""
        return type(self.strategy).__name__

    def begin(self) -> None:
        """Forget what was written; what is known of kinds stays."""
        self.changed, self.every_tag = False, False
        noted: tuple[Any, ...] = (self.series, self.curves, self.inputs, self.read)
        for part in (self.sites, self.functions, self.names, self.tags, *noted):
            part.clear()
        self.sites.append(Site(RAISES, "an error of no known place"))

    def _own_fields(self) -> None:
        for name, value in _numbers(vars(self.strategy)):
            self.own[name] = Field(len(self.own), kind_of(value), value)

    def _state_fields(self) -> None:
        kind = self.declaration.state
        if kind is None:
            return
        known: dict[str, Any] = {}
        annotated: dict[str, Any] = {}
        for owner in reversed(kind.__mro__[:-1]):
            known |= {name: value for name, value in vars(owner).items() if not name.startswith("__")}
            annotated |= vars(owner).get("__annotations__", {})
        place = 0
        for name, value in known.items():
            if isinstance(value, Array):
                self.state[name] = Field(place, ARRAY, value, value.length)
                place += value.length
                continue
            found = kind_of(value)
            if found == THING:
                continue
            if found == INT and annotated.get(name) in (float, "float"):
                found, value = FLOAT, float(value)
            self.state[name] = Field(place, found, value)
            place += 1

    @property
    def spans(self) -> list[int]:
        """Durations of bars that are kept, in nanoseconds."""
        spans = {each.span for each in self.declaration.indicators.values() if each.span is not None}
        return sorted({*self.declaration.wake.bars, *spans})

    @property
    def state_words(self) -> int:
        """Words remembered of each contract."""
        return sum(max(each.length, 1) for each in self.state.values())

    def site(self, kind: str, text: str, node: ast.AST, file: str, code: str = "", hint: str = "") -> int:
        """Add a reason to stop and return its number."""
        self.sites.append(Site(kind, text, code, hint, file, getattr(node, "lineno", 0)))
        return len(self.sites) - 1

    def text(self, text: str) -> int:
        """Return the number of a text."""
        if text not in self.texts:
            self.texts.append(text)
        return self.texts.index(text)

    def one_of(self, names: list[str], name: str) -> int:
        """Return the place of a name in a list, at its end if it is new."""
        if name not in names:
            names.append(name)
        return names.index(name)

    def widen(self, known: dict[str, str], name: str, kind: str, node: ast.AST, what: str) -> str:
        """Kind of a variable that takes a value of a kind, too."""
        before = known.get(name)
        after = kind if before is None else joined(before, kind)
        if after is None:
            raise Refused(f"{what}, which is a {before} and a {kind}", node, "use two names")
        if after != before:
            known[name] = after
            self.changed = True
        return after

    def widen_field(self, found: Field, kind: str, node: ast.AST, what: str) -> str:
        """Kind of a field that takes a value of a kind, too."""
        after = joined(found.kind, kind)
        if after is None:
            raise Refused(f"{what}, which is a {found.kind} and a {kind}", node, "use two names")
        if after != found.kind:
            found.kind = after
            self.changed = True
        return after


def shape_of(strategy: Strategy) -> tuple[tuple[str, str, Any], ...]:
    """Return what of a strategy's attributes is compiled in: their kinds, and the values of texts and None."""
    found = [(name, kind_of(value), value) for name, value in _numbers(vars(strategy))]
    return tuple((name, kind, value if kind in (NONE, TEXT) else None) for name, kind, value in found)


def kind_of(value: Any) -> str:
    """Kind of a Python object that a strategy brings along."""
    if value is None:
        return NONE
    if isinstance(value, bool | np.bool_):
        return BOOL
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return INT
    if isinstance(value, np.float64):
        return NUMPY
    if isinstance(value, float):
        return FLOAT
    if isinstance(value, str):
        return TEXT
    return THING


def _numbers(attributes: dict[str, Any]) -> list[tuple[str, Any]]:
    return [
        (name, value) for name, value in sorted(attributes.items())
        if value is None or isinstance(value, numbers.Real | str | np.bool_)
    ]
