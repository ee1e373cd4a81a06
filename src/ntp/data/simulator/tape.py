"""Load generator: long tapes of one or thousands of contracts, made for speed rather than meaning."""

from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ntp.core import PRICE_ONE, SIZE_ONE, ConfigError, parse_time
from ntp.data.frames import conform
from ntp.data.schema import BOOK_CLEAR, BOOK_DELTA, BOOK_SET, FLAG_GROUP_END, FLAG_SNAPSHOT, SCHEMAS, Kind
from ntp.data.simulator.agents import uniform
from ntp.data.simulator.compiled import entry, inner
from ntp.data.simulator.grid import CENT, CENT_BANDS
from ntp.data.simulator.recording import SimulatedRecording
from ntp.markets.instrument import Instrument

BOOK: Final = 0
TRADE: Final = 1
IMAGE_ROWS: Final = 100
"""A clear and 99 levels."""
# columns of the contracts' state
BID: Final = 0
OPENED_GAP: Final = 1  # +1 the best bid was withdrawn, -1 the best ask, 0 neither
LEFT: Final = 2
# shares of the groups that are not a change away from the touch
SWEEP: Final = 0.04
PARTIAL: Final = SWEEP + 0.1
GAP: Final = PARTIAL + 0.03
TOUCH: Final = GAP + 0.15


@inner
def put(columns, n, ts, received, contract, kind, end):  # type: ignore[no-untyped-def]
    """Write the header of a row."""
    columns[0][n] = ts
    columns[1][n] = received
    columns[2][n] = contract
    columns[3][n] = n + 1
    columns[4][n] = end
    columns[5][n] = kind


@inner
def put_book(columns, n, ts, received, contract, end, side, action, level, size):  # type: ignore[no-untyped-def]
    """Write a book row; gives the next free row."""
    put(columns, n, ts, received, contract, BOOK, end)
    columns[6][n] = side
    columns[7][n] = action
    columns[8][n] = level * CENT
    columns[9][n] = size * SIZE_ONE
    columns[10][n] = 0
    return n + 1


@inner
def put_trade(columns, n, ts, received, contract, level, size, taker):  # type: ignore[no-untyped-def]
    """Write a print that opens a group; gives the next free row."""
    put(columns, n, ts, received, contract, TRADE, 0)
    columns[6][n] = 0
    columns[7][n] = 0
    columns[8][n] = level * CENT
    columns[9][n] = size * SIZE_ONE
    columns[10][n] = taker
    return n + 1


@inner
def put_image(columns, n, ts, received, contract, state, depth, dice):  # type: ignore[no-untyped-def]
    """Fill a contract's book and write it as a full image."""
    n = put_book(columns, n, ts, received, contract, FLAG_SNAPSHOT, 0, BOOK_CLEAR, 0, 0)
    for level in range(1, 100):
        depth[contract, level] = 100 + np.int64(uniform(dice) * 900.0)
        side = 1 if level <= state[contract, BID] else -1
        end = FLAG_SNAPSHOT + (FLAG_GROUP_END if level == 99 else 0)
        n = put_book(columns, n, ts, received, contract, end, side, BOOK_SET, level, depth[contract, level])
    return n


