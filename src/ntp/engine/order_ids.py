"""Numbers of recorded orders: which contracts have them, and the table that the kernel keeps of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ntp.core import ConfigError
from ntp.engine import records as r
from ntp.markets.instrument import Instrument

IDS: Final = "ids"
"""Column of the rows that tells whose size a row changes."""
_GOLDEN: Final = 0x9E3779B97F4A7C15
_MIXED: Final = 0xBF58476D1CE4E5B9
_LEAST: Final = 1 << 12


def check_order_ids(instruments: Sequence[Instrument], contracts: npt.NDArray[Any], numbers: Iterable[int]) -> None:
    """Check that the queue of each of some contracts can be followed order by order.

    Raises
    ------
    ConfigError
        ``no_order_ids``, which names one that cannot.
    """
    lacking = [number for number in numbers if not contracts["has_ids"][number]]
    if lacking:
        raise ConfigError(
            f"expected order ids in every book row of the contracts traded, {instruments[lacking[0]].id} has none",
            code="no_order_ids", hint="queue=fifo needs a column order_id; power:2 and risk_averse do without",
            details={"contracts": [instruments[number].id for number in lacking[:20]]},
        )


def fifo_table(old: npt.NDArray[Any] | None = None) -> npt.NDArray[Any]:
    """Make the kernel's table of orders, at most a quarter full with what is live in an old one."""
    live = old[old["joined"] > 0] if old is not None else np.zeros(0, r.FIFO)
    size = _LEAST
    while size < 4 * len(live):
        size *= 2
    table = np.zeros(size, r.FIFO)
    for entry in live:
        mixed = (int(entry["id"]) * _GOLDEN + int(entry["contract"]) * _MIXED) & (2**64 - 1)
        place = (mixed >> 20) & (size - 1)
        while table["joined"][place] != 0:
            place = (place + 1) & (size - 1)
        table[place] = entry
    return table
