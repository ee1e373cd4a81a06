"""Seeded simulator of whole events: recordings in which fair value, queue and fills are known."""

from ntp.data.simulator.config import Probe, SimulatorConfig
from ntp.data.simulator.recording import SimulatedRecording
from ntp.data.simulator.simulate import SAMPLE, sample_recording, simulate
from ntp.data.simulator.tape import synthetic_tape, tape_recording

__all__ = [
    "SAMPLE",
    "Probe",
    "SimulatedRecording",
    "SimulatorConfig",
    "sample_recording",
    "simulate",
    "synthetic_tape",
    "tape_recording",
]