@inner
def put_group(columns, n, ts, received, contract, state, depth, cover, dice):  # type: ignore[no-untyped-def]
    """Write one atomic group of a contract; gives the next free row."""
    end, bid, gap = FLAG_GROUP_END, state[contract, BID], state[contract, OPENED_GAP]
    choice = uniform(dice)
    up = 1 if uniform(dice) < 0.5 + (50 - bid) * 0.006 else -1
    touch = bid + 1 if up > 0 else bid  # the level a taker in this direction meets
    if state[contract, LEFT] < 4:
        choice = 1.0
    if choice < SWEEP and gap == 0 and 5 < bid < 94:
        # a join, a print that covers the level and any order up to `cover` behind it, the level's end,
        # and the first order of the other side there
        n = put_book(columns, n, ts, received, contract, end, -up, BOOK_DELTA, touch, cover)
        size = depth[contract, touch] + cover
        n = put_trade(columns, n, ts + 1_000, received, contract, touch, size, up)
        n = put_book(columns, n, ts + 1_000, received, contract, end, -up, BOOK_DELTA, touch, -size)
        fresh = 100 + np.int64(uniform(dice) * 900.0)
        depth[contract, touch] = fresh
        n = put_book(columns, n, ts + 2_000, received, contract, end, up, BOOK_DELTA, touch, fresh)
        state[contract, BID] += up
        return n
    if choice < PARTIAL and gap == 0:
        size = 10 + np.int64(uniform(dice) * 40.0)
        if depth[contract, touch] > size:
            n = put_trade(columns, n, ts, received, contract, touch, size, up)
            depth[contract, touch] -= size
            return put_book(columns, n, ts, received, contract, end, -up, BOOK_DELTA, touch, -size)
    elif choice < GAP:
        if gap != 0:  # who withdrew comes back, so that nobody is crossed without a print
            level = bid if gap > 0 else bid + 1
            fresh = 100 + np.int64(uniform(dice) * 900.0)
            depth[contract, level] = fresh
            state[contract, OPENED_GAP] = 0
            return put_book(columns, n, ts, received, contract, end, gap, BOOK_DELTA, level, fresh)
        state[contract, OPENED_GAP] = -up
        size = depth[contract, touch]
        depth[contract, touch] = 0
        return put_book(columns, n, ts, received, contract, end, -up, BOOK_DELTA, touch, -size)
    level = touch
    if choice >= TOUCH or depth[contract, touch] == 0:
        level = min(99, max(1, touch + up * (1 + np.int64(uniform(dice) * 9.0))))
    if depth[contract, level] == 0:
        level = bid if up > 0 else bid + 1
    change = 1 + np.int64(uniform(dice) * 100.0)
    if depth[contract, level] > 1_000 or (uniform(dice) < 0.5 and depth[contract, level] > change):
        change = -change
    depth[contract, level] += change
    side = 1 if level <= bid else -1
    return put_book(columns, n, ts, received, contract, end, side, BOOK_DELTA, level, change)


@entry
def fill_tape(columns, state, depth, lives, alive, gap_ns, start, cover, dice):  # type: ignore[no-untyped-def]
    """Write all rows, wave after wave of contracts that live at the same time.

    Parameters
    ----------
    columns : tuple of ndarray
        Output columns in the order of :data:`COLUMNS`.
    state, depth : ndarray of int64
        Scratch of each contract.
    lives : ndarray of int64
        Receives the times of the first and the last row of each contract.
    alive : ndarray of int64
        Scratch, as long as a wave.
    gap_ns, start, cover : int
        Mean time between groups, time of the first row, largest order that a sweep covers.
    dice : ndarray of uint64
        State of the random stream.
    """
    ts, received, n = start, start, 0
    contracts = state.shape[0]
    for first in range(0, contracts, alive.shape[0]):
        count = min(alive.shape[0], contracts - first)
        for i in range(count):
            alive[i] = first + i
        while count > 0:
            k = np.int64(uniform(dice) * count)
            contract = alive[k]
            ts += 3_000 + np.int64(uniform(dice) * 2.0 * gap_ns) // 1_000 * 1_000
            received = max(received, ts + 20_000_000 + np.int64(uniform(dice) * 1e4) * 1_000)
            before = n
            if lives[contract, 0] == 0:
                lives[contract, 0] = ts
                state[contract, BID] = 35 + np.int64(uniform(dice) * 30.0)
                n = put_image(columns, n, ts, received, contract, state, depth, dice)
            else:
                n = put_group(columns, n, ts, received, contract, state, depth, cover, dice)
            state[contract, LEFT] -= n - before
            if state[contract, LEFT] <= 0:
                lives[contract, 1] = ts
                count -= 1
                alive[k] = alive[count]
    return n


COLUMNS: Final[dict[str, Any]] = {
    "ts_event": np.int64, "ts_recv": np.int64, "contract": np.int32, "sequence": np.int64,
    "flags": np.uint8, "kind": np.uint8, "side": np.int8, "action": np.uint8,
    "price": np.int32, "size": np.int64, "taker": np.int8,
}  # fmt: skip


