"""Planted look-ahead of every kind is found, on its line."""

import numpy as np
import polars as pl
import pytest
from tests.backtest.check import planted
from tests.backtest.check.market import LIFE, errors, examined, line_of, made

from ntp.core import SECOND
from ntp.data.schema import Kind


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    folder = tmp_path_factory.mktemp("market")
    data = made(folder)
    quotes = data.frame(Kind.QUOTE).sort("ts_event")
    prices = quotes.select(ts="ts_event", price=pl.col("bid") / 10_000)
    prices = prices.with_columns(later=pl.col("price").shift(-1).fill_null(0.5))
    prices.write_csv(folder / "prices.csv")
    np.save(folder / "moves.npy", np.diff(prices["price"].to_numpy()))
    return folder, data, prices


def written(source, market):
    folder, _, prices = market
    some = prices.head(300)
    values = {"folder": folder, "times": some["ts"].to_list(), "later": some["later"].to_list(),
              "prices": some["price"].to_list()}  # fmt: skip
    for name, value in values.items():
        source = source.replace("{" + name + "}", str(value))
    return source


@pytest.mark.parametrize("name", planted.READ_FUTURE)
def test_what_reaches_for_the_future_is_found_on_its_line(name, market, tmp_path):
    source = written(planted.READ_FUTURE[name], market)
    result = examined(tmp_path, source, market[1])
    assert not result.passed
    found = errors(result, "look_ahead")
    assert line_of(source) in {finding.place.line for finding in found}
    assert all(finding.place.file == str(tmp_path / "planted.py") and finding.place.column for finding in found)


@pytest.mark.parametrize("name", planted.LEAKED)
def test_what_an_earlier_run_left_is_found_on_its_line(name, market, tmp_path):
    source = planted.LEAKED[name]
    result = examined(tmp_path, source, market[1])
    assert line_of(source) in {finding.place.line for finding in errors(result, "state")}


@pytest.mark.parametrize("name", planted.FIELDS)
def test_a_field_that_holds_the_future_is_found_where_it_is_read(name, tmp_path):
    source = planted.FIELDS[name]
    result = examined(tmp_path, source, made(tmp_path, fields=("mood", "hint", "winner", "forecast")))
    assert [finding.place.line for finding in errors(result, "resolved")] == [line_of(source)]


def test_a_result_that_is_told_while_the_market_trades_is_found(tmp_path):
    source = planted.EARLY_RESULT
    result = examined(tmp_path, source, made(tmp_path, won=LIFE / 2))
    found = errors(result, "resolved")
    assert found
    assert found[0].place.line == line_of(source)


def test_a_close_that_only_the_final_row_tells_is_found(tmp_path):
    data = made(tmp_path, known=None, closes=17 * SECOND)
    result = examined(tmp_path, planted.FINAL_ROW, data)
    assert [finding.place.line for finding in errors(result, "resolved")] == [line_of(planted.FINAL_ROW)]
