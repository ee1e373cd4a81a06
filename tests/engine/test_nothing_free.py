"""What own orders took stays taken, whatever the recording shows; what cannot be known is bounded."""

from __future__ import annotations

from typing import Any

import pytest

from ntp.core import DataError, StrategyError
from ntp.data.schema import Kind
from ntp.engine import records as r
from ntp.engine.replay import Replay
from ntp.engine.tape import build_tape
from ntp.markets.instrument import InstrumentKind
from ntp.strategy import Strategy

from .build import BUY, ONE, SELL, Market, Played, at, cancel, order, play, settings, take


def takes(*whens: float, price: int = 5_300, size: float = 100) -> list[Any]:
    return [(when, take(BUY, size, price, str(when))) for when in whens]


def sizes(played: Played) -> list[tuple[float, int, float]]:
    return [(when, price, size) for when, _, price, size in played.fills]


# quotes


def test_a_quote_that_improves_and_returns_is_not_taken_again() -> None:
    market = Market().quote(0, 4_800, 5_200, 9, 10).quote(3, 4_800, 5_100, 9, 4).quote(5, 4_800, 5_200, 9, 10)
    played = play(market.quote(60, 4_800, 5_200, 9, 10), takes(1, 4, 6))
    assert sizes(played) == [(1, 5_200, 10), (4, 5_100, 4)]


def test_what_returns_larger_or_smaller_than_it_was_gives_what_is_new() -> None:
    market = Market().quote(0, 4_800, 5_200, 9, 10).quote(3, 4_800, 5_100, 9, 4).quote(5, 4_800, 5_200, 9, 13)
    assert sizes(play(market.quote(60, 4_800, 5_200, 9, 13), takes(1, 6))) == [(1, 5_200, 10), (6, 5_200, 3)]
    market = Market().quote(0, 4_800, 5_200, 9, 10).quote(3, 4_800, 5_100, 9, 4).quote(5, 4_800, 5_200, 9, 6)
    played = play(market.quote(7, 4_800, 5_200, 9, 9).quote(60, 4_800, 5_200, 9, 9), takes(1, 6, 8))
    assert sizes(played) == [(1, 5_200, 10), (8, 5_200, 3)]  # 4 of the 10 taken were seen to go, then 3 came


def test_a_quote_that_fell_back_and_came_again_is_new() -> None:
    market = Market().quote(0, 4_800, 5_200, 9, 10).quote(3, 4_800, 5_300, 9, 4).quote(5, 4_800, 5_200, 9, 10)
    played = play(market.quote(60, 4_800, 5_200, 9, 10), takes(1, 6, price=5_200))
    assert sizes(played) == [(1, 5_200, 10), (6, 5_200, 10)]


def test_many_levels_taken_on_the_way_up_stay_taken_on_the_way_back() -> None:
    market = Market()
    for step in range(12):
        market.quote(step, 4_000, 5_300 - 100 * step, 9, 10)
    for step in range(10):
        market.quote(20 + step, 4_000, 4_300 + 100 * step, 9, 10)
    steps = [(step + 0.5, take(BUY, 10, 5_300, str(step))) for step in range(12)]
    steps += [(20 + step + 0.5, take(BUY, 10, 5_300, f"again {step}")) for step in range(7)]
    played = play(market.quote(60, 4_000, 5_300, 9, 10), steps)
    assert [price for _, price, _ in sizes(played)] == [5_300 - 100 * step for step in range(12)]


def test_a_quote_after_a_gap_in_the_recording_is_not_taken_again() -> None:
    market = Market().quote(0, 4_800, 5_200, 9, 10).life(3, "halted", '{"reason": "recording gap"}')
    market.life(4, "open").quote(5, 4_800, 5_200, 9, 10)
    assert sizes(play(market.quote(60, 4_800, 5_200, 9, 10), takes(1, 6))) == [(1, 5_200, 10)]


def unsized() -> Market:
    market = Market().quote(0, 4_800, 5_200).quote(5, 4_800, 5_300).quote(8, 4_800, 5_200)
    return market.quote(60, 4_800, 5_300)


def test_a_quote_without_sizes_gives_the_smallest_order_once() -> None:
    assert sizes(play(unsized(), takes(1, 2, 6))) == [(1, 5_200, 1), (6, 5_300, 1)]
    played = play(unsized(), takes(1, 2), patch={"min_size": 5 * ONE})
    assert sizes(played) == [(1, 5_200, 5)]
    assert played.table("fills")["flags"].tolist() == [r.F_UNSIZED]


