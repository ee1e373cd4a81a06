"""Fair values inside of a run: equal to the formulas on what was seen by then, or a reason why there is none."""

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from engine.build import Market
from ntp.pricing import digital_price, forecast_mean
from ntp.strategy import Pricing
from strategy.fair.priced import VOLATILITY, Asking, Feed, asked, contract, priced, walk

FLAT = Pricing(vol=f"flat:{VOLATILITY}")
STRIKE = 99_999.995  # what is rounded to 100,000 counts


def mean_above(spot: float, left: float, seen: int = 0, total: float = 0.0) -> float:
    return round(float(forecast_mean(spot, VOLATILITY, left, seen=seen, seen_sum=total).above(STRIKE)), 6)


def test_before_its_window_a_mean_is_priced_from_the_spot() -> None:
    values = walk(900)
    told = asked(Feed().walk(900), [contract()], [10, 400, 839], FLAT)
    for when in (10, 400, 839):
        assert told[when]["C"] == pytest.approx(mean_above(values[when], 900 - when), abs=1.1e-6)


def test_inside_its_window_what_was_seen_is_a_fact() -> None:
    values = walk(900)
    told = asked(Feed().walk(900), [contract()], [841, 870, 899], FLAT)
    for when in (841, 870, 899):
        seen = when - 840  # the values at 841 to 900 count
        total = float(values[841 : when + 1].sum())
        assert told[when]["C"] == pytest.approx(mean_above(values[when], 900 - when, seen, total), abs=1.1e-6)


def test_the_last_value_is_priced_as_a_digital() -> None:
    last = contract(attributes={"underlying": "BRTI", "settlement": {"aggregation": "last"}})
    told = asked(Feed().walk(900), [last], [300], FLAT)
    expected = float(digital_price(walk(900)[300], 100_000, VOLATILITY, 600 / (365 * 86_400)))
    assert told[300]["C"] == pytest.approx(expected, abs=1e-6)


def test_a_contract_on_a_change_is_priced_before_and_after_its_opening() -> None:
    change = contract("KXBTC15M-X", close=1_000, venue="kalshi", series="KXBTC15M", strike_low=None, open_time=None)
    values = walk(1_000)
    told = asked(Feed().walk(1_000), [change], [40, 100, 101, 400], FLAT)
    opening = round(float(values[41:101].mean()), 2)
    for when in (100, 101, 400):
        law = forecast_mean(values[when], VOLATILITY, 1_000.0 - when)
        assert told[when]["KXBTC15M-X"] == pytest.approx(float(law.above(opening - 0.005)), abs=1e-6)
    assert told[40]["KXBTC15M-X"] == pytest.approx(0.5, abs=0.01)  # no opening yet: as likely up as down


@pytest.mark.parametrize("hole", [(0, 120), (70, 80)])
def test_a_contract_on_a_change_has_no_price_where_its_opening_was_not_seen(hole: tuple[int, int]) -> None:
    change = contract("KXBTC15M-X", close=1_000, venue="kalshi", series="KXBTC15M", strike_low=None, open_time=None)
    told = asked(without_seconds(*hole, 1_000), [change], [400, 980], FLAT)
    why = "spot has a hole where settlement looks"
    assert {each["KXBTC15M-X"] for each in told.values()} == {why}


def test_a_feed_that_is_late_shows_what_was_true_and_no_more() -> None:
    at_once = asked(Feed().walk(900), [contract()], [860], FLAT)
    late = asked(Feed().walk(900), [contract()], [862.5], FLAT, feed_latency=2.5)
    assert late[862.5]["C"] == at_once[860]["C"]


@pytest.mark.parametrize("how", [{"fed": True}, {"window": 7}])
def test_values_do_not_depend_on_how_the_data_was_cut(how: dict[str, object]) -> None:
    times = [100, 850, 890]
    assert asked(Feed().walk(900), [contract()], times, **how) == asked(Feed().walk(900), [contract()], times)


