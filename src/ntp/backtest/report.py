"""The report: one HTML file that works offline, in light and dark, on paper and on a phone."""

import json
import os
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, Final

from ntp.backtest import report_sections as sections

if TYPE_CHECKING:
    from ntp.backtest.run import Run

_SECTIONS: Final = (
    ("result", "Result", sections.result),
    ("equity", "Equity", sections.equity),
    ("fills", "Fills on price", sections.prices),
    ("queue", "Queue and fills", sections.queue),
    ("records", "Recorded curves", sections.records),
    ("groups", "By event and venue", sections.groups),
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
    path = path.expanduser().resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(report_html(run), encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def report_html(run: "Run") -> str:
    """Build the report of a run as one HTML document."""
    page = sections.Page()
    built = [(key, title, build(run, page)) for key, title, build in _SECTIONS]
    built = [part for part in built if part[2]]
    body = "".join(
        f'<section id="{key}" aria-labelledby="{key}-title"><h2 id="{key}-title">{escape(title)}</h2>{html}'
        "</section>"
        for key, title, html in built
    )
    return Template(_template("report.html")).substitute(
        title=escape(f"{run.context.strategy.name} on {', '.join(run.context.data.sources)}"),
        header=sections.header(run),
        navigation="".join(f'<a href="#{key}">{escape(title)}</a>' for key, title, _ in built),
        body=body,
        style=_template("report.css"),
        readings=_script_json(page.readings),
        script=_template("report.js"),
    )


def _template(name: str) -> str:
    return files("ntp.backtest").joinpath("templates", name).read_text(encoding="utf-8")


def _script_json(value: Any) -> str:
    # inside a script element only "</" and "<!--" could end it early
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
