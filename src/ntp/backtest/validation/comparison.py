"""Comparison: each strategy on each data set, in one order that no luck of the choice can turn round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ntp.core import NtpError

if TYPE_CHECKING:
    from rich.table import Table

    from ntp.backtest.backtest import Backtest
    from ntp.backtest.store import RunStore

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Failure:
    """A strategy that could not be run on a data set, and why."""

    strategy: str
    data: str
    error: NtpError


class Comparison:
    """Runs strategies on data sets and sets what they gave side by side.

    A run whose inputs were run before is taken from the store, so that an interrupted comparison goes on where it
    was, and only the numbers of a run are held, so that any number of them can be compared.

    Parameters
    ----------
    store : RunStore
        Where runs are kept.

    Attributes
    ----------
    run_ids : list of str
        What was run or found, in the order given.
    failures : list of Failure
        What could not be run.
    reused : int
        Runs that were found.
    """

    def __init__(self, store: RunStore) -> None:
        self._store = store
        self.run_ids: list[str] = []
        self.failures: list[Failure] = []
        self.reused = 0

    def add(
        self, strategy: str, data: str, make: Callable[[], Backtest], start: int | None = None, end: int | None = None,
        *, progress: Progress | None = None,
    ) -> None:
        """Run a strategy on a data set, or find that run; what fails is kept as a failure.

        Parameters
        ----------
        strategy, data : str
            What people call them.
        make : Callable
            Makes the backtest; its own failure is one of this strategy only.
        start, end : int, optional
            Range in nanoseconds UTC.
        progress : callable, optional
            Called with events done and in total.
        """
        before = {summary.run_id for summary in self._store.list()}
        try:
            run = make().run(start, end, reuse=True, progress=progress)
        except NtpError as error:
            self.failures.append(Failure(strategy, data, error))
            return
        self.reused += run.run_id in before
        if run.run_id not in self.run_ids:
            self.run_ids.append(run.run_id)

    def documents(self) -> list[dict[str, Any]]:
        """Documents of the runs, each with all trials counted until now, the one to believe first at the top.

        First come those that the pessimistic replay made profitable, then those that nobody can judge, then the rest;
        within these by the pessimistic P&L. What has none is last.
        """
        from ntp.backtest.keeping import recounted

        found = [recounted(self._store, self._store.load(run_id)).to_dict() for run_id in self.run_ids]
        return sorted(found, key=_rank)

    def to_dict(self) -> dict[str, Any]:
        """Build the document of ``ntp compare --json`` but for the failures, which the command words."""
        return {"schema": 1, "runs": self.documents(), "reused": self.reused}


def _rank(document: dict[str, Any]) -> tuple[int, float, str, list[str]]:
    pnl = document["fill_modes"].get("pessimistic", {}).get("pnl_net_usd")
    judged = {True: 0, None: 1, False: 2}[document["profitable"]]
    return judged, float("inf") if pnl is None else -pnl, document["strategy"]["name"], document["data"]["sources"]


def comparison_table(documents: list[dict[str, Any]]) -> Table:
    """Make the one table of a comparison, from the documents of its runs, two lines for each."""
    from ntp.backtest.results import MODES
    from ntp.backtest.table import KEY_HEADS, key_cells, plain_table
    from ntp.backtest.wording import write_value

    table = plain_table("strategy\ndata")
    for name in (*MODES, "Sharpe\n90 %", "deflated\nof trials", *KEY_HEADS, "markout"):
        table.add_column(name, justify="right")
    table.add_column("profitable")
    for document in documents:
        metrics, modes = document["metrics"], document["fill_modes"]
        table.add_row(
            f"{document['strategy']['name']}\n{', '.join(document['data']['sources'])}",
            *(write_value("pnl_net_usd", modes.get(mode, {}).get("pnl_net_usd")) for mode in MODES),
            "\n".join(write_value(name, metrics[name]) for name in ("sharpe_ratio", "sharpe_ci90")),
            f"{write_value('deflated_sharpe', metrics['deflated_sharpe'])}\n{document['trials']:,}",
            *key_cells(metrics), write_value("markout_10s_cents", metrics["markout_10s_cents"]),
            {True: "yes", False: "no", None: "not judged"}[document["profitable"]],
        )
    return table
