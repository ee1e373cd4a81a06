"""Research: what recorded markets say about themselves."""

from ntp.research.basis import Basis, measure_basis
from ntp.research.breakdowns import DIVISIONS
from ntp.research.cell_means import WEIGHTINGS
from ntp.research.excess import DEFAULT_BY, ExcessReturns, excess_returns
from ntp.research.trade_table import TradeTable, load_trades

__all__ = [
    "DEFAULT_BY",
    "DIVISIONS",
    "WEIGHTINGS",
    "Basis",
    "ExcessReturns",
    "TradeTable",
    "excess_returns",
    "load_trades",
    "measure_basis",
]
