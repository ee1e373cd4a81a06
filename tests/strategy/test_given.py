"""Values of columns are read where they lie, whatever their type, gaps and offsets."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntp.strategy.columns.given import Numbers

TYPES = (pl.Float64, pl.Float32, pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt32, pl.UInt64, pl.Int128)


@given(
    values=st.lists(st.none() | st.integers(0, 100), max_size=200), kind=st.sampled_from(TYPES),
    cut=st.integers(0, 30), pieces=st.integers(1, 3),
)  # fmt: skip
def test_rows_and_values_are_those_of_the_column(values, kind, cut, pieces):
    column = pl.concat([pl.Series("x", values, dtype=kind)] * pieces, rechunk=False).slice(cut)
    expected = column.to_list()
    numbers = Numbers(column)
    rows = numbers.rows()
    assert rows.tolist() == [row for row, value in enumerate(expected) if value is not None]
    everything = np.arange(len(expected))
    found, known = numbers.at(everything)
    if known is None:
        known = np.ones(len(expected), np.bool_)
    assert known.tolist() == [value is not None for value in expected]
    assert [None if value != value else value for value in found.tolist()] == expected


def test_a_column_of_nothing_gives_nothing():
    assert len(Numbers(pl.Series("x", [None, None])).rows()) == 0
    assert len(Numbers(pl.Series("x", [], dtype=pl.Float64)).rows()) == 0


def test_the_column_may_go_once_it_is_read():
    numbers = Numbers(pl.Series("x", [None, *range(100_000)], dtype=pl.Float64))
    [pl.Series("y", np.full(100_000, 7.0)) for _ in range(20)]
    assert numbers.at(numbers.rows())[0].sum() == pytest.approx(sum(range(100_000)))
