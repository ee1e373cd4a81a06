"""Check: every way in which a strategy may fool its author, tried on it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from ntp.backtest.check import columns, look_ahead, parameters, start
from ntp.backtest.check.bench import Bench
from ntp.backtest.check.code import Code
from ntp.backtest.check.determinism import PLANNED as DETERMINISM
from ntp.backtest.check.determinism import check_determinism
from ntp.backtest.check.elsewhere import check_elsewhere
from ntp.backtest.check.finding import CheckResult, Examined
from ntp.backtest.check.laboratory import Laboratory, Subject, frames_of
from ntp.backtest.check.outside import watched
from ntp.backtest.check.over_fitting import check_over_fitting
from ntp.backtest.check.resolved import check_resolved
from ntp.backtest.check.state import PLANNED as STATE
from ntp.backtest.check.state import check_state
from ntp.backtest.loader import LoadedData
from ntp.backtest.settings import RunSettings
from ntp.backtest.store import RunStore
from ntp.backtest.validation import Trials
from ntp.core import StrategyError, format_ns
from ntp.strategy import Strategy
from ntp.strategy.loader import LoadedStrategy

ROWS: Final = 500_000
"""Rows that each replay takes at most unless told otherwise."""
Progress = Callable[[int, int | None], None]


def check_backtest(
    strategy: Strategy, declared: LoadedStrategy, settings: RunSettings, loaded: LoadedData, store: RunStore | None, *,
    quick: bool, limit: int | None, progress: Progress | None,
) -> CheckResult:
    """Check the strategy of a backtest on its data; see :func:`check_subject`."""
    tried = Trials()
    if store is not None:
        store.ledger.describe(loaded.content_hash, loaded.parts)
        tried = store.ledger.trials(loaded.content_hash, declared.name)
    sources, left = frames_of(loaded.sources, limit or ROWS)
    subject = Subject(strategy, declared, settings, sources, loaded)
    return check_subject(subject, tried=tried, quick=quick, progress=progress, warnings=left)


def check_subject(
    subject: Subject, *, tried: Trials, quick: bool = False, progress: Progress | None = None,
    warnings: list[str] | None = None,
) -> CheckResult:
    """Check a strategy.

    Parameters
    ----------
    subject : Subject
        The strategy and the recording, which is replayed whole every time.
    tried : Trials
        How often the data was tried before.
    quick : bool
        Fewer cuts, starts and neighbours.
    progress : callable, optional
        Called with rows done and in total.
    warnings : list of str, optional
        What could not be checked at all, for example because the recording was cut.

    Raises
    ------
    StrategyError
        If the strategy raises on the recording as it is.
    DataError
        If there is nothing to replay.
    """
    since = time.perf_counter()
    code = Code(subject.declared)
    lab = Laboratory(subject, progress)
    with watched(code) as noted:
        base = lab.replay()
    if base.error is not None:
        raise StrategyError(base.error, code="strategy_raised", hint="ntp backtest shows the traceback")
    bench = Bench(lab, code, base, noted, quick)
    lab.planned = 2 + look_ahead.planned(quick=quick) + start.planned(quick=quick) + DETERMINISM + STATE
    lab.planned += parameters.planned(bench)
    first = Examined("replay", "the recording as it is, watched for what is called", 1, time.perf_counter() - since)
    first.unchecked += warnings or []
    checks: list[Callable[[Bench], Examined]] = [
        check_elsewhere, look_ahead.check_look_ahead, check_determinism, check_state, start.check_start,
        check_resolved, parameters.check_parameters, lambda each: check_over_fitting(each, tried),
    ]  # fmt: skip
    if columns.defines_signals(bench):
        checks.insert(2, columns.check_columns)
    examined = [first, *(_timed(check, bench) for check in checks)]
    return CheckResult(subject.declared.name, _described(bench), examined)


def _timed(check: Callable[[Bench], Examined], bench: Bench) -> Examined:
    since, before = time.perf_counter(), bench.lab.reruns
    result = check(bench)
    bench.failed |= any(finding.severity == "error" for finding in result.findings)
    result.seconds, result.reruns = time.perf_counter() - since, bench.lab.reruns - before
    return result


def _described(bench: Bench) -> dict[str, Any]:
    tape = bench.lab.tape
    return {
        "sources": list(bench.subject.loaded.names), "from": format_ns(tape.first), "to": format_ns(tape.last),
        "events": tape.events, "contracts": len(bench.lab.universe), "decisions": bench.base.count,
        "fill_mode": bench.subject.settings.fills,
    }  # fmt: skip


__all__ = ["check_backtest", "check_subject"]
