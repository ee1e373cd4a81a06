"""What a workspace adds to a backtest: its settings, a place to keep runs, and the count of trials."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ntp.backtest.run import Run
from ntp.backtest.store import RunStore
from ntp.backtest.validation import trial_of
from ntp.core import NotFound, StrategyError
from ntp.core.config import Config
from ntp.core.workspace import named_workspace
from ntp.rules import Gate
from ntp.rules.matches import FILE_NAME, parse_matches, read_matches


def workspace_config() -> Config:
    """Read the settings of the workspace around the current folder, or of ``NTP_HOME``; defaults outside of both."""
    workspace = named_workspace(Path.cwd())
    return Config() if workspace is None else workspace.config


def read_rules(config: Config, waive: Sequence[str], enforce: Sequence[str], matches: Any) -> dict[str, Any]:
    """Collect what holds of the rules, from the configuration and what a run says beside it.

    Parameters
    ----------
    config : Config
        The configuration.
    waive, enforce : Sequence of str
        Rules named by the run.
    matches : path, list or None
        Matches of the run; None for the workspace's ``matches.yaml``.

    Raises
    ------
    ConfigError
        If a rule or a match cannot be.
    """
    waived = tuple(dict.fromkeys((*config.rules.waive, *waive)))
    enforced = tuple(dict.fromkeys((*config.rules.enforce, *enforce)))
    Gate(waived, enforced)  # refuses unknown rules
    if matches is None:
        workspace = named_workspace(Path.cwd())
        rows = read_matches(workspace.root / FILE_NAME) if workspace is not None else ()
    elif isinstance(matches, str | Path):
        if not Path(matches).is_file():
            raise NotFound(f"expected a file of matches, {matches} does not exist", code="no_such_path")
        rows = read_matches(Path(matches))
    else:
        rows = parse_matches(matches, "matches")
    return {"waive": waived, "enforce": enforced, "matches": rows}


def workspace_store() -> RunStore | None:
    """Open the store of the workspace around the current folder, or of ``NTP_HOME``; None outside of both."""
    workspace = named_workspace(Path.cwd())
    return None if workspace is None else RunStore(workspace.state)


def keep(store: RunStore, run: Run) -> Run:
    """Store a run and return it with its count of trials: the more there were, the less the best one means."""
    store.ledger.record([trial_of(run)])
    counted = recounted(store, run)
    store.save(counted)
    return counted


def keep_failed(store: RunStore, run: Run, error: StrategyError) -> None:
    """Store what happened before the strategy raised and say in the error where."""
    store.save(run)
    error.details |= {"run_id": run.run_id, "status": run.context.status}
    kept = f"what happened before is kept: ntp report {run.run_id}"
    error.hint = f"{error.hint}; {kept}" if error.hint else kept


def recounted(store: RunStore, run: Run) -> Run:
    """Return a run with everything counted that was tried on its data until now."""
    trials = store.ledger.trials(run.context.data.content_hash, run.context.strategy.name)
    context = replace(
        run.context, trials=trials.count, family_trials=trials.family, trial_variance=trials.variance
    )
    outputs = {mode: result.output for mode, result in run.fill_modes.items()}
    made = Run(context, outputs, prices=run.prices, manifest=run.manifest)
    made.report_path = run.report_path
    return made
