import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ntp.core import DAY, SECOND, DataError, parse_time
from ntp.markets import Aggregation, Observable
from ntp.pricing import (
    OptionQuote,
    SmileDistribution,
    SmileSurface,
    SmileTails,
    Underlying,
    deribit_quotes,
    digital_price,
    fit_smile,
    fit_surface,
    settlement_forecast,
)
from ntp.pricing.smile import Smile

YEARS = 30 / 365
X = np.linspace(-0.35, 0.35, 29)
STRIKES = 100 * np.exp(X)
AT = parse_time("2026-05-20T00:00:00Z")


def skew(x):
    return 0.60 - 0.15 * x + 0.25 * x**2


def test_the_published_skew():
    smile = fit_smile(STRIKES, skew(X), 100.0, YEARS)
    assert np.sqrt(smile.variance(X) / YEARS) == pytest.approx(skew(X), abs=5e-4)
    for strike, expected in ((90, 0.713777), (100, 0.482823), (110, 0.267422)):
        assert float(smile.chance_above(np.log(strike / 100))) == pytest.approx(expected, abs=3e-4)


def test_a_digital_is_minus_the_slope_of_the_call():
    smile = Smile(0.01, 0.05, -0.4, 0.02, 0.1)

    def call(k):
        root = np.sqrt(smile.variance(k))
        d1 = -k / root + root / 2
        return stats.norm.cdf(d1) - np.exp(k) * stats.norm.cdf(d1 - root)

    for k in (-0.2, 0.0, 0.15):
        slope = (call(k + 1e-5) - call(k - 1e-5)) / (2e-5 * np.exp(k))
        assert float(smile.chance_above(k)) == pytest.approx(-slope, abs=1e-8)


def test_a_flat_smile_is_the_lognormal():
    smile = fit_smile(STRIKES, np.full(29, 0.5), 100.0, YEARS)
    strikes = np.array([80.0, 95.0, 100.0, 120.0])
    law = SmileDistribution(100.0, smile)
    assert 1 - law.cdf(strikes) == pytest.approx(digital_price(100, strikes, 0.5, YEARS), abs=1e-4)
    assert float(law.cdf(0.0)) == 0.0


@settings(max_examples=10, deadline=None)
@given(
    st.floats(0.2, 1.2), st.floats(-0.5, 0.5), st.floats(-1, 3), st.floats(0.003, 1.0), st.integers(0, 2**31)
)  # fmt: skip
def test_no_fit_can_be_arbitraged(level, slope, bend, years, seed):
    """Even where the quotes can be."""
    noise = np.random.default_rng(seed).normal(0, 0.03, 15)
    x = np.linspace(-2, 2, 15) * level * np.sqrt(years)
    quotes = np.clip(level * (1 + slope * x + bend * x**2) + noise, 0.05, 3)
    smile = fit_smile(100 * np.exp(x), quotes, 100.0, years)
    grid = np.linspace(-5, 5, 801) * float(np.sqrt(smile.variance(0.0)))
    above = smile.chance_above(grid)
    assert ((above >= -1e-9) & (above <= 1 + 1e-9)).all()
    assert (np.diff(above) <= 1e-9).all()
    assert (smile.variance(grid) > 0).all()


def test_total_variance_does_not_fall_with_time():
    first = fit_smile(STRIKES, skew(X), 100.0, YEARS)
    # quotes two days later that are so low that a calendar spread would be free
    later = fit_smile(STRIKES, skew(X) - 0.1, 100.0, 32 / 365, above=first)
    grid = np.linspace(-0.5, 0.5, 101)
    assert (later.variance(grid) >= first.variance(grid) - 1e-9).all()
    surface = SmileSurface(np.array([YEARS, 32 / 365]), (first, later))
    times = np.linspace(1 / 365, 60 / 365, 60)
    grown = np.array([surface.variance(grid, time) for time in times])
    assert (np.diff(grown, axis=0) >= -1e-12).all()
    assert surface.volatility(YEARS) == pytest.approx(0.6, abs=2e-3)
    middle = surface.variance(0.0, 31 / 365)
    assert float(middle) == pytest.approx(float(first.variance(0.0) + later.variance(0.0)) / 2)


