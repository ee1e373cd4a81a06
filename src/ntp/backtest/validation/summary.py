"""The naive figures of a run beside the corrected ones, for report and terminal."""

from typing import TYPE_CHECKING, Final

from ntp.backtest.wording import ABSENT, write_value

if TYPE_CHECKING:
    from ntp.backtest.run import Run

COLUMNS: Final = ("Question", "Naive", "Corrected", "What the correction counts, or why there is none")
_ROWS: Final = (
    ("Is the Sharpe ratio above 0?", "probabilistic_sharpe", "deflated_sharpe",
     "everything tried on this data, and that returns are not normal"),
    ("Probability that luck did as well", "p_value", "p_value_corrected", "everything tried on this data (Bonferroni)"),
    ("The same, on sides drawn by lot", "", "random_entry_p_value", "that nobody knows how returns are distributed"),
    ("Sharpe ratio", "sharpe_ratio", "sharpe_ci90", "that trades of one event are not independent (90 % interval)"),
    ("Net P&L", "pnl_net_usd", "pnl_net_ci90_usd", "that trades of one event are not independent (90 % interval)"),
    ("Win rate", "win_rate", "win_rate_ci90", "that trades of one event are not independent (90 % interval)"),
)  # fmt: skip


def corrected_rows(run: "Run") -> list[list[str]]:
    """Write the naive and the corrected figures of the headline, a row for each question."""

    def written(name: str) -> str:
        return write_value(name, run.metrics[name]) if name else ABSENT

    absent = run.metrics.reasons
    rows = [
        [question, written(naive), written(own), absent.get(own, counts)] for question, naive, own, counts in _ROWS
    ]
    needed = written("min_track_record_events")
    return [*rows, [
        "Events", f"{len(run.by['event']):,}", needed if needed == ABSENT else f"{needed} needed",
        absent.get("min_track_record_events", "how many a ratio of this size takes to be above 0 with 95 % confidence"),
    ]]


def trials_sentence(run: "Run") -> str:
    """Say how much was tried before a reader believes in the best of it."""
    context = run.context
    if not context.trials:
        return "Nobody counted what was tried on this data before: the run was made outside of a workspace."
    if context.trials == 1:
        return "Nothing else was tried on this data in this workspace."
    return (
        f"{context.trials:,} things were tried on this data in this workspace, {context.family_trials:,} of them with "
        "this strategy; the corrected figures count them all."
    )
