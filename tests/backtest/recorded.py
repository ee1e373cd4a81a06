"""Recorded markets for tests: imported once per process, replayed, mirrored."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ntp.backtest import Backtest
from ntp.backtest import backtest as backtest_module
from ntp.backtest import stage as stage_module
from ntp.backtest.loader import LoadedData, load_data
from ntp.backtest.run import Run
from ntp.data import Catalog, Dataset, import_path
from ntp.data.schema import BOOK_CLEAR, Kind
from ntp.engine.replay import Replay
from ntp.engine.tape import SourceFrames, TapeSource

DOLLAR = 10_000
MODES = ("pessimistic", "base", "optimistic")
_CATALOGS = tempfile.TemporaryDirectory(prefix="ntp-recorded-")


@functools.cache
def _stored(path: Path) -> Dataset:
    catalog = Catalog(Path(_CATALOGS.name) / "catalog")
    import_path(catalog, path, name=path.stem.replace("-", "_"))
    return catalog.dataset(path.stem.replace("-", "_"))


def stored(shared_data: Path, name: str) -> Dataset:
    """Return the data set of a folder or file of recorded markets; skip where it is absent."""
    path = shared_data / name
    if not path.exists():
        pytest.skip(f"no recorded markets: expected {path}")
    return _stored(path)


@dataclass
class Ran:
    """A run and the end state of each of its replays, in the order of the modes."""

    run: Run
    replays: list[Replay] = field(default_factory=list)


def run_on(monkeypatch: pytest.MonkeyPatch, strategy: Any, data: Any, **options: Any) -> Ran:
    """Run a strategy in all fill modes and keep what the engine's memory held at the end."""
    replays: list[Replay] = []
    harvest = stage_module.harvest

    def kept(replay: Replay, **fields: Any) -> Any:
        replays.append(replay)
        return harvest(replay, **fields)

    with monkeypatch.context() as patch:
        patch.setattr(stage_module, "harvest", kept)
        return Ran(Backtest(strategy, data, **options).run(), replays)


@contextmanager
def mirrored_markets(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Within it every data set is read with YES and NO exchanged."""

    def read(*args: Any, **fields: Any) -> LoadedData:
        loaded = load_data(*args, **fields)
        loaded.sources = [
            SourceFrames(
                source.name, source.instruments,
                {kind: mirrored(kind, _whole(source, kind)) for kind in source.kinds()}, source.feed_latency,
            )
            for source in loaded.sources
        ]  # fmt: skip
        return loaded

    with monkeypatch.context() as patch:
        patch.setattr(backtest_module, "load_data", read)
        yield


def _whole(source: TapeSource, kind: Kind) -> pl.DataFrame:
    return pl.concat(list(source.batches(kind, {each.symbol for each in source.instruments})))


def mirrored(kind: Kind, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the same events in terms of NO."""
    price = DOLLAR - pl.col("price")
    if kind is Kind.BOOK:
        turned = pl.when(pl.col("action") == BOOK_CLEAR).then(pl.col("price")).otherwise(price)
        return frame.with_columns(-pl.col("side"), price=turned)
    if kind is Kind.TRADE:
        return frame.with_columns(-pl.col("taker"), price=price)
    if kind is Kind.QUOTE:
        return frame.with_columns(
            bid=DOLLAR - pl.col("ask"), ask=DOLLAR - pl.col("bid"), bid_size=pl.col("ask_size"),
            ask_size=pl.col("bid_size"),
        )  # fmt: skip
    if kind is Kind.CANDLE:
        return frame.with_columns(
            open=DOLLAR - pl.col("open"), close=DOLLAR - pl.col("close"), high=DOLLAR - pl.col("low"),
            low=DOLLAR - pl.col("high"),
            **{f"bid_{a}": DOLLAR - pl.col(f"ask_{b}") for a, b in _SWAPPED.items()},
            **{f"ask_{a}": DOLLAR - pl.col(f"bid_{b}") for a, b in _SWAPPED.items()},
        )  # fmt: skip
    if kind is Kind.SETTLEMENT:
        return frame.with_columns(value=1_000_000 - pl.col("value"))
    return frame


_SWAPPED = {"open": "open", "close": "close", "high": "low", "low": "high"}