def test_volatility_is_measured_from_what_was_seen() -> None:
    told = asked(Feed().walk(3_600), [contract(close=3_600, strike_low="100100")], [3_000], Pricing(vol="ewma:2h"))
    value = told[3_000]["C"]
    sure = asked(Feed().walk(3_600), [contract(close=3_600, strike_low="100100")], [3_000], FLAT)[3_000]["C"]
    assert sure.sd == 0.0
    assert abs(value - sure) < 3 * value.sd
    relative = value.sd / abs(value.vega) / VOLATILITY
    assert relative == pytest.approx(1 / math.sqrt(2 * 3_000), rel=0.25)  # of 3,000 normal moves


def test_a_feed_that_ticks_seldom_is_not_a_calm_one() -> None:
    close = contract(close=3_600, strike_low="100100")
    pricing = Pricing(vol="ewma:2h", max_spot_age="30s")
    dense = asked(Feed().walk(3_600), [close], [3_500], pricing)[3_500]["C"]
    thin = asked(Feed().walk(3_600, every=20), [close], [3_500], pricing)[3_500]["C"]
    assert thin.sd > 3 * dense.sd
    assert abs(thin - dense) < 3 * thin.sd


def test_a_fair_value_is_a_float_that_knows_more() -> None:
    told = asked(Feed().walk(900), [contract()], [400.5])[400.5]["C"]
    assert isinstance(told, float)
    assert told.low < told < told.high
    assert told.high - told == pytest.approx(told.sd)
    assert told.age == 0.5
    assert told.delta > 0
    assert type(told + 0.0) is float


def test_the_market_may_have_its_say() -> None:
    market = contract().quote(0, 2_000, 3_000)
    alone = asked(Feed().walk(900), [market], [400], FLAT)[400]["C"]
    half = asked(Feed().walk(900), [market], [400], Pricing(vol=FLAT.vol, blend=0.5))[400]["C"]
    assert half == pytest.approx((alone + 0.25) / 2, abs=1e-6)
    assert half.delta == pytest.approx(alone.delta / 2)


def test_fat_tails_and_a_basis_make_the_far_likelier() -> None:
    far = contract(strike_low="100500")
    normal = asked(Feed().walk(900), [far], [400], FLAT)[400]["C"]
    fat = asked(Feed().walk(900), [far], [400], Pricing(vol=FLAT.vol, tails="t:3"))[400]["C"]
    loose = asked(Feed().walk(900), [far], [400], Pricing(vol=FLAT.vol, basis=100.0))[400]["C"]
    assert fat > normal
    assert loose > normal
    assert loose.sd > 0.0


def test_a_basis_with_a_mean_moves_the_feed() -> None:
    raised = Feed()
    for second, value in enumerate(walk(900)):
        raised.value(second, float(value) + 25.0)
    for when in (400, 880):
        shifted = asked(Feed().walk(900), [contract()], [when], Pricing(vol=FLAT.vol, basis="25:0"))
        assert shifted[when]["C"] == asked(raised, [contract()], [when], FLAT)[when]["C"]


def without_seconds(first: int, last: int, count: int = 900) -> Feed:
    feed = Feed()
    for second, value in enumerate(walk(count)):
        if not first <= second <= last:
            feed.value(second, float(value))
    return feed


REASONS = {
    "no spot yet": (Feed().value(50, 100_000.0), contract(), 40),
    "spot too old": (without_seconds(395, 410), contract(), 402),
    "too few moves for a volatility": (Feed().walk(900), contract(), 20),
    "zero volatility": (
        Feed().value(0, 1e5).value(1, 1e5).value(2, 1e5).value(3, 1e5).value(4, 1e5), contract(), 4,
    ),
    "past its settlement": (Feed().walk(950), contract(), 900),
    "spot has a hole where settlement looks": (without_seconds(850, 860), contract(), 870),
    "no strike": (Feed().walk(900), contract(strike_low=None), 400),
    "no time of settlement": (Feed().walk(900), contract(close_time=None), 400),
    "settlement unknown": (Feed().walk(900), contract(strike_type="functional"), 400),
    "no formula for its settlement": (
        Feed().walk(900), contract(attributes={"underlying": "BRTI", "settlement": {"aggregation": "trimmed_mean"}}),
        400,
    ),
    "no underlying in the data": (Feed().walk(900), contract(attributes={}), 400),
}  # fmt: skip


