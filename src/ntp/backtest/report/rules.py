"""The rules in the report: which of them refused, which were broken, and what is missing."""

from html import escape
from typing import TYPE_CHECKING

from ntp.backtest.pages import Page, html_table
from ntp.backtest.rule_rows import missing_words, rule_rows

if TYPE_CHECKING:
    from ntp.backtest.run import Run


def rules(run: "Run", page: Page) -> str:
    """Table of the five rules, and in words what orders lacked; nothing where no order was sent or refused."""
    if run.shown.output.orders.is_empty():
        return ""
    rows = [
        [
            row["rule"], row["means"], row["holds"], f"{row['refused']:,}", f"{row['breached']:,}",
            ", ".join(row["reasons"]) or "none",
        ]
        for row in rule_rows(run)
    ]
    words = "".join(f"<li>{escape(line)}</li>" for line in missing_words(run))
    return html_table(
        "Rule by rule", ["Rule", "An order", "Here it", "Refused", "Broken, let through", "Reasons"], rows,
        sortable=False, note="unmatched counts orders with no other book to be held against, and breaks nothing.",
    ) + (f"<ul>{words}</ul>" if words else "")
