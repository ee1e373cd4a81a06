"""Random entries: the trades of a run once more, each begun at an instant drawn by lot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ntp.backtest.validation.event_spans import market_spans
from ntp.core import SECOND, DataError
from ntp.strategy import Param, Strategy

if TYPE_CHECKING:
    from ntp.backtest.backtest import Backtest
    from ntp.backtest.loader import LoadedData
    from ntp.backtest.run import Run


class PlannedTrade(NamedTuple):
    """One trade to begin anew.

    Attributes
    ----------
    contract : str
        What is traded.
    position : float
        Signed contracts.
    held : int, optional
        Nanoseconds; None to settlement.
    first, last : int
        Instants between which it can be held.
    """

    contract: str
    position: float
    held: int | None
    first: int
    last: int


class RandomEntry(Strategy):
    """Begins given trades at instants drawn by lot, passively at the touch."""

    lot: int = Param(0, ge=0, help="Which draw this is.")
    trades: tuple[PlannedTrade, ...] = ()

    def on_start(self) -> None:
        """Draw the instants."""
        rng = np.random.default_rng(self.lot)
        self.wanted = {trade.contract: 0.0 for trade in self.trades}
        self.changes: dict[str, tuple[str, float]] = {}
        for trade in self.trades:
            last = trade.last - (trade.held or 0)
            begun = int(rng.integers(trade.first, max(last, trade.first) + 1))
            self._plan(begun, trade.contract, trade.position)
            if trade.held is not None and begun + trade.held <= trade.last:
                self._plan(begun + trade.held, trade.contract, -trade.position)

    def _plan(self, when: int, contract: str, change: float) -> None:
        name = str(len(self.changes))
        self.changes[name] = contract, change
        self.call_at(when, name)

    def on_timer(self, timer: Any) -> None:
        """Want more or less of a contract."""
        contract, change = self.changes[timer.name]
        self.wanted[contract] += change
        self.target(contract, self.wanted[contract])


@dataclass(frozen=True, eq=False)
class RandomEntries:
    """What a run earned beside what its trades earned from random entries.

    Attributes
    ----------
    p_value : float
        Share of the draws, the run's own among them, that earned at least as much.
    pnl_net_usd : float
        What the run earned in its headline mode.
    drawn : array of float64
        What each draw earned.
    """

    p_value: float
    pnl_net_usd: float
    drawn: NDArray[np.float64]


def random_entries(
    backtest: Backtest, loaded: LoadedData, run: Run, *, draws: int = 100, workers: int | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> RandomEntries:
    """Replay draws of random entries and compare them with the run.

    Each trade keeps its contract, side, size and how long it was held; only the instant at which it is begun is drawn,
    evenly over the time in which the contract was quoted. Entries and exits rest at the touch.

    Parameters
    ----------
    backtest : Backtest
        That the run is of. Nothing of the draws is kept, and none is a trial: nobody chooses from them.
    loaded : LoadedData
        Its data.
    run : Run
        Whose trades they are.
    draws : int
        Replays.
    workers : int, optional
        Processes, as in :meth:`Backtest.sweep`.
    progress : callable, optional
        Called with draws done and in total.

    Raises
    ------
    DataError
        If the run has no trades, or its fees are unknown.
    """
    own = run.metrics.number("pnl_net_usd")
    if own is None:
        raise DataError("expected a run whose fees are known, was one without", code="fees_unknown")
    if draws < 1:
        raise DataError(f"expected a draw or more, was {draws}", code="bad_draws")
    strategy = RandomEntry()
    strategy.trades = _planned(run, market_spans(loaded, set(run.trades["contract"])))
    said = run.context.configuration
    sweep = backtest.varied(strategy, store=False, data=loaded.opened).sweep(
        {"lot": list(range(draws))}, objective="pnl_net_usd", workers=workers, start=said["start"], end=said["end"],
        max_points=draws, progress=progress,
    )
    drawn = np.array([point.metrics.number("pnl_net_usd") for point in sweep], dtype=np.float64)
    better = int(np.count_nonzero(drawn >= own - 1e-9))
    return RandomEntries((better + 1) / (draws + 1), own, drawn)


def _planned(run: Run, spans: Mapping[str, tuple[int, int]]) -> tuple[PlannedTrade, ...]:
    """Take the trades of a run to begin anew."""
    found = []
    for row in run.trades.iter_rows(named=True):
        sign = 1.0 if row["side"] == "long" else -1.0
        settled = str(row["exit_reason"]).startswith(("settled", "void"))
        held = None if settled else round(row["held_s"] * SECOND)
        found.append(PlannedTrade(row["contract"], sign * row["size"], held, *spans[row["contract"]]))
    if not found:
        raise DataError("expected a run with trades to begin anew, was none", code="no_trades")
    return tuple(found)
