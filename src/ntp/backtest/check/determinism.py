"""Determinism: the same inputs must give the same decisions, however and wherever they are replayed."""

from __future__ import annotations

import ast
import importlib
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from ntp.backtest.check.bench import Bench
from ntp.backtest.check.decisions import parting
from ntp.backtest.check.finding import Examined, Place
from ntp.core import sha256_json
from ntp.data.schema import Kind
from ntp.engine.tape import SourceFrames

PLANNED: Final = 3
_PIECE: Final = 5_003
_PATIENCE: Final = 300
"""Seconds that another process may take."""


@dataclass(frozen=True, slots=True)
class _Sliced(SourceFrames):
    """A source in memory that gives its rows in small pieces."""

    def batches(self, kind: Kind, symbols: Collection[str]) -> Iterator[pl.DataFrame]:
        """Rows of a kind, piece by piece."""
        del symbols
        yield from self.frames[kind].iter_slices(_PIECE)


def check_determinism(bench: Bench) -> Examined:
    """Replay again, in other pieces, and in another process with another hash seed."""
    result = Examined("determinism", "again, in other pieces, in another process with another hash seed")
    lab, sources = bench.lab, bench.subject.sources
    again = parting(bench.base, lab.replay())
    if again is not None:
        place = bench.blame(again, lab.replay, lab.replay)
        result.add("error", f"two replays of the same data differ: {again}", place)
        return result
    pieces = [
        _Sliced(source.name, source.instruments, source.frames, source.feed_latency, source.known)
        for source in sources
    ]  # fmt: skip
    found = parting(bench.base, lab.replay(pieces))
    if found is not None:
        place = bench.blame(found, lab.replay, lambda: lab.replay(pieces))
        result.add("error", f"it decides otherwise when the data is read in other pieces: {found}", place)
    if bench.failed or result.findings:
        result.unchecked.append("another process: what was found already comes first")
    else:
        _elsewhere(bench, result)
    return result


def digest(orders: pl.DataFrame, records: pl.DataFrame) -> str:
    """Digest of decisions that does not depend on the process."""
    return sha256_json([orders.write_csv(), records.write_csv()])


def _elsewhere(bench: Bench, result: Examined) -> None:
    """Replay in another process."""
    subject = bench.subject
    reason = _unreachable(bench)
    if reason:
        result.unchecked.append(f"another process: {reason}")
        return
    seed = "0" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    with tempfile.TemporaryDirectory(prefix="ntp-check-") as folder:
        job, answer = Path(folder) / "job.pickle", Path(folder) / "answer"
        told = (
            subject.declared.name, subject.declared.path, subject.declared.cls.__module__,
            subject.declared.cls.__qualname__,
            subject.parameters, subject.settings, list(subject.sources), list(sys.path), answer,
        )  # fmt: skip
        try:
            job.write_bytes(pickle.dumps(told))
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            result.unchecked.append(f"another process: the settings cannot be handed over ({error})")
            return
        done = _run_child(job, seed)
        if isinstance(done, str) or not answer.exists():
            result.unchecked.append(f"another process: {done or 'it ended without an answer'}")
            return
        bench.lab.reruns += 1
        if answer.read_text() != digest(bench.base.orders, bench.base.records):
            message = f"it decides otherwise in another process (PYTHONHASHSEED={seed}): the order of a set, or hash()"
            result.add("error", message, _hashed(bench))


def _run_child(job: Path, seed: str) -> str | None:
    """Run the job; what went wrong, or None."""
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    command = [sys.executable, "-m", "ntp.backtest.check.child", str(job)]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            command, env=environment, capture_output=True, timeout=_PATIENCE, check=False, text=True
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {_PATIENCE} s"
    return (done.stderr.strip().splitlines() or ["it failed"])[-1] if done.returncode else None


def _unreachable(bench: Bench) -> str:
    """Why another process cannot make the strategy; empty if it can."""
    declared = bench.subject.declared
    if declared.path is not None:
        return ""
    if "<locals>" in declared.cls.__qualname__ or declared.cls.__module__ == "__main__":
        return f"{declared.cls.__name__} is written in no file that could be imported there"
    module: Any = importlib.import_module(declared.cls.__module__)
    for name in declared.cls.__qualname__.split("."):
        module = getattr(module, name, None)
    return "" if module is declared.cls else f"{declared.cls.__name__} is not what its module says"


def _hashed(bench: Bench) -> Place:
    """Place of the first set or hash in the code."""
    for source, node in bench.code.nodes():
        name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        if name in ("hash", "set", "id") or isinstance(node, ast.Set | ast.SetComp):
            return source.place(node)
    return bench.code.class_place()


__all__ = ["PLANNED", "check_determinism", "digest"]
