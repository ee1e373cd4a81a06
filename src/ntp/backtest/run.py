"""One backtest: its three replays, what they were made of and what they gave."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from ntp.backtest import frames
from ntp.backtest.assumptions import assumptions_of
from ntp.backtest.breakdown import breakdown
from ntp.backtest.document import account_rows, run_document
from ntp.backtest.edge import EdgeOutcome, edge_outcome, market_rows
from ntp.backtest.facts import Facts
from ntp.backtest.formulas import MIN_EVENTS, event_sharpe
from ntp.backtest.manifest import Manifest, fills_hash, manifest_of
from ntp.backtest.metrics import Metrics, compute_metrics
from ntp.backtest.results import MODES, ModeOutput, RunContext
from ntp.backtest.wording import write_amount, write_money
from ntp.core import CASH_ONE, ConfigError, Named, suggest

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from ntp.backtest.diff import Diff
    from ntp.backtest.explain import Explanation
    from ntp.backtest.verify import Verification


class ModeResult:
    """Results of one fill mode; everything is worked out when it is first asked for.

    Attributes
    ----------
    mode : str
        ``pessimistic``, ``base`` or ``optimistic``.
    output : ModeOutput
        The raw replay, in exact units.
    """

    def __init__(self, mode: str, output: ModeOutput, context: RunContext) -> None:
        self.mode = mode
        self.output = output
        self.facts = Facts(output, context)

    @cached_property
    def metrics(self) -> Metrics:
        """Values of all metrics, None where one cannot be computed."""
        return compute_metrics(self.facts)

    @cached_property
    def by(self) -> dict[str, list[dict[str, Any]]]:
        """Results by event, series, contract, venue, tag and exit reason."""
        return breakdown(self.facts)

    @cached_property
    def edge(self) -> EdgeOutcome | None:
        """Predicted beside realised edges; None where no fill has a fair value."""
        return edge_outcome(self.facts)

    @cached_property
    def markets(self) -> list[dict[str, Any]]:
        """Key metrics of each market: a series at a venue."""
        return market_rows(self.facts)

    @cached_property
    def fills_hash(self) -> str:
        """Digest of the fills."""
        return fills_hash(self.output.fills)

    @property
    def event_sharpe(self) -> float | None:
        """Sharpe ratio per event, by which trials are compared."""
        return event_sharpe(self.facts)

    @cached_property
    def fills(self) -> pl.DataFrame:
        """Executions, in dollars and contracts."""
        return frames.fills_frame(self.facts)

    @cached_property
    def orders(self) -> pl.DataFrame:
        """Orders and what became of them."""
        return frames.orders_frame(self.facts)

    @cached_property
    def trades(self) -> pl.DataFrame:
        """Contracts from flat to flat or to settlement."""
        return frames.trades_frame(self.facts)

    @cached_property
    def equity(self) -> pl.DataFrame:
        """Equity with and without fees, cash and locked capital at their changes."""
        return frames.equity_frame(self.facts)

    @cached_property
    def settlements(self) -> pl.DataFrame:
        """Settlements of contracts."""
        return frames.settlements_frame(self.facts)

    @cached_property
    def records(self) -> pl.DataFrame:
        """What the strategy recorded."""
        return frames.timed(self.output.records)

    @cached_property
    def signals(self) -> pl.DataFrame:
        """What the strategy signalled."""
        return frames.timed(self.output.signals)


class Run:
    """A finished backtest.

    Parameters
    ----------
    context : RunContext
        What ran, on what, with which settings.
    outputs : Mapping of str to ModeOutput
        Raw replays by fill mode; the headline mode must be among them.
    prices : polars.DataFrame, optional
        Quotes behind the fills, for the report: `ts` (ns), `contract`, `bid`, `ask` (dollars).
    manifest : Manifest, optional
        As it was stored; by default it is made now.

    Raises
    ------
    ConfigError
        If the headline mode was not replayed.
    """

    def __init__(
        self,
        context: RunContext,
        outputs: Mapping[str, ModeOutput],
        *,
        prices: pl.DataFrame | None = None,
        manifest: Manifest | None = None,
    ) -> None:
        if context.fill_mode not in outputs:
            raise ConfigError(
                f"expected a fill mode that was replayed, was {context.fill_mode!r}", code="fill_mode",
                hint=suggest(context.fill_mode, outputs),
            )
        self.context = context
        self.prices = prices
        self.report_path: str | None = None
        self.fill_modes = Named("a fill mode that was replayed", {
            mode: ModeResult(mode, outputs[mode], context)
            for mode in sorted(outputs, key=lambda mode: MODES.index(mode))
        })  # fmt: skip
        self.manifest = manifest or manifest_of(
            context, {mode: result.fills_hash for mode, result in self.fill_modes.items()}
        )

    @property
    def run_id(self) -> str:
        """Identifier in the workspace."""
        return self.context.run_id

    @property
    def fidelity(self) -> str:
        """What the result rests on: ``l2``, ``quotes``, ``trades`` or ``candles``."""
        return self.context.data.fidelity

    @property
    def shown(self) -> ModeResult:
        """The fill mode of the headline."""
        return self.fill_modes[self.context.fill_mode]

    @property
    def metrics(self) -> Metrics:
        """Metrics of the headline mode, as attributes."""
        return self.shown.metrics

    @property
    def by(self) -> dict[str, list[dict[str, Any]]]:
        """Tables of the headline mode."""
        return self.shown.by

    @property
    def fills(self) -> pl.DataFrame:
        """Fills of the headline mode."""
        return self.shown.fills

    @property
    def orders(self) -> pl.DataFrame:
        """Orders of the headline mode."""
        return self.shown.orders

    @property
    def trades(self) -> pl.DataFrame:
        """Trades of the headline mode."""
        return self.shown.trades

    @property
    def equity(self) -> pl.DataFrame:
        """Equity of the headline mode."""
        return self.shown.equity

    @property
    def settlements(self) -> pl.DataFrame:
        """Settlements of the headline mode."""
        return self.shown.settlements

    @property
    def signals(self) -> pl.DataFrame:
        """Signals of the headline mode."""
        return self.shown.signals

    @property
    def records(self) -> pl.DataFrame:
        """Records of the headline mode."""
        return self.shown.records

    @property
    def profitable(self) -> bool | None:
        """Whether the pessimistic replay made money after fees; None where nobody can tell.

        That is where it was not run to its end, where the fees are unknown, and where it gained in fewer
        events than an interval takes.
        """
        careful = self.fill_modes.get("pessimistic")
        if careful is None or self.context.status != "done":
            return None
        pnl = careful.metrics.number("pnl_net_usd")
        if pnl is None or (pnl > 0.0 and len(careful.by["event"]) < MIN_EVENTS):
            return None
        return pnl > 0.0

    @property
    def stamps(self) -> list[str]:
        """Machine names of everything that weakens the result."""
        found = [*self.context.stamps, *(self.shown.output.counters.get("stamps") or ())]
        found += [f"waived:{rule}" for rule in self.context.waived]
        return list(dict.fromkeys(found))

    @cached_property
    def warnings(self) -> list[str]:
        """What a reader must know before believing the result."""
        found = [*self.context.data.warnings, *self.context.warnings]
        found += self.shown.output.counters.get("match_warnings") or ()
        held = self.shown.output.open_positions
        if held:
            unpriced = sum(row["marked"] == "cost" for row in held)
            found.append(
                f"{len(held)} positions were still open at the end and count at their mark"
                + (f"; {unpriced} without any price count at their cost" if unpriced else "")
            )
        missing = [mode for mode in MODES if mode not in self.fill_modes]
        if missing:
            found.append(f"not replayed: {', '.join(missing)}")
        return list(dict.fromkeys(found))

    @cached_property
    def assumptions(self) -> list[str]:
        """What the figures take for granted."""
        return assumptions_of(self)

    @property
    def accounts(self) -> list[dict[str, Any]]:
        """Accounts of the headline mode at the end, each in its own currency; null net P&L: fees unknown."""
        return account_rows(self.shown)

    def to_dict(self) -> dict[str, Any]:
        """Build the document of ``ntp backtest --json``."""
        return run_document(self)

    def report(self, path: str | Path) -> Path:
        """Write the report, one HTML file that works offline, and return its path."""
        from ntp.backtest.report import write_report

        written = write_report(self, Path(path))
        self.report_path = str(written)
        return written

    def plot(self) -> "Figure":
        """Chart of equity with and without fees in all fill modes."""
        from ntp.backtest.report import equity_figure

        return equity_figure(self)

    def explain(self, fill: int | Mapping[str, Any]) -> "Explanation":
        """Say why a fill happened: a row of `fills` or its number."""
        from ntp.backtest.explain import explain_fill

        return explain_fill(self.shown, fill)

    def compare(self, other: "Run") -> "Diff":
        """Differences in configuration, code and metrics, and the first fill at which the runs part."""
        from ntp.backtest.diff import diff_runs

        return diff_runs(self, other)

    def verify(self) -> "Verification":
        """Hash manifest and fills again and compare them with what was recorded."""
        from ntp.backtest.verify import verify_run

        return verify_run(self)

    def __repr__(self) -> str:
        pnl = self.metrics.number("pnl_net_usd")
        return (
            f"<Run {self.run_id} {self.context.strategy.name}: net P&L {write_money(pnl)} of "
            f"{write_amount(self.context.capital / CASH_ONE, self.context.currency)}, {self.metrics.trades} trades, "
            f"{self.context.fill_mode} fills>"
        )

    def _repr_html_(self) -> str:
        from ntp.backtest.report import notebook_table

        return notebook_table(self)
