"""How an order is judged on arrival, what fills it while it rests, and what ends it."""

from typing import Any

import pytest

from .build import BUY, SELL, T0, Market, cancel, order, play, replace, take

MS = 1_000_000


def calm() -> Market:
    return Market().book(0, {4_800: 50, 4_700: 50}, {5_200: 10, 5_300: 20})


def late(market: Market, when: float = 20) -> Market:
    """Keep the replay going until then, without touching the best prices."""
    return market.level(when, BUY, 100, 1)


def test_flicker_of_the_book_fills_nothing() -> None:
    market = calm()
    for second in range(2, 40):
        market.level(second, BUY, 4_800, 50 - second).level(second + 0.2, BUY, 4_900, 5)
        market.level(second + 0.4, BUY, 4_900, 0).level(second + 0.5, SELL, 5_200, second)
    steps = [(1, order(BUY, 5, 4_800, "a")), (1, order(SELL, 5, 5_200, "b"))]
    assert play(market, steps, latency=0.05).fills == []


def test_a_short_cross_fills_nothing() -> None:
    market = calm().level(2, SELL, 4_800, 7).level(2.05, SELL, 4_800, 0)
    assert play(late(market), [(1, order(BUY, 5, 4_800))], latency=0.1).fills == []


def test_traded_through_fills_once_the_dwell_is_longer_than_the_latency_and_no_more_than_shown() -> None:
    market = late(calm().level(2, SELL, 4_800, 3))
    played = play(market, [(1, order(BUY, 5, 4_800))], latency=0.1)
    assert played.fills == [(pytest.approx(2.1, abs=1e-8), BUY, 4_800, 3)]
    assert int(played.table("fills")["ts"][0]) == T0 + 2_100 * MS + 1
    assert played.through == [True]
    assert played.maker == [True]


def test_traded_through_waits_again_for_what_is_shown_later() -> None:
    market = late(calm().level(2, SELL, 4_800, 3).level(5, SELL, 4_800, 4).level(9, SELL, 4_700, 9))
    played = play(market, [(1, order(BUY, 7, 4_800))], latency=0.1)
    assert [size for _, _, _, size in played.fills] == [3, 1, 3]
    assert all(played.through)


def test_a_halt_stops_the_clock_of_what_was_traded_through() -> None:
    market = calm().level(2, SELL, 4_800, 9).life(2.05, "halted").life(4, "open").level(4, BUY, 100, 2)
    played = play(late(market), [(1, order(BUY, 5, 4_800))], latency=0.1)
    assert played.fills == [(pytest.approx(4.1, abs=1e-8), BUY, 4_800, 5)]


def test_post_only_that_would_cross_is_rejected_not_filled_at_a_better_price() -> None:
    played = play(late(calm()), [(1, order(BUY, 5, 5_200))])
    assert played.fills == []
    assert played.ends == ["post_only_would_cross"]
    assert played.strategy.sent["a"].status == "rejected"


def test_it_is_judged_on_arrival_not_at_the_decision() -> None:
    market = calm().level(1.05, SELL, 4_900, 5)
    assert play(late(market), [(1, order(BUY, 5, 4_900))], latency=0.1).ends == ["post_only_would_cross"]


def test_takers_walk_the_book_at_its_prices() -> None:
    played = play(late(calm()), [(1, take(BUY, 15, 5_300))])
    assert played.fills == [(1, BUY, 5_200, 10), (1, BUY, 5_300, 5)]
    assert played.maker == [False, False]


def test_immediate_or_cancel_keeps_what_it_got() -> None:
    played = play(late(calm()), [(1, take(BUY, 15, 5_200))])
    assert played.fills == [(1, BUY, 5_200, 10)]
    assert played.ends == ["not_immediately_filled"]
    assert played.strategy.sent["a"].filled == 10


def test_fill_or_kill_takes_all_or_nothing() -> None:
    steps = [(1, take(BUY, 31, 5_300, "a", tif="fok")), (2, take(BUY, 30, 5_300, "b", tif="fok"))]
    played = play(late(calm()), steps)
    assert played.fills == [(2, BUY, 5_200, 10), (2, BUY, 5_300, 20)]
    assert played.ends == ["not_fully_filled", "filled"]


