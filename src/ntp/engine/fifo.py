"""First in, first out: the exact place of an own order where rows tell whose size they change.

Each recorded order is kept in a hash table with the moment at which it joined its level. Of what leaves a
level, only what joined before an own order shortens that order's queue; what prints took was counted when
they were printed. An order that grows leaves its place and joins again. Own orders do not stand in the
table: they are never in front of a recorded one.
"""

from ntp.engine.compile import kernel, rare
from ntp.engine.records import DELTA, META_GROUP_END, NONE, RESTING, fifo_at, order_at

_GOLDEN = -7046029254386353131
_MIXED = -4658895280553007687
GONE = -1  # `joined` of an entry that is over; 0: never used


@kernel
def _find(ctx, contract_id, number):  # type: ignore[no-untyped-def]
    """Place of an order in the table, or of the entry where it goes."""
    mask = ctx.fifo_mask
    place = ((number * _GOLDEN + contract_id * _MIXED) >> 20) & mask
    while True:
        entry = fifo_at(ctx.fifo, place)
        if entry.joined == 0 or (entry.joined > 0 and entry.id == number and entry.contract == contract_id):
            return place
        place = (place + 1) & mask


@kernel
def _shorten(ctx, contract, place, joined, size, printed):  # type: ignore[no-untyped-def]
    """Take size that stood at a level off the queues of own orders behind it.

    `printed`: what prints took of it was taken off already.
    """
    side = 1 if place > 0 else -1
    price = place * side
    slot = contract.first_order
    while slot >= 0:
        order = order_at(ctx.orders, slot)
        if order.state == RESTING and order.side == side and order.price == price and order.queue >= 0.0:
            left = size
            if printed:
                known = min(left, order.traded)
                order.traded -= known
                left -= known
            if joined <= order.joined:
                order.queue = max(0.0, order.queue - float(left))
        slot = order.next


@kernel
def _joins(ctx, entry, contract_id, number, place, size):  # type: ignore[no-untyped-def]
    if entry.joined == 0:
        ctx.fifo_used += 1
        if 2 * ctx.fifo_used > ctx.fifo_mask:
            ctx.need_grow = 1
    ctx.fifo_clock += 1
    entry.id, entry.contract, entry.place = number, contract_id, place
    entry.joined, entry.remaining = ctx.fifo_clock, size


@kernel
def _grows(ctx, contract, contract_id, entry, number, place, size):  # type: ignore[no-untyped-def]
    """Add size to an order that is known, or show one again after its book was cleared."""
    if entry.remaining < 0:
        before = -entry.remaining
        if entry.place == place and size <= before:
            entry.remaining = size
            _shorten(ctx, contract, place, entry.joined, before - size, 0)
            return
        _shorten(ctx, contract, entry.place, entry.joined, before, 0)
        _joins(ctx, entry, contract_id, number, place, size)
    else:
        _shorten(ctx, contract, entry.place, entry.joined, entry.remaining, 0)
        _joins(ctx, entry, contract_id, number, place, entry.remaining + size)


@rare
def fifo_row(ctx, contract_id, contract, meta, price, size, number):  # type: ignore[no-untyped-def]
    """Follow one order through one row, before its level takes the change."""
    if number != NONE and meta & 15 == DELTA and size != 0:
        place = -price if (meta >> 9) & 1 else price
        entry = fifo_at(ctx.fifo, _find(ctx, contract_id, number))
        if size > 0 and entry.joined == 0:
            _joins(ctx, entry, contract_id, number, place, size)
        elif size > 0:
            _grows(ctx, contract, contract_id, entry, number, place, size)
        elif entry.joined == 0:  # nobody saw it come: it was there before every own order
            _shorten(ctx, contract, place, 0, -size, 1)
        else:
            left = entry.remaining + size
            _shorten(ctx, contract, place, entry.joined, min(-size, entry.remaining), 1)
            entry.remaining = left
            if left <= 0:
                entry.joined = GONE
    if contract.cleared and meta & META_GROUP_END:
        fifo_swept(ctx, contract_id, contract)


@kernel
def fifo_cleared(ctx, contract_id, contract, side):  # type: ignore[no-untyped-def]
    """Remember that the orders of a side (0: both) are to be shown again."""
    contract.cleared = 1
    for place in range(ctx.fifo_mask + 1):
        entry = fifo_at(ctx.fifo, place)
        if entry.joined > 0 and entry.contract == contract_id and entry.place * side >= 0 and entry.remaining > 0:
            entry.remaining = -entry.remaining


@kernel
def fifo_swept(ctx, contract_id, contract):  # type: ignore[no-untyped-def]
    """Forget the orders that an image did not show again."""
    contract.cleared = 0
    for place in range(ctx.fifo_mask + 1):
        entry = fifo_at(ctx.fifo, place)
        if entry.joined > 0 and entry.contract == contract_id and entry.remaining < 0:
            _shorten(ctx, contract, entry.place, entry.joined, -entry.remaining, 0)
            entry.joined = GONE


__all__ = ["fifo_cleared", "fifo_row", "fifo_swept"]
