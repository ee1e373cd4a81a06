"""Objective: the one metric by which the points of a sweep are ranked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from ntp.backtest.metrics import BY_ID, INTERVALS
from ntp.core import ConfigError, suggest

LOWER_IS_BETTER: Final = frozenset({
    "brier", "fees_usd", "locked_capital_max_usd", "min_track_record_events", "p_value", "p_value_corrected",
    "queue_ahead_median", "random_entry_p_value", "time_to_fill_median_s",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Objective:
    """A metric and the direction in which it is better.

    Attributes
    ----------
    metric : str
        Its machine key.
    sign : int
        1 where more is better, -1 where less is.
    """

    metric: str
    sign: int

    def score(self, value: float | None) -> float | None:
        """Score of a value: higher is better, None is worse than all."""
        return None if value is None else self.sign * value


def read_objective(text: str) -> Objective:
    """Read an objective: the key of a metric; a leading ``-`` turns its direction round.

    Raises
    ------
    ConfigError
        ``unknown_metric``, with a suggestion.
    """
    given: Any = text
    name = given.removeprefix("-") if isinstance(given, str) else repr(given)
    if name not in BY_ID or name in INTERVALS:
        raise ConfigError(
            f"expected a metric as objective, was {text!r}", code="unknown_metric",
            hint=suggest(name, BY_ID.keys() - INTERVALS), details={"objective": text},
        )
    sign = -1 if name in LOWER_IS_BETTER else 1
    return Objective(name, -sign if text.startswith("-") else sign)