def test_the_rest_of_a_taker_joins_the_book() -> None:
    market = calm().trade(3, 5_200, 4, SELL)
    played = play(late(market), [(1, order(BUY, 13, 5_200, post_only=False))])
    assert played.fills == [(1, BUY, 5_200, 10), (3, BUY, 5_200, 3)]
    assert played.maker == [False, True]


def test_taken_liquidity_stays_gone_until_reduced_or_rebuilt() -> None:
    market = calm().level(3, SELL, 5_200, 12).level(5, SELL, 5_200, 5).level(7, SELL, 5_200, 0)
    market.level(8, SELL, 5_200, 6)
    steps = [(when, take(BUY, 100, 5_200, str(when))) for when in (1, 2, 4, 6, 9)]
    got = [(when, size) for when, _, _, size in play(late(market), steps).fills]
    assert got == [(1, 10), (4, 2), (9, 6)]


def test_post_only_counts_taken_liquidity_as_gone() -> None:
    steps = [(1, take(BUY, 10, 5_200)), (2, order(BUY, 1, 5_200, "b"))]
    assert play(late(calm()), steps).queue(2) == 0


def test_good_till_date_ends_at_its_date() -> None:
    market = late(calm().trade(4, 4_800, 500, SELL))
    played = play(market, [(1, order(BUY, 5, 4_800, tif="gtd", expire=T0 + 3_000 * MS))])
    assert played.ends == ["expired"]
    assert int(played.table("done")["done"][0]) == T0 + 3_000 * MS
    late_order = play(market, [(1, order(BUY, 5, 5_300, tif="gtd", expire=T0 + 1_050 * MS))], latency=0.1)
    assert late_order.ends == ["expired"]


def test_reduce_only_never_turns_a_position_round() -> None:
    market = late(calm().trade(6, 5_900, 50, BUY))
    steps = [
        (1, order(SELL, 5, 5_900, "none", reduce_only=True)),
        (2, take(BUY, 10, 5_200)),
        (3, order(SELL, 99, 5_400, "cut", reduce_only=True)),
        (4, order(SELL, 6, 5_300, "other")),
        (5, order(SELL, 10, 5_800, "third", reduce_only=True)),
    ]
    played = play(market, steps, patch={"min_size": 0})
    assert int(played.table("fills")["position"].min()) >= 0
    assert played.ends[0] == "nothing_to_reduce"
    assert played.strategy.sent["cut"].filled == 4


@pytest.mark.parametrize(("rule", "ends"), [(0, ["self_trade"]), (1, ["self_trade", "not_immediately_filled"])])
def test_crossing_oneself_follows_the_rule_of_the_venue(rule: int, ends: list[str]) -> None:
    steps = [(1, order(SELL, 5, 5_000, "maker")), (2, take(BUY, 5, 5_000, "taker"))]
    played = play(late(calm()), steps, patch={"self_trade": rule})
    assert played.fills == []
    assert played.ends == ends
    first = int(played.table("done")["order_id"][0])
    assert first == played.strategy.sent["taker" if rule == 0 else "maker"].id


def test_takers_wait_out_the_delay_of_the_venue() -> None:
    market = calm().level(1.1, SELL, 5_200, 4)
    played = play(late(market), [(1, take(BUY, 5, 5_200))], patch={"taker_delay": 250 * MS})
    assert played.fills == [(1.25, BUY, 5_200, 4)]


def test_a_halt_during_the_delay_ends_the_order() -> None:
    market = calm().life(1.1, "halted")
    played = play(late(market), [(1, take(BUY, 5, 5_200))], patch={"taker_delay": 250 * MS})
    assert (played.fills, played.ends, played.reserved()) == ([], ["market_inactive"], 0)


def test_a_cancel_arrives_after_its_latency() -> None:
    market = calm().trade(2.05, 4_800, 52, SELL).trade(2.15, 4_800, 500, SELL)
    played = play(late(market), [(1, order(BUY, 5, 4_800)), (2, cancel())], latency=0.1)
    assert played.fills == [(2.05, BUY, 4_800, 2)]
    assert played.ends == ["cancelled"]


