"""Long tapes for load: fast, consistent, and never crossed without a covering print."""

from typing import Any

import numpy as np
import pytest

from ntp.core import ConfigError
from ntp.data.schema import BOOK_CLEAR, BOOK_SET, SCHEMAS, Kind
from ntp.data.simulator import synthetic_tape, tape_recording

Tape = dict[str, np.ndarray[Any, Any]]


@pytest.fixture(scope="module")
def tape() -> Tape:
    return synthetic_tape(events=60_000, contracts=3, seed=4, concurrent=2)


def test_equal_seeds_give_equal_bytes(tape: Tape) -> None:
    again = synthetic_tape(events=60_000, contracts=3, seed=4, concurrent=2)
    other = synthetic_tape(events=60_000, contracts=3, seed=5, concurrent=2)
    assert all(np.array_equal(tape[name], again[name]) for name in tape)
    assert not np.array_equal(tape["price"], other["price"])


def test_rows_are_in_order_and_shared_equally(tape: Tape) -> None:
    assert len(tape["ts_event"]) == 60_000
    assert (np.diff(tape["ts_event"]) >= 0).all()
    assert (np.diff(tape["ts_recv"]) >= 0).all()
    assert (tape["ts_recv"] > tape["ts_event"]).all()
    assert np.bincount(tape["contract"]).tolist() == [20_000] * 3
    assert (tape["open_time"] < tape["close_time"]).all()


def test_no_order_can_be_crossed_without_a_covering_print(tape: Tape) -> None:
    moves = prints = rows = 0
    for contract in range(3):
        mine = np.flatnonzero(tape["contract"] == contract)
        columns = [tape[name][mine].tolist() for name in ("kind", "side", "action", "price", "size", "taker")]
        book: dict[int, int] = {}
        sides: dict[int, int] = {}
        touch, covered = (0, 0), (0, 0)
        for kind, side, action, price, size, taker in zip(*columns, strict=True):
            rows += 1
            if kind == 1:
                prints += 1
                best = touch[1] if taker > 0 else touch[0]
                assert price == best
                assert 10_000_000 <= size <= book[price]
                covered = (price, size) if size == book[price] else (0, 0)
                continue
            if action == BOOK_CLEAR:
                book.clear()
                continue
            if book.get(price, 0) == 0 and sides.get(price, side) != side:
                assert covered[0] == price  # the other side's level went by a print of all of it
                assert covered[1] >= 100_000_000
            book[price] = size if action == BOOK_SET else book.get(price, 0) + size
            assert book[price] >= 0
            sides[price] = side
            bids = [p for p, left in book.items() if left and sides[p] > 0]
            asks = [p for p, left in book.items() if left and sides[p] < 0]
            now = (max(bids, default=0), min(asks, default=10_000))
            assert now[0] < now[1]
            moves += now != touch and action != BOOK_SET
            touch = now
    assert 0.07 < moves / rows < 0.13
    assert 0.07 < prints / rows < 0.13


def test_tape_becomes_a_recording(tape: Tape) -> None:
    made = tape_recording(tape)
    assert all(dict(frame.schema) == SCHEMAS[kind] for kind, frame in made.frames.items())
    assert made.frames[Kind.BOOK].height + made.frames[Kind.TRADE].height == 60_000
    assert [i.open_time for i in made.instruments] == tape["open_time"].tolist()
    assert made.frames[Kind.SETTLEMENT]["state"].to_list().count("settled") == 3


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(ConfigError):
        synthetic_tape(events=1_000, contracts=20)
