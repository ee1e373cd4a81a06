"""Facts that change during a contract's life: in force at their time, known when they arrive."""

from __future__ import annotations

import json
from dataclasses import replace as with_changes
from typing import Any

import pytest

from ntp.engine.tape import SourceFrames
from ntp.markets import rules
from ntp.markets.rules import OrderRules
from ntp.strategy import Strategy

from .build import BUY, SECOND, SELL, T0, Market, at, order, play

CENTS = ((0, 10_000, 100),)


def calm(**attributes: Any) -> Market:
    made = {"tick_bands": CENTS, "open_time": T0 - SECOND, **attributes}
    return Market(**made).book(0, {4_800: 50}, {5_200: 100})


def change(market: Market, when: float, *, recv: float | None = None, **changes: Any) -> Market:
    market.life(when, "attributes", json.dumps(changes))
    from ntp.data.schema import Kind

    if recv is not None:
        market.rows[Kind.LIFECYCLE][-1]["ts_recv"] = at(recv)
    return market


def prices(played: Any) -> dict[str, float]:
    """Prices that orders were sent at: rounded to the grid that the strategy knew."""
    return {name: sent.price for name, sent in played.strategy.sent.items()}


def end(market: Market, when: float = 60) -> Market:
    return market.level(when, BUY, 100, 1)


def test_a_finer_grid_holds_from_its_time_on() -> None:
    market = end(change(calm(), 10, tick_size="0.001"))
    steps = [(5, order(BUY, 1, 4_810, "early")), (15, order(BUY, 1, 4_810, "late"))]
    played = play(market, steps)
    assert prices(played) == {"early": 0.48, "late": 0.481}
    assert played.strategy.sent["late"].status == "open"
    assert played.queue(played.strategy.sent["late"].id) == 0


def test_a_coarser_grid_refuses_what_was_valid_and_leaves_what_rests() -> None:
    market = calm(tick_bands=((0, 10_000, 10),)).level(1, BUY, 4_810, 5)
    market = end(change(market, 10, tick_bands=CENTS).trade(20, 4_790, 9, SELL))
    steps = [(5, order(BUY, 1, 4_810, "early")), (15, order(BUY, 1, 4_820, "late"))]
    played = play(market, steps)
    assert prices(played) == {"early": 0.481, "late": 0.48}
    assert played.ends == ["filled", "filled"]


def test_the_venue_judges_by_the_new_grid_before_the_strategy_knows_it() -> None:
    market = end(change(calm(tick_bands=((0, 10_000, 10),)), 10, tick_bands=CENTS).level(30, BUY, 200, 1))

    def wish(strategy: Any) -> None:
        strategy.quote("C", bid=0.4819, size=1)

    played = play(market, [(12, wish), (25, wish)], feed_latency=10.0)
    orders = played.replay.state.tables["orders"]
    assert played.ends == ["off_grid"]  # rounded to the grid it knew
    assert orders["price"][orders["id"] == 2].tolist() == [4_800]


def test_the_smallest_size_and_its_step_change() -> None:
    market = end(change(calm(min_size=1_000_000, size_step=1_000_000), 10, min_size=10_000, size_step=10_000))
    steps = [(5, lambda s: s.quote("C", bid=0.4, size=0.5)), (15, order(BUY, 0.5, 4_800, "late"))]
    played = play(market, steps)
    assert played.ends == []
    assert played.strategy.sent["late"].status == "open"
    market = end(change(calm(), 10, min_size=5_000_000))
    assert play(market, [(15, order(BUY, 4, 4_800))]).ends == ["below_minimum_size"]


def test_an_earlier_close_ends_trading_at_the_new_time_and_a_later_one_extends_it() -> None:
    for close, ends in ((30.0, ["market_closed"]), (55.0, ["cancelled"])):
        market = end(change(calm(close_time=at(40)), 10, close_time=at(close)))
        steps = [(5, order(BUY, 1, 4_800)), (45, lambda s: s.cancel(s.sent["a"]))]
        assert play(market, steps).ends == ends


def test_a_close_that_is_moved_to_the_past_closes_at_once() -> None:
    market = end(change(calm(close_time=at(40)), 10, close_time=at(5)))
    played = play(market, [(6, order(BUY, 1, 4_800))])
    assert int(played.table("done")["done"][0]) == at(10)


class Reader(Strategy):
    """Notes what it can read of its contract, and when."""

    def on_start(self) -> None:
        self.notes: list[Any] = []

    def on_lifecycle(self, contract: Any, state: str) -> None:
        told = (contract.close_time, contract.strike_low, contract.tick(0.48))
        self.notes.append(((self.ts - T0) / SECOND, state, *told))

    def on_book(self, data: Any) -> None:
        self.notes.append(((self.ts - T0) / SECOND, data.contract.strike_low, round(data.seconds_to_close)))


def test_a_strategy_sees_the_version_that_had_arrived() -> None:
    market = calm(close_time=at(100), strike_low="5").level(12, BUY, 200, 1)
    change(market, 10, recv=20, close_time=at(50), strike_low="6", tick_size="0.001")
    played = play(end(market.level(22, BUY, 200, 2), 40), Reader())
    notes = played.strategy.notes
    assert (12.0, 5.0, 88) in notes
    assert (20.0, "attributes", at(50), 6.0, 0.001) in notes
    assert (22.0, 6.0, 28) in notes


