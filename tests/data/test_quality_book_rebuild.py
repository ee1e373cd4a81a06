import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ntp.core import DataError
from ntp.data.quality import agreement, rebuild
from ntp.data.recorded.frames import finish
from ntp.data.schema import BOOK_CLEAR, BOOK_DELTA, BOOK_SET, FLAG_GROUP_END, SCHEMAS, Kind


def book_of(rows: list[tuple[int, int, int, int, int]], symbol: str = "A") -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["ts_event", "side", "action", "price", "size"], orient="row")
    return finish(Kind.BOOK, frame.with_columns(symbol=pl.lit(symbol), sequence=pl.int_range(pl.len())))


def quote(ts: int, bid: int | None, ask: int | None) -> pl.DataFrame:
    frame = pl.DataFrame({"ts_event": [ts], "symbol": ["A"], "bid": [bid], "ask": [ask]})
    return finish(Kind.QUOTE, frame)


def test_best_prices_follow_sets_deltas_and_clears() -> None:
    rows = [
        (1, 1, BOOK_SET, 4_500, 5),
        (2, -1, BOOK_SET, 4_700, 6),
        (3, 1, BOOK_DELTA, 4_600, 1),
        (4, 1, BOOK_DELTA, 4_600, -1),
        (5, -1, BOOK_SET, 4_700, 0),
        (6, 0, BOOK_CLEAR, 0, 0),
    ]
    top = rebuild(book_of(rows)).top
    assert top.select("bid", "bid_size", "ask", "ask_size").rows() == [
        (4_500, 5, None, None),
        (4_500, 5, 4_700, 6),
        (4_600, 1, 4_700, 6),
        (4_500, 5, 4_700, 6),
        (4_500, 5, None, None),
        (None, None, None, None),
    ]


def test_only_ends_of_groups_are_shown() -> None:
    book = book_of([(1, 1, BOOK_SET, 4_500, 5), (1, -1, BOOK_SET, 4_400, 6), (1, -1, BOOK_SET, 4_400, 0)])
    book = book.with_columns(pl.Series("flags", [0, 0, FLAG_GROUP_END], dtype=pl.UInt8))
    assert rebuild(book).top.select("bid", "ask").rows() == [(4_500, None)]


def test_sizes_below_zero_are_counted() -> None:
    rebuilt = rebuild(book_of([(1, 1, BOOK_SET, 4_500, 5), (2, 1, BOOK_DELTA, 4_500, -7)]))
    assert rebuilt.negative == {"A": 1}
    assert rebuilt.top["bid"].to_list() == [4_500, None]


def test_quotes_are_compared_with_the_book_of_their_time() -> None:
    book = book_of([(1, 1, BOOK_SET, 4_500, 5), (5, 1, BOOK_SET, 4_600, 5), (9, 1, BOOK_SET, 4_700, 5)])
    quotes = pl.concat(
        [quote(0, 4_500, None), quote(4, 4_500, None), quote(5, 4_500, None), quote(10, 4_500, None)]
    )
    result = agreement(book, quotes)
    assert (result.compared, result.equal, result.share) == (2, 1, 0.5)


def test_an_empty_book_has_nothing_to_compare() -> None:
    empty = pl.DataFrame(schema=SCHEMAS[Kind.BOOK])
    assert rebuild(empty).top.is_empty()
    assert agreement(empty, quote(1, 1, 2)).share is None


def test_prices_below_zero_are_refused() -> None:
    with pytest.raises(DataError) as raised:
        rebuild(book_of([(1, 1, BOOK_SET, -1, 5)]))
    assert raised.value.code == "book_price"


operations = st.lists(
    st.tuples(
        st.sampled_from([1, -1]),
        st.sampled_from([BOOK_SET, BOOK_DELTA, BOOK_CLEAR]),
        st.integers(1, 12),
        st.integers(-5, 9),
    ),
    max_size=60,
)


@settings(max_examples=80, deadline=None)
@given(operations)
def test_rebuilding_equals_dictionaries(rows: list[tuple[int, int, int, int]]) -> None:
    levels: dict[int, dict[int, int]] = {1: {}, -1: {}}
    book, expected = [], []
    for ts, (side, action, price, change) in enumerate(rows):
        size = abs(change) if action == BOOK_SET else change
        book.append((ts, side, action, 0, 0) if action == BOOK_CLEAR else (ts, side, action, price, size))
        if action == BOOK_CLEAR:
            levels[side] = {}
        else:
            after = size if action == BOOK_SET else levels[side].get(price, 0) + size
            levels[side].pop(price, None)
            if after > 0:
                levels[side][price] = after
        expected.append((max(levels[1], default=None), min(levels[-1], default=None)))
    if book:
        assert rebuild(book_of(book)).top.select("bid", "ask").rows() == expected
