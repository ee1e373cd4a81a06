"""The recorded book of one contract inside the kernel: level arrays and best prices."""

from ntp.engine.compile import inlined, kernel, rare
from ntp.engine.memory import load_i64, quotient, remainder, store_i64
from ntp.engine.records import FID_L2, FID_QUOTES, NONE, UNKNOWN

SHOWN_ANEW = 2  # `uses` of a book that was cleared and is shown again
_DEEP = 8
_SIDE_WORDS = 1 + 3 * _DEEP
BEHIND_WORDS = 2 * _SIDE_WORDS
"""Words for what own takers used up behind the best quotes: for each side a count and (price, used, shown)."""

@inlined
def index_of(contract, price):  # type: ignore[no-untyped-def]
    """``price // unit`` by a multiplication; exact for prices of contracts (below 2**16)."""
    return (price * contract.inverse) >> 32


@inlined
def price_bit(contract, price):  # type: ignore[no-untyped-def]
    """One bit of 64 for a price: tells quickly at which levels no own order rests."""
    if contract.fidelity != FID_L2:
        return -1
    return 1 << (index_of(contract, price) & 63)


@kernel
def level_of(contract, price):  # type: ignore[no-untyped-def]
    """Index of a price in the level arrays, or NONE outside of them."""
    level = index_of(contract, price)
    if level < 0 or level >= contract.levels:
        return NONE
    return level


@kernel
def shown_at(contract, side, price):  # type: ignore[no-untyped-def]
    """Return the recorded size at a price on a side, own takes deducted; UNKNOWN (-1) without sizes."""
    if contract.fidelity == FID_L2:
        level = level_of(contract, price)
        if level == NONE:
            return 0
        size = load_i64(contract.bids if side > 0 else contract.asks, level)
        if contract.uses:
            size -= load_i64(contract.bids_used if side > 0 else contract.asks_used, level)
        return max(size, 0)
    if (contract.bid if side > 0 else contract.ask) != price or price == NONE:
        return 0
    size = contract.bid_size if side > 0 else contract.ask_size
    if size == UNKNOWN:
        return UNKNOWN
    return max(size - (contract.bids_used if side > 0 else contract.asks_used), 0)


@kernel
def set_quote(contract, side, price, size):  # type: ignore[no-untyped-def]
    """Give a side of a quote its new best price and size; own takes stay gone while the price stands."""
    if side > 0:
        if price != contract.bid:
            contract.bids_used = _used_after(contract, side, price, size) if contract.uses else 0
        elif contract.bids_used > 0 and 0 <= size < contract.bid_size:
            contract.bids_used = max(0, contract.bids_used - (contract.bid_size - size))
        contract.bid = price
        contract.bid_size = size if price != NONE else 0
    else:
        if price != contract.ask:
            contract.asks_used = _used_after(contract, side, price, size) if contract.uses else 0
        elif contract.asks_used > 0 and 0 <= size < contract.ask_size:
            contract.asks_used = max(0, contract.asks_used - (contract.ask_size - size))
        contract.ask = price
        contract.ask_size = size if price != NONE else 0


@rare
def _remember(contract, side):  # type: ignore[no-untyped-def]
    """Keep what was used up at a best quote that is not shown any more but was not seen to go."""
    stack = contract.behind + (0 if side > 0 else 8 * _SIDE_WORDS)
    count = load_i64(stack, 0)
    if count == _DEEP:  # the deepest is forgotten
        count -= 1
        for word in range(1, 1 + 3 * count):
            store_i64(stack, word, load_i64(stack, word + 3))
    at = 1 + 3 * count
    store_i64(stack, at, contract.bid if side > 0 else contract.ask)
    store_i64(stack, at + 1, contract.bids_used if side > 0 else contract.asks_used)
    store_i64(stack, at + 2, contract.bid_size if side > 0 else contract.ask_size)
    store_i64(stack, 0, count + 1)


