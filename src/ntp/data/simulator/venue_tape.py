"""All rows of one simulated venue in order: books, lifecycle and settlement, with sequence numbers."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ntp.data.simulator import book as b
from ntp.data.simulator.agents import BELIEF_COLUMNS, LADDER, QUOTED, run_book
from ntp.data.simulator.config import SimulatorConfig
from ntp.data.simulator.contracts import Claim, settled_at
from ntp.data.simulator.grid import VENUES, bands_of, level_tables, levels_of
from ntp.markets.instrument import Instrument

Ints = NDArray[np.int64]

# further values of the column WHAT
SET: Final = 4
HIDDEN: Final = 5
CLEAR: Final = 6
SHOWN: Final = 7
OPENED: Final = 10
CLOSED: Final = 11
DETERMINED: Final = 12
DETERMINED_VALUE: Final = 13
SETTLED: Final = 14
SETTLED_VALUE: Final = 15
LIFECYCLE_STATES: Final = {OPENED: "open", CLOSED: "closed", DETERMINED: "determined", SETTLED: "settled"}
SETTLEMENT_STATES: Final = {DETERMINED_VALUE: "determined", SETTLED_VALUE: "settled"}


@dataclass(frozen=True, slots=True)
class VenueTape:
    """Rows of one venue, sorted by time and sequence.

    Attributes
    ----------
    instruments : list of Instrument
        What the rows are about, by `contract`.
    claims : list of Claim
        Their claims.
    rows : ndarray
        Columns of :mod:`ntp.data.simulator.book`, with prices in place of levels.
    contract : ndarray
        Position in `instruments` of each row.
    sequence : ndarray
        Sequence number of each row; a row before the open has that of the row after it.
    received : ndarray
        Arrival at the recorder.
    """

    instruments: list[Instrument]
    claims: list[Claim]
    rows: Ints
    contract: Ints
    sequence: Ints
    received: Ints


def venue_tape(
    config: SimulatorConfig, number: int, instruments: list[Instrument], claims: list[Claim]
) -> VenueTape:
    """Simulate all books of a venue.

    Parameters
    ----------
    config : SimulatorConfig
        Rates and delays.
    number : int
        Position of the venue in ``config.venues``.
    instruments, claims : list
        Contracts of the venue and what they claim.

    Returns
    -------
    VenueTape
        Its rows; those of an atomic group are neighbours.
    """
    levels = levels_of(bands_of(VENUES[config.venues[number]], tapered=config.tapered))
    blocks = [_contract_rows(config, number, i, claim, levels) for i, claim in enumerate(claims)]
    rows = np.concatenate(blocks)
    contract = np.repeat(np.arange(len(blocks)), [len(block) for block in blocks])
    order = np.argsort(rows[:, b.TS], kind="stable")
    rows, contract = rows[order], contract[order]
    sequence = np.cumsum(rows[:, b.WHAT] != HIDDEN)
    sequence[rows[:, b.WHAT] == HIDDEN] += 1
    return VenueTape(instruments, claims, rows, contract, sequence, _received(config, number, rows))


def _contract_rows(config: SimulatorConfig, number: int, index: int, claim: Claim, levels: Ints) -> Ints:
    """Rows of one contract from its open to its settlement."""
    rows, built = simulate_book(config, number, index, claim, levels)
    rows[:, b.ROW_LEVEL] = levels[rows[:, b.ROW_LEVEL]]
    before, after = rows[:built].copy(), rows[built:]
    before[:, b.TS], before[:, b.WHAT], before[:, b.END] = claim.open_time, HIDDEN, 0
    decided, settled = settled_at(config, claim)
    value = 1_000_000 if claim.pays else 0
    return np.concatenate([
        _row(claim.open_time, OPENED), before, _image(claim.open_time, before, named=config.order_ids), after,
        _row(claim.close_time, CLOSED), _row(claim.close_time, CLEAR),
        _row(decided, DETERMINED, end=0), _row(decided, DETERMINED_VALUE, size=value),
        _row(settled, SETTLED, end=0), _row(settled, SETTLED_VALUE, size=value),
    ])


def simulate_book(
    config: SimulatorConfig, number: int, index: int, claim: Claim, levels: Ints
) -> tuple[Ints, int]:
    """Run one book; give its rows with levels, and how many of them came before the open."""
    tables = level_tables(levels)
    pace = config.rate * VENUES[config.venues[number]].activity
    rates = np.array([
        0.3 * pace, 4.0 * pace, config.limit_rate * pace, 1.0 / config.noise_lifetime,
        config.noise_rate * pace, config.informed_rate * pace, config.half_spread,
    ])
    lag = number * config.lag_ns // config.step_ns
    times = np.array([claim.open_time, claim.close_time, config.step_ns, lag])
    seed = np.random.SeedSequence([config.seed, 2, number, index]).generate_state(1, np.uint64)
    capacity = 1_024 + int(16 * max(pace, 0.1) * config.duration_ns / 1e9)
    while True:
        book = b.empty_book(len(levels), config.makers, LADDER, capacity)
        beliefs = np.zeros((config.makers, BELIEF_COLUMNS))
        beliefs[:, QUOTED] = -1.0
        prices = levels / 10_000
        if run_book(book, claim.fair, claim.speed, prices, tables, rates, times, beliefs, seed.copy()):
            return book.out[: book.counts[b.ROWS]].copy(), int(book.counts[b.BUILT])
        capacity *= 2


def _row(ts: int, what: int, *, size: int = 0, end: int = 1) -> Ints:
    return np.array([[ts, what, 0, 0, size, -1, end]], np.int64)


def _image(ts: int, before: Ints, *, named: bool) -> Ints:
    """Full image of the orders that rest at the open: a clear, then each level, bids first, or each order."""
    if named:
        shown = before.copy()
        shown[:, b.WHAT] = SHOWN
        shown[-1:, b.END] = 1
        return np.concatenate([_row(ts, CLEAR, end=0), shown])
    key = before[:, b.ROW_LEVEL] * -before[:, b.ROW_SIDE]
    found, where = np.unique(key, return_inverse=True)
    totals = np.zeros(len(found), np.int64)
    np.add.at(totals, where, before[:, b.SIZE])
    image = np.zeros((1 + len(found), 7), np.int64)
    image[:, b.TS], image[:, b.ORDER] = ts, -1
    image[0, b.WHAT], image[1:, b.WHAT] = CLEAR, SET
    image[1:, b.ROW_SIDE], image[1:, b.ROW_LEVEL] = -np.sign(found), np.abs(found)
    image[1:, b.SIZE] = totals
    image[-1, b.END] = 1
    return image


def _received(config: SimulatorConfig, number: int, rows: Ints) -> Ints:
    """Arrival times: a floor and an exponential delay for each group, in order as on one connection."""
    profile = VENUES[config.venues[number]]
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([config.seed, 3, number])))
    group = np.concatenate([[0], np.cumsum(rows[:-1, b.END])])
    delay = profile.delay + random.exponential(profile.jitter, int(group[-1]) + 1).astype(np.int64)
    return np.maximum.accumulate(rows[:, b.TS] + delay[group] // 1_000 * 1_000)