def test_what_changed_before_the_recording_is_there_from_the_start() -> None:
    market = end(change(calm(), -5, tick_size="0.001"))
    played = play(market, [(1, order(BUY, 1, 4_810))])
    assert played.ends == []
    assert played.replay.tape.instruments[0].tick_bands == ((0, 10_000, 10),)


def test_a_later_record_of_the_instrument_is_a_change_when_it_became_known() -> None:
    market = end(calm(known_at=T0))
    source = market.source()
    later = with_changes(market.instrument, known_at=at(10), tick_bands=((0, 10_000, 10),))
    both = SourceFrames(source.name, [market.instrument, later], source.frames)
    steps = [(5, order(BUY, 1, 4_810, "early")), (15, order(BUY, 1, 4_810, "late"))]
    assert prices(play([both], steps)) == {"early": 0.48, "late": 0.481}


def test_dated_rules_of_the_venue_take_effect_in_the_middle_of_a_life(monkeypatch: pytest.MonkeyPatch) -> None:
    later = OrderRules(from_ns=at(10), min_size=5_000_000)
    monkeypatch.setattr(rules, "_venue_steps", lambda instrument: (OrderRules(), later))
    played = play(end(calm()), [(5, order(BUY, 1, 4_800, "early")), (15, order(BUY, 1, 4_800, "late"))])
    assert played.ends == ["below_minimum_size"]
    assert played.strategy.sent["early"].status == "open"


def test_a_date_after_the_last_row_adds_none() -> None:
    played = play(end(Market(venue="kalshi", open_time=T0 - SECOND).book(0, {4_800: 50}, {5_200: 100})))
    assert int(played.replay.tape.columns["ts"][-1]) == at(60)
    assert len(played.replay.tape.versions.records) == 0


def test_fees_change_with_the_contract() -> None:
    schedule = {"rate": 0.1, "exponent": 1, "takerOnly": False, "rebateRate": 0}
    market = Market(
        venue="polymarket", tick_bands=CENTS, open_time=T0 - SECOND, attributes={"feesEnabled": False}
    ).book(0, {4_800: 50}, {5_200: 100})
    change(market, 10, feesEnabled=True, fee_schedule=schedule)
    steps = [
        (5, order(BUY, 10, 5_200, "early", post_only=False, tif="ioc")),
        (15, order(BUY, 10, 5_200, "late", post_only=False, tif="ioc")),
    ]
    fees = [int(row["fee"]) for row in play(end(market), steps).table("fills")]
    assert fees[0] == 0
    assert fees[1] > 0


@pytest.mark.parametrize("window", [7, 1 << 17])
def test_windows_and_single_rows_give_the_same(window: int) -> None:
    market = calm().level(12, BUY, 200, 1)
    change(market, 10, recv=20, tick_bands=[[0, 10_000, 10]])
    change(market, 15, recv=16, tick_bands=[[0, 10_000, 50]])
    market.trade(30, 4_700, 9, SELL)
    steps = [(when, order(BUY, 1, price, str(when))) for when, price in ((11, 4_810), (17, 4_850), (25, 4_830))]
    played = play(end(market), steps, window=window, fed=window == 7)
    assert prices(played) == {"11": 0.48, "17": 0.485, "25": 0.48}


def test_an_expiry_too_close_is_rejected_and_a_sound_one_comes_early() -> None:
    patch = {"gtd_minimum": 20 * SECOND, "gtd_early": 5 * SECOND}
    steps = [
        (1, order(BUY, 1, 4_800, "short", tif="gtd", expire=at(20.9))),
        (1, order(BUY, 1, 4_800, "long", tif="gtd", expire=at(30))),
    ]
    played = play(end(calm()), steps, patch=patch)
    assert played.ends == ["expires_too_soon", "expired"]
    assert int(played.table("done")["done"][1]) == at(25)
    assert played.strategy.sent["short"].status == "rejected"


def test_polymarket_wants_three_minutes_and_ends_a_minute_early() -> None:
    market = Market(venue="polymarket", open_time=T0 - SECOND).book(0, {4_800: 50}, {5_200: 100})
    steps = [
        (1, order(BUY, 5, 4_800, "short", tif="gtd", expire="179s")),
        (1, order(BUY, 5, 4_800, "long", tif="gtd", expire="180s")),
    ]
    played = play(end(market, 400), steps)
    assert played.ends == ["expires_too_soon", "expired"]
    assert int(played.table("done")["done"][1]) == at(121)




@pytest.mark.parametrize(("price", "rests"), [(851, 850), (855, 850), (2_100, 2_100), (2_150, 2_100), (9_157, 9_150)])
def test_single_orders_are_rounded_in_every_band_of_a_grid(price: int, rests: int) -> None:
    tapered = ((0, 1_000, 10), (1_000, 9_000, 100), (9_000, 10_000, 10))
    market = end(Market(tick_bands=tapered).book(0, {100: 5}, {9_900: 5}))
    assert prices(play(market, [(1, order(BUY, 1, price))])) == {"a": rests / 10_000}
