"""YES and NO are names: the mirrored recording gives the mirrored result to the last digit."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from ntp.backtest.run import ModeResult
from recorded import DOLLAR, MODES, mirrored_markets, run_on, stored

_SAME = [
    "ts", "contract", "size", "fee", "rebate", "is_maker", "traded_through", "inferred", "queue_ahead",
    "wait_ns",
]  # fmt: skip
CASES = [
    ("kalshi_btc15m_l2", "maker"),
    ("polymarket_btc15m_l5", "v10"),
    ("kalshi_worldcup_inplay", "maker"),
    ("kalshi_temp_markets_candles", "maker"),
]


@pytest.mark.parametrize(("name", "strategy"), CASES)
def test_mirrored_recording_gives_the_mirrored_result(
    name: str, strategy: str, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = stored(shared_data, name)
    plain = run_on(monkeypatch, strategy, data, compiled=True).run
    with mirrored_markets(monkeypatch):
        turned = run_on(monkeypatch, strategy, data, compiled=True).run
    for mode in MODES:
        ours, theirs = plain.fill_modes[mode], turned.fill_modes[mode]
        assert _rows(ours, turn=False) == _rows(theirs, turn=True)
        assert _moments(ours, turn=False) == _moments(theirs, turn=True)
        assert ours.metrics.pnl_net_usd == theirs.metrics.pnl_net_usd
        assert _settled(ours, turn=False) == _settled(theirs, turn=True)
    assert plain.fill_modes["base"].metrics.fills > 0


def _rows(result: ModeResult, *, turn: bool) -> list[tuple[object, ...]]:
    raw = result.output.fills
    side, price = (-pl.col("side"), DOLLAR - pl.col("price")) if turn else (pl.col("side"), pl.col("price"))
    return sorted(raw.select(*_SAME, side=side, price=price).rows(), key=repr)


def _moments(result: ModeResult, *, turn: bool) -> list[tuple[object, ...]]:
    """Cash and position after each instant: within one, the order of a buy and a sale may differ."""
    moments = result.output.fills.group_by("ts", "contract", maintain_order=True)
    position = pl.col("position").last() * (-1 if turn else 1)
    return sorted(moments.agg(pl.col("cash").sum(), position=position).rows())


def _settled(result: ModeResult, *, turn: bool) -> list[tuple[object, ...]]:
    sign = -1 if turn else 1
    raw = result.output.settlements
    return sorted(raw.select("ts", "contract", "cash", position=sign * pl.col("position")).rows())
