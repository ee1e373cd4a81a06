"""Ends: what a recording leaves to the rules: opening, close and payment at their times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ntp.engine import records as r
from ntp.engine.tape.contracts import Chosen
from ntp.engine.tape.versions import Versions
from ntp.markets import order_rules
from ntp.markets.instrument import InstrumentKind


def missing_ends(
    contracts: npt.NDArray[Any], chosen: Sequence[Chosen], told: Sequence[Mapping[str, Any]],
    latencies: Sequence[int], versions: Versions, begins: int,
) -> dict[str, npt.NDArray[Any]]:
    """Make the rows that the recording leaves to the rules, in order of time.

    Parameters
    ----------
    contracts : ndarray
        Records of the contracts; the state of one that opens later is set.
    chosen : sequence of Chosen
        The instruments.
    told : sequence of mapping
        Rows of lifecycles and settlements.
    latencies : sequence of int
        Feed latency by source.
    versions : Versions
        What changes of the contracts.
    begins : int
        Time of the first row.
    """
    closed: set[int] = set()
    paid: set[int] = set()
    determined: dict[int, tuple[int, int]] = {}
    first_state: dict[int, int] = {}
    for part in told:
        kind = part["meta"] & 15
        for i in range(len(kind)):
            number, price = int(part["contract"][i]), int(part["price"][i])
            if kind[i] == r.STATE:
                first_state.setdefault(number, price)
                if price == r.CLOSED:
                    closed.add(number)
            elif price == r.DETERMINED:
                determined[number] = (int(part["ts"][i]), int(part["size"][i]))
            else:
                paid.add(number)
    made: list[tuple[int, int, int, int, int, int]] = []
    for number, one in enumerate(chosen):
        instrument, latency = one.instrument, latencies[one.source]
        if one.fidelity == r.FID_NONE or instrument.kind is InstrumentKind.REFERENCE:
            continue
        if first_state.get(number) == r.OPEN:
            contracts["state"][number] = r.PENDING
        elif number not in first_state and instrument.open_time is not None and instrument.open_time > begins:
            contracts["state"][number] = r.PENDING
            made.append((instrument.open_time, r.STATE, number, r.OPEN, 0, latency))
        close = versions.closes.get(number, instrument.close_time)
        if close is not None and number not in closed:
            made.append((close, r.STATE, number, r.CLOSED, 0, latency))
        if number in determined and number not in paid:
            when, value = determined[number]
            delay = order_rules(versions.last.get(number, instrument))[-1].settlement_delay_ns
            made.append((when + delay, r.SETTLE, number, r.SETTLED, value, latency))
    made.sort()
    ts, kinds, numbers, prices, sizes, later = np.array(made, dtype=np.int64).reshape(-1, 6).T
    return {
        "ts": ts, "seen": ts + later, "meta": (kinds + r.META_GROUP_END).astype(np.int16),
        "contract": numbers.astype(np.int32), "price": prices.astype(np.int32), "size": sizes,
        "rank": np.full(len(ts), 9, np.int8), "sequence": np.zeros(len(ts), np.int64),
    }  # fmt: skip


__all__ = ["missing_ends"]
