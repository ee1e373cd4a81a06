"""A crossing of two moving averages on recorded bars, trade by trade against backtesting.py 0.6.6."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from .backtesting_oracle import BarTrade, CrossJob, oracle_trades, reference_trades

JOBS = {"GOOG": (100, 10), "EURUSD": (100_000, 1_000)}  # scale of prices, size of an order


def job_for(name: str, shared_data: Path) -> CrossJob:
    path = shared_data / "engine_fixtures" / f"backtesting_py_{name}.parquet"
    if not path.exists():
        pytest.skip(f"no recorded bars: expected {path}")
    scale, size = JOBS[name]
    return CrossJob(path, scale, size)


def reference(job: CrossJob) -> list[BarTrade]:
    frame = pl.read_parquet(job.path)
    ts = frame[frame.columns[0]].cast(pl.String).str.to_datetime(time_unit="ns").to_physical().to_list()
    opens, closes = (
        np.rint(frame[name].to_numpy() * job.scale).astype(np.int64) for name in ("Open", "Close")
    )
    return reference_trades(ts, opens, closes, job)


@pytest.mark.parametrize("name", JOBS)
def test_reference_agrees_with_backtesting(name: str, shared_data: Path) -> None:
    job = job_for(name, shared_data)
    trades = oracle_trades(job)
    assert len(trades) > 20
    assert reference(job) == trades


@pytest.mark.parametrize("name", JOBS)
def test_engine_agrees_with_backtesting(name: str, shared_data: Path) -> None:
    try:
        adapter: Any = importlib.import_module(f"{__package__}.engine_adapter")
    except ModuleNotFoundError:
        pytest.skip("the engine is not wired: tests/conformance/engine_adapter.py is absent")
    job = job_for(name, shared_data)
    assert adapter.bars_run(job) == oracle_trades(job)
