"""A run as files: JSON for what it was made of, Parquet for what happened."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import polars as pl

from ntp.backtest.manifest import Manifest
from ntp.backtest.results import DataInfo, EngineInfo, ModeOutput, Performance, RunContext, StrategyInfo
from ntp.backtest.run import Run
from ntp.core import canonical_json

_FRAMES: Final = ("fills", "orders", "settlements", "equity")
_OWN: Final = ("records", "signals")
_FORMAT: Final = 2


def write_run(run: Run, folder: Path) -> None:
    """Write a run into a new folder."""
    folder.mkdir(parents=True)
    frames = {
        f"{mode}.{name}": getattr(result.output, name)
        for mode, result in run.fill_modes.items() for name in (*_FRAMES, *_OWN)
    } | {"prices": run.prices}  # fmt: skip
    with ThreadPoolExecutor() as pool:  # what the files say is worked out while they are written
        written = [
            pool.submit(frame.write_parquet, folder / f"{name}.parquet", compression="zstd")
            for name, frame in frames.items() if frame is not None
        ]  # fmt: skip
        _write(folder / "manifest.json", run.manifest.to_dict())
        _write(folder / "document.json", run.to_dict())
        modes = {
            mode: {
                "counters": dict(output.counters), "accounts": [dict(row) for row in output.accounts],
                "open_positions": [dict(row) for row in output.open_positions],
            }
            for mode, output in ((mode, result.output) for mode, result in run.fill_modes.items())
        }  # fmt: skip
        _write(folder / "run.json", {
            "format": _FORMAT, "context": asdict(run.context), "modes": modes, "report": run.report_path,
        })
        for file in written:
            file.result()


def read_run(folder: Path) -> Run:
    """Read a run that :func:`write_run` wrote; damage raises what the reader of that file raises."""
    stored = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    if stored["format"] != _FORMAT:
        raise ValueError(f"expected format {_FORMAT}, was {stored['format']}")
    prices = folder / "prices.parquet"
    run = Run(
        _context(stored["context"]),
        {mode: _output(folder, mode, rest) for mode, rest in stored["modes"].items()},
        prices=pl.read_parquet(prices) if prices.exists() else None,
        manifest=Manifest.from_dict(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))),
    )
    run.report_path = stored["report"]
    return run


def _output(folder: Path, mode: str, rest: Mapping[str, Any]) -> ModeOutput:
    frames: dict[str, Any] = {
        name: pl.read_parquet(folder / f"{mode}.{name}.parquet") for name in _FRAMES
    }
    for name in _OWN:
        path = folder / f"{mode}.{name}.parquet"
        if path.exists():
            frames[name] = pl.read_parquet(path)
    return ModeOutput(**frames, **rest)


def _context(stored: Mapping[str, Any]) -> RunContext:
    return RunContext(**{
        **stored,
        "strategy": StrategyInfo(**stored["strategy"]),
        "engine": EngineInfo(**stored["engine"]),
        "data": DataInfo(**stored["data"]),
        "performance": Performance(**stored["performance"]),
    })


def _write(path: Path, value: Mapping[str, Any]) -> None:
    path.write_text(canonical_json(value) + "\n", encoding="utf-8")