@pytest.mark.parametrize(("keeps", "queue"), [(1, 50), (0, 70)])
def test_a_smaller_size_keeps_the_place_only_where_the_venue_keeps_it(keeps: int, queue: float) -> None:
    market = late(calm().level(2, BUY, 4_800, 70))
    steps = [(1, order(BUY, 5, 4_800)), (3, replace(size=2))]
    played = play(market, steps, patch={"can_amend": keeps, "keeps_priority": keeps})
    assert played.queue(played.strategy.sent["a"].id) == queue
    assert played.strategy.sent["a"].remaining == 2
    assert played.strategy.sent["a"].is_open


def test_a_new_price_goes_to_the_back_of_its_queue() -> None:
    steps = [(1, order(BUY, 5, 4_800)), (3, replace(price=0.47))]
    played = play(late(calm()), steps, patch={"can_amend": 1, "keeps_priority": 1})
    assert played.queue(played.strategy.sent["a"].id) == 50
    assert played.strategy.sent["a"].price == 0.47


@pytest.mark.parametrize(
    ("patch", "size"), [({"min_size": 5_000_000}, 4), ({"size_step": 1_000_000}, 0.5)]
)
def test_sizes_the_venue_does_not_take(patch: dict[str, int], size: float) -> None:
    assert play(late(calm()), [(1, order(BUY, size, 4_800))], patch=patch).ends == ["below_minimum_size"]


@pytest.mark.parametrize("state", ["halted", "closed"])
def test_a_market_that_is_not_open_takes_no_orders(state: str) -> None:
    market = calm().life(0.5, state).trade(3, 4_000, 99, SELL)
    played = play(late(market), [(1, order(BUY, 5, 4_800))])
    assert (played.fills, played.ends) == ([], ["market_inactive"])


@pytest.mark.parametrize(
    ("states", "payload", "ends", "filled"),
    [
        (["halted"], "{}", [], 0),
        (["halted", "open"], "{}", ["filled"], 5),
        (["closed"], "{}", ["market_closed"], 0),
        (["halted"], '{"reason": "recording gap"}', ["recording_gap"], 0),
    ],
)
def test_what_a_change_of_state_does_to_resting_orders(
    states: list[str], payload: str, ends: list[str], filled: float
) -> None:
    market = calm()
    for number, state in enumerate(states):
        market.life(2 + number, state, payload)
    played = play(late(market.trade(5, 4_000, 99, SELL)), [(1, order(BUY, 5, 4_800))])
    assert played.ends == ends
    assert sum(size for *_, size in played.fills) == filled


def test_reactivation_cancels_where_the_venue_says_so() -> None:
    market = calm().life(2, "halted").life(3, "open").trade(5, 4_000, 99, SELL)
    played = play(late(market), [(1, order(BUY, 5, 4_800))], patch={"cancels_on_reactivation": 1})
    assert played.ends == ["market_reactivated"]


def test_an_early_close_counts_and_the_planned_one_adds_nothing() -> None:
    market = Market(close_time=T0 + 9_000 * MS).book(0, {4_800: 1}, {5_200: 1}).life(2, "closed")
    played = play(late(market), [(1, order(BUY, 5, 4_800)), (3, order(BUY, 5, 4_800, "b"))])
    assert played.ends == ["market_closed", "market_inactive"]
    assert int(played.table("done")["done"][0]) == T0 + 2_000 * MS


def test_without_a_recorded_close_trading_ends_at_the_close_time() -> None:
    market = Market(close_time=T0 + 2_000 * MS).book(0, {4_800: 1}, {5_200: 1})
    played = play(late(market.trade(3, 4_000, 99, SELL)), [(1, order(BUY, 5, 4_800))])
    assert (played.fills, played.ends) == ([], ["market_closed"])


def test_a_print_without_a_side_in_a_crossed_book_proves_nothing() -> None:
    market = Market().book(0, {4_800: 1}, {5_200: 1}).level(2, BUY, 5_300, 9).trade(2.01, 5_250, 9, 0)
    steps: list[Any] = [(1, order(BUY, 5, 5_100)), (1.5, order(SELL, 5, 5_400, "b"))]
    assert play(late(market.level(2.02, BUY, 5_300, 0)), steps, latency=0.1).fills == []
