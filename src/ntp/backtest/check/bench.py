"""Bench: what the checks of one strategy share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ntp.backtest.check.blame import first_difference
from ntp.backtest.check.code import Code
from ntp.backtest.check.decisions import Decisions, Parting
from ntp.backtest.check.finding import Place
from ntp.backtest.check.laboratory import Laboratory, Subject
from ntp.backtest.check.outside import Watched


@dataclass(slots=True)
class Bench:
    """A strategy with its laboratory, its code and its decisions on the recording as it is.

    Attributes
    ----------
    lab : Laboratory
        Makes replays.
    code : Code
        The strategy's code.
    base : Decisions
        Those of the first replay.
    watched : Watched
        What its code called in that replay.
    quick : bool
        Whether to be content with fewer replays.
    failed : bool
        Whether a check found an error already.
    """

    lab: Laboratory
    code: Code
    base: Decisions
    watched: Watched
    quick: bool = False
    failed: bool = False

    @property
    def subject(self) -> Subject:
        """What is checked."""
        return self.lab.subject

    @property
    def decided(self) -> npt.NDArray[np.int64]:
        """Times of the decisions, ascending."""
        times = np.concatenate([self.base.orders["ts"].to_numpy(), self.base.records["ts"].to_numpy()])
        return np.sort(times)

    def blame(self, found: Parting, one: Callable[[], object], other: Callable[[], object]) -> Place:
        """Find the line at which two replays part; the class where no line can be told."""
        place = first_difference(self.code, one, other, found.ts)
        return place if place.file is not None else self.code.class_place()


__all__ = ["Bench"]
