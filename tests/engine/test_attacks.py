"""What a hostile or careless strategy tries: the engine stays honest and in one piece."""

from __future__ import annotations

from typing import Any

import pytest

from ntp.core import DataError, StrategyError
from ntp.engine import records as r

from .build import BUY, ONE, SELL, Market, Scripted, at, order, play

DEEP = 1e9


def _market() -> Market:
    return Market().book(0, {4000: 10}, {6000: 10})


def _storm(kind: str, count: int) -> Any:
    def act(strategy: Any) -> None:
        made = strategy.buy("C", 1, 0.30) if kind == "replaces" else None
        for place in range(count):
            if kind == "buys":
                strategy.buy("C", 1, 0.40)
            elif kind == "quotes":
                strategy.quote("C", bid=0.30 + 0.01 * (place % 5), ask=0.70 + 0.01 * (place % 5), size=1)
            elif kind == "targets":
                strategy.target("C", 1 + place % 3, price=0.30, ttl="5s")
            elif kind == "timers":
                strategy.call_at(at(25), "1")
            else:
                made = strategy.replace(made, price=0.30 + 0.01 * (place % 5))

    return act


@pytest.mark.parametrize(
    ("kind", "count"), [("buys", 3_000), ("quotes", 1_500), ("targets", 1_500), ("replaces", 300), ("timers", 20_000)]
)
def test_a_storm_in_one_wake_loses_nothing(kind: str, count: int) -> None:
    market = _market().trade(10, 3900, 5_000, SELL).level(30, BUY, 100, 5)

    rung: list[Any] = []

    class Storm(Scripted):
        steps = ((1, _storm(kind, count)), (24, rung.append))

    played = play(market, Storm(), latency=0.001, cash=DEEP)
    if kind == "buys":
        assert len(played.fills) == count
    assert len(rung) == (count + 1 if kind == "timers" else 1)
    context = played.replay.state.context
    assert int(context["message_head"][0]) == int(context["message_tail"][0])


def test_the_close_ends_thousands_of_orders() -> None:
    market = _market().life(20, "closed").level(30, BUY, 100, 5)
    played = play(market, [(1 + place * 0.01, _storm("buys", 500)) for place in range(8)], latency=0.001, cash=DEEP)
    assert played.ends.count("market_closed") == 4_000
    assert played.reserved() == 0


def test_a_result_moves_nothing_before_it_is_seen() -> None:
    market = _market().trade(5, 4000, 50, SELL).settle(10, 1.0).level(40, BUY, 100, 1)
    told: list[tuple[float, float]] = []

    class Watcher(Scripted):
        steps = (
            (1, order(BUY, 5, 4000)),
            (15, lambda s: told.append((s.cash, s.position("C").size))),
            (35, lambda s: told.append((s.cash, s.position("C").size))),
        )

    play(market, Watcher(), latency=0.001, feed_latency=20.0, cash=100)
    assert told == [(100.0, 0.0), (103.0, 0.0)]  # the fill and the result both take 20 s to be told


def test_what_a_holding_cost_is_told_with_its_fill() -> None:
    market = _market().trade(10, 4000, 50, SELL).level(60, BUY, 100, 1)
    told: list[float] = []

    class Watcher(Scripted):
        steps = (
            (1, order(BUY, 5, 4000)),
            (12, lambda s: told.append(s.position("C").cost)),
            (40, lambda s: told.append(s.position("C").cost)),
        )

    play(market, Watcher(), latency=0.001, feed_latency=20.0, cash=100)
    assert told == [0.0, 2.0]


def test_a_price_below_zero_is_off_the_grid() -> None:
    played = play(_market().level(30, BUY, 100, 5), [(1, lambda s: s.buy("C", 1_000, -0.0001))], cash=10)
    assert played.ends == ["off_grid"]


def test_a_size_beyond_64_bits_is_refused() -> None:
    played = play(_market().level(30, BUY, 100, 5), [(1, lambda s: s.buy("C", 5e9, 0.40))], cash=10)
    assert played.ends == ["below_minimum_size"]


def test_opening_the_gate_from_inside_does_not_open_the_venue() -> None:
    def force(strategy: Any) -> None:
        strategy._runtime.gate.refusing = 0
        told.append(strategy.buy("C", 5, 0.60, post_only=False))

    told: list[Any] = []
    played = play(_market().level(30, BUY, 100, 5), [(1, force)], cash=100, waive=())
    assert played.fills == []
    assert played.ends == []
    assert [(order.status, order.reason) for order in told] == [("refused", "maker_only")]


def test_a_taker_command_written_past_the_calls_is_refused() -> None:
    def force(strategy: Any) -> None:
        port = strategy._runtime
        port._send(r.C_NEW, 0, 1, 6000, 5 * ONE, order_id=port._commands.new_order(), post_only=0, watched=1)

    played = play(_market().level(30, BUY, 100, 5), [(1, force)], cash=100, waive=())
    assert played.fills == []
    assert played.ends == ["maker_only"]


def test_an_order_before_the_first_image_is_not_first_in_the_queue() -> None:
    market = Market().trade(0, 4000, 1, 0).book(5, {4000: 1_000}, {6000: 10}).trade(10, 4000, 50, SELL)
    played = play(market.level(30, BUY, 100, 5), [(1, order(BUY, 5, 4000))], latency=0.001, cash=100)
    assert played.fills == []


def test_the_book_of_before_a_gap_is_gone() -> None:
    market = _market().life(10, "halted", '{"reason": "recording gap"}').life(20, "open").level(60, BUY, 100, 5)
    played = play(
        market, [(30, lambda s: s.buy("C", 5, 0.60, post_only=False, tif="ioc"))], latency=0.001, cash=100
    )
    assert played.fills == []


def test_a_halt_does_not_count_as_standing_there() -> None:
    market = _market().level(10, SELL, 4000, 5)  # beyond the bid for half a second before the halt
    market.life(10.5, "halted").life(100, "open").level(100.2, SELL, 4000, 0).level(120, BUY, 100, 5)
    played = play(market, [(1, order(BUY, 5, 4000))], latency=2.0, cash=100)
    assert played.fills == []


@pytest.mark.parametrize("value", [None, 1.5, -0.5])
def test_a_result_that_is_none_is_refused(value: float | None) -> None:
    with pytest.raises(DataError, match="expected a result"):
        play(_market().settle(10, value), [], cash=10)


@pytest.mark.parametrize(
    "wish", [{"bid": float("nan"), "size": 1}, {"bid": 0.4, "size": -3}, {"ask": float("inf"), "size": 1}]
)
def test_a_wish_that_is_no_number_names_what_was_expected(wish: dict[str, float]) -> None:
    with pytest.raises(StrategyError, match=r"expected a (price|size)"):
        play(_market().level(30, BUY, 100, 5), [(1, lambda s: s.quote("C", **wish))], cash=10)
