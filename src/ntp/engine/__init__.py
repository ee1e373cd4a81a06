"""Engine: the compiled simulator of matching that backtests, paper and live trading share."""

from ntp.engine.queues import QueueModel, parse_queue
from ntp.engine.replay import Replay
from ntp.engine.state import EngineSettings, ReplayState
from ntp.engine.tape import SourceFrames, Tape, build_tape

__all__ = [
    "EngineSettings",
    "QueueModel",
    "Replay",
    "ReplayState",
    "SourceFrames",
    "Tape",
    "build_tape",
    "parse_queue",
]