@rare
def _used_after(contract, side, price, size):  # type: ignore[no-untyped-def]
    """Size used up at a new best price: a better one is fresh, one that is met again is what it was."""
    best, used = (contract.bid, contract.bids_used) if side > 0 else (contract.ask, contract.asks_used)
    if used > 0 and price != NONE and best != NONE and (price > best if side > 0 else price < best):
        _remember(contract, side)
        return 0
    stack = contract.behind + (0 if side > 0 else 8 * _SIDE_WORDS)
    count = load_i64(stack, 0)
    left = 0
    while count > 0:
        at = 1 + 3 * (count - 1)
        level = load_i64(stack, at)
        if price != NONE and (level < price if side > 0 else level > price):
            break  # stands behind the new best still
        count -= 1  # a level better than the new best is gone
        if level == price:
            left = load_i64(stack, at + 1)
            if size >= 0:
                left = min(left - max(load_i64(stack, at + 2) - size, 0), size)
            break
    store_i64(stack, 0, count)
    return max(left, 0)


@rare
def use_shown(base, contract, used_levels, level, before, size):  # type: ignore[no-untyped-def]
    """Follow a level of which own takers used some: what it shows less of is no longer gone."""
    used = load_i64(used_levels, level)
    if used != 0 and not (contract.uses == SHOWN_ANEW and size > before):
        store_i64(used_levels, level, 0 if size == 0 else max(0, used - max(before - size, 0)))


@rare
def use_settled(contract):  # type: ignore[no-untyped-def]
    """After a book was shown anew: what it does not show is gone, of the rest no more is used than it shows."""
    contract.uses = 1
    for level in range(contract.levels):
        store_i64(contract.bids_used, level, min(load_i64(contract.bids_used, level), load_i64(contract.bids, level)))
        store_i64(contract.asks_used, level, min(load_i64(contract.asks_used, level), load_i64(contract.asks, level)))


@rare
def clear_side(contract, side):  # type: ignore[no-untyped-def]
    """Empty a side of the recorded book; what own takers used up stays so if it is shown again."""
    if contract.fidelity == FID_L2:
        levels = contract.bids if side > 0 else contract.asks
        for level in range(contract.levels):
            store_i64(levels, level, 0)
        if contract.uses:
            contract.uses = SHOWN_ANEW
    elif contract.fidelity == FID_QUOTES and contract.uses:
        if (contract.bids_used if side > 0 else contract.asks_used) > 0:
            _remember(contract, side)
        if side > 0:
            contract.bids_used = 0
        else:
            contract.asks_used = 0
    if side > 0:
        contract.bid = NONE
        contract.bid_size = 0
    else:
        contract.ask = NONE
        contract.ask_size = 0


@kernel
def on_grid(contract, price):  # type: ignore[no-untyped-def]
    """Whether a price stands on the contract's grid."""
    if contract.asset == 0 and (price <= 0 or price >= 10_000):
        return False
    if contract.start0 <= price <= contract.end0 and remainder(price - contract.start0, contract.step0) == 0:
        return True
    return contract.band_count > 1 and round_to_grid(contract, price, False) == price


@kernel
def round_to_grid(contract, price, up):  # type: ignore[no-untyped-def]
    """Nearest price of the contract's grid at or below (`up`: at or above), NONE off its end."""
    if contract.band_count == 1 and contract.start0 <= price <= contract.end0:
        over = remainder(price - contract.start0, contract.step0)
        found = price - over
        if up and over > 0:
            found += contract.step0
        if found <= contract.end0 and (contract.asset or 0 < found < 10_000):
            return found
        return NONE
    best = NONE
    for band in range(contract.band_count):
        if band == 0:
            start, end, step = contract.start0, contract.end0, contract.step0
        elif band == 1:
            start, end, step = contract.start1, contract.end1, contract.step1
        else:
            start, end, step = contract.start2, contract.end2, contract.step2
        if up:
            if price <= end:
                found = start if price <= start else start + quotient(price - start + step - 1, step) * step
                if found <= end and (best == NONE or found < best):
                    best = found
        elif price >= start:
            found = start + quotient(min(price, end) - start, step) * step
            if found > best:
                best = found
    if contract.asset == 0 and (best <= 0 or best >= 10_000):
        return NONE
    return best
