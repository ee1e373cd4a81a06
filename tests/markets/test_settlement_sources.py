from decimal import Decimal

import pytest

from ntp.core import SECOND, DataError
from ntp.markets import Instrument
from ntp.markets.dates import day_ns
from ntp.markets.settlement import Aggregation, Comparison, DayBoundary, Observed, VoidBranch
from ntp.markets.settlement_sources import settlement_of


def contract(symbol="X", venue="kalshi", **more):
    return Instrument(symbol=symbol, venue=venue, **more)


def test_fifteen_minute_crypto():
    spec = settlement_of(contract(series="KXBTC15M", strike_type="greater_or_equal", strike_low="63712.42"))
    assert spec.comparison is Comparison.GREATER_OR_EQUAL
    assert spec.low == Decimal("63712.42")
    assert spec.observable.source == "cfbenchmarks:BRTI"
    assert spec.observable.aggregation is Aggregation.MEAN_AGAINST_MEAN
    assert spec.observable.window_ns == 60 * SECOND
    assert spec.void is VoidBranch.STATED


def test_a_coin_of_cents_is_not_compared_in_cents():
    spec = settlement_of(contract(series="KXDOGE15M", strike_type="greater_or_equal", strike_low="0.070105"))
    assert spec.payoff(Observed(Decimal("0.07019"))) == 1
    assert spec.payoff(Observed(Decimal("0.0701"))) == 0


def test_daily_crypto_is_a_mean_of_the_last_minute():
    spec = settlement_of(contract(series="KXBTCD", strike_type="greater", strike_low="77999.99"))
    assert spec.observable.aggregation is Aggregation.MEAN


def test_temperature_changes_its_publisher_but_not_its_station():
    def source(close):
        return settlement_of(
            contract(
                series="HIGHNY", strike_type="between", strike_low="79", strike_high="80", close_time=close
            )
        ).observable

    before, after = source(day_ns(2026, 8, 14, 5)), source(day_ns(2026, 8, 15, 5))
    assert (before.source, after.source) == ("nws:CLINYC", "weather.com:CLINYC")
    assert before.day is DayBoundary.LOCAL_STANDARD
    assert before.aggregation is Aggregation.MAXIMUM


def test_the_same_title_settles_elsewhere_on_another_venue():
    # Pitfall E12: BRTI, Chainlink and Binance are different variables.
    kalshi = settlement_of(contract(series="KXBTCD", strike_type="greater", strike_low="78000"))
    names = {kalshi.observable.source}
    for slug in (
        "bitcoin-above-on-october-10",
        "bitcoin-up-or-down-november-25-6pm-et",
        "btc-updown-15m-1771633800",
    ):
        spec = settlement_of(contract(slug, "polymarket", strike_type="greater", strike_low="78000"))
        names.add(spec.observable.source)
    assert len(names) == 4
    assert spec.void is VoidBranch.HALF


@pytest.mark.parametrize(
    ("slug", "close", "seconds"),
    [
        ("btc-updown-5m-1", day_ns(2026, 8, 6), 0),
        ("btc-updown-5m-1", day_ns(2026, 8, 8), 30),
        ("btc-updown-5m-1", day_ns(2026, 8, 14), 60),
        ("btc-updown-15m-1", day_ns(2026, 8, 8), 60),
    ],
)
def test_windows_of_up_or_down_markets_by_date(slug, close, seconds):
    spec = settlement_of(
        contract(slug, "polymarket", strike_type="greater_or_equal", strike_low="1", close_time=close)
    )
    assert spec.observable.window_ns == seconds * SECOND


def test_what_is_stated_comes_first():
    stated = {"source": "sim:spot", "aggregation": "mean", "window": "60s", "step": "0.01", "void": "refund"}
    spec = settlement_of(
        contract(venue="sim_a", strike_type="greater", strike_low="100", attributes={"settlement": stated})
    )
    assert (spec.observable.source, spec.observable.window_ns) == ("sim:spot", 60 * SECOND)
    assert spec.void is VoidBranch.REFUND


@pytest.mark.parametrize("text", ["before ||Date|| ends", "the {{team}} wins"])
def test_templates_with_unfilled_placeholders_are_refused(text):
    # Pitfall E32.
    with pytest.raises(DataError) as raised:
        settlement_of(contract(strike_type="greater", strike_low="1", attributes={"rules_primary": text}))
    assert raised.value.code == "unknown_settlement"
    assert raised.value.details["field"] == "rules_primary"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"strike_type": "functional"},
        {"strike_type": "greater"},
        {"strike_type": "greater", "strike_low": "high"},
        {"strike_type": "greater", "strike_high": "5"},
        {"strike_type": "greater", "strike_low": "NaN"},
    ],
)
def test_what_cannot_be_executed_is_refused(fields):
    with pytest.raises(DataError) as raised:
        settlement_of(contract(**fields))
    assert raised.value.code == "unknown_settlement"
