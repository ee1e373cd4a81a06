"""What nobody may get for nothing: the chance of a fill in a toy queue, absent values, faults, modes."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from ntp.backtest import Backtest, fills_hash
from ntp.core import Absent, StrategyError
from ntp.strategy import Strategy

from .build import BUY, SECOND, SELL, T0, Market, order, play, source_of

TRIALS = 2_000
QUEUE, MEAN, PRINTS = 1_000, 25.0, 40


def chance(queue: float) -> float:
    """Probability that a Poisson number of exponential prints consumes a queue."""
    counts = np.arange(1, 200)
    return float((stats.poisson.pmf(counts, PRINTS) * stats.gamma.sf(queue / MEAN, counts)).sum())


@pytest.mark.parametrize(("share", "expected"), [(1.0, 0.4796), (0.65, 0.9488)])
def test_the_chance_of_a_fill_is_that_of_the_whole_queue(share: float, expected: float) -> None:
    rng = np.random.default_rng(48)
    markets = []
    for number in range(TRIALS):
        market = Market(f"C{number:04}").book(0, {5_000: QUEUE * share}, {6_000: 1})
        for at, size in enumerate(rng.exponential(MEAN, rng.poisson(PRINTS))):
            market.trade(2 + at * 0.01, 5_000, float(size), SELL)
        markets.append(market)

    def send(strategy: Any) -> None:
        for market in markets:
            strategy.buy(market.instrument.symbol, 0.001, 0.50)

    played = play([source_of(markets)], [(1, send)])
    filled = len(np.unique(played.table("fills")["contract"])) / TRIALS
    assert chance(QUEUE * share) == pytest.approx(expected, abs=0.02)
    assert filled == pytest.approx(chance(QUEUE * share), abs=4 * (0.25 / TRIALS) ** 0.5)


class Middle(Strategy):
    """Quotes around the mid; notes what it could not read."""

    def on_start(self) -> None:
        self.read: list[Any] = []

    def on_quote(self, data: Any) -> None:
        self.read.append((data.get("bid"), data.get("ask"), data.get("mid")))
        self.quote(bid=data.mid - 0.02, ask=data.mid + 0.02, size=5)


def test_a_missing_side_is_absent_never_zero_or_a_half_and_withdraws_the_quotes() -> None:
    market = Market().quote(0, 4_800, 5_200, 9, 9).quote(2, 4_800, None, 9, None)
    market.trade(4, 4_000, 99, SELL).quote(6, None, None).quote(8, 4_900, 5_300, 9, 9)
    played = play(market, Middle(), latency=0.1)
    assert played.strategy.read == [
        (0.48, 0.52, 0.5), (0.48, None, None), (None, None, None), (0.49, 0.53, pytest.approx(0.51)),
    ]  # fmt: skip
    assert played.runtime.absent == {"mid": 2}
    assert played.fills == []
    assert played.ends == ["cancelled", "cancelled"]


@pytest.mark.parametrize("name", ["bid", "ask", "mid", "spread", "bid_size", "ask_size", "price", "volume", "spot"])
def test_every_field_that_is_not_known_says_so(name: str) -> None:
    seen: list[Any] = []

    def look(strategy: Any) -> None:
        with pytest.raises(Absent):
            getattr(strategy.market("C"), name)
        seen.append(strategy.market("C").get(name))

    play(Market().quote(0, None, None).quote(2, None, None), [(1, look)])
    assert seen == [None]


class Faulty(Strategy):
    """Buys, then divides by zero."""

    def on_quote(self, data: Any) -> None:
        if data.bid < 0.48:
            self.buy(size=1 / 0)
        else:
            self.buy(price=data.bid, size=3)


def test_a_strategy_that_raises_says_where_and_keeps_what_came_before() -> None:
    market = Market().quote(0, 4_800, 5_200, 0, 9).trade(2, 4_700, 9, SELL).quote(5, 4_700, 5_200, 9, 9)
    with pytest.raises(StrategyError) as caught:
        play(market, Faulty(), latency=0.1)
    details = caught.value.details
    assert caught.value.code == "strategy_raised"
    assert "ZeroDivisionError" in details["traceback"]
    assert "1 / 0" in details["traceback"]
    assert details["contract"] == "plain:C"
    assert details["ts"] == T0 + 5 * SECOND


class Mistaken(Strategy):
    """Asks for a span of time that is none."""

    def on_quote(self, data: Any) -> None:
        data.history("mid", "1x")


def test_a_call_that_cannot_be_carried_out_says_where_it_was_made() -> None:
    with pytest.raises(StrategyError, match="duration") as caught:
        play(Market().quote(0, 4_800, 5_200, 1, 9).quote(5, 4_700, 5_200, 9, 9), Mistaken())
    assert caught.value.details["file"] == __file__
    assert caught.value.details["contract"] == "plain:C"
    assert "1x" in caught.value.details["traceback"]


def quotes_frame(seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    middle = 0.5 + np.cumsum(rng.choice([-0.01, 0.0, 0.01], 300)).clip(-0.3, 0.3)
    start = pl.datetime(2026, 1, 5, time_unit="ns", time_zone="UTC")
    return pl.select(timestamp=start + pl.duration(seconds=pl.int_range(300) * 7)).with_columns(
        symbol=pl.lit("A"), bid=pl.Series((middle - 0.01).round(2)), ask=pl.Series((middle + 0.01).round(2)),
        bid_size=pl.lit(9.0), ask_size=pl.lit(9.0),
    )  # fmt: skip


class Chancy(Strategy):
    """Quotes now and then, by its own random numbers, and counts on itself."""

    def on_start(self) -> None:
        self.count = 0

    def on_quote(self, data: Any) -> None:
        self.count += 1
        if self.rng.random() < 0.3:
            self.quote(bid=data.bid - 0.01 * (self.count % 3), ask=data.ask + 0.01, size=2 + self.count % 5)


def test_each_fill_mode_is_a_replay_of_its_own() -> None:
    data = quotes_frame(5)
    together = Backtest(Chancy(), data).run()
    hashes = {mode: fills_hash(result.output.fills) for mode, result in together.fill_modes.items()}
    assert len(hashes) == 3
    assert len(set(hashes.values())) > 1
    for mode, expected in hashes.items():
        alone = Backtest(Chancy(), data, fills=mode).run(modes=(mode,))
        assert fills_hash(alone.fill_modes[mode].output.fills) == expected
        assert len(alone.fills) > 0 or mode != "optimistic"


def test_repeated_runs_give_the_same_bytes() -> None:
    one, other = (Backtest(Chancy(), quotes_frame(6)).run() for _ in range(2))
    assert one.manifest.hash == other.manifest.hash
    for mode in one.fill_modes:
        assert one.fill_modes[mode].fills_hash == other.fill_modes[mode].fills_hash


def test_a_queue_of_cancels_alone_gives_no_fill_in_any_mode() -> None:
    market = Market().book(0, {5_000: 100}, {6_000: 5})
    for number in range(100):
        market.delta(2 + number, BUY, 5_000, -1)
    for model in range(4):
        played = play(market, [(1, order(BUY, 10, 5_000))], queue_model=model, touch_fills=True)
        assert played.fills == []


def test_a_feed_latency_named_for_the_only_source_holds() -> None:
    def seen(feed: Any) -> list[int]:
        run = Backtest(Middle(), quotes_frame(7), engine={"feed_latency": feed}).run(modes=("base",))
        return list(run.fill_modes["base"].output.orders["ts"])

    assert seen({"frame": "3s"}) == seen("3s") != seen("0s")