def test_where_touches_count_it_gives_what_is_wanted_but_once() -> None:
    assert sizes(play(unsized(), takes(1, 2, 6), touch_fills=True)) == [(1, 5_200, 100), (6, 5_300, 100)]


def test_the_rest_of_a_taker_does_not_fill_as_maker_on_the_quote_it_took() -> None:
    market = Market().quote(0, 4_800, 5_200).quote(10, 4_800, 5_200).quote(60, 4_800, 5_300)
    played = play(market, [(1, order(BUY, 100, 5_200, post_only=False))], latency=0.1)
    assert sum(size for *_, size in played.fills) == 1


def test_an_order_that_rested_is_still_traded_through_by_a_quote_without_size() -> None:
    market = Market().quote(0, 4_800, 5_200).quote(5, 4_600, 4_700).quote(60, 4_600, 4_700)
    played = play(market, [(1, order(BUY, 100, 4_800)), (1, order(BUY, 7, 4_700, "b"))], latency=0.1)
    assert sorted(size for *_, size in played.fills) == [7, 100]


# books


def test_an_image_does_not_rebuild_what_was_taken() -> None:
    market = Market().book(0, {4_800: 50}, {5_200: 10, 5_300: 20}).clear(3).book(3, {4_800: 50}, {5_200: 10, 5_300: 20})
    assert sizes(play(market.level(60, BUY, 100, 1), takes(1, 4, price=5_200))) == [(1, 5_200, 10)]


def test_an_image_that_shows_more_or_less_gives_what_is_new() -> None:
    market = Market().book(0, {4_800: 50}, {5_200: 10}).clear(3).book(3, {4_800: 50}, {5_200: 14})
    assert sizes(play(market.level(60, BUY, 100, 1), takes(1, 4))) == [(1, 5_200, 10), (4, 5_200, 4)]
    market = Market().book(0, {4_800: 50}, {5_200: 10}).clear(3).book(3, {4_800: 50}, {5_200: 6})
    market.level(5, SELL, 5_200, 9)
    assert sizes(play(market.level(60, BUY, 100, 1), takes(1, 4, 6))) == [(1, 5_200, 10), (6, 5_200, 3)]


def test_a_level_that_an_image_does_not_show_is_gone_and_fresh_when_it_returns() -> None:
    market = Market().book(0, {4_800: 50}, {5_200: 10}).clear(3).book(3, {4_800: 50}, {5_300: 4})
    market.level(5, SELL, 5_200, 10)
    assert sizes(play(market.level(60, BUY, 100, 1), takes(1, 6, price=5_200))) == [(1, 5_200, 10), (6, 5_200, 10)]


# prints


def test_a_print_that_is_told_twice_fills_once() -> None:
    market = Market().book(0, {4_800: 5}, {5_200: 10}).trade(3, 4_800, 8, SELL)
    market.rows[Kind.TRADE].append(dict(market.rows[Kind.TRADE][0]))
    played = play(market.level(60, BUY, 100, 1), [(1, order(BUY, 10, 4_800))])
    assert sizes(played) == [(3, 4_800, 3)]


def test_equal_prints_that_are_two_fill_twice() -> None:
    market = Market().book(0, {4_800: 5}, {5_200: 10}).trade(3, 4_800, 8, SELL).trade(3, 4_800, 8, SELL)
    played = play(market.level(60, BUY, 100, 1), [(1, order(BUY, 20, 4_800))])
    assert sizes(played) == [(3, 4_800, 3), (3, 4_800, 8)]
    for row in market.rows[Kind.TRADE]:
        row["sequence"] = None
    assert sizes(play(market, [(1, order(BUY, 20, 4_800))])) == sizes(played)


# candles


def bars() -> Market:
    market = Market("G", "cash", kind=InstrumentKind.ASSET, price_scale=2)
    for number in range(1, 6):
        market.candle(10 * number, 10, open=5_000 + number, high=5_100, low=4_900, close=5_000, volume=1_000)
    return market


def test_a_taker_that_a_candle_took_at_its_open_cannot_be_cancelled_after_it() -> None:
    def buy(strategy: Any) -> None:
        strategy.sent["a"] = strategy.buy("G", 1, 60.0, post_only=False, tif="ioc")

    played = play(bars(), [(11, buy), (25, cancel())], cash=1e6)
    assert played.ends == ["filled"]
    assert [(when, price) for when, _, price, _ in played.fills] == [(20, 5_003)]
    early = play(bars(), [(11, buy), (19, cancel())], cash=1e6)
    assert early.fills == []
    assert early.ends == ["cancelled"]


