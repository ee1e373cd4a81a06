"""Checks of rows that come one by one: the kernel addresses memory by what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ntp.core import DataError
from ntp.engine import records as r

_DOLLAR: Final = 10_000
_PRICED: Final = (r.SET, r.DELTA, r.TRADE, r.BID, r.ASK)


def check_rows(columns: Mapping[str, npt.NDArray[Any]], contracts: npt.NDArray[Any], after: int) -> None:
    """Check rows before the kernel gets them.

    Parameters
    ----------
    columns : mapping
        Columns of the kernel's rows.
    contracts : ndarray
        Records of the contracts.
    after : int
        No row may be earlier.

    Raises
    ------
    DataError
        Which names the row and what was expected of it.
    """
    ts, kind = columns["ts"], columns["meta"] & 15
    if not len(ts):
        return
    contract, price, size = columns["contract"], columns["price"], columns["size"]
    _need((contract >= 0) & (contract < len(contracts)), contract, "the number of a contract", "unknown_contract")
    _need(np.r_[ts[0] >= after, ts[1:] >= ts[:-1]], ts, "times that do not go backwards", "time_backwards")
    priced = np.isin(kind, _PRICED)
    quote = (kind == r.BID) | (kind == r.ASK)
    absent = quote & (price == r.NONE)
    top = np.where(contracts["asset"][contract] != 0, 2**31 - 1, _DOLLAR)
    sound = ((price >= 0) & (price <= top)) | absent | ~priced
    _need(sound, price, f"a price of 0 to {_DOLLAR} (0.0001 dollar)", "price_range")
    signed = kind == r.DELTA
    sound = (size >= 0) | signed | ~priced | (quote & (size == r.UNKNOWN))
    _need(sound, size, "a size of at least 0", "bad_size")
    levelled = kind <= r.DELTA
    unit = np.maximum(contracts["unit"][contract], 1)
    _need(~levelled | (contracts["levels"][contract] > 0), contract, "a contract with a book", "no_book")
    _need(~levelled | (price % unit == 0), price, "a price on the levels of its book", "price_range")


def _need(sound: npt.NDArray[np.bool_], values: npt.NDArray[Any], expected: str, code: str) -> None:
    if not sound.all():
        row = int(np.argmin(sound))
        raise DataError(f"expected {expected}, row {row} has {int(values[row])}", code=code, details={"row": row})
