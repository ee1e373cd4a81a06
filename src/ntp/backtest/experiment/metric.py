"""What an experiment may be decided by: one number per event, declared before anything is run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from ntp.backtest.experiment.event_results import EventResult
from ntp.core import ConfigError, suggest


@dataclass(frozen=True)
class ExperimentMetric:
    """One number per event.

    Attributes
    ----------
    id : str
        Machine key, with its unit where it has one.
    title : str
        Label for people.
    unit : str
        ``fraction``, ``cents`` or ``usd``.
    formula : str
        Definition in words.
    value : Callable
        From the result of an event to the number; None where the event does not count.
    net : bool
        Whether it means nothing where fees are unknown.
    """

    id: str
    title: str
    unit: str
    formula: str
    value: Callable[[EventResult], float | None]
    net: bool = True


def _return_on_stake(result: EventResult) -> float:
    return result.pnl_usd / result.stake_usd if result.stake_usd > 0.0 else 0.0


DEFAULT_METRIC: Final = "return_on_locked_capital"
METRICS: Final[Mapping[str, ExperimentMetric]] = {
    each.id: each for each in (
        ExperimentMetric(
            DEFAULT_METRIC, "Return on locked capital per event", "fraction",
            "P&L of the event after fees over the most that its positions and resting orders could have lost at any "
            "moment; 0 where nothing was at stake", _return_on_stake,
        ),
        ExperimentMetric(
            "markout_10s_cents", "Markout after 10 s per event", "cents",
            "mean over the contracts filled in the event from the fill price to the mid ten seconds later, in favour "
            "of the position; events without a fill do not count", lambda result: result.markout_cents, net=False,
        ),
        ExperimentMetric(
            "pnl_net_usd", "Net P&L per event", "usd", "P&L of the event after fees", lambda result: result.pnl_usd,
        ),
    )
}  # fmt: skip
"""Metrics by their key."""
_SHORT: Final = {"markout": "markout_10s_cents", "pnl": "pnl_net_usd"}


def read_metric(name: str) -> ExperimentMetric:
    """Find a metric by its key or its short name.

    Raises
    ------
    ConfigError
        ``unknown_metric`` with a suggestion.
    """
    found = METRICS.get(_SHORT.get(name, name))
    if found is None:
        raise ConfigError(
            f"expected a metric of experiments, was {name!r}", code="unknown_metric",
            hint=suggest(name, [*METRICS, *_SHORT]) or f"one of: {', '.join(METRICS)}", details={"metric": name},
        )
    return found
