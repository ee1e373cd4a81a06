from itertools import pairwise

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from ntp.data.inference import InferenceResult, infer_prints
from ntp.data.recorded.frames import finish
from ntp.data.schema import (
    BOOK_CLEAR,
    BOOK_DELTA,
    BOOK_SET,
    FLAG_GROUP_END,
    FLAG_INFERRED,
    FLAG_SNAPSHOT,
    SCHEMAS,
    Kind,
)

ONE = 1_000_000
Row = tuple[int, int, int, int, int]  # time, side, action, price, size


def book_of(rows: list[Row], symbol: str = "A") -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["ts_event", "side", "action", "price", "size"], orient="row")
    snapshot = frame["action"] != BOOK_DELTA
    return finish(
        Kind.BOOK,
        frame.with_columns(
            symbol=pl.lit(symbol),
            sequence=pl.int_range(pl.len()),
            flags=FLAG_GROUP_END + snapshot.cast(pl.Int64) * FLAG_SNAPSHOT,
        ),
    )


def quotes_of(rows: list[tuple[int, int | None]], symbol: str = "A") -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema={"ts_event": pl.Int64, "volume": pl.Int64}, orient="row")
    return finish(Kind.QUOTE, frame.with_columns(symbol=pl.lit(symbol)))


IMAGE: list[Row] = [
    (0, 0, BOOK_CLEAR, 0, 0),
    (0, 1, BOOK_SET, 4_500, 10 * ONE),
    (0, 1, BOOK_SET, 4_400, 10 * ONE),
    (0, -1, BOOK_SET, 4_700, 10 * ONE),
    (0, -1, BOOK_SET, 4_800, 10 * ONE),
]


def infer(changes: list[Row], steps: list[tuple[int, int | None]]) -> tuple[InferenceResult, list[tuple]]:
    result = infer_prints(book_of(IMAGE + changes), quotes_of(steps))
    return result, result.trades.select("ts_event", "price", "size", "taker").rows()


def test_drops_at_the_best_price_become_prints_in_order() -> None:
    result, trades = infer(
        [
            (5, -1, BOOK_DELTA, 4_700, -4 * ONE),
            (6, 1, BOOK_DELTA, 4_500, -2 * ONE),
            (20, 1, BOOK_DELTA, 4_500, -ONE),
        ],
        [(1, 0), (10, 5 * ONE), (20, 5 * ONE)],
    )
    assert trades == [(5, 4_700, 4 * ONE, 1), (6, 4_500, ONE, -1)]
    assert (result.traded, result.assigned, result.unassigned) == (5 * ONE, 5 * ONE, 0)
    assert set(result.trades["flags"]) == {FLAG_INFERRED | FLAG_GROUP_END}


def test_what_is_a_print_is_not_a_cancel_as_well() -> None:
    book = book_of([*IMAGE, (5, 1, BOOK_DELTA, 4_500, -3 * ONE), (6, 1, BOOK_DELTA, 4_500, -2 * ONE)])
    result = infer_prints(book, quotes_of([(1, 0), (6, 4 * ONE)]))
    assert result.printed.to_list() == [0, 0, 0, 0, 0, 3 * ONE, ONE]
    assert result.cancel_mask(book).to_list() == [False] * 6 + [True]  # one contract of it was cancelled


def test_drops_behind_the_best_price_print_nothing() -> None:
    result, trades = infer(
        [(5, 1, BOOK_DELTA, 4_400, -4 * ONE), (8, 1, BOOK_DELTA, 4_500, ONE)], [(1, 0), (8, 5 * ONE)]
    )
    assert trades == []
    assert (result.unassigned, result.share) == (5 * ONE, 0.0)


def test_a_level_becomes_best_when_the_better_one_is_gone() -> None:
    _, trades = infer(
        [(5, 1, BOOK_DELTA, 4_500, -10 * ONE), (5, 1, BOOK_DELTA, 4_400, -ONE)], [(1, 0), (5, 11 * ONE)]
    )
    assert trades == [(5, 4_500, 10 * ONE, -1), (5, 4_400, ONE, -1)]


def test_a_step_includes_its_end_but_not_its_beginning() -> None:
    _, trades = infer(
        [
            (3, 1, BOOK_DELTA, 4_500, -ONE),
            (4, 1, BOOK_DELTA, 4_500, -ONE),
            (7, 1, BOOK_DELTA, 4_500, -ONE),
            (9, 1, BOOK_DELTA, 4_500, -ONE),
        ],
        [(3, ONE), (7, 3 * ONE), (9, 3 * ONE)],
    )
    assert [row[0] for row in trades] == [4, 7]


