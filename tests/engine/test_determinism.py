"""Equal inputs give equal fills: any window, one row at a time, any thread or process, Python or compiled."""

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ntp.engine import records as r
from ntp.engine.shipped import compiled_parameters
from ntp.strategy import Strategy, as_strategy

from .build import Market, Played, play
from .random_markets import Row, l2_rows, markets_of, quote_rows, steps_of_wishes, wishes

SEEDS = st.integers(0, 2**32 - 1)
VENUES = {"A": "sim_a", "B": "sim_b", "Q": "kalshi"}
SHIPPED = {
    "maker": {"half_spread": 0.02, "size": 7, "skew": 0.001, "max_position": 40},
    "v10": {"lookback": 5, "threshold": 0.002, "size": 5},
}


def rows_of(seed: int) -> list[Row]:
    return l2_rows(seed, 120, "A") + l2_rows(seed + 1, 120, "B", settle=0.0) + quote_rows(seed, 80, "Q")


def digest(played: Played) -> str:
    tables = [played.table(name).tolist() for name in ("fills", "done", "settlements")]
    return hashlib.sha256(repr((tables, played.replay.state.accounts.tolist())).encode()).hexdigest()


def scripted_run(market: int, **options: Any) -> Played:
    script = steps_of_wishes(wishes(market, 60, list(VENUES)))
    return play(
        [markets_of(rows_of(market), VENUES)], script, latency=0.05, feed_latency=0.02, cash=500,
        queue_model=r.Q_POWER, inferred_prints=True, **options,
    )  # fmt: skip


@given(SEEDS, st.sampled_from([1, 2, 3, 7, 50, 333]))
@settings(max_examples=20, deadline=None)
def test_any_window_gives_the_same_fills(seed: int, window: int) -> None:
    assert digest(scripted_run(seed, window=window)) == digest(scripted_run(seed))


@given(SEEDS)
@settings(max_examples=10, deadline=None)
def test_rows_fed_one_at_a_time_give_the_same_fills(seed: int) -> None:
    assert digest(scripted_run(seed, fed=True)) == digest(scripted_run(seed))


def delayed(seed: int, **options: Any) -> Played:
    """A recording whose arrival times differ, so that rows are not seen in the order of the venue."""
    markets = [Market(name, "sim_a") for name in "AB"]
    for place, market in enumerate(markets):
        for number, row in enumerate(quote_rows(seed + place, 100)):
            late = row.when + 0.01 + (seed * 31 + number * 17 + place) % 40 / 100
            if row.kind == "quote":
                market.quote(row.when, *row.quote, recv=late)
            elif row.kind == "trade":
                market.trade(row.when, row.price, row.size, row.side, recv=late)
    script = steps_of_wishes(wishes(seed, 40, ["A", "B"]))
    return play([market.source(0.02) for market in markets], script, latency=0.05, feed_latency=0.02, **options)


@given(SEEDS, st.sampled_from([1, 2, 9, 64]))
@settings(max_examples=20, deadline=None)
def test_late_arrivals_cut_anywhere_give_the_same_fills(seed: int, window: int) -> None:
    assert digest(delayed(seed, window=window)) == digest(delayed(seed))


@pytest.mark.parametrize("seed", range(3))
def test_late_arrivals_fed_one_at_a_time_give_the_same_fills(seed: int) -> None:
    assert digest(delayed(seed, fed=True)) == digest(delayed(seed))


def test_threads_do_not_disturb_one_another() -> None:
    alone = [digest(scripted_run(seed)) for seed in range(6)]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda seed: digest(scripted_run(seed)), range(6)))
    assert together == alone


def test_another_process_gives_the_same_fills() -> None:
    code = "from tests.engine.test_determinism import *; print(digest(scripted_run(11)))"
    root = Path(__file__).resolve().parents[2]
    made = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert made.stdout.strip() == digest(scripted_run(11))


def test_drawn_latencies_follow_the_seed() -> None:
    drawn = {"order_latencies": (1_000_000, 90_000_000, 400_000_000)}
    one, other = (digest(scripted_run(5, seed=seed, **drawn)) for seed in (1, 2))
    assert one == digest(scripted_run(5, seed=1, **drawn))
    assert one != other


def shipped(name: str) -> tuple[Strategy, tuple[int, tuple[float, ...]]]:
    strategy, _ = as_strategy(name, None, SHIPPED[name])
    return strategy, compiled_parameters(name, strategy.parameters())


@given(
    SEEDS, st.sampled_from(sorted(SHIPPED)), st.sampled_from([0.0, 0.02]), st.sampled_from([0.0, 0.05, 0.5]),
    st.sampled_from([60, 100_000]), st.booleans(),
)  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_python_and_compiled_strategies_give_the_same_fills(
    seed: int, name: str, feed: float, latency: float, cash: int, touch: bool
) -> None:
    strategy, compiled = shipped(name)
    sources = [markets_of(rows_of(seed), VENUES)]
    options = {"latency": latency, "feed_latency": feed, "cash": cash, "touch_fills": touch}
    slow = play(sources, strategy, **options)
    fast = play(sources, shipped(name)[0], compiled=compiled, **options)
    assert digest(fast) == digest(slow)


def test_the_shipped_strategies_trade_in_these_tests() -> None:
    for name in SHIPPED:
        strategy, compiled = shipped(name)
        played = play([markets_of(rows_of(3), VENUES)], strategy, compiled=compiled, latency=0.05, cash=10_000)
        assert len(played.table("fills")) > 5
