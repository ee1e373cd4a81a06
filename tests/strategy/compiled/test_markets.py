"""Compiled strategies on assets, simulated and recorded markets, and in other processes."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ntp import Backtest, CSVDataSource, Param, Strategy
from ntp.data import Catalog, import_path
from ntp.strategy.compiled import module
from strategy.compiled import examples
from strategy.compiled.test_same_fills import OwnMaker, assert_same, both


class Crossing(Strategy):
    """Follows the faster mean across the slower one, at any price."""

    fast: int = Param(5, ge=1)
    slow: int = Param(12, ge=1)

    def analyze(self, data):
        quick = data.history("price", self.fast).mean()
        calm = data.history("price", self.slow).mean()
        held = data.position.size
        if quick > calm and held <= 0:
            self.buy(size=3 - held, post_only=False, tif="ioc", tag="up")
        elif quick < calm and held > 0:
            self.sell(size=held, post_only=False, tif="ioc", tag="down")


@pytest.fixture
def asset(tmp_path: Path) -> CSVDataSource:
    lines = []
    for minute in range(600):
        close = 140.0 + 5.0 * math.sin(minute / 17.0) + math.sin(minute * 1.7)
        lines.append(f"2026-01-05T{minute // 60:02}:{minute % 60:02}:00Z,{close:.2f},{close + 0.5:.2f},"
                     f"{close - 0.5:.2f},{close:.2f},{100 + minute % 7}")
    file = tmp_path / "goog.csv"
    file.write_text("timestamp,open,high,low,close,volume\n" + "\n".join(lines) + "\n")
    return CSVDataSource(file, kind="asset", venue="cash")


def test_crossing_means_on_bars_of_an_asset(asset):
    plain, compiled = both(Crossing, asset, {}, waive=("maker_only",))
    assert plain.to_dict()["metrics"]["fills"] > 10
    assert_same(plain, compiled)


def test_a_refused_taker_is_refused_in_both_forms(asset):
    plain, compiled = both(Crossing, asset, {})
    assert plain.to_dict()["orders"]["refused"] > 10
    assert_same(plain, compiled)


@pytest.mark.parametrize("strategy", [OwnMaker, examples.Momentum, examples.Event], ids=lambda each: each.__name__)
def test_recorded_markets(strategy, shared_data, tmp_path):
    path = shared_data / "kalshi_worldcup_inplay"
    if not path.exists():
        pytest.skip(f"no recorded markets: expected {path}")
    catalog = Catalog(tmp_path / "catalog")
    import_path(catalog, path, name="inplay")
    plain, compiled = both(strategy, catalog.dataset("inplay"), {})
    assert len(plain.orders)
    assert_same(plain, compiled)


def test_parameters_need_no_compilation(monkeypatch):
    before = module._entry.cache_info().misses
    runs = [Backtest(OwnMaker(half_spread=each), "sample", compiled=True) for each in (0.01, 0.02)]
    found = [each.run(start="2026-01-05T00:00", end="2026-01-05T00:10").to_dict()["fills_hash"] for each in runs]
    assert found[0] != found[1]
    assert module._entry.cache_info().misses - before <= 1


def test_machine_code_is_kept_between_processes(tmp_path):
    text = "from ntp.strategy.compiled import assembly, module\nfrom strategy.compiled.examples import Long\n"
    text += "module.entry_of(assembly.program_of(Long()))\nfrom ntp.engine.compile import cache_folder\n"
    text += "print(*sorted((each.name, each.stat().st_mtime_ns) for each in (cache_folder()).rglob('*drive*')))"
    seen: list[Any] = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", text], capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        seen.append(done.stdout)
    assert seen[0] == seen[1] != "\n"
