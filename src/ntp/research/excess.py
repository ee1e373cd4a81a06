"""Excess returns of makers and takers, and how prices compare with what came of them.

The excess return of a position is its value at settlement minus its price, before fees; the mispricing of
a price is the share that won minus the price, over the price (Becker's definitions). Each trade is one
position of its taker and the opposite one of its maker.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from typing import Any, Final

import numpy as np
import polars as pl
from scipy import stats

from ntp.core import ConfigError
from ntp.research.breakdowns import BY_ROLE, DIVISIONS, breakdown
from ntp.research.cell_means import ROLES, WEIGHTINGS, YES, CellMeans, cell_means
from ntp.research.trade_table import TradeTable

DEFAULT_BY: Final = ("all", "price", "category", "hour", "side", "size", "time_left", "year")
LEVEL: Final = 0.90
"""Of the intervals."""
_FEW: Final = 30
"""Events below which no interval is given."""


@dataclass(frozen=True, eq=False)
class ExcessReturns:
    """Means by division, role and weighting.

    Attributes
    ----------
    frame : polars.DataFrame
        ``by key role weighting price won excess mispricing error ci_low ci_high trades contracts events
        quantity pnl_usd``: prices and returns in dollars of a contract, `mispricing` a fraction of the price,
        `pnl_usd` what all contracts together won before fees. Interval and error are null below 30 events.
    trades, contracts, events : int
        What it rests on.
    unresolved, voided, unknown_side : int
        Trades left out; the last are left out of the roles only.
    """

    frame: pl.DataFrame
    trades: int
    contracts: int
    events: int
    unresolved: int
    voided: int
    unknown_side: int

    def rows(self, by: str, role: str, weighting: str = "trade") -> pl.DataFrame:
        """Rows of one division, role and weighting."""
        return self.frame.filter(
            (pl.col("by") == by) & (pl.col("role") == role) & (pl.col("weighting") == weighting)
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document."""
        return {
            "schema": 1, "trades": self.trades, "contracts": self.contracts, "events": self.events,
            "left_out": {
                "unresolved": self.unresolved, "voided": self.voided, "unknown_side": self.unknown_side,
            },
            "rows": self.frame.to_dicts(),
        }  # fmt: skip


def excess_returns(
    table: TradeTable,
    by: Sequence[str] = DEFAULT_BY,
    *,
    zone: tzinfo = UTC,
    threads: int = 2,
    progress: Callable[[int, int | None], None] | None = None,
) -> ExcessReturns:
    """Measure the excess return of takers, makers and holders of YES.

    Parameters
    ----------
    table : TradeTable
        The trades.
    by : sequence of str
        Divisions; see :data:`ntp.research.breakdowns.DIVISIONS`.
    zone : tzinfo
        Whose clock tells hours and weekdays.
    threads : int
        How many divisions are measured at once; the result does not depend on it.
    progress : callable, optional
        Told parts done and in all.

    Raises
    ------
    ConfigError
        ``unknown_division`` or ``no_division``.
    """
    wanted = list(dict.fromkeys(by))
    if not wanted:
        raise ConfigError(
            "expected a division of trades, was none", code="no_division", hint=f"--by {','.join(DEFAULT_BY[:3])}",
            details={"known": list(DIVISIONS)},
        )
    for name in wanted:
        breakdown(_head(table), name, YES, zone)  # a wrong name is told before the work
    frames: list[pl.DataFrame] = []
    with ThreadPoolExecutor(max(1, threads)) as pool:
        for frame in pool.map(lambda name: _measure(table, name, zone), wanted):
            frames.append(frame)
            if progress:
                progress(len(frames), len(wanted))
    seen = table.seen
    traded = np.unique(seen.contract)
    return ExcessReturns(
        pl.concat(frames), len(seen.contract), len(traded), len(np.unique(seen.event[traded])), table.unresolved,
        table.voided, table.unknown_side,
    )


def _head(table: TradeTable) -> TradeTable:
    seen = table.seen
    few = replace(seen, contract=seen.contract[:1], price=seen.price[:1], taker=seen.taker[:1], size=seen.size[:1])
    return replace(table, seen=few, quarter=table.quarter[:1])


def _measure(table: TradeTable, by: str, zone: tzinfo) -> pl.DataFrame:
    frames, parts = [], None
    for role, name in enumerate(ROLES):
        if parts is None or by in BY_ROLE:
            parts = breakdown(table, by, role, zone)
        cells = 1 if parts.edges else len(parts.labels)
        frames.append(_frame(by, name, parts.labels, cell_means(table.seen, parts.codes, role, parts.edges, cells)))
    return pl.concat(frames)


def _frame(by: str, role: str, labels: list[str], means: CellMeans) -> pl.DataFrame:
    met = np.flatnonzero(means.trades)
    events = means.events[met]
    rows = []
    for at, weighting in enumerate(WEIGHTINGS):
        enough = events >= _FEW
        error = np.where(enough, means.error[met, at], np.nan)
        reach = stats.t.ppf(0.5 + LEVEL / 2, np.maximum(events - 1, 1)) * error
        price, excess = means.price[met, at], means.excess[met, at]
        with np.errstate(divide="ignore", invalid="ignore"):
            mispricing = excess / price
        rows.append(pl.DataFrame({
            "by": by, "key": [labels[cell] for cell in met], "role": role, "weighting": weighting,
            "price": price, "won": means.won[met, at], "excess": excess, "mispricing": mispricing, "error": error,
            "ci_low": excess - reach, "ci_high": excess + reach, "trades": means.trades[met],
            "contracts": means.contracts[met], "events": events, "quantity": means.quantity[met],
            "pnl_usd": means.pnl[met],
        }, schema_overrides={"key": pl.String}))  # fmt: skip
    frame = pl.concat(rows) if rows else pl.DataFrame()
    floats = pl.selectors.float()
    # what could not be computed is absent, not a number
    return frame.with_columns(pl.when(floats.is_finite()).then(floats).otherwise(None))
