"""Tape: from unified events of several sources to the rows that the kernel replays, whole or in pieces."""

from ntp.engine.tape.convert import COLUMNS
from ntp.engine.tape.sources import SourceFrames, TapeSource
from ntp.engine.tape.stream import Chunk
from ntp.engine.tape.tape import Tape, build_tape, plan_tape

__all__ = ["COLUMNS", "Chunk", "SourceFrames", "Tape", "TapeSource", "build_tape", "plan_tape"]
