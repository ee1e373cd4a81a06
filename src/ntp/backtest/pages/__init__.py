"""Pages: charts, tables and the one HTML file that holds them."""

from ntp.backtest.pages.chart import Axis, Chart, Floats, Line, Marks, line_of, quiet
from ntp.backtest.pages.html_table import html_table
from ntp.backtest.pages.page import Page, write_page

__all__ = ["Axis", "Chart", "Floats", "Line", "Marks", "Page", "html_table", "line_of", "quiet", "write_page"]
