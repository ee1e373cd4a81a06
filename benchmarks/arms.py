"""What is run: each arm is one command in a process of its own that prints one JSON result."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from benchmarks import recorded, sweeps, tapes
from benchmarks.peers.__main__ import PYTHON, SWEEPER

HERE = Path(__file__).resolve().parent
WORK = HERE / "work"
OUR_FILLS, HFT_FILLS = WORK / "ours.fills.npy", WORK / "hftbacktest.fills.npy"


@dataclass(frozen=True)
class Sizes:
    """How much work the arms get; a peer whose rate does not depend on it gets less, and it is said."""

    rows: int = 5_000_000
    contracts: int = 2_000
    few_contracts: int = 20
    rows_each: int = 2_500
    bars: int = 1_000_000
    slow_rows: int = 300_000
    slow_rows_each: int = 100
    slow_bars: int = 100_000
    long_rows: int = 20_000_000
    combinations: int = 1_000
    swept_bars: int = 100_000
    swept_rows: int = 1_000_000


FULL = Sizes()
QUICK = Sizes(500_000, 200, 20, 2_500, 200_000, 50_000, 100, 20_000, 2_000_000, 40, 20_000, 100_000)


@dataclass(frozen=True)
class Arm:
    """One thing measured: who, on what, the command that measures it, and whether one round must do."""

    name: str
    who: str
    command: tuple[str, ...]
    once: bool = False


@dataclass(frozen=True)
class Files:
    """The tapes on disk."""

    one: Path
    one_parquet: Path
    one_stored: Path
    long_stored: Path
    many: Path
    few: Path
    many_short: Path
    bars: Path
    swept_bars: Path
    swept_bars_stored: Path
    swept_book: Path


def prepare(sizes: Sizes) -> Files:
    """Make the tapes that are not there yet; nothing of this is measured."""
    one = tapes.stored(WORK, "one_contract", tapes.one_contract, sizes.rows, 1)
    parquet = one.with_suffix(".parquet")
    if not parquet.exists():
        rows = tapes.load(one)
        pl.DataFrame({name: rows[name] for name in rows.dtype.names or ()}).write_parquet(
            parquet, row_group_size=1 << 18
        )
    swept = tapes.stored(WORK, "bars", tapes.bars, sizes.swept_bars, 1)
    return Files(
        one=one,
        one_parquet=parquet,
        one_stored=recorded.store(one),
        long_stored=recorded.store(tapes.stored(WORK, "one", tapes.one_contract, sizes.long_rows, 1)),
        many=tapes.stored(WORK, "many_contracts", tapes.many_contracts, sizes.contracts, sizes.rows_each, 1),
        few=tapes.stored(WORK, "many_contracts", tapes.many_contracts, sizes.few_contracts, sizes.rows_each, 1),
        many_short=tapes.stored(WORK, "many_contracts", tapes.many_contracts, sizes.contracts, sizes.slow_rows_each, 1),
        bars=tapes.stored(WORK, "bars", tapes.bars, sizes.bars, 1),
        swept_bars=swept,
        swept_bars_stored=sweeps.store_bars(swept),
        swept_book=recorded.store(tapes.stored(WORK, "one_contract", tapes.one_contract, sizes.swept_rows, 1)),
    )


def arms_for(files: Files, sizes: Sizes) -> list[Arm]:
    """Return every arm in the order in which one round runs them: ours beside its peers."""

    def ours(name: str, workload: str, path: Path, *more: str) -> Arm:
        return Arm(name, "ntp", (sys.executable, "-m", "benchmarks.ours", workload, str(path), *more))

    def peer(name: str, who: str, script: str, workload: str, path: Path, *more: str) -> Arm:
        return Arm(name, who, (str(PYTHON), str(HERE / "peers" / script), workload, str(path), *more))

    def sweep(name: str, workload: str, folder: Path, workers: int, *, once: bool = False) -> Arm:
        # a worker is a thread of work: frames must not take the processor that another one is to use; the threads
        # of a sweep over bars share those of Polars, of which there are as many
        threads = f"POLARS_MAX_THREADS={workers if workload == 'bars' else 1}"
        alone = ("env", threads, sys.executable, "-m", "benchmarks.sweeps")
        command = (*alone, workload, str(folder), *combinations)
        return Arm(name, "ntp", (*command, "--workers", str(workers)), once)

    combinations = ("--combinations", str(sizes.combinations))
    vectorbt = (str(SWEEPER), str(HERE / "peers" / "run_vectorbt.py"), "bars", str(files.swept_bars), *combinations)
    hft, nautilus = "hftbacktest", "NautilusTrader"
    hft_run, nautilus_run = "run_hftbacktest.py", "run_nautilus.py"
    return [
        ours("ours_maker_compiled", "maker_compiled", files.one, "--fills", str(OUR_FILLS)),
        peer("hft_maker", hft, hft_run, "maker", files.one, "--fills", str(HFT_FILLS)),
        ours("ours_maker_best", "maker_best", files.one),
        peer("nautilus_maker", nautilus, nautilus_run, "maker", files.one, "--rows", str(sizes.slow_rows)),
        ours("ours_maker_quotes", "maker_quotes", files.one),
        ours("ours_contracts_compiled", "contracts_compiled", files.many),
        ours("ours_contracts_few", "contracts_compiled", files.few),
        ours("ours_contracts_python", "contracts_python", files.many),
        peer("hft_contracts", hft, hft_run, "contracts", files.many),
        peer("nautilus_contracts", nautilus, nautilus_run, "contracts", files.many_short, "--idle"),
        ours("ours_bars", "bars", files.bars),
        peer("backtesting_bars", "backtesting.py", "run_backtesting.py", "bars", files.bars),
        peer("nautilus_bars", nautilus, nautilus_run, "bars", files.bars, "--rows", str(sizes.slow_bars)),
        ours("ours_process", "process", files.one_stored),
        peer("hft_process", hft, hft_run, "process", files.one_parquet),
        ours("ours_streamed", "streamed", files.one_stored),
        ours("ours_streamed_long", "streamed", files.long_stored),
        sweep("ours_sweep_bars", "bars", files.swept_bars_stored, 1),
        sweep("ours_sweep_bars_2", "bars", files.swept_bars_stored, 2),
        Arm("vectorbt_sweep_bars", "vectorbt", vectorbt),
        sweep("ours_sweep_maker_1", "maker", files.swept_book, 1, once=True),
        sweep("ours_sweep_maker_2", "maker", files.swept_book, 2, once=True),
    ]


def convert_command(files: Files) -> list[str]:
    """Return the command that lays the one-contract tape out as hftbacktest wants it."""
    return [str(PYTHON), str(HERE / "peers" / "run_hftbacktest.py"), "convert", str(files.one)]
