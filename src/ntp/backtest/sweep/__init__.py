"""Sweeps: many parameters on one decoded tape, each point kept, ranked by a metric that counts the trials."""

from ntp.backtest.sweep.run_sweep import Setting, Wish, run_sweep
from ntp.backtest.sweep.sweep import Effort, Point, Sweep
from ntp.backtest.sweep.sweep_store import SweepStore

__all__ = ["Effort", "Point", "Setting", "Sweep", "SweepStore", "Wish", "run_sweep"]
