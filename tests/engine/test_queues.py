"""Where a resting order stands in its queue, and what prints and cancels do to it."""

import pytest

from ntp.core import ConfigError
from ntp.data.schema import FLAG_BLOCK, FLAG_INFERRED
from ntp.engine import records as r
from ntp.engine.queues import parse_queue

from .build import BUY, SELL, Market, Played, order, play

MODELS = {
    "power1": (r.Q_POWER, 1.0, 48.0, 42.75),
    "power2": (r.Q_POWER, 2.0, 46.153846, 42.995050),
    "power3": (r.Q_POWER, 3.0, 44.571429, 43.230583),
    "log": (r.Q_LOG, 1.0, 49.492230, 42.562615),
    "power3_form": (r.Q_POWER3, 2.0, 52.8, 43.9875),
    "risk_averse": (r.Q_RISK_AVERSE, 1.0, 60.0, 45.0),
}


def joined_at_60() -> Market:
    """An order joins behind 60; 40 more come after it."""
    market = Market().book(0, {5_000: 60}, {6_000: 500})
    return market.level(2, BUY, 5_000, 100)


def resting(market: Market, **changes: object) -> Played:
    return play(market, [(1, order(BUY, 10, 5_000))], **changes)


@pytest.mark.parametrize("name", MODELS)
def test_cancels_move_the_order_as_the_model_says(name: str) -> None:
    model, power, expected, _ = MODELS[name]
    played = resting(joined_at_60().level(3, BUY, 5_000, 80), queue_model=model, queue_power=power)
    assert played.queue() == pytest.approx(expected, abs=5e-7)


@pytest.mark.parametrize("name", MODELS)
def test_a_print_before_the_change_is_not_a_cancel_as_well(name: str) -> None:
    model, power, _, expected = MODELS[name]
    market = joined_at_60().trade(3, 5_000, 15, SELL).level(3, BUY, 5_000, 80)
    played = resting(market, queue_model=model, queue_power=power)
    assert played.queue() == pytest.approx(expected, abs=5e-7)


def test_it_joins_behind_all_displayed_size() -> None:
    assert resting(Market().book(0, {5_000: 123.45}, {6_000: 5}).level(9, BUY, 100, 1)).queue() == 123.45


def test_at_a_price_nobody_shows_it_is_first() -> None:
    assert resting(Market().book(0, {4_900: 50}, {6_000: 5}).level(9, BUY, 100, 1)).queue() == 0.0


def test_prints_consume_the_queue_then_the_order() -> None:
    market = Market().book(0, {5_000: 60}, {6_000: 5}).trade(2, 5_000, 59, SELL).trade(3, 5_000, 4, SELL)
    assert resting(market).fills == [(3, BUY, 5_000, 3)]


def test_a_print_on_the_other_side_touches_nothing() -> None:
    market = Market().book(0, {5_000: 60}, {6_000: 5}).trade(2, 5_000, 500, BUY)
    assert resting(market).queue() == 60


def test_own_orders_share_one_queue_and_a_print_fills_nothing_twice() -> None:
    market = Market().book(0, {5_000: 10}, {6_000: 5}).trade(2, 5_000, 16, SELL).trade(3, 5_000, 6, SELL)
    played = play(market, [(1, order(BUY, 4, 5_000, "a")), (1.5, order(BUY, 4, 5_000, "b"))])
    assert played.fills == [(2, BUY, 5_000, 4), (2, BUY, 5_000, 2), (3, BUY, 5_000, 2)]


def test_a_print_smaller_than_the_queue_is_spent_for_all_own_orders_together() -> None:
    market = Market().book(0, {5_000: 10}, {6_000: 5}).trade(2, 5_000, 7, SELL).trade(3, 5_000, 5, SELL)
    played = play(market, [(1, order(BUY, 1, 5_000, "a")), (1.5, order(BUY, 4, 5_000, "b"))])
    assert played.fills == [(3, BUY, 5_000, 1), (3, BUY, 5_000, 1)]


def test_a_print_through_the_price_fills_better_prices_first_and_no_more_than_its_size() -> None:
    market = Market().book(0, {5_000: 60, 5_100: 30, 4_900: 10}, {6_000: 5}).trade(2, 4_900, 12, SELL)
    played = play(market, [(1, order(BUY, 5, 5_000, "a")), (1.1, order(BUY, 5, 5_100, "b"))])
    assert played.fills == [(2, BUY, 5_100, 5), (2, BUY, 5_000, 5)]
    market = Market().book(0, {5_000: 60, 5_100: 30, 4_900: 10}, {6_000: 5}).trade(2, 4_900, 7, SELL)
    played = play(market, [(1, order(BUY, 5, 5_000, "a")), (1.1, order(BUY, 5, 5_100, "b"))])
    assert played.fills == [(2, BUY, 5_100, 5), (2, BUY, 5_000, 2)]


def test_block_trades_never_touch_the_queue() -> None:
    market = Market().book(0, {5_000: 1}, {6_000: 5}).trade(2, 4_000, 500, SELL, flags=FLAG_BLOCK)
    assert resting(market).queue() == 1


def test_inferred_prints_fill_only_where_the_mode_allows_them() -> None:
    market = Market().book(0, {5_000: 1}, {6_000: 5}).trade(2, 5_000, 500, SELL, flags=FLAG_INFERRED)
    assert resting(market, inferred_prints=False).queue() == 1
    played = resting(market, inferred_prints=True)
    assert played.fills == [(2, BUY, 5_000, 10)]
    assert played.table("fills")["flags"][0] & r.F_INFERRED


def test_only_cancels_fill_nothing_in_the_risk_averse_mode() -> None:
    market = Market().book(0, {5_000: 100}, {6_000: 5})
    for second in range(2, 52):
        market.delta(second, BUY, 5_000, -2)
    assert resting(market).fills == []


def test_a_front_longer_than_the_level_shrinks_to_it() -> None:
    market = Market().book(0, {5_000: 100}, {6_000: 5}).level(2, BUY, 5_000, 7)
    assert resting(market).queue() == 7


def test_a_cleared_and_rebuilt_book_puts_nobody_back() -> None:
    market = Market().book(0, {5_000: 100}, {6_000: 5}).level(2, BUY, 5_000, 30).clear(3)
    assert resting(market.book(3, {5_000: 90}, {6_000: 5})).queue() == 30


@pytest.mark.parametrize("text", ["power:0", "power:x", "log:2", "nonsense", "power:-1"])
def test_unknown_models_are_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_queue(text)


def test_names_of_models() -> None:
    assert parse_queue("power:2") == (r.Q_POWER, 2.0)
    assert parse_queue("risk_averse")[0] == r.Q_RISK_AVERSE
    assert parse_queue("proportional") == (r.Q_POWER, 1.0)
