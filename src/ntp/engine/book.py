"""The recorded book of one contract inside the kernel: level arrays and best prices."""

from ntp.engine.compile import inlined, kernel
from ntp.engine.memory import load_i64, store_i64
from ntp.engine.records import FID_L2, NONE, UNKNOWN


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
            contract.bids_used = 0
        elif contract.bids_used > 0 and 0 <= size < contract.bid_size:
            contract.bids_used = max(0, contract.bids_used - (contract.bid_size - size))
        contract.bid = price
        contract.bid_size = size if price != NONE else 0
    else:
        if price != contract.ask:
            contract.asks_used = 0
        elif contract.asks_used > 0 and 0 <= size < contract.ask_size:
            contract.asks_used = max(0, contract.asks_used - (contract.ask_size - size))
        contract.ask = price
        contract.ask_size = size if price != NONE else 0


@kernel
def clear_side(contract, side):  # type: ignore[no-untyped-def]
    """Empty a side of the recorded book."""
    if contract.fidelity == FID_L2:
        levels = contract.bids if side > 0 else contract.asks
        used = contract.bids_used if side > 0 else contract.asks_used
        for level in range(contract.levels):
            store_i64(levels, level, 0)
            store_i64(used, level, 0)
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
    if contract.start0 <= price <= contract.end0 and (price - contract.start0) % contract.step0 == 0:
        return True
    return contract.band_count > 1 and round_to_grid(contract, price, False) == price


@kernel
def round_to_grid(contract, price, up):  # type: ignore[no-untyped-def]
    """Nearest price of the contract's grid at or below (`up`: at or above), NONE off its end."""
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
                found = start if price <= start else start + (price - start + step - 1) // step * step
                if found <= end and (best == NONE or found < best):
                    best = found
        elif price >= start:
            found = start + (min(price, end) - start) // step * step
            if found > best:
                best = found
    if contract.asset == 0 and (best <= 0 or best >= 10_000):
        return NONE
    return best