@pytest.mark.parametrize("reason", REASONS)
def test_without_a_price_there_is_a_reason(reason: str) -> None:
    feed, market, when = REASONS[reason]
    if reason == "zero volatility":
        feed = Feed()
        for second in range(60):
            feed.value(second, 100_000.0)
        when = 50
    assert asked(feed, [market.quote(0, 4_000, 6_000)], [when])[when]["C"] == reason


def test_a_spot_that_cannot_be_prices_nothing() -> None:
    feed = Feed().walk(100)
    for second in range(100, 110):
        feed.value(second, 0.0 if second % 2 else np.nan)
    assert asked(feed, [contract()], [108])[108]["C"] == "spot too old"


ESTIMATORS = [
    "close:30m", "parkinson:1m:30", "garman_klass:1m:30", "rogers_satchell:2m:15", "yang_zhang:2m:15", "atr:1m:30",
]  # fmt: skip


@pytest.mark.parametrize("vol", ESTIMATORS)
def test_every_estimator_finds_the_volatility(vol: str) -> None:
    market = contract(close=3_600, strike_low="100100")
    value = asked(Feed().walk(3_600), [market], [3_000], Pricing(vol=vol))[3_000]["C"]
    sure = asked(Feed().walk(3_600), [market], [3_000], FLAT)[3_000]["C"]
    assert value.sd > 0.0
    assert abs(value - sure) < 3 * value.sd + 1e-6


def test_ranges_of_few_prices_price_nothing() -> None:
    feed = Feed().walk(3_600, every=4)
    assert asked(feed, [contract(close=3_600)], [3_000], Pricing(vol="parkinson:1m:30"))[3_000]["C"] == (
        "too few moves for a volatility"
    )


class Resting(Asking):
    """Also rests a bid at each of the times, so that what it bears is on record."""

    pricing = FLAT

    def on_timer(self, timer: Any) -> None:
        super().on_timer(timer)
        self.buy(self.markets[0], 1, 0.30)


def rested(market: Market, times: Sequence[float], **how: Any) -> tuple[dict[float, Any], list[float]]:
    """Fair values told of a contract, and those that orders at the same times bear."""
    strategy = Resting()
    strategy.times = list(times)
    played = priced(Feed().walk(900), [market.quote(0, 4_000, 6_000)], strategy, **how)
    return {when: told["C"] for when, told in strategy.told.items()}, played.table("done")["fair"].tolist()


def test_no_order_bears_the_fair_value_of_terms_that_are_gone() -> None:
    told, bears = rested(contract().life(200, "attributes", json.dumps({"strike_type": "custom"})), [100, 300])
    assert told[300] == "no formula for its settlement"
    assert bears[0] == told[100]
    assert math.isnan(bears[1])


def test_a_strike_that_is_told_later_is_priced_from_then_on() -> None:
    late = contract(strike_low=None).life(200, "attributes", json.dumps({"strike_low": "100000"}))
    told, bears = rested(late, [100, 300])
    assert told == {100: "no strike", 300: asked(Feed().walk(900), [contract()], [300], FLAT)[300]["C"]}
    assert math.isnan(bears[0])
    assert bears[1] == told[300]


class Keeping(Asking):
    """Asks a view that it keeps: a contract with an outcome is no longer among the markets."""

    pricing = FLAT

    def on_start(self) -> None:
        super().on_start()
        self.kept = self.markets[0]

    def on_timer(self, timer: Any) -> None:
        self.told[float(timer.name)] = self.kept.get("fair_value")


def test_that_the_outcome_is_known_shows_when_it_is_seen() -> None:
    """The venue knows it at 400; the strategy, 2.5 seconds behind, at 402.5."""
    market = contract().quote(0, 4_000, 6_000).settle(400, 1.0, "determined")
    strategy = Keeping()
    strategy.times = [399, 401, 402.4, 402.6]
    priced(Feed().walk(900), [market], strategy, feed_latency=2.5)
    assert [told is None for told in strategy.told.values()] == [False, False, False, True]
