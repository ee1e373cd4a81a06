from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from ntp.core import ConfigError, DataError
from ntp.statistics import (
    Fold,
    check_apart,
    combinatorial_folds,
    fold_paths,
    group_by_event,
    purged_folds,
    walk_forward_folds,
)

EVENTS = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 12)), min_size=8, max_size=60)


def times(events):
    starts = np.array([start for start, _ in events], dtype=np.int64)
    return starts, starts + np.array([length for _, length in events], dtype=np.int64)


def possible(make):
    """Folds, unless purging left nothing to train on."""
    try:
        return make()
    except DataError as refused:
        if refused.code == "empty_fold":
            reject()
        raise


def successive(count):
    starts = np.arange(count, dtype=np.int64) * 10
    return starts, starts + 9


@given(EVENTS, st.integers(2, 6), st.integers(0, 30))
def test_nothing_trained_on_touches_what_is_tested(events, folds, embargo):
    starts, ends = times(events)
    found = possible(lambda: purged_folds(starts, ends, folds, embargo=embargo))
    assert sorted(np.concatenate([fold.test for fold in found]).tolist()) == list(range(len(events)))
    for fold in found:
        for event in range(len(events)):
            touched = any(
                starts[event] <= ends[tested] + embargo and ends[event] >= starts[tested] for tested in fold.test
            )
            assert (event in fold.train) == (not touched and event not in fold.test)


@given(EVENTS, st.integers(1, 5), st.integers(0, 30), st.booleans())
def test_walking_forward_knows_only_what_is_over(events, folds, embargo, anchored):
    starts, ends = times(events)
    found = possible(lambda: walk_forward_folds(starts, ends, folds, anchored=anchored, embargo=embargo))
    check_apart(found)
    assert len(found) == folds
    for before, after in pairwise(found):
        assert starts[before.test].max() <= starts[after.test].min()
    for fold in found:
        assert ends[fold.train].max() + embargo < starts[fold.test].min()


def test_anchored_keeps_the_beginning_and_rolling_leaves_it():
    starts, ends = successive(12)
    anchored = walk_forward_folds(starts, ends, 3)
    assert [fold.train.tolist() for fold in anchored] == [[0, 1, 2], [*range(6)], [*range(9)]]
    assert [fold.test.tolist() for fold in anchored] == [[3, 4, 5], [6, 7, 8], [9, 10, 11]]
    rolling = walk_forward_folds(starts, ends, 3, anchored=False)
    assert [fold.train.tolist() for fold in rolling] == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    late = walk_forward_folds(starts, ends, 3, embargo=15)
    assert [fold.train.tolist() for fold in late] == [[0], [0, 1, 2, 3], [*range(7)]]


def test_events_need_not_come_in_order():
    starts, ends = successive(12)
    mixed = np.random.default_rng(1).permutation(12)
    for fold in walk_forward_folds(starts[mixed], ends[mixed], 3):
        assert starts[mixed][fold.train].max() < starts[mixed][fold.test].min()


def test_a_purge_drops_neighbours_and_the_embargo_what_follows():
    starts, ends = successive(9)
    ends[2] += 5  # settled after the next event began
    first, second, third = purged_folds(starts, ends, 3, embargo=12)
    assert first.train.tolist() == [5, 6, 7, 8]  # 3 overlaps event 2, 4 begins in its embargo
    assert second.train.tolist() == [0, 1, 8]
    assert third.train.tolist() == [0, 1, 2, 3, 4, 5]


def test_each_choice_of_blocks_is_tested_and_paths_use_each_test_once():
    starts, ends = successive(12)
    folds = list(combinatorial_folds(starts, ends, 6, 2))
    assert len(folds) == 15
    assert folds[3].blocks == (0, 4)
    assert folds[3].test.tolist() == [0, 1, 8, 9]
    paths = fold_paths(6, 2)
    assert len(paths) == 5
    used = [(fold, block) for path in paths for block, fold in enumerate(path)]
    assert len(set(used)) == 30
    assert all(block in folds[fold].blocks for fold, block in used)


@pytest.mark.parametrize(("make", "code"), [
    (lambda starts, ends: purged_folds(starts, ends, 13), "bad_folds"),
    (lambda starts, ends: purged_folds(starts, ends, 1), "bad_folds"),
    (lambda starts, ends: walk_forward_folds(starts, ends, 12), "bad_folds"),
    (lambda starts, ends: walk_forward_folds(starts, ends, 0), "bad_folds"),
    (lambda starts, ends: list(combinatorial_folds(starts, ends, 4, 4)), "bad_folds"),
    (lambda starts, ends: list(combinatorial_folds(starts, ends, 4, 0)), "bad_folds"),
    (lambda starts, ends: purged_folds(starts, ends, 2, embargo=-1), "bad_embargo"),
    (lambda starts, ends: purged_folds(ends, starts, 2), "bad_event_times"),
    (lambda starts, ends: purged_folds(starts, np.full(12, 999), 2), "empty_fold"),
    (lambda starts, ends: walk_forward_folds(starts, ends, 3, embargo=10_000), "empty_fold"),
])
def test_impossible_folds_are_refused(make, code):
    with pytest.raises((ConfigError, DataError)) as refused:
        make(*successive(12))
    assert refused.value.code == code


@pytest.mark.parametrize("folds", [
    [Fold(np.array([0, 1]), np.array([1, 2]))],
    [Fold(np.array([0]), np.array([1])), Fold(np.array([0]), np.array([1, 2]))],
])
def test_folds_that_share_an_event_are_refused(folds):
    with pytest.raises(ConfigError) as refused:
        check_apart(folds)
    assert refused.value.code == "overlapping_folds"
    assert refused.value.details["events"] == [1]


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 500), st.integers(0, 8)), min_size=12, max_size=80))
def test_no_event_is_parted_between_training_and_test(observations):
    names = np.array([f"event {name}" for name, _, _ in observations])
    made = np.array([when for _, when, _ in observations], dtype=np.int64)
    known = made + np.array([delay for _, _, delay in observations], dtype=np.int64)
    starts, ends, event_of_row = group_by_event(names, made, known)
    assert len(starts) == len(set(names))
    if len(starts) < 3:
        reject()
    tested = []
    for fold in possible(lambda: purged_folds(starts, ends, 3)):
        train, test = fold.rows(event_of_row)
        assert not set(names[train]) & set(names[test])
        tested += test.tolist()
        assert all(known[row] < made[other] or made[row] > known[other] for row in train for other in test)
    assert sorted(tested) == list(range(len(names)))
