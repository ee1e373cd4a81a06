"""Every kind of recording runs end to end, with the fidelity and tape that it has."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from recorded import MODES, run_on, stored

SETS = [  # path, fidelity, tape
    ("kalshi_highny_tob", "quotes", "none"),
    ("kalshi_worldcup_inplay", "quotes", "none"),
    ("kalshi_crypto15m_tob", "quotes", "none"),
    ("polymarket_btc15m_l5", "l2", "recorded"),
    ("polymarket_us_quotes", "quotes", "none"),
    ("kalshi_temp_markets_candles", "candles", "none"),
    ("kalshi_mentions", "candles", "none"),
]


@pytest.mark.parametrize("strategy", ["maker", "v10"])
@pytest.mark.parametrize(("name", "fidelity", "tape"), SETS)
def test_runs_end_to_end(
    name: str, fidelity: str, tape: str, strategy: str, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = run_on(monkeypatch, strategy, stored(shared_data, name), compiled=True)
    document = ran.run.to_dict()
    assert (document["fidelity"], document["tape"]) == (fidelity, tape)
    assert document["data"]["events"] > 1_000
    for mode, replay in zip(MODES, ran.replays, strict=True):
        result = ran.run.fill_modes[mode]
        assert result.metrics.fills > 0
        assert replay.state.accounts["cash"].min() >= 0
        _check_fills(result.output.fills, mode, tape)


def _check_fills(fills: pl.DataFrame, mode: str, tape: str) -> None:
    assert fills["is_maker"].all()
    assert fills["price"].is_between(1, 9_999).all()
    assert (fills["size"] > 0).all()
    if mode != "optimistic" and tape == "none":
        without_tape = fills.filter(~pl.col("traded_through"))
        # only contracts that have a tape of their own may fill otherwise
        assert without_tape.height < max(fills.height // 4, 10)
