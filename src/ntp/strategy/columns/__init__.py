"""Whole-column strategies: `signals(self, frame)` turns market data into wishes, which the engine carries out."""

from ntp.strategy.columns.frames import Frame, Frames
from ntp.strategy.columns.recording import COLUMNS, OUTPUTS, Recording, record, recorder_of
from ntp.strategy.columns.runtime import ColumnsRuntime

__all__ = ["COLUMNS", "OUTPUTS", "ColumnsRuntime", "Frame", "Frames", "Recording", "record", "recorder_of"]
