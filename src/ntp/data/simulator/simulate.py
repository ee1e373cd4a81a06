"""Whole recordings from a seed."""

from functools import lru_cache

from ntp.data.schema import Kind
from ntp.data.simulator.config import SimulatorConfig
from ntp.data.simulator.contracts import claims_of, index_instrument, instrument_of
from ntp.data.simulator.path import spot_path
from ntp.data.simulator.probes import probe_frames
from ntp.data.simulator.recording import SimulatedRecording, recorded_frames, truth_frames
from ntp.data.simulator.venue_tape import venue_tape


def simulate(config: SimulatorConfig) -> SimulatedRecording:
    """Generate a recording of whole events with everything that is true about it.

    Spot moves on a latent path; each venue has a book for each contract, in which makers quote
    around a belief about the true probability that is late by their reaction and, from the second
    venue on, by ``config.lag``; noise rests, cancels and takes, the informed take what is
    mispriced. Contracts settle on the mean of the last published index values.

    Parameters
    ----------
    config : SimulatorConfig
        What to simulate. Equal configurations give equal bytes.

    Returns
    -------
    SimulatedRecording
        Rows, instruments and truth.

    Raises
    ------
    ConfigError
        If a probe names no contract, lies off its grid or is placed outside its life.
    """
    path = spot_path(config)
    claims = claims_of(config, path)
    tapes = [
        venue_tape(config, number, [instrument_of(config, claim, name) for claim in claims], claims)
        for number, name in enumerate(config.venues)
    ]
    frames = recorded_frames(tapes, path, config)
    truth = truth_frames(tapes, config)
    instruments = [i for tape in tapes for i in tape.instruments]
    truth |= probe_frames(config.probes, instruments, truth["orders"])
    rows = {kind.value: frames[kind].height for kind in Kind if kind in frames}
    return SimulatedRecording(
        frames=frames,
        instruments=[*instruments, index_instrument(config)],
        truth=truth,
        meta={"config": config.to_dict(), "rows": rows},
    )


SAMPLE = SimulatorConfig(
    seed=20260105, events=8, brackets=3, duration="15m", every="30m", rate=0.5, makers=2
)
"""Configuration of the embedded sample."""


@lru_cache(maxsize=1)
def sample_recording() -> SimulatedRecording:
    """Generate the embedded sample: two venues, eight quarters of an hour over four hours, all settled.

    Returns
    -------
    SimulatedRecording
        The same object on each call of a process; do not change it.
    """
    return simulate(SAMPLE)
