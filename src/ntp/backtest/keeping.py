"""What a workspace adds to a backtest: its settings, a place to keep runs, and the count of trials."""

from dataclasses import replace
from pathlib import Path

from ntp.backtest.run import Run
from ntp.backtest.store import RunStore
from ntp.backtest.validation import trial_of
from ntp.core import StrategyError
from ntp.core.config import Config
from ntp.core.workspace import named_workspace


def workspace_config() -> Config:
    """Read the settings of the workspace around the current folder, or of ``NTP_HOME``; defaults outside of both."""
    workspace = named_workspace(Path.cwd())
    return Config() if workspace is None else workspace.config


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
