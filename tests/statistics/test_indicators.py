"""Indicators against TA-Lib, in bulk and one value at a time."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import talib
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from ntp.core import ConfigError, DataError, NotFound
from ntp.statistics.indicators import INDICATORS, compiled, indicator_named

ROWS = 1_500
FADED = 1_000
"""Rows after which a recursive mean no longer shows how it began."""


def market(seed: int, rows: int = ROWS) -> dict[str, np.ndarray]:
    """Bars on a grid of cents, with ties and bars without range and volume, as prediction markets have."""
    rng = np.random.default_rng(seed)
    close = np.clip(50 + np.cumsum(rng.integers(-2, 3, rows)), 2, 98) / 100
    high, low = close + rng.integers(0, 2, rows) / 100, close - rng.integers(0, 2, rows) / 100
    return {"close": close, "high": high, "low": low, "volume": rng.integers(0, 5, rows) * 7.0}


def bulk(name: str, bars: dict[str, np.ndarray], *values: object, **named: object) -> np.ndarray:
    kind = indicator_named(name)
    return kind.column(kind.start(kind.values(*values, **named)), *(bars[field] for field in kind.inputs))


def bars_of(bars):
    return bars["high"], bars["low"], bars["close"]


def _tsi(b):
    move = np.diff(b["close"], prepend=np.nan)

    def twice(x):
        once = talib.EMA(x[1:], 25)
        return np.concatenate([np.full(25, np.nan), talib.EMA(once[24:], 13)])

    return 100 * twice(move) / twice(np.abs(move))


def _keltner(b):
    middle, apart = talib.EMA(b["close"], 20), 2 * talib.ATR(*bars_of(b), 10)
    return middle, middle + apart, middle - apart


def _donchian(b):
    top, bottom = talib.MAX(b["high"], 20), talib.MIN(b["low"], 20)
    return (top + bottom) / 2, top, bottom


def _zscore(b):
    apart, spread = b["close"] - talib.SMA(b["close"], 20), talib.STDDEV(b["close"], 20)
    return np.where(spread == 0, 0.0, apart / np.where(spread == 0, 1, spread))


def _vwap(b):
    typical = sum(bars_of(b)) / 3
    with np.errstate(invalid="ignore"):
        return np.cumsum(typical * b["volume"]) / np.cumsum(b["volume"])


def _rolling_vwap(b):
    flow = talib.SUM(sum(bars_of(b)) / 3 * b["volume"], 7)
    volume = np.round(talib.SUM(b["volume"], 7))
    return np.where(volume > 0, flow / np.where(volume > 0, volume, 1), np.nan)


ORACLES = {
    "SMA": (lambda b: talib.SMA(b["close"], 20), (20,), 0),
    "SMA of one": (lambda b: b["close"], (1,), 0),
    "EMA": (lambda b: talib.EMA(b["close"], 20), (20,), 0),
    "WMA": (lambda b: talib.WMA(b["close"], 9), (9,), 0),
    "DEMA": (lambda b: talib.DEMA(b["close"], 20), (20,), 0),
    "VWAP": (_vwap, (), 0),
    "VWAP of seven": (_rolling_vwap, (7,), 0),
    "MOM": (lambda b: talib.MOM(b["close"], 10), (10,), 0),
    "ROC": (lambda b: talib.ROC(b["close"], 10), (10,), 0),
    "RSI": (lambda b: talib.RSI(b["close"], 14), (14,), 0),
    "MACD": (lambda b: talib.MACD(b["close"], 12, 26, 9), (), FADED),
    "TSI": (_tsi, (), 0),
    "STOCH": (lambda b: talib.STOCH(*bars_of(b), 14, 3, 0, 3, 0), (), 0),
    "WILLR": (lambda b: talib.WILLR(*bars_of(b), 14), (), 0),
    "CCI": (lambda b: talib.CCI(*bars_of(b), 20), (), 0),
    "MFI": (lambda b: talib.MFI(*bars_of(b), b["volume"], 14), (), 0),
    "TRUE_RANGE": (lambda b: talib.TRANGE(*bars_of(b)), (), 0),
    "ATR": (lambda b: talib.ATR(*bars_of(b), 14), (14,), 0),
    "STDDEV": (lambda b: talib.STDDEV(b["close"], 20), (20,), 0),
    "ZSCORE": (_zscore, (), 0),
    "BBANDS": (lambda b: _middle_first(talib.BBANDS(b["close"], 20, 1.5, 1.5)), (20, 1.5), 0),
    "KELTNER": (_keltner, (), 0),
    "MAX": (lambda b: talib.MAX(b["close"], 20), (), 0),
    "MIN": (lambda b: talib.MIN(b["close"], 20), (), 0),
    "DONCHIAN": (_donchian, (), 0),
    "OBV": (lambda b: talib.OBV(b["close"], b["volume"]), (), 0),
    "ADX": (lambda b: (talib.ADX(*bars_of(b), 14), talib.PLUS_DI(*bars_of(b), 14), talib.MINUS_DI(*bars_of(b), 14)),
            (), 0),
}  # fmt: skip


def _middle_first(bands):
    upper, middle, lower = bands
    return middle, upper, lower


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", ORACLES)
def test_each_agrees_with_the_oracle(name, seed):
    oracle, values, faded = ORACLES[name]
    bars = market(seed)
    expected = np.atleast_2d(np.array(oracle(bars)))
    found = bulk(name.split(" ")[0], bars, *values)
    assert found.shape == expected.shape
    assert np.count_nonzero(~np.isnan(found[0])) > ROWS * 0.9
    ours = ~np.isnan(found[:, faded:])
    theirs = ~np.isnan(expected[:, faded:])
    if name != "ADX":  # TA-Lib has the directional indicators before the index; here all come at once
        assert np.array_equal(ours, theirs)
    both = ours & theirs
    assert np.allclose(found[:, faded:][both], expected[:, faded:][both], rtol=1e-9, atol=1e-9)


def test_every_indicator_has_an_oracle():
    assert {name.split(" ")[0] for name in ORACLES} == set(INDICATORS)


@pytest.mark.parametrize("name", INDICATORS)
def test_one_value_at_a_time_is_the_column_to_the_bit(name):
    kind, bars = INDICATORS[name], market(3, 400)
    columns = [bars[field] for field in kind.inputs]
    columns[0] = np.where(np.arange(400) % 17 == 5, np.nan, columns[0])
    whole = kind.column(kind.start(kind.values()), *columns)
    state = kind.start(kind.values())
    step = kind.step
    for row in range(400):
        value = step(state, *(column[row] for column in columns))
        assert np.array_equal(state[: len(kind.outputs)], whole[:, row], equal_nan=True)
        assert value == whole[0, row] or (np.isnan(value) and np.isnan(whole[0, row]))


@pytest.mark.parametrize("name", INDICATORS)
def test_a_column_in_pieces_is_the_column_and_knows_nothing_of_what_follows(name):
    kind, bars = INDICATORS[name], market(4, 300)
    columns = [bars[field] for field in kind.inputs]
    whole = kind.column(kind.start(kind.values()), *columns)
    state = kind.start(kind.values())
    pieces = [kind.column(state, *(column[a:b] for column in columns)) for a, b in ((0, 1), (1, 120), (120, 300))]
    assert np.array_equal(np.hstack(pieces), whole, equal_nan=True)
    other = [np.concatenate([column[:200], column[200:][::-1] + 0.01]) for column in columns]
    assert np.array_equal(kind.column(kind.start(kind.values()), *other)[:, :200], whole[:, :200], equal_nan=True)


@pytest.mark.parametrize("name", INDICATORS)
def test_outputs_come_together_and_a_nan_changes_nothing(name):
    kind, bars = INDICATORS[name], market(5, 200)
    found = kind.column(kind.start(kind.values()), *(bars[field] for field in kind.inputs))
    assert np.array_equal(np.isnan(found[0]), np.isnan(found).any(axis=0))
    state = kind.start(kind.values())
    kind.column(state, *(bars[field] for field in kind.inputs))
    kept = state.copy()
    for place in range(len(kind.inputs)):
        kind.step(state, *(np.nan if place == other else 0.5 for other in range(len(kind.inputs))))
        assert np.array_equal(state, kept, equal_nan=True)


@pytest.mark.parametrize("name", INDICATORS)
def test_a_step_stays_inside_of_its_state(name):
    kind = INDICATORS[name]
    bars = market(6, 120)
    for small in (1, 2, 5):
        values = tuple(
            max(setting.least, small + place) if setting.whole else setting.default
            for place, setting in enumerate(kind.settings)
        )
        width = kind.width(values)
        room = np.full(width + 16, 123.25)
        room[8 : 8 + width] = kind.start(values)
        kind.column(room[8 : 8 + width], *(bars[field] for field in kind.inputs))
        assert (room[:8] == 123.25).all()
        assert (room[8 + width :] == 123.25).all()
        assert np.isfinite(room[8 : 8 + len(kind.outputs)]).all() or name in ("ROC", "VWAP")


@pytest.mark.parametrize(("name", "value"), [
    ("RSI", 50.0), ("STOCH", 50.0), ("WILLR", -50.0), ("CCI", 0.0), ("MFI", 50.0), ("ZSCORE", 0.0), ("STDDEV", 0.0),
    ("TSI", 0.0), ("ADX", 0.0), ("ROC", 0.0),
])  # fmt: skip
def test_a_market_that_stands_still_is_neutral(name, value):
    still = {field: np.full(100, 0.37) for field in ("high", "low", "close", "volume")}
    assert bulk(name, still)[0, -1] == value


def test_a_window_without_volume_has_no_average_price_whatever_was_traded_before():
    bars = market(8, 60)
    bars["volume"] = np.where(np.arange(60) < 30, np.random.default_rng(1).random(60), 0.0)
    assert np.isnan(bulk("VWAP", bars, 7)[0, 36:]).all()
    assert (bulk("MFI", bars, 7)[0, 37:] == 50.0).all()


def test_a_change_from_nothing_has_no_percentage():
    assert np.isnan(bulk("ROC", {"close": np.array([0.0, 0.5, 0.25])}, 1)).tolist() == [[True, True, False]]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 99), min_size=3, max_size=300), st.integers(1, 20))
def test_means_of_any_prices_stay_exact(cents, n):
    close = np.array(cents) / 100
    found = bulk("SMA", {"close": close}, n)[0]
    for row in range(n - 1, len(cents)):
        assert found[row] == pytest.approx(sum(cents[row + 1 - n : row + 1]) / n / 100, abs=1e-12)


def test_compiled_code_calls_a_step_on_a_place_in_its_own_memory():
    kind, bars = indicator_named("rsi"), market(7, 200)
    values = kind.values(n=9)
    width, step = kind.width(values), kind.step

    @njit
    def run(states, at, prices):
        total = 0.0
        for price in prices:
            total = step(states[at : at + width], price)
        return total

    states = np.concatenate([np.full(5, 7.0), kind.start(values)])
    assert run(states, 5, bars["close"]) == bulk("RSI", bars, 9)[0, -1]
    assert (states[:5] == 7.0).all()


def test_an_unknown_name_gets_a_suggestion():
    with pytest.raises(NotFound, match="expected the name of an indicator, was 'BBAND'") as raised:
        indicator_named("BBAND")
    assert raised.value.hint == "did you mean 'BBANDS'?"


@pytest.mark.parametrize(("name", "values", "named", "message"), [
    ("RSI", (0,), {}, "a whole number from 1 to 100000 for 'n' of RSI, was 0"),
    ("RSI", (14.5,), {}, "was 14.5"), ("RSI", ("14",), {}, "was '14'"), ("RSI", (True,), {}, "was True"),
    ("RSI", (float("nan"),), {}, "was nan"), ("RSI", (10**9,), {}, "was 1000000000"),
    ("RSI", (14, 3), {}, r"at most 1 parameters \(n\)"), ("RSI", (14,), {"n": 3}, "'n' once"),
    ("RSI", (), {"length": 3}, "a parameter that it has for the indicator RSI, was 'length'"),
    ("BBANDS", (20, -1), {}, "a number from 0 up for 'width'"), ("MACD", (26, 12), {}, "fast below slow"),
])  # fmt: skip
def test_parameters_out_of_bounds_are_refused(name, values, named, message):
    with pytest.raises(ConfigError, match=message) as raised:
        indicator_named(name).values(*values, **named)
    assert raised.value.code == "bad_indicator"


def test_columns_that_do_not_fit_are_refused():
    kind = indicator_named("ATR")
    for columns in (([1.0],), ([1.0], [1.0, 2.0], [1.0])):
        with pytest.raises(DataError, match="expected columns high, low, close of one length for ATR"):
            kind.column(kind.start(kind.values()), *columns)


def test_the_name_of_machine_code_covers_every_file_with_compiled_parts():
    folder = Path(compiled.__file__).parent
    parts = {path.name for path in folder.glob("*.py") if "indicators.compiled import" in path.read_text()}
    assert parts - {"kind.py"} | {"compiled.py"} == set(compiled.COMPILED_FILES)


def test_numba_is_loaded_at_the_first_step_only():
    code = "import sys, ntp.statistics.indicators as i; i.INDICATORS['RSI'].start((14,)); print('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
