"""Parts of the data to choose on and to test on, by whole events and apart in time."""

import numbers
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ntp.core import ConfigError, DataError

Times = NDArray[np.int64]
Numbers = NDArray[np.int64]
_SPLITS: Final = 100_000


@dataclass(frozen=True)
class Fold:
    """Numbers of the events to choose on and of those to test on, each ascending.

    Attributes
    ----------
    train, test : array of int64
        Places of events in the order given.
    blocks : tuple of int
        Blocks that are tested.
    left_out : int
        Events that could have been trained on, were they apart from the test.
    """

    train: Numbers
    test: Numbers
    blocks: tuple[int, ...] = ()
    left_out: int = 0

    def rows(self, event_of_row: Numbers) -> tuple[Numbers, Numbers]:
        """Rows to choose on and to test on, of observations that come in events (see :func:`group_by_event`)."""
        train, test = (np.flatnonzero(np.isin(event_of_row, part)) for part in (self.train, self.test))
        return train.astype(np.int64), test.astype(np.int64)


def group_by_event(names: NDArray[Any], starts: Times, ends: Times) -> tuple[Times, Times, Numbers]:
    """Gather observations in their events, so that folds never part those of one event.

    Parameters
    ----------
    names : array
        Event of each observation.
    starts, ends : array of int64
        When each observation was made and when its result was known, in ns UTC.

    Returns
    -------
    starts, ends : array of int64
        First and last instant of each event, in order of their names.
    event_of_row : array of int64
        Place of each observation's event among them.
    """
    known, which = np.unique(names, return_inverse=True)
    first = np.full(len(known), np.iinfo(np.int64).max)
    last = np.full(len(known), np.iinfo(np.int64).min)
    np.minimum.at(first, which, starts)
    np.maximum.at(last, which, ends)
    return first, last, which.astype(np.int64)


def purged_folds(starts: Times, ends: Times, folds: int, *, embargo: int = 0) -> list[Fold]:
    """K-fold cross-validation without leaks: each block of successive events is tested once.

    Parameters
    ----------
    starts, ends : array of int64
        When each event could first be traded and when it was settled, in ns UTC.
    folds : int
        Blocks.
    embargo : int
        Time in ns after a tested event within which no event to train on may begin.

    Returns
    -------
    list of Fold
        Trained on is what shares no instant with a tested event and its embargo (López de Prado 2018, chapter 7).

    Raises
    ------
    ConfigError
        If there are more folds than events, fewer than two, or a negative embargo.
    DataError
        If an event ends before it begins, or purging leaves nothing to train on.
    """
    return list(combinatorial_folds(starts, ends, folds, 1, embargo=embargo))


def combinatorial_folds(
    starts: Times, ends: Times, blocks: int, tested: int = 2, *, embargo: int = 0
) -> Iterator[Fold]:
    """Combinatorial purged cross-validation: every choice of so many blocks is tested once.

    Parameters
    ----------
    starts, ends, embargo
        See :func:`purged_folds`.
    blocks : int
        Blocks of successive events.
    tested : int
        Blocks tested together; each block is then tested in C(blocks - 1, tested - 1) folds, which is the number of
        paths that :func:`fold_paths` puts together (López de Prado 2018, chapter 12).
    """
    _check_times(starts, ends, embargo)
    check_folds(blocks, len(starts), least=2)
    if not 1 <= tested < blocks:
        raise ConfigError(f"expected 1 to {blocks - 1} blocks to test, was {tested}", code="bad_folds")
    parts = np.array_split(np.lexsort((ends, starts)), blocks)
    for count, chosen in enumerate(combinations(range(blocks), tested)):
        if count == _SPLITS:
            raise ConfigError(f"expected at most {_SPLITS:,} folds, was more", code="bad_folds")
        test = np.sort(np.concatenate([parts[block] for block in chosen])).astype(np.int64)
        train = _apart(starts, ends, test, embargo)
        if not len(train):
            raise DataError(
                "expected events apart from the tested ones to train on, was none", code="empty_fold",
                hint="fewer folds, a shorter embargo, or events that overlap less",
            )
        yield Fold(train, test, chosen, len(starts) - len(test) - len(train))


