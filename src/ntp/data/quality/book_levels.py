"""Price levels of one contract while its book rows are applied, compiled.

A book is two rows of sizes by price, bids first, and the best price of each side (-1: none).
"""

from typing import Any, Final

import numpy as np
from numba import njit

from ntp.core import DataError
from ntp.data.schema import BOOK_CLEAR, BOOK_SET

NO_PRICE: Final = -1
MAX_PRICE: Final = 4_000_000
_CLEAR, _SET = BOOK_CLEAR, BOOK_SET


@njit(cache=True)
def clear_side(levels: Any, best: Any, bounds: Any, row: int) -> None:
    """Empty one side; `bounds` holds the lowest and highest price it ever had."""
    for price in range(bounds[row, 0], bounds[row, 1] + 1):
        levels[row, price] = 0
    bounds[row, 0], bounds[row, 1] = levels.shape[1], -1
    best[row] = -1


@njit(cache=True)
def apply_row(
    levels: Any, best: Any, bounds: Any, side: int, action: int, price: int, size: int
) -> tuple[int, int]:
    """Apply one book row.

    Returns
    -------
    tuple of (int, int)
        Size at the price before and after; after a clear both are 0. A size below zero is kept at 0
        and returned as it would have been.
    """
    if action == _CLEAR:
        if side >= 0:
            clear_side(levels, best, bounds, 0)
        if side <= 0:
            clear_side(levels, best, bounds, 1)
        return 0, 0
    row = 0 if side > 0 else 1
    before = levels[row, price]
    after = size if action == _SET else before + size
    levels[row, price] = max(after, 0)
    bounds[row, 0] = min(bounds[row, 0], price)
    bounds[row, 1] = max(bounds[row, 1], price)
    if after > 0:
        if best[row] < 0 or (price > best[row] if row == 0 else price < best[row]):
            best[row] = price
    elif price == best[row]:
        step = -1 if row == 0 else 1
        while bounds[row, 0] <= price <= bounds[row, 1] and levels[row, price] == 0:
            price += step
        best[row] = price if bounds[row, 0] <= price <= bounds[row, 1] else -1
    return before, after


def level_count(prices: Any) -> int:
    """Count the price levels that the rows of a frame need.

    Raises
    ------
    DataError
        If a price is negative or too large for a book by price.
    """
    if len(prices) == 0:
        return 1
    low, high = int(np.min(prices)), int(np.max(prices))
    if low < 0 or high > MAX_PRICE:
        raise DataError(
            f"expected book prices from 0 to {MAX_PRICE} units, was {low} to {high}", code="book_price"
        )
    return high + 1
