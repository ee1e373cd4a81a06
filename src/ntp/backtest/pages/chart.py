"""Charts as data: lines, marks and axes; what draws them decides how they look."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Scale = Literal["time", "linear", "log"]
Unit = Literal["money", "price", "percent", "number", "seconds", "time"]

_CUT: Final = 0.03
"""Width of a cut, as a share of what is not cut."""
_QUIET: Final = 20
"""A stretch is long if it is more than one of so many parts of the whole."""
POINTS: Final = 600
"""Points of a line: two for each column of pixels of a narrow screen, and more cannot be told apart."""


@dataclass(frozen=True, eq=False)
class Line:
    """A curve that keeps its value until the next point, or a straight one; gaps are NaN.

    Attributes
    ----------
    name : str
        What it shows.
    x, y : ndarray
        Points, in order of `x`; times are milliseconds since 1970.
    colour : str
        Name of a colour of the page, such as ``--base``.
    dash : str
        Lengths of dashes and gaps; empty for a solid line.
    width : float
        In pixels.
    points : int
        Points that it was thinned from.
    straight : bool
        Whether its points are joined by straight lines: a function of `x`, nothing that happened at a time.
    """

    name: str
    x: Floats
    y: Floats
    colour: str
    dash: str = ""
    width: float = 1.5
    points: int = 0
    straight: bool = False


@dataclass(frozen=True, eq=False)
class Marks:
    """Points that are not joined.

    Attributes
    ----------
    name : str
        What they are.
    x, y : ndarray
        Where they are.
    colour : str
        Name of a colour of the page.
    shape : str
        ``up``, ``down`` or ``dot``.
    hollow : bool
        Whether only their outline is drawn.
    notes : sequence of str
        Said of each when it is pointed at.
    """

    name: str
    x: Floats
    y: Floats
    colour: str
    shape: str = "dot"
    hollow: bool = False
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Axis:
    """How an axis is divided and how its values are written.

    Attributes
    ----------
    scale, unit, title : str
        What its lengths and its values mean.
    cuts : tuple of (float, float)
        Stretches drawn short, in order.
    """

    scale: Scale = "linear"
    unit: Unit = "number"
    title: str = ""
    cuts: tuple[tuple[float, float], ...] = ()

    def stops(self, low: float, high: float) -> tuple[Floats, Floats]:
        """Values at which the scale changes, and their places from 0 to 1."""
        values = np.array([low, *(value for cut in self.cuts for value in cut), high])
        lengths = np.diff(values)
        lengths[1::2] = _CUT * lengths[::2].sum()
        places = np.concatenate(([0.0], np.cumsum(lengths)))
        return values, places / places[-1]


@dataclass(frozen=True, eq=False)
class Chart:
    """Lines below marks, over two axes."""

    lines: Sequence[Line]
    marks: Sequence[Marks]
    x: Axis
    y: Axis

    @property
    def thinned(self) -> int:
        """Points of the longest line before it was thinned; 0 where every point is drawn."""
        return max((line.points for line in self.lines if line.points > len(line.x)), default=0)

    def extent(self, name: Literal["x", "y"]) -> tuple[float, float]:
        """Lowest and highest value, with room where they are equal; up to 1 where there is none."""
        parts = [getattr(each, name) for each in (*self.lines, *self.marks)]
        values = np.concatenate(parts) if parts else np.empty(0)
        values = values[np.isfinite(values)]
        if not len(values):
            return (0.1, 1.0) if getattr(self, name).scale == "log" else (0.0, 1.0)
        low, high = float(values.min()), float(values.max())
        if low == high:
            room = abs(low) * 0.01 or 1.0
            return (low / 2, high * 2) if getattr(self, name).scale == "log" else (low - room, high + room)
        return low, high


def quiet(times: Sequence[Floats]) -> tuple[tuple[float, float], ...]:
    """Find long stretches without any point, where cutting them leaves more room for the rest."""
    moments = np.unique(np.concatenate(times))
    if len(moments) < _QUIET:
        return ()
    lengths = np.diff(moments)
    whole = float(moments[-1] - moments[0])
    found = np.flatnonzero(lengths > max(whole, _QUIET**2 * float(np.median(lengths))) / _QUIET)
    if lengths[found].sum() < whole / 4:
        return ()
    room = (whole - lengths[found].sum()) / 50  # the line is seen to go into the cut
    return tuple((float(moments[at] + room), float(moments[at + 1] - room)) for at in found)


def line_of(name: str, x: Floats, y: Floats, colour: str, *, dash: str = "", width: float = 1.5) -> Line:
    """Make a line, thinned to what a screen can show."""
    keep = thin(y)
    return Line(name, x[keep], y[keep], colour, dash, width, len(x))


def thin(values: Floats, points: int = POINTS) -> NDArray[np.int64]:
    """Choose rows that keep the shape of a line: first, last, and lowest and highest of each stretch."""
    count = len(values)
    if count <= points:
        return np.arange(count, dtype=np.int64)
    edges = np.linspace(0, count, points // 2 + 1).astype(np.int64)
    chosen = [0, count - 1]
    gap = np.isnan(values)
    holed, least, most = bool(gap.any()), np.where(gap, np.inf, values), np.where(gap, -np.inf, values)
    for low, high in pairwise(edges.tolist()):
        if holed:
            gaps = np.flatnonzero(gap[low:high])
            if len(gaps):
                chosen.append(low + int(gaps[0]))
            if len(gaps) == high - low:
                continue
        chosen += [low + int(least[low:high].argmin()), low + int(most[low:high].argmax())]
    return np.unique(np.array(chosen, dtype=np.int64))