def test_what_such_a_taker_left_is_cancelled_then() -> None:
    def buy(strategy: Any) -> None:
        strategy.sent["a"] = strategy.buy("G", 1, 50.02, post_only=False)

    played = play(bars(), [(11, buy), (25, cancel())], cash=1e6)
    assert played.fills == []
    assert played.ends == ["cancelled"]


def sell(size: float) -> Any:
    def act(strategy: Any) -> None:
        strategy.sell("G", size, 1.0, post_only=False, tif="ioc")

    return act


def test_a_short_sale_needs_its_price_in_cash() -> None:
    refused = play(bars(), [(11, sell(10))], cash=499)
    assert (refused.fills, refused.ends) == ([], ["insufficient_funds"])
    played = play(bars(), [(11, sell(10))], cash=501)
    assert [size for *_, size in played.fills] == [10]
    assert played.reserved("cash") == 2 * 10 * 50_030_000
    assert played.runtime.available == pytest.approx(501 - 500.30)


def test_what_a_short_sale_brought_cannot_be_spent() -> None:
    def buy(strategy: Any) -> None:
        strategy.buy("G", 20, 60.0, post_only=False, tif="ioc")

    played = play(bars(), [(11, sell(5)), (21, sell(6)), (31, buy)], cash=511)
    assert sorted(played.ends) == ["filled", "insufficient_funds", "insufficient_funds"]
    assert [(side, size) for _, side, _, size in played.fills] == [(SELL, 5)]


# time and rows


class Answering(Strategy):
    """Answers each end of an order with the next."""

    def on_start(self) -> None:
        self.count = 0
        self.call_at(at(1), "go")

    def on_timer(self, timer: Any) -> None:
        self.buy("C", 1, 0.52)

    def on_order(self, order: Any) -> None:
        self.count += 1
        if order.status == "rejected":
            self.buy("C", 1, 0.52)


def test_an_endless_exchange_at_one_instant_ends_with_an_error() -> None:
    market = Market().book(0, {4_800: 50}, {5_200: 10}).level(60, BUY, 100, 1)
    with pytest.raises(StrategyError, match="time to move on") as caught:
        play(market, Answering())
    assert caught.value.code == "endless_wakes"
    assert caught.value.details["ts"] == at(1)
    assert play(market, Answering(), latency=0.1).strategy.count > 100


class Ringing(Strategy):
    """Rings every ten seconds and answers each end of an order with the next."""

    wake = "timer:10s"

    def on_start(self) -> None:
        self.rung: list[float] = []

    def on_timer(self, timer: Any) -> None:
        self.rung.append((self.ts - at(0)) / 1e9)

    def on_order(self, order: Any) -> None:
        self.call_at(self.ts + 10, "again")
        self.buy("C", 1, 0.52)


@pytest.mark.parametrize("fed", [False, True])
def test_nothing_rings_after_the_last_row_was_seen(fed: bool) -> None:
    market = Market().book(0, {4_800: 50}, {5_200: 10}).level(60, BUY, 100, 1)
    assert play(market, Ringing(), fed=fed).strategy.rung == [10, 20, 30, 40, 50, 60]


def fed_with(**changes: int) -> Replay:
    tape = build_tape([Market().book(0, {4_800: 50}, {5_200: 10}).trade(1, 4_800, 1, SELL).source()])
    replay = Replay(tape, settings(), {"plain": ONE}, fed=True)
    columns = {name: column.copy() for name, column in tape.columns.items()}
    for name, value in changes.items():
        columns[name][-1] = value
    replay.feed(columns)
    return replay


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"price": -5}, "price_range"), ({"price": 10_001}, "price_range"), ({"size": -1}, "bad_size"),
        ({"contract": 7}, "unknown_contract"), ({"contract": -1}, "unknown_contract"), ({"ts": 5}, "time_backwards"),
        ({"meta": r.SET + r.META_BID, "price": 4_850}, "price_range"),
        ({"meta": r.SET + r.META_BID, "size": -1}, "bad_size"), ({"meta": r.BID, "price": -2}, "price_range"),
    ],
)  # fmt: skip
def test_rows_that_cannot_be_are_refused_before_the_kernel_has_them(changes: dict[str, int], code: str) -> None:
    with pytest.raises(DataError) as caught:
        fed_with(**changes)
    assert caught.value.code == code


def test_sound_rows_are_fed_and_earlier_ones_refused() -> None:
    replay = fed_with(meta=r.DELTA + r.META_BID, price=4_800, size=-20)
    replay.step()
    with pytest.raises(DataError, match="backwards"):
        replay.feed({name: column[:1] for name, column in replay.tape.columns.items()})

