import pytest

from ntp.core import ConfigError
from ntp.markets import FeeModel, FeeRounding, Instrument, check_venue, fee_at, fee_steps
from ntp.markets.dates import day_ns


def steps(venue):
    return fee_steps(Instrument(symbol="X", venue=venue))


@pytest.mark.parametrize(
    ("day", "rate"), [((2026, 6, 30), 50_000), ((2026, 7, 1), 60_000), ((2026, 9, 17), 69_500)]
)
def test_polymarket_us_by_date(day, rate):
    step = fee_at(steps("polymarket_us"), day_ns(*day))
    assert (step.taker_rate, step.maker_rate, step.rounding) == (rate, -12_500, FeeRounding.BANKERS_CENT)


@pytest.mark.parametrize(("day", "rate"), [((2024, 4, 16), 0), ((2024, 4, 17), 70_000), ((2026, 1, 1), 0)])
def test_manifold_by_date(day, rate):
    assert fee_at(steps("manifold"), day_ns(*day)).taker_rate == rate


def test_venues_of_our_own():
    (first,) = steps("sim_a")
    assert (first.taker_rate, first.maker_rate, first.precision) == (70_000, 17_500, 100)
    assert first.rounding is FeeRounding.KALSHI_ACCUMULATOR
    (second,) = steps("sim_b")
    assert (second.taker_rate, second.maker_rate, second.rebate_rate) == (70_000, 0, 200_000)
    assert second.rounding is FeeRounding.POLYMARKET_FLOOR5
    assert steps("cash")[0].model is FeeModel.ZERO


def test_a_misspelt_venue_gets_a_suggestion():
    assert check_venue("kalshi", "--venue") == "kalshi"
    assert check_venue("", "--venue") == ""
    assert check_venue("coinbase", "--venue", observed=True) == "coinbase"
    with pytest.raises(ConfigError, match="was 'kalhsi'") as caught:
        check_venue("kalhsi", "--venue")
    assert (caught.value.code, caught.value.hint) == ("unknown_venue", "did you mean 'kalshi'?")
    with pytest.raises(ConfigError) as caught:
        check_venue("pinnacle", "--venue")
    assert caught.value.hint.endswith("leave it out for any other, whose fees are unknown")
    with pytest.raises(ConfigError):
        check_venue("cahs", "--venue", observed=True)


@pytest.mark.parametrize("venue", ["", "predictit"])
def test_an_unknown_venue_has_unknown_fees(venue):
    (step,) = steps(venue)
    assert step.model is FeeModel.UNKNOWN
    assert not step.known
