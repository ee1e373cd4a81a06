"""Queues followed order by order: exact against the simulator, and refused where nobody names the orders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from ntp import Backtest, Strategy
from ntp.core import ConfigError, DataError
from ntp.data import Catalog
from ntp.data.schema import Kind
from ntp.data.simulator import Probe, SimulatorConfig, simulate
from ntp.engine import records as r
from ntp.engine.queues import parse_queue
from ntp.engine.replay import WINDOW
from ntp.engine.tape import SourceFrames

from .build import BUY, ONE, SECOND, SELL, Market, Played, order, play, replace

A, B, C = 11, 22, 33


def standing() -> Market:
    """A with 30 and B with 20 at one price, an ask far away; the order of a script joins behind them at 1."""
    market = Market().named(0, BUY, 5_000, 30, A, end=False).named(0, BUY, 5_000, 20, B, end=False)
    return market.named(0, SELL, 6_000, 500, 99)


def joined(market: Market, **changes: Any) -> Played:
    return play(market, [(1, order(BUY, 10, 5_000))], queue_model=r.Q_FIFO, **changes)


def test_it_joins_behind_every_order_at_its_price() -> None:
    assert joined(standing().named(2, SELL, 6_000, -1, 99)).queue() == 50


def test_cancels_ahead_shorten_the_queue_exactly_and_those_behind_do_not() -> None:
    market = standing().named(2, BUY, 5_000, 40, C)
    assert joined(market).queue() == 50
    assert joined(market.named(3, BUY, 5_000, -40, C)).queue() == 50
    assert joined(market.named(4, BUY, 5_000, -5, A)).queue() == 45
    assert joined(market.named(5, BUY, 5_000, -20, B)).queue() == 25


def test_a_print_and_the_change_it_makes_count_once() -> None:
    market = standing().named(2, BUY, 5_000, 40, C).trade(3, 5_000, 12, SELL).named(3, BUY, 5_000, -12, A)
    assert joined(market).queue() == 38
    assert joined(market.named(4, BUY, 5_000, -18, A)).queue() == 20
    market.trade(5, 5_000, 23, SELL).named(5, BUY, 5_000, -20, B, end=False).named(5, BUY, 5_000, -3, C)
    played = joined(market.named(6, BUY, 5_000, -37, C))
    assert played.fills == [(5, BUY, 5_000, 3)]
    assert played.queue() == 0


def test_an_order_that_grows_goes_to_the_back() -> None:
    market = standing().named(2, BUY, 5_000, 5, A)
    assert joined(market).queue() == 20
    assert joined(market.named(3, BUY, 5_000, -35, A)).queue() == 20


def test_an_own_order_that_grows_goes_to_the_back_too() -> None:
    market = standing().named(2, BUY, 5_000, 7, C).level(9, SELL, 9_000, 0)
    market.rows[Kind.BOOK].pop()
    steps = [(1, order(BUY, 10, 5_000)), (3, replace(size=5)), (4, replace(size=8))]
    patch = {"can_amend": 1, "keeps_priority": 1}
    market.named(20, SELL, 6_000, -1, 99)
    played = play(market, steps[:2], queue_model=r.Q_FIFO, patch=patch)
    assert played.queue() == 50
    played = play(market, steps, queue_model=r.Q_FIFO, patch=patch)
    assert played.queue(played.strategy.sent["a"].id) == 57


def test_an_image_keeps_the_places_of_the_orders_it_shows_again() -> None:
    market = standing().named(2, BUY, 5_000, 40, C).clear(3)
    market.named(3, BUY, 5_000, 10, A, end=False).named(3, BUY, 5_000, 40, C, end=False)
    market.named(3, SELL, 6_000, 500, 99)
    assert joined(market).queue() == 10  # of A 20 went, B went whole, C is behind
    assert joined(market.named(4, BUY, 5_000, -40, C)).queue() == 10


def test_the_table_of_orders_grows() -> None:
    market = standing()
    for number in range(5_000):
        market.named(2 + number * 1e-3, BUY, 4_000 + 100 * (number % 9), 1, 1_000 + number)
    for number in range(0, 5_000, 2):
        market.named(10 + number * 1e-3, BUY, 4_000 + 100 * (number % 9), -1, 1_000 + number)
    assert joined(market.named(30, BUY, 5_000, -30, A)).queue() == 20


def test_rows_without_ids_are_refused() -> None:
    with pytest.raises(ConfigError, match="order ids") as caught:
        joined(Market().book(0, {5_000: 60}, {6_000: 500}))
    assert caught.value.code == "no_order_ids"
    with pytest.raises(ConfigError):
        joined(standing().level(2, BUY, 4_000, 5))


def test_a_total_of_a_level_cannot_name_an_order() -> None:
    market = standing().level(2, BUY, 4_000, 5)
    market.rows[Kind.BOOK][-1]["order_id"] = 5
    with pytest.raises(DataError, match="changes of a level"):
        joined(market)


def test_the_name_takes_no_exponent() -> None:
    assert parse_queue("fifo")[0] == r.Q_FIFO
    with pytest.raises(ConfigError):
        parse_queue("fifo:2")


CONFIG: dict[str, Any] = {"events": 1, "brackets": 3, "duration": "4m", "seed": 21, "order_ids": True}


def probes_of(config: SimulatorConfig, count: int) -> tuple[Probe, ...]:
    """Orders at prices that are traded a little later, at times between the rows."""
    plain = simulate(config)
    random = np.random.default_rng(3)
    chosen = []
    prints = plain.frames[Kind.TRADE]
    for instrument in plain.instruments:
        rows = prints.filter(pl.col("symbol") == instrument.symbol)
        for _ in range(count if rows.height > 50 else 0):
            row = rows.row(int(random.integers(20, rows.height)), named=True)
            when = row["ts_event"] - int(random.integers(SECOND // 10, 5 * SECOND)) | 1
            chosen.append(Probe(
                symbol=instrument.symbol, side=-row["taker"], price=row["price"], size=5 * ONE, placed_at=when,
                cancelled_at=when + 60 * SECOND,
            ))  # fmt: skip
    return tuple(chosen)


class Prober(Strategy):
    """Sends one order and looks at its queue after every row that moved it."""

    def on_start(self) -> None:
        self.seen: list[float] = []
        self.call_at(self.probe.placed_at, "place")
        for when in self.times:
            self.call_at(when, "look")

    def on_timer(self, timer: Any) -> None:
        if timer.name == "place":
            call = self.buy if self.probe.side > 0 else self.sell
            call(self.probe.symbol, self.probe.size / ONE, self.probe.price / 10_000)
        else:
            orders = self._runtime.replay.state.tables["orders"]
            row = orders[(orders["id"] == 1) & (orders["state"] == r.RESTING)]
            self.seen.append(float(row["queue"][0]) if len(row) else -1.0)


def test_queues_and_fills_are_those_of_the_simulator() -> None:
    probes = probes_of(SimulatorConfig(**CONFIG, venues=("sim_a",)), 25)
    recording = simulate(SimulatorConfig(**CONFIG, venues=("sim_a",), probes=probes))
    source = SourceFrames("sim", recording.instruments, recording.frames)
    log, followed, filled = recording.truth["probe_log"], 0, 0
    for number, probe in enumerate(probes):
        truth = recording.truth["probes"].row(number, named=True)
        mine = log.filter((pl.col("probe") == number) & ~pl.col("through"))
        ahead = mine.filter(pl.col("reason").is_in(["cancel_ahead", "trade_ahead"]))
        wanted = {ts + 1: queue for ts, queue in ahead.select("ts_event", "ahead").iter_rows()
                  if ts < truth["ended_at"]}  # fmt: skip
        strategy = Prober()
        strategy.probe, strategy.times = probe, sorted(wanted)
        one = SourceFrames(
            "sim", [i for i in recording.instruments if i.symbol == probe.symbol],
            {kind: frame.filter(pl.col("symbol") == probe.symbol) for kind, frame in source.frames.items()
             if kind is not Kind.INDEX},
        )  # fmt: skip
        played = play([one], strategy, queue_model=r.Q_FIFO, window=997 if number % 2 else WINDOW)
        if truth["state"] == "rejected":
            assert "post_only_would_cross" in played.ends
            continue
        joined_at = played.table("done")["queue_ahead"].tolist()
        assert joined_at[:1] == [truth["queue_at_arrival"]]
        assert strategy.seen == [wanted[when] for when in strategy.times]
        followed += len(wanted)
        if truth["filled"] == probe.size and not log.filter((pl.col("probe") == number) & pl.col("through")).height:
            filled += 1
            assert sum(size for *_, size in played.fills) * ONE >= truth["filled"]
            assert int(played.table("fills")["ts"][-1]) == truth["ended_at"]
    assert followed > 100
    assert filled > 3


def test_a_catalog_keeps_ids_and_reads_rows_that_have_none(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog")
    named, plain = simulate(SimulatorConfig(**CONFIG)), simulate(SimulatorConfig(**CONFIG | {"order_ids": False}))
    assert "order_id" not in plain.frames[Kind.BOOK].columns
    assert named.frames[Kind.TRADE].drop("sequence").equals(plain.frames[Kind.TRADE].drop("sequence"))
    with catalog.writer("named", source="one") as writer:
        writer.add_instruments(named.instruments)
        for kind, frame in named.frames.items():
            writer.add(kind, frame)
    read = catalog.dataset("named").frame(Kind.BOOK)
    assert read.equals(named.frames[Kind.BOOK])
    run = Backtest("maker", catalog.dataset("named"), engine={"queue": "fifo"}).run(modes=("base",))
    assert len(run.fills) > 0