def test_steps_outside_the_books_recording_are_not_placed() -> None:
    result, trades = infer([(5, 1, BOOK_DELTA, 4_500, -ONE)], [(-5, 0), (3, 4 * ONE), (9, 9 * ONE)])
    assert trades == []
    assert (result.traded, result.uncovered) == (0, 9 * ONE)
    assert result.share is None


def test_a_new_image_within_a_step_ends_its_inference() -> None:
    again = [(6, *row[1:]) for row in IMAGE]
    result, trades = infer(
        [(5, 1, BOOK_DELTA, 4_500, -ONE), *again, (7, 1, BOOK_DELTA, 4_500, -ONE)], [(1, 0), (7, 4 * ONE)]
    )
    assert trades == [(5, 4_500, ONE, -1)]
    assert (result.traded, result.unassigned, result.uncovered) == (ONE, 0, 3 * ONE)


def test_quotes_without_volume_and_empty_books_infer_nothing() -> None:
    empty = pl.DataFrame(schema=SCHEMAS[Kind.BOOK])
    assert infer_prints(empty, quotes_of([(1, 0), (2, ONE)])).trades.is_empty()
    result, trades = infer([(5, 1, BOOK_DELTA, 4_500, -ONE)], [(1, None), (5, None)])
    assert (trades, result.traded) == ([], 0)


def test_contracts_do_not_mix() -> None:
    changes: list[Row] = [(5, 1, BOOK_DELTA, 4_500, -ONE)]
    book = pl.concat([book_of(IMAGE + changes), book_of(IMAGE + changes, "B")]).sort(
        "ts_event", maintain_order=True
    )
    quotes = pl.concat([quotes_of([(1, 0), (5, 0)]), quotes_of([(1, 0), (5, ONE)], "B")])
    result = infer_prints(book, quotes.sort("ts_event", maintain_order=True))
    assert result.trades["symbol"].to_list() == ["B"]


def slow_reference(rows: list[Row], steps: list[tuple[int, int]]) -> list[int]:
    """The rule as it is worded, with dictionaries."""
    levels: dict[int, dict[int, int]] = {1: {}, -1: {}}
    left = [after - before for (_, before), (_, after) in pairwise(steps)]
    printed = []
    for ts, side, action, price, size in rows:
        taken = 0
        if action == BOOK_CLEAR:
            levels = {1: {}, -1: {}}
        else:
            own = levels[side]
            best = (max if side > 0 else min)(own) if own else None
            before = own.get(price, 0)
            after = max(size if action == BOOK_SET else before + size, 0)
            if action == BOOK_DELTA and price == best and after < before:
                for k, ((begin, _), (end, _)) in enumerate(pairwise(steps)):
                    if begin < ts <= end:
                        taken = min(before - after, left[k])
                        left[k] -= taken
            own.pop(price, None)
            if after:
                own[price] = after
        printed.append(taken)
    return printed


changes_strategy = st.lists(
    st.tuples(
        st.integers(1, 30),
        st.sampled_from([1, -1]),
        st.just(BOOK_DELTA),
        st.integers(44, 48).map(lambda p: p * 100),
        st.integers(-6, 6).filter(bool).map(lambda size: size * ONE),
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(changes_strategy, st.lists(st.tuples(st.integers(1, 9), st.integers(0, 8)), min_size=1, max_size=8))
def test_inference_follows_its_words(changes: list[Row], gaps: list[tuple[int, int]]) -> None:
    rows = IMAGE + sorted(changes, key=lambda row: row[0])
    rows.append((60, 1, BOOK_DELTA, 4_000, ONE))  # the recording goes on after the last quote
    steps, at, volume = [(0, 0)], 0, 0
    for wait, traded in gaps:
        at, volume = min(at + wait, 60), volume + traded * ONE
        steps.append((at, volume))
    book = book_of(rows)
    result = infer_prints(book, quotes_of(list(steps)))
    assert result.printed.to_list() == slow_reference(rows, steps)
    assert result.assigned + result.unassigned == result.traded == volume
    assert result.trades["size"].sum() == result.assigned
    assert all(0 <= size <= -row[4] for size, row in zip(result.printed, rows, strict=True) if size)
