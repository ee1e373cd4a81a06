"""Neural Trading Platform: honest backtests and trading for prediction markets."""

__version__ = "0.1.0"