def synthetic_tape(
    *,
    events: int = 5_000_000,
    contracts: int = 1,
    seed: int = 1,
    concurrent: int = 20,
    gap_ns: int = 10_000_000,
    cover: int = 100,
    start: str | int = "2026-01-05T00:00:00Z",
) -> dict[str, NDArray[Any]]:
    """Generate a tape of book and trade rows on a grid of cents.

    About 70 % of the rows change a level away from the touch, 10 % are prints and 10 % move a best
    price. A price is only ever crossed after a print that covers the whole level and `cover`
    contracts behind it, so queue models agree on who was filled by then.

    Parameters
    ----------
    events : int
        Rows in total; each contract gets an equal share and begins with an image of 100 rows.
    contracts : int
        Contracts, living in waves one after another.
    seed : int
        Root of the random stream; equal arguments give equal bytes.
    concurrent : int
        Contracts of a wave.
    gap_ns : int
        Mean time between two groups.
    cover : int
        Largest order, in contracts, that a sweep certainly fills.
    start : str or int
        Time of the first row.

    Returns
    -------
    dict of str to ndarray
        Columns sorted by time: ``kind`` is 0 for a book row and 1 for a print, ``contract`` a
        number, the others as in the recordings; and for each contract ``open_time``,
        ``close_time`` and ``value`` (settlement in 0.000001 dollar).

    Raises
    ------
    ConfigError
        If a contract would have fewer rows than its image.
    """
    if contracts < 1 or events // contracts < IMAGE_ROWS or concurrent < 1 or gap_ns < 1 or cover < 1:
        raise ConfigError(
            f"expected at least {IMAGE_ROWS} events for each contract and positive parameters, "
            f"was {events} events for {contracts} contracts", code="bad_simulation",
        )
    columns = {name: np.empty(events, dtype) for name, dtype in COLUMNS.items()}
    state = np.zeros((contracts, 3), np.int64)
    state[:, LEFT] = events // contracts
    state[: events % contracts, LEFT] += 1
    lives = np.zeros((contracts, 2), np.int64)
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 5])))
    dice = random.integers(0, 1 << 63, 1).astype(np.uint64)
    depth = np.zeros((contracts, 100), np.int64)
    alive = np.empty(min(concurrent, contracts), np.int64)
    fill_tape(tuple(columns.values()), state, depth, lives, alive, gap_ns, parse_time(start), cover, dice)
    yes = random.random(contracts) < state[:, BID] / 100
    return columns | {
        "open_time": lives[:, 0],
        "close_time": lives[:, 1] + 1_000_000,
        "value": yes.astype(np.int64) * 1_000_000,
    }


def tape_recording(tape: dict[str, NDArray[Any]]) -> SimulatedRecording:
    """Turn a tape into frames and instruments, with the life and the settlement of each contract.

    Parameters
    ----------
    tape : dict
        Result of :func:`synthetic_tape`.

    Returns
    -------
    SimulatedRecording
        Without truth: there is none behind these prices.
    """
    opened, closed, value = tape["open_time"], tape["close_time"], tape["value"]
    names = pl.Series("symbol", [f"SIMLOAD-{i:05d}" for i in range(len(opened))], pl.String)
    frames = {
        Kind.BOOK: _rows(tape, names, Kind.BOOK, tape["kind"] == BOOK),
        Kind.TRADE: _rows(tape, names, Kind.TRADE, tape["kind"] == TRADE),
    }
    decided, settled = closed + 1_000_000_000, closed + 60_000_000_000
    states = {"open": opened, "closed": closed, "determined": decided, "settled": settled}
    lives = [
        _states(names, times, Kind.LIFECYCLE, {"state": state, "payload": "{}"})
        for state, times in states.items()
    ]
    ends = [
        _states(names, states[state], Kind.SETTLEMENT, {"state": state, "value": pl.Series(value)})
        for state in ("determined", "settled")
    ]
    frames[Kind.LIFECYCLE] = pl.concat(lives).sort("ts_event", maintain_order=True)
    frames[Kind.SETTLEMENT] = pl.concat(ends).sort("ts_event", maintain_order=True)
    instruments = [
        Instrument(
            symbol=name, venue="sim_a", series="SIMLOAD", event=name, title=name, tick_bands=CENT_BANDS,
            size_step=10_000, open_time=int(opened[i]), close_time=int(closed[i]), category="crypto",
            group="load", known_at=int(opened[i]),
        )
        for i, name in enumerate(names)
    ]
    return SimulatedRecording(
        frames=frames, instruments=instruments, truth={},
        meta={"rows": {kind.value: frame.height for kind, frame in frames.items()}, "price_one": PRICE_ONE},
    )


def _rows(
    tape: dict[str, NDArray[Any]], names: pl.Series, kind: Kind, chosen: NDArray[np.bool_]
) -> pl.DataFrame:
    columns = {name: tape[name][chosen] for name in SCHEMAS[kind] if name != "symbol"}
    frame = pl.DataFrame({**columns, "symbol": names.gather(tape["contract"][chosen].astype(np.int64))})
    return conform(kind, frame)


def _states(names: pl.Series, times: NDArray[np.int64], kind: Kind, more: dict[str, Any]) -> pl.DataFrame:
    header = {
        "ts_event": times, "ts_recv": times + 20_000_000, "symbol": names, "flags": FLAG_GROUP_END,
    }  # fmt: skip
    frame = pl.DataFrame(header | more).with_columns(sequence=pl.lit(None, pl.Int64))
    return conform(kind, frame)
