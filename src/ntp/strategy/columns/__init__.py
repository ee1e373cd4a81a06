"""Whole-column strategies: `signals(self, frame)` turns market data into wishes, which the engine carries out."""

from ntp.strategy.columns.frames import Frame, Frames
from ntp.strategy.columns.indicators import keys_of
from ntp.strategy.columns.market_only import MarketOnly
from ntp.strategy.columns.plan import Plan, Planner, place_of, plan_of
from ntp.strategy.columns.playing import Playing, Seat, playable, within_reach
from ntp.strategy.columns.recording import COLUMNS, OUTPUTS, Recording, record, recorded_in_kernel, recorder_of
from ntp.strategy.columns.runtime import ColumnsRuntime
from ntp.strategy.columns.skips import Skips, skips_of

__all__ = [
    "COLUMNS",
    "OUTPUTS",
    "ColumnsRuntime",
    "Frame",
    "Frames",
    "MarketOnly",
    "Plan",
    "Planner",
    "Playing",
    "Recording",
    "Seat",
    "Skips",
    "keys_of",
    "place_of",
    "plan_of",
    "playable",
    "record",
    "recorded_in_kernel",
    "recorder_of",
    "skips_of",
    "within_reach",
]
