"""What calls of the SDK do to a market: strategies run whole, on small recordings, and are checked by hand."""

from typing import Any

import pytest
from recording import Recording, Steps, at, dataset, play, rest

from ntp import Strategy
from ntp.backtest import Backtest, Run
from ntp.core import ConfigError, DataError

CENTS = ((0, 10_000, 100),)


def quotes(seconds: int = 60, **attributes: Any) -> Recording:
    """A bid of 0.40 and an ask of 0.45 with sizes that change every second."""
    made = Recording("A", tick_bands=CENTS, **attributes)
    for second in range(seconds):
        made.quote(second, 0.40, 0.45, 100 + second % 2)
    return made


def run(strategy: type[Strategy], *data: Any, **options: Any) -> Run:
    engine = {"feed_latency": "0s", "order_latency": "0s"}
    return Backtest(strategy, list(data), engine=engine, capital=1_000, **options).run()


def test_a_clock_ticks_until_the_last_row_and_no_longer(tmp_path):
    ticks: list[int] = []

    class Clock(Strategy):
        wake = "timer:10s"

        def on_timer(self, timer):
            ticks.append(self.ts)
            self.call_at("1s", "again")

    run(Clock, dataset(tmp_path, quotes(35)))
    assert min(ticks) == at(1) // (10 * 10**9) * 10 * 10**9 + 10 * 10**9
    assert at(34) <= max(ticks) < at(45)


def test_a_bar_is_complete_when_its_time_is_over_and_repeats_the_close_where_nothing_traded(tmp_path):
    made = quotes(60).trade(12.5, 0.41, 7, 1).trade(13.5, 0.44, 3, 1).trade(14.5, 0.42, 3, -1).trade(35.5, 0.43, 3, -1)

    replays: list[list[tuple[float, ...]]] = []

    class Bars(Strategy):
        wake = "bar:10s"

        def on_start(self):
            self.seen = []
            replays.append(self.seen)

        def on_bar(self, data):
            bar = data.bars("10s", 1)
            self.seen.append((bar.ts[0], *(float(getattr(bar, name)[0]) for name in
                                           ("open", "high", "low", "close", "volume"))))

    run(Bars, dataset(tmp_path, made))
    assert len(replays) == 3
    for seen in replays:
        assert seen == [
            (at(20), 0.41, 0.44, 0.41, 0.42, 13.0), (at(30), 0.42, 0.42, 0.42, 0.42, 0.0),
            (at(40), 0.43, 0.43, 0.43, 0.43, 3.0), (at(50), 0.43, 0.43, 0.43, 0.43, 0.0),
            (at(60), 0.43, 0.43, 0.43, 0.43, 0.0),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("side", "price", "options", "rests"),
    [
        (1, 0.4049, {}, 0.40), (-1, 0.4451, {}, 0.45), (1, 0.4099996, {}, 0.41), (-1, 0.4400004, {}, 0.44),
        (1, 0.5549, {"outcome": "NO"}, 0.45),
    ],
)  # fmt: skip
def test_a_price_between_two_ticks_moves_away_from_the_market(tmp_path, side, price, options, rests):
    done = play(dataset(tmp_path, quotes()), [(3, rest("A", side, 10.007, price, **options))])
    assert done.orders.select("price", "size", "status").rows() == [(rests, 10.0, "resting")]


def test_a_replaced_order_rests_on_the_grid_and_the_step_too(tmp_path):
    def move(strategy):
        strategy.replace(strategy.sent["first"], price=0.3899, size=4.009)

    def send(strategy):
        strategy.sent["first"] = strategy.buy("A", 10, 0.40)

    done = play(dataset(tmp_path, quotes()), [(3, send), (5, move)])
    assert done.orders.select("price", "size", "status").rows() == [(0.40, 10.0, "cancelled"), (0.38, 4.0, "resting")]


def test_an_order_tells_its_queue_and_its_end(tmp_path):
    replays: list[list[Any]] = []

    class Told(Steps):
        steps = [(2, rest("A", 1, 10, 0.40))]  # noqa: RUF012

        def on_start(self):
            super().on_start()
            self.seen = []
            replays.append(self.seen)

        def on_order(self, order):
            self.seen.append((order.status, order.queue_ahead))

        def on_fill(self, fill):
            self.seen.append((fill.order.status, fill.order.remaining))

    run(Told, dataset(tmp_path, quotes().trade(20.5, 0.40, 106, -1).trade(30.5, 0.40, 300, -1)))
    assert replays[0] == [("open", 100.0), ("open", 4.0), ("filled", 0.0)]


def test_results_of_another_source_settle_what_was_traded(tmp_path):
    market = dataset(tmp_path / "a", quotes().trade(20.5, 0.40, 300, -1), name="market")
    results = dataset(tmp_path / "b", Recording("A").settle(120, 1.0), name="results")
    buy = [(2, rest("A", 1, 10, 0.40))]
    assert play(market, buy).settlements.height == 0
    done = play([market, results], buy)
    assert done.settlements.select("value", "position").rows() == [(1.0, 10.0)]
    assert done.metrics.pnl_net_usd == pytest.approx(6.0)


def test_two_final_results_of_a_contract_are_an_error(tmp_path):
    market = dataset(tmp_path / "a", quotes().settle(100, 0.0), name="market")
    same = dataset(tmp_path / "b", Recording("A").settle(120, 0.0), name="same")
    other = dataset(tmp_path / "c", Recording("A").settle(120, 1.0), name="other")
    play([market, same], [])
    with pytest.raises(DataError, match="0 in 'market' and 1 in 'other'") as caught:
        play([market, other], [])
    assert caught.value.code == "two_settlements"


def test_a_copy_keeps_what_the_view_showed(tmp_path):
    kept: list[Any] = []

    class Keeps(Strategy):
        def on_quote(self, data):
            kept.append((data.copy(), data.bid, data.position.size))

    made = Recording("A", tick_bands=CENTS).quote(0, 0.40, 0.45).quote(1, 0.41, None).quote(2, 0.42, 0.47)
    run(Keeps, dataset(tmp_path, made))
    for copied, bid, held in kept:
        assert (copied.bid, copied.position.size, copied.event.id) == (bid, held, "EVENT-A")
        assert copied.venue == "kalshi"
    assert any(copied.get("ask") is None for copied, _, _ in kept)


def test_prices_in_frames_are_the_floats_that_people_write(tmp_path):
    cents = [number / 100 for number in range(1, 45)]
    done = play(dataset(tmp_path, quotes()), [(3, rest("A", 1, 1, price)) for price in cents])
    assert sorted(done.orders["price"]) == cents


def test_a_range_that_ends_before_it_begins_is_refused(tmp_path):
    backtest = Backtest("maker", dataset(tmp_path, quotes()))
    with pytest.raises(ConfigError, match="ends after it begins"):
        backtest.run(start="2026-07-15", end="2026-07-13")