def fold_paths(blocks: int, tested: int) -> list[list[int]]:
    """Put the folds of :func:`combinatorial_folds` together to paths through all blocks.

    Returns
    -------
    list of list of int
        Per path and block the number of the fold whose test of that block belongs to it.
    """
    found: list[list[int]] = [[] for _ in range(blocks)]
    for number, chosen in enumerate(combinations(range(blocks), tested)):
        for block in chosen:
            found[block].append(number)
    return [list(path) for path in zip(*found, strict=True)]


def walk_forward_folds(
    starts: Times, ends: Times, folds: int, *, anchored: bool = True, embargo: int = 0
) -> list[Fold]:
    """Choose on the past, test on what follows.

    Parameters
    ----------
    starts, ends, embargo
        See :func:`purged_folds`; an event to train on is over, and its embargo too, before the test begins.
    folds : int
        Tests. The events are cut into one block more, in order of their beginning; the first is only trained on.
    anchored : bool
        Train on everything before the test; otherwise on as many blocks as one, the latest.

    Raises
    ------
    ConfigError
        If there are more folds than events to test.
    DataError
        If nothing is over before a test begins.
    """
    _check_times(starts, ends, embargo)
    check_folds(folds, len(starts), least=1, spare=1)
    parts = np.array_split(np.lexsort((ends, starts)), folds + 1)
    found = []
    for block in range(1, folds + 1):
        test = np.sort(parts[block]).astype(np.int64)
        known = np.concatenate(parts[:block] if anchored else parts[block - 1 : block])
        train = np.sort(known[ends[known] + embargo < starts[test].min()]).astype(np.int64)
        if not len(train):
            raise DataError(
                f"expected events that are over before test {block} begins, was none", code="empty_fold",
                hint="fewer folds, or a shorter embargo",
            )
        found.append(Fold(train, test, (block,), len(known) - len(train)))
    return found


def check_apart(folds: Sequence[Fold]) -> None:
    """Refuse folds of which one tests an event that it trained on, or two test the same.

    Raises
    ------
    ConfigError
        ``overlapping_folds``.
    """
    seen: set[int] = set()
    for number, fold in enumerate(folds):
        test = set(fold.test.tolist())
        shared = test & set(fold.train.tolist()) or test & seen
        if shared:
            raise ConfigError(
                f"expected folds without a common event, fold {number} shares {len(shared)}", code="overlapping_folds",
                details={"fold": number, "events": sorted(shared)[:20]},
            )
        seen |= test


def check_folds(folds: int, events: int, *, least: int, spare: int = 0) -> None:
    """Refuse a number of folds that the events cannot be cut into.

    Raises
    ------
    ConfigError
        ``bad_folds``.
    """
    given: Any = folds
    if not isinstance(given, numbers.Integral) or folds < least:
        raise ConfigError(f"expected {least} or more folds, was {folds!r}", code="bad_folds")
    if folds > events - spare:
        raise ConfigError(
            f"expected {folds + spare} or more events for {folds} folds, was {events}", code="bad_folds",
            hint="fewer folds, or more data",
        )


def _apart(starts: Times, ends: Times, test: Numbers, embargo: int) -> Numbers:
    """Events that share no instant with a tested one and do not begin within its embargo."""
    order = test[np.argsort(starts[test], kind="stable")]
    latest = np.maximum.accumulate(ends[order])
    # tested events that begin before this one ends: does the one of them that ends last reach its beginning?
    before = np.searchsorted(starts[order], ends, side="right")
    reach = np.where(before > 0, latest[np.maximum(before, 1) - 1], np.iinfo(np.int64).min)
    reached = (before > 0) & (reach + np.where(before > 0, embargo, 0) >= starts)
    reached[test] = True
    return np.flatnonzero(~reached).astype(np.int64)


def _check_times(starts: Times, ends: Times, embargo: int) -> None:
    if len(starts) != len(ends) or np.any(ends < starts):
        raise DataError("expected events that end after they begin, was one that does not", code="bad_event_times")
    if embargo < 0:
        raise ConfigError(f"expected an embargo of 0 or more, was {embargo}", code="bad_embargo")
