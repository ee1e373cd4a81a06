"""The report of a run: one HTML file, and what a notebook shows of it."""

from ntp.backtest.report.charts import equity_figure
from ntp.backtest.report.report import report_html, write_report
from ntp.backtest.report.tables import notebook_table

__all__ = ["equity_figure", "notebook_table", "report_html", "write_report"]
