"""What quotes, prints and candles alone let an order have."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ntp.core import DataError
from ntp.engine import records as r
from ntp.engine.tape import build_tape
from ntp.markets.instrument import InstrumentKind

from .build import BUY, SELL, Market, order, play, source_of, take


def quotes(*, sizes: bool = True) -> Market:
    shown = (20.0, 10.0) if sizes else (None, None)
    return Market().quote(0, 4_800, 5_200, *shown)


def test_fidelity_and_tape_are_told() -> None:
    assert build_tape([quotes().source()]).fidelity == "quotes"
    assert build_tape([quotes().source()]).tape == "none"
    assert build_tape([Market().trade(0, 5_000, 1, BUY).source()]).fidelity == "trades"
    assert build_tape([Market().book(0, {4_800: 1}, {}).source()]).fidelity == "l2"
    assert build_tape([Market().candle(60, 60, close=5_000).source()]).fidelity == "candles"


def test_prices_outside_the_dollar_are_refused() -> None:
    with pytest.raises(DataError):
        build_tape([Market().level(0, BUY, 10_100, 1).source()])


def test_an_order_at_the_best_quote_joins_behind_its_size() -> None:
    market = quotes().trade(2, 4_800, 22, SELL).quote(9, 4_800, 5_200, 20, 10)
    assert play(market, [(1, order(BUY, 5, 4_800))]).fills == [(2, BUY, 4_800, 2)]


def test_behind_the_best_quote_the_queue_is_unknown_until_the_quote_comes_to_it() -> None:
    market = quotes().trade(2, 4_700, 5, SELL).quote(3, 4_700, 5_200, 8, 10).trade(4, 4_700, 9, SELL)
    played = play(market, [(1, order(BUY, 5, 4_700))])
    assert played.fills == [(4, BUY, 4_700, 1)]


def test_takers_get_no_more_than_the_quote_shows_and_it_stays_gone() -> None:
    market = quotes().quote(4, 4_800, 5_200, 20, 14).quote(6, 4_800, 5_300, 20, 9)
    steps = [(when, take(BUY, 100, 5_200, str(when))) for when in (1, 3, 5)]
    assert [(when, size) for when, *_, size in play(market, steps).fills] == [(1, 10), (5, 4)]


def test_takers_of_quotes_without_sizes_get_the_smallest_order_at_the_quote() -> None:
    played = play(quotes(sizes=False).quote(9, 4_800, 5_300), [(1, take(BUY, 100, 5_500))])
    assert played.fills == [(1, BUY, 5_200, 1)]
    assert played.maker == [False]


@pytest.mark.parametrize("touch", [False, True])
def test_without_sizes_a_print_at_the_price_proves_nothing_unless_optimistic(touch: bool) -> None:
    market = quotes(sizes=False).trade(2, 4_800, 30, SELL).quote(9, 4_800, 5_200)
    played = play(market, [(1, order(BUY, 5, 4_800))], touch_fills=touch)
    assert played.fills == ([(2, BUY, 4_800, 5)] if touch else [])
    if touch:
        assert played.table("fills")["flags"][0] & r.F_INFERRED


@pytest.mark.parametrize("sizes", [True, False])
def test_quotes_that_stay_beyond_the_price_fill_it(sizes: bool) -> None:
    shown = (1.0, 3.0) if sizes else (None, None)
    market = quotes(sizes=sizes).quote(2, 4_600, 4_700, *shown).quote(9, 4_600, 4_800, *shown)
    played = play(market, [(1, order(BUY, 5, 4_800))], latency=0.1)
    assert [size for *_, size in played.fills][:1] == [3 if sizes else 5]
    assert all(played.through)


def test_a_print_through_the_price_fills_without_quotes() -> None:
    market = Market().trade(0, 5_000, 1, BUY).trade(2, 4_800, 9, SELL).trade(3, 4_700, 3, 0).trade(4, 4_600, 9, BUY)
    played = play(market, [(1, order(BUY, 5, 4_800))])
    assert played.fills == [(3, BUY, 4_800, 3)]


def test_the_touch_of_a_tape_alone_is_one_tick_behind_its_last_price() -> None:
    seen: list[Any] = []
    market = Market().trade(0, 5_000, 1, BUY).trade(2, 5_000, 1, BUY)
    play(market, [(1, lambda s: seen.append((s.market("C").touch("BUY"), s.market("C").touch("SELL"))))])
    assert seen == [(pytest.approx(0.49), pytest.approx(0.51))]


def candles(*, quotes: bool = True) -> Market:
    """Five candles of a minute; the quotes are those at which one could have traded."""
    market = Market()
    for number, (opened, low, high, close) in enumerate(
        [(50, 49, 51, 50), (51, 48, 52, 50), (50, 50, 50, 50), (47, 45, 49, 46), (46, 46, 60, 58)]
    ):
        shown = {
            "bid_open": 100 * opened - 100, "bid_close": 100 * close - 100,
            "ask_open": 100 * opened + 100, "ask_close": 100 * close + 100,
        }  # fmt: skip
        market.candle(
            60 * (number + 1), 60, open=100 * opened, low=100 * low, high=100 * high, close=100 * close, volume=12,
            **(shown if quotes else {}),
        )  # fmt: skip
    return market


def test_takers_execute_at_the_open_of_the_next_candle() -> None:
    played = play(candles(), [(61, take(BUY, 7, 9_000))])
    assert played.fills == [(120, BUY, 5_100, 7)]
    assert play(candles(), [(61, take(SELL, 7, 100))]).fills == [(120, SELL, 4_900, 7)]


def test_a_candle_fills_what_it_went_through_up_to_its_volume() -> None:
    played = play(candles(quotes=False), [(60.5, order(BUY, 99, 4_900))])
    assert played.fills == [(240, BUY, 4_900, 12), (300, BUY, 4_900, 12)]
    assert played.through == [True, True]


@pytest.mark.parametrize("touch", [False, True])
def test_a_touch_by_a_candle_fills_only_when_optimistic(touch: bool) -> None:
    played = play(candles(), [(61, order(BUY, 5, 4_500))], touch_fills=touch)
    assert played.fills == ([(240, BUY, 4_500, 5)] if touch else [])


def test_quotes_that_end_beyond_the_price_fill_it_even_in_the_candle_it_came_in() -> None:
    market = Market().candle(60, 60, close=5_000, bid_close=4_900, ask_close=5_100)
    market.candle(120, 60, close=5_000, bid_close=4_700, ask_close=4_800).candle(240, 60, close=5_000)
    for arrival in (30, 61):
        played = play(market, [(arrival, order(BUY, 5, 4_800))])
        assert (played.fills, played.through) == ([(120, BUY, 4_800, 5)], [True])


def test_trades_of_a_candle_that_had_begun_fill_nothing() -> None:
    assert play(candles(quotes=False), [(185, order(BUY, 5, 4_700))]).fills == [(300, BUY, 4_700, 5)]


@given(st.lists(st.sampled_from([1, 61, 100.5, 181, 239]), min_size=1, max_size=6), st.booleans())
@settings(max_examples=40, deadline=None)
def test_the_clock_never_goes_back(times: list[float], other: bool) -> None:
    market, second = candles(), Market("D").quote(0, 4_800, 5_200, 9, 9).quote(301, 4_800, 5_300, 9, 9)
    for number in range(300):
        second.quote(number, 4_800 + 100 * (number % 2), 5_200, 9, 9)
    seen: list[int] = []
    steps = [(when, take(BUY, 1, 9_000, f"{number}")) for number, when in enumerate(sorted(times))]
    steps += [(when, lambda s: seen.append(s.ts)) for when in range(5, 300, 5)]
    played = play([source_of([market, second] if other else [market])], steps)
    assert seen == sorted(seen)
    assert all(row["ts"] <= row["done"] for row in _joined(played))


def _joined(played: Any) -> list[dict[str, int]]:
    done = {int(row["order_id"]): int(row["done"]) for row in played.table("done")}
    return [{"ts": int(row["ts"]), "done": done[int(row["order_id"])]} for row in played.table("fills")]


def bars(last_open: int = 10_500) -> Market:
    market = Market("BARS", "cash", kind=InstrumentKind.ASSET, price_scale=2)
    for number, price in enumerate((10_000, 10_200, last_open)):
        market.candle(60 * (number + 1), 60, open=price, high=price, low=price, close=price, volume=1_000)
    return market


def test_an_asset_is_bought_at_the_next_open_with_the_cash_there_is() -> None:
    def act(strategy: Any) -> None:
        strategy.buy("BARS", 9, post_only=False, tif="ioc")

    assert play(bars(), [(61, act)], cash=1_000).fills == [(120, BUY, 10_500, 9)]
    broke = play(bars(20_000), [(61, act)], cash=1_000)
    assert (broke.fills, broke.ends) == ([], ["insufficient_funds"])


def test_two_venues_with_one_symbol_in_one_data_set_are_refused() -> None:
    markets = [Market("SAME", venue=venue).trade(1, 5_000, 1, 1) for venue in ("kalshi", "polymarket")]
    with pytest.raises(DataError) as error:
        build_tape([source_of(markets)])
    assert error.value.code == "ambiguous_symbol"
