"""A page: one HTML file that works offline, in light and dark, on paper and on a phone."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from ntp.backtest.pages.chart import Chart
from ntp.backtest.pages.chart_svg import draw, readings


@dataclass
class Page:
    """Collects the numbers behind the charts of a page, in the order of its elements."""

    readings: list[dict[str, Any]] = field(default_factory=list)

    def figure(self, title: str, summary: str, chart: Chart, data: str = "") -> str:
        """Place a chart with its title, its text for those who do not see it, and its data."""
        self.readings.append(readings(chart))
        table = f"<details><summary>Data of this figure</summary>{data}</details>" if data else ""
        thinned = chart.thinned
        note = f" Of {thinned:,} points the lowest and highest of each stretch are drawn." if thinned else ""
        note += " Shaded: time without any change, drawn short." if chart.x.cuts else ""
        return (
            f"<figure><figcaption><strong>{escape(title)}</strong> {escape(summary + note)}</figcaption>"
            f"{draw(chart, f'{title}. {summary}')}{table}</figure>"
        )

    def html(self, title: str, header: str, sections: Sequence[tuple[str, str, str]], footer: str) -> str:
        """Put the page together.

        Parameters
        ----------
        title : str
            Name of the document.
        header : str
            HTML that opens it.
        sections : sequence of (str, str, str)
            Identifier, title and HTML of each; one without HTML is left out.
        footer : str
            Said at its end.
        """
        built = [part for part in sections if part[2]]
        body = "".join(
            f'<section id="{key}" aria-labelledby="{key}-title"><h2 id="{key}-title">{escape(name)}</h2>{html}'
            "</section>"
            for key, name, html in built
        )
        return Template(_template("page.html")).substitute(
            title=escape(title),
            header=header,
            first=built[0][0] if built else "",
            navigation="".join(f'<a href="#{key}">{escape(name)}</a>' for key, name, _ in built),
            body=body,
            footer=escape(footer),
            style=_template("page.css"),
            readings=_script_json(self.readings),
            script=_template("page.js"),
        )


def write_page(html: str, path: Path) -> Path:
    """Write a page and return where it is; the file appears whole or not at all."""
    path = path.expanduser().resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(html, encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def _template(name: str) -> str:
    return files("ntp.backtest.pages").joinpath("templates", name).read_text(encoding="utf-8")


def _script_json(value: Any) -> str:
    # inside a script element only "</" and "<!--" could end it early
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