def book(expiry="29MAY26", strikes=range(80_000, 125_000, 5_000), volatility=55.0):
    rows = [
        {"instrument_name": f"BTC-{expiry}-{strike}-{side}", "mark_iv": volatility, "underlying_price": 100_000.0,
         "mark_price": 0.01, "open_interest": 10.0}
        for strike in strikes for side in "CP"
    ]  # fmt: skip
    return {"jsonrpc": "2.0", "result": rows, "usIn": 1, "usOut": 2}


def test_quotes_of_deribit():
    found = deribit_quotes(book())
    assert len(found) == 9
    assert found[0] == OptionQuote(parse_time("2026-05-29T08:00:00Z"), 80_000.0, 100_000.0, 0.55)
    rows = [*book()["result"], {"instrument_name": "BTC-PERPETUAL", "mark_price": 1.0},
            {"instrument_name": "BTC-29MAY26-1-C", "mark_iv": 0.0, "underlying_price": 1.0}]  # fmt: skip
    assert deribit_quotes(rows) == found
    assert deribit_quotes({"result": rows[0]}) == found[:1]


def test_a_surface_of_a_chain():
    quotes = [*deribit_quotes(book("21MAY26", volatility=40.0)), *deribit_quotes(book("29MAY26", volatility=60.0)),
              *deribit_quotes(book("26JUN26", strikes=(100_000,))), *deribit_quotes(book("19MAY26"))]  # fmt: skip
    surface = fit_surface(quotes, AT)
    assert len(surface.smiles) == 2, "one expiry is over, one has too few strikes"
    assert surface.volatility(1 / 365) == pytest.approx(0.40, abs=2e-3)
    assert surface.volatility(60 / 365) == pytest.approx(0.60, abs=2e-3)
    between = surface.volatility(5 / 365)
    assert 0.40 < between < 0.60


def test_the_shape_of_a_smile_over_minutes():
    smile = fit_smile(STRIKES, 0.6 - 0.4 * X, 100.0, YEARS)
    now = Underlying(spot=100_000.0, volatility=0.6, seconds_left=300.0, tails=SmileTails(smile))
    for kind, window in ((Aggregation.MEAN, 60), (Aggregation.LAST, 0)):
        law = settlement_forecast(Observable(source="x", aggregation=kind, window_ns=window * SECOND), now)
        levels = np.linspace(98_000, 102_000, 2_001)
        chances = law.cdf(levels)
        assert (np.diff(chances) >= -1e-12).all()
        mean = levels[0] + np.trapezoid(1 - chances, levels)
        assert mean == pytest.approx(100_000, rel=1e-5), "a smile moves no forward"
    known = SmileTails(smile).around(5.0, 0.0, mean_of_prices=True)
    assert [float(known.cdf(each)) for each in (4.9, 5.0)] == [0.0, 1.0]


def test_the_command_prices_from_a_file_of_quotes(tmp_path):
    from ntp.cli.commands.fairvalue import _shape

    file = tmp_path / "quotes.json"
    file.write_text(json.dumps(book()))
    volatility, shape = _shape(None, "normal", file, AT, 86_400.0)
    assert (volatility, shape.name) == (pytest.approx(0.55, abs=2e-3), "smile")


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: fit_smile(STRIKES[:4], skew(X[:4]), 100, YEARS), "no_price"),
        (lambda: fit_smile(STRIKES[::-1], skew(X), 100, YEARS), "no_price"),
        (lambda: fit_smile(STRIKES, -skew(X), 100, YEARS), "no_price"),
        (lambda: fit_smile(STRIKES, skew(X), 100, 0.0), "no_price"),
        (lambda: fit_surface([], AT), "no_price"), (lambda: deribit_quotes({"result": []}), "bad_quotes"),
        (lambda: deribit_quotes(book("31FEB26")), "bad_quotes"), (lambda: deribit_quotes("x"), "bad_quotes"),
        (lambda: deribit_quotes([{"instrument_name": "X-C", "mark_iv": 1, "underlying_price": 1}]), "bad_quotes"),
        (lambda: fit_surface(deribit_quotes(book()), AT + 30 * DAY), "no_price"),
    ],
)  # fmt: skip
def test_no_smile_without_its_quotes(call, code):
    with pytest.raises(DataError) as error:
        call()
    assert error.value.code == code
