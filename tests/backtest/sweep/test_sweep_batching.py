"""How many points are handed out at once."""

import operator

from ntp.backtest.sweep.batching import Batches


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def sizes(each, *, count=5_000, seconds=1.0, workers=1):
    """Sizes of the batches of items that take `each` seconds."""
    clock = Clock()
    batches = Batches(list(range(count)), seconds, lambda: workers, clock=clock)
    found = []
    for batch in batches:
        clock.now += each * len(batch) / workers
        batches.learn(len(batch))
        found.append(len(batch))
    assert sum(found) == count
    return found


def test_batches_grow_to_the_time_wished():
    found = sizes(0.01)
    assert found[:3] == [1, 1, 8]
    assert max(found) == 100
    assert max(sizes(0.0001)) == 256  # never so many that much is lost with a worker


def test_slow_items_are_handed_out_one_by_one():
    assert set(sizes(3.0, count=20)) == {1}


def test_the_last_ones_are_shared():
    found = sizes(0.0001, count=1_000, workers=4)
    assert found[-4:] == [1, 1, 1, 1]


def test_an_executor_learns_how_much_lies_ahead():
    batches = Batches([1, 2, 3], 1.0, lambda: 1, later=10)
    assert operator.length_hint(batches) == 13
    next(batches)
    assert operator.length_hint(batches) == 12
