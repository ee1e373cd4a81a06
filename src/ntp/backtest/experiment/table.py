"""An experiment in the terminal; the command line prints what these return."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ntp.backtest.results import MODES
from ntp.backtest.wording import ABSENT, write_money, write_share

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ntp.backtest.experiment.report import ExperimentReport

VERDICTS: Final = {
    "better": "better", "stopped_for_harm": "worse: stopped", "not_enough_evidence": "not enough evidence",
}  # fmt: skip


def write_metric(unit: str, value: float | None) -> str:
    """Write a value of a metric of experiments."""
    if value is None:
        return ABSENT
    if unit == "fraction":
        return write_share(value)
    return f"{value:+.2f} ¢" if unit == "cents" else write_money(value)


def write_interval(unit: str, low: float | None, high: float | None) -> str:
    """Write an interval; an end that is not known yet is a dash."""
    if low is None and high is None:
        return ABSENT
    return f"{write_metric(unit, low)} to {write_metric(unit, high)}"


def experiment_table(report: ExperimentReport) -> RenderableType:
    """Tell where an experiment stands: the variants, the comparisons in all fill modes, and what to know."""
    from rich.console import Group
    from rich.text import Text

    document = report.document
    parts: list[RenderableType] = [
        Text.assemble((document["experiment"], "bold"), f": {headline(document)}"),
        Text(f"metric {document['metric']}: {document['formula']}"),
        _variants(report), _comparisons(report),
    ]
    for each in document["comparisons"]:
        good = each["verdict"] == "better"
        parts.append(Text(f"{each['variant']}: {each['reason']}", style="bold green" if good else "bold"))
    parts += [
        Text(f"promoted: {each['variant']} ({each['strategy']}) at {each['created']}", style="bold green")
        for each in document["promotions"]
    ]
    parts += [Text(f"note: {note}", style="yellow") for note in document["notes"]]
    return Group(*parts)


def headline(document: dict[str, Any]) -> str:
    """Sum up an experiment in a line."""
    events = document["events"]
    how = "every variant on every event" if document["analysis"] == "paired" else "events given to variants by lot"
    status = {"running": "running", "stopped": "stopped by a person", "stopped_for_harm": "stopped for harm"}
    return (
        f"{status[document['status']]}, {events['settled']} events settled, {events['open']} open, {how}, "
        f"{document['looks']} look{'' if document['looks'] == 1 else 's'}"
    )


def _variants(report: ExperimentReport) -> RenderableType:
    from ntp.backtest.table import plain_table

    table = plain_table("variant", "strategy", "parameters")
    for name in ("events", *(f"mean, {mode}" for mode in MODES), *(f"net P&L, {mode}" for mode in MODES)):
        table.add_column(name, justify="right")
    for row in variant_rows(report):
        table.add_row(*row)
    return table


def variant_rows(report: ExperimentReport) -> list[list[str]]:
    """List each variant: name, strategy, parameters that tell it from its kin, events, means and P&L by fill mode."""
    rows = []
    for each in report.document["variants"]:
        kin = [other["parameters"] for other in report.document["variants"] if other["strategy"] == each["strategy"]]
        differing = [
            f"{key}={value}" for key, value in each["parameters"].items() if any(own[key] != value for own in kin)
        ]
        modes = each["fill_modes"]
        rows.append([
            each["name"] + (" (control)" if each["control"] else ""), f"{each['strategy']} {each['version']}".strip(),
            " ".join(differing) or ABSENT, f"{modes['base']['events']:,}",
            *(write_metric(report.metric.unit, modes[mode]["mean"]) for mode in MODES),
            *(write_money(modes[mode]["pnl_net_usd"]) for mode in MODES),
        ])  # fmt: skip
    return rows


def _comparisons(report: ExperimentReport) -> RenderableType:
    from ntp.backtest.table import plain_table

    table = plain_table("against control", "fills")
    for name in ("events", "difference", f"interval, {100 * (1 - report.plan.level):g} %", "e-value", "p-value"):
        table.add_column(name, justify="right")
    table.add_column("verdict")
    for row in comparison_rows(report):
        table.add_row(*row)
    return table


def comparison_rows(report: ExperimentReport) -> list[list[str]]:
    """List each comparison in each fill mode; the verdict stands beside the mode that decides it."""
    unit = report.metric.unit
    rows = []
    for each in report.document["comparisons"]:
        for mode, row in each["fill_modes"].items():
            deciding = mode == report.document["deciding_mode"]
            rows.append([
                each["variant"], mode, f"{row['events']:,}", write_metric(unit, row["difference"]),
                write_interval(unit, row["low"], row["high"]),
                ABSENT if row["e_value"] is None else f"{row['e_value']:,.3g}", f"{row['p_value']:.4f}",
                VERDICTS[each["verdict"]] if deciding else "",
            ])  # fmt: skip
    return rows
