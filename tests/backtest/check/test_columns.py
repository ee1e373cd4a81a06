"""Planted look-ahead in whole columns is found, on its line."""

import pytest
from tests.backtest.check import planted_columns as planted
from tests.backtest.check.market import errors, examined, line_of, made


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    return made(tmp_path_factory.mktemp("market"))


@pytest.mark.parametrize("name", planted.LOOKING_AHEAD)
def test_a_column_that_looks_ahead_is_found_on_its_line(name, market, tmp_path):
    source = planted.LOOKING_AHEAD[name]
    found = errors(examined(tmp_path, source, market), "look_ahead")
    assert line_of(source) in {finding.place.line for finding in found if "signals says" in finding.message}, found
    assert all(finding.place.column for finding in found if "signals says" in finding.message)


def test_columns_that_only_look_back_pass(market, tmp_path):
    result = examined(tmp_path, planted.HONEST, market)
    assert result.passed, result.findings
