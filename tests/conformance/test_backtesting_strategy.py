"""The same crossing as a person would write it: a strategy on an imported file, trade by trade."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from ntp import Backtest, Param, Strategy
from ntp.data import Catalog, Dataset, import_path
from ntp.data.schema import Kind

from .backtesting_oracle import BarTrade, CrossJob, oracle_trades, reference_trades
from .peers import peer_python
from .test_backtesting_conformance import JOBS, job_for

SIZE_UNIT = 1_000_000


class Cross(Strategy):
    """Turn the position when the averages of 20 and 50 closes cross."""

    shares: int = Param(10, ge=1, help="size of the position")

    def on_start(self) -> None:
        """Begin without prices and without a position."""
        self.closes: list[int] = []
        self.before = 0
        self.held = 0

    def analyze(self, data: Any) -> None:
        """Compare the averages at each bar; take at the next open."""
        self.closes.append(round(data.price * 10**data.contract.price_scale))
        if len(self.closes) < 50:
            return
        now = sum(self.closes[-20:]) * 50 - sum(self.closes[-50:]) * 20
        side = 1 if self.before <= 0 < now else -1 if self.before >= 0 > now else 0
        self.before = now
        if side == 0 or len(self.closes) == 50:
            return
        wanted = side * self.shares
        call, limit = (self.buy, data.price * 2) if side > 0 else (self.sell, data.price / 2)
        call(size=abs(wanted - self.held), price=limit, post_only=False, tif="ioc")
        self.held = wanted


@pytest.mark.parametrize("name", JOBS)
def test_strategy_trades_as_backtesting_does(name: str, shared_data: Path, tmp_path: Path) -> None:
    job = job_for(name, shared_data)
    catalog = Catalog(tmp_path / "catalog")
    import_path(catalog, job.path, name="bars")
    data = catalog.dataset("bars")
    run = Backtest(
        Cross(shares=job.size), data, capital=job.cash, waive=("maker_only",),
        engine={"feed_latency": "0ns", "order_latency": "0ns"},
    ).run()  # fmt: skip
    fills = run.fill_modes["pessimistic"].output.fills
    assert not fills["is_maker"].any()
    assert fills["fee"].sum() == 0
    assert len({result.fills_hash for result in run.fill_modes.values()}) == 1
    assert trades_of(fills.rows(named=True)) == expected(job, data)


def trades_of(fills: list[dict[str, Any]]) -> list[BarTrade]:
    return [
        BarTrade(begin["ts"], end["ts"], begin["price"], end["price"], begin["position"] // SIZE_UNIT)
        for begin, end in itertools.pairwise(fills)
    ]


def expected(job: CrossJob, data: Dataset) -> list[BarTrade]:
    """Return the peer's trades in the scale of the imported file; by its plain rules where it is absent."""
    bars = data.frame(Kind.CANDLE)
    ratio = job.scale // 10 ** data.instruments()[0].price_scale
    if peer_python("backtesting") is not None:
        trades = oracle_trades(job)
    else:
        starts = (bars["ts_event"] - bars["interval"]).to_list()
        opens, closes = (bars[column].cast(int).to_numpy() * ratio for column in ("open", "close"))
        trades = reference_trades(starts, opens, closes, job)
    assert len(trades) > 20
    return [
        BarTrade(t.entry_ts, t.exit_ts, t.entry_price // ratio, t.exit_price // ratio, t.size) for t in trades
    ]
