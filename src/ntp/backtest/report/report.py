"""The report: one HTML file that works offline, in light and dark, on paper and on a phone."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from ntp.backtest.pages import Page, write_page
from ntp.backtest.report import sections
from ntp.backtest.report.calendar import calendar
from ntp.backtest.report.edge import edges
from ntp.backtest.report.exposure import exposure
from ntp.backtest.report.forecasts import forecasts
from ntp.backtest.report.rules import rules

if TYPE_CHECKING:
    from ntp.backtest.run import Run

_SECTIONS: Final = (
    ("result", "Result", sections.result),
    ("equity", "Equity", sections.equity),
    ("forecasts", "Prediction quality", forecasts),
    ("edge", "Where the edge goes", edges),
    ("fills", "Fills on price", sections.prices),
    ("queue", "Queue and fills", sections.queue),
    ("exposure", "Exposure", exposure),
    ("records", "Recorded curves", sections.records),
    ("groups", "By event and venue", sections.groups),
    ("calendar", "Calendar", calendar),
    ("rules", "Rules", rules),
    ("metrics", "Metrics", sections.metrics),
    ("assumptions", "Assumptions", sections.assumptions),
    ("data", "Data and warnings", sections.data),
    ("manifest", "Manifest", sections.manifest),
)
"""Identifier, title and builder of each section; one that builds nothing is left out."""


def write_report(run: "Run", path: Path) -> Path:
    """Write the report of a run and return where it is.

    The file appears whole or not at all.
    """
    return write_page(report_html(run), path)


def report_html(run: "Run") -> str:
    """Build the report of a run as one HTML document."""
    page = Page()
    built = [(key, title, build(run, page)) for key, title, build in _SECTIONS]
    return page.html(
        f"{run.context.strategy.name} on {', '.join(run.context.data.sources)}", sections.header(run), built,
        "Backtest by ntp. Past results on recorded markets say nothing certain about the future.",
    )
