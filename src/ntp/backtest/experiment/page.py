"""Page of an experiment: its confidence sequences and tables in one HTML file that works offline."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Final

import numpy as np

from ntp.backtest.experiment.comparison import Comparison, ModeComparison
from ntp.backtest.experiment.report import ExperimentReport
from ntp.backtest.experiment.table import comparison_rows, headline, variant_rows, write_metric
from ntp.backtest.pages import Axis, Chart, Floats, Line, Page, html_table, line_of, write_page
from ntp.backtest.pages.chart import Unit
from ntp.backtest.results import MODES
from ntp.core import format_ns

_UNITS: Final[dict[str, Unit]] = {"fraction": "percent", "usd": "money", "cents": "number"}
_LOOKS: Final = 200


def write_experiment_page(report: ExperimentReport, path: Path) -> Path:
    """Write the page of an experiment and return where it is; the file appears whole or not at all."""
    page = Page()
    sections = [
        ("sequence", "Confidence sequences", "".join(_figure(page, report, each) for each in report.comparisons)),
        ("comparisons", "Comparisons", _comparisons(report)), ("variants", "Variants", _variants(report)),
        ("looks", "Data and looks", _looks(report)),
    ]  # fmt: skip
    footer = (
        "Experiment by ntp. The intervals hold at every look together, so that looking often costs nothing; the "
        "pessimistic fill mode decides."
    )
    return write_page(page.html(f"Experiment {report.plan.name}", _header(report), sections, footer), path)


def _header(report: ExperimentReport) -> str:
    document = report.document
    first = document["comparisons"][0]
    kind = {"better": "good", "stopped_for_harm": "bad"}.get(first["verdict"], "open")
    verdict = " ".join(f"{each['variant']}: {each['reason']}." for each in document["comparisons"])
    pairs = (
        ("Metric", f"{report.metric.title}: {report.metric.formula}"),
        ("Analysis", document["analysis"]), ("Control", report.plan.control.name),
        ("Events settled", f"{document['events']['settled']:,}"), ("Events open", f"{document['events']['open']:,}"),
        ("Minimum of events", f"{report.plan.minimum:,}"), ("Error probability", f"{report.plan.alpha:g}"),
        ("Seed", str(report.plan.seed)), ("Looks", f"{document['looks']:,}"),
        ("Trials counted on this data", f"{document['trials']:,}"), ("Begun", document["created"]),
        ("Promoted", ", ".join(each["variant"] for each in document["promotions"]) or "none"),
    )  # fmt: skip
    facts = "".join(f"<div><dt>{escape(key)}</dt><dd>{escape(text)}</dd></div>" for key, text in pairs)
    notes = "".join(f"<li>{escape(text)}</li>" for text in document["notes"])
    return (
        f"<h1>{escape(report.plan.name)} <small>{escape(headline(document))}</small></h1>"
        f'<p class="verdict {kind}">{escape(verdict)}</p><dl class="facts">{facts}</dl>'
        + (f'<ul class="warnings">{notes}</ul>' if notes else "")
    )


def _figure(page: Page, report: ExperimentReport, comparison: Comparison) -> str:
    """Draw the interval of a challenger over the events in the mode that decides, and the estimates of all modes."""
    deciding = comparison.deciding
    if not np.isfinite(deciding.sequence.estimates).any():
        return ""
    name = comparison.variant.name
    lines = [_line(f"{mode} estimate", each, each.sequence.estimates, f"--{mode}", "")
             for mode, each in comparison.modes.items()]
    lines += [
        _line(f"{deciding.mode} {word} end", deciding, _shown(deciding, values), f"--{deciding.mode}", "6 3")
        for word, values in (("lower", deciding.sequence.lows), ("upper", deciding.sequence.highs))
    ]
    count = len(deciding.events)
    lines.append(line_of("no difference", np.array([1.0, count]), np.zeros(2), "--soft", dash="2 4", width=1.0))
    unit = _UNITS[report.metric.unit]
    chart = Chart(lines, (), Axis("linear", "number", "events"), Axis("linear", unit))
    summary = (
        f"{report.metric.title}, {name} less {report.plan.control.name}, after each event from event "
        f"{deciding.sequence.begun} on; dashed the {100 * (1 - report.plan.level):g} % interval of the "
        f"{deciding.mode} fill mode, which holds at all looks together."
    )
    return page.figure(f"{name} against {report.plan.control.name}", summary, chart, _data(report, deciding))


def _line(name: str, compared: ModeComparison, values: Floats, colour: str, dash: str) -> Line:
    first = compared.sequence.begun - 1
    places = np.arange(first + 1.0, len(values) + 1.0)
    return line_of(name, places, values[first:], colour, dash=dash, width=2.0 if dash == "" else 1.2)


def _shown(compared: ModeComparison, ends: Floats) -> Floats:
    """Leave out the ends of the first intervals, which are so wide that they would hide the rest."""
    estimates = compared.sequence.estimates
    width = np.abs(ends - estimates)
    known = width[np.isfinite(width)]
    widest = 6.0 * float(known[-1]) if len(known) else 0.0
    shown: Floats = np.where(width <= widest, ends, np.nan)
    return shown


def _data(report: ExperimentReport, compared: ModeComparison) -> str:
    sequence, unit = compared.sequence, report.metric.unit
    first = sequence.begun - 1
    places = sorted({int(each) for each in np.linspace(first, len(compared.events) - 1, 50)})
    rows = [
        [
            str(at + 1), compared.events[at].event, format_ns(compared.events[at].settled),
            *(write_metric(unit, float(each[at]) if np.isfinite(each[at]) else None)
              for each in (sequence.estimates, sequence.lows, sequence.highs)),
        ]
        for at in places
    ]
    note = f"{len(rows)} of {len(compared.events) - first} looks." if len(rows) < len(compared.events) - first else ""
    head = ["After event", "Event", "Settled", "Difference", "Lower end", "Upper end"]
    return html_table("Difference after each event", head, rows, note=note)


def _comparisons(report: ExperimentReport) -> str:
    head = ["Variant", "Fill mode", "Events", "Difference", "Interval", "e-value", "p-value", "Verdict"]
    return html_table(f"Against {report.plan.control.name}, by {report.metric.title}", head, comparison_rows(report))


def _variants(report: ExperimentReport) -> str:
    head = [
        "Variant", "Strategy", "Parameters that differ", "Events", *(f"Mean, {mode}" for mode in MODES),
        *(f"Net P&L, {mode}" for mode in MODES),
    ]  # fmt: skip
    return html_table("Variants", head, variant_rows(report))


def _looks(report: ExperimentReport) -> str:
    data = html_table(
        "Data", ["Part", "When", "Sources", "Open events"],
        [[str(each["batch"]), each["created"], ", ".join(each["sources"]), str(each["open_events"])]
         for each in report.document["data"]],
    )  # fmt: skip
    seen = report.looks[-_LOOKS:]
    rows = [
        [
            format_ns(look["created"]), look["variant"], look["mode"], str(look["events"]),
            *(write_metric(report.metric.unit, look[key]) for key in ("difference", "low", "high")),
            f"{look['p_value']:.4f}",
        ]
        for look in reversed(seen)
    ]
    head = ["When", "Variant", "Fill mode", "Events", "Difference", "Lower end", "Upper end", "p-value"]
    note = f"The last {_LOOKS} of {len(report.looks)}." if len(report.looks) > _LOOKS else ""
    return data + html_table("Looks, the newest first", head, rows, note=note)
