"""What is on its way: messages to the venue, notices to the strategy, and alarms.

Messages and notices are rings sorted by time; with a constant latency an insertion appends. Alarms
are a binary heap ordered by time, priority and count, so that ties never depend on anything else.
"""

from ntp.engine.compile import kernel
from ntp.engine.memory import load_i32, load_i64, prefetch
from ntp.engine.records import (
    CONTRACT,
    FAR,
    GTC,
    NONE,
    R_NONE,
    account_at,
    alarm_at,
    contract_at,
    fill_at,
    message_at,
    notice_at,
    order_at,
)

MARKOUT_NS = 10_000_000_000
_CONTRACT_BYTES = CONTRACT.itemsize


@kernel
def refresh_next(ctx):  # type: ignore[no-untyped-def]
    """Recompute the time of the next message, notice or alarm."""
    soonest = min(ctx.markout_time, min(ctx.message_time, ctx.notice_time))
    if ctx.n_alarms > 0:
        soonest = min(soonest, alarm_at(ctx.alarms, 0).time)
    ctx.next_side = soonest


@kernel
def next_message(ctx):  # type: ignore[no-untyped-def]
    """Take the first message off its ring and return it."""
    message = message_at(ctx.messages, ctx.message_head & ctx.ring_mask)
    head = ctx.message_head + 1
    if head == ctx.message_tail:  # begin anew where memory is near
        ctx.message_head = ctx.message_tail = 0
        ctx.message_time = FAR
    else:
        ctx.message_head = head
        ctx.message_time = message_at(ctx.messages, head & ctx.ring_mask).time
    return message


@kernel
def next_notice(ctx):  # type: ignore[no-untyped-def]
    """Take the first notice off its ring and return it."""
    notice = notice_at(ctx.notices, ctx.notice_head & ctx.ring_mask)
    head = ctx.notice_head + 1
    if head == ctx.notice_tail:
        ctx.notice_head = ctx.notice_tail = 0
        ctx.notice_time = FAR
    else:
        ctx.notice_head = head
        ctx.notice_time = notice_at(ctx.notices, head & ctx.ring_mask).time
    return notice


@kernel
def watch_markout(ctx, ref):  # type: ignore[no-untyped-def]
    """Look at the book again a while after a fill: fills come in order of time, so the log is the queue."""
    if ctx.markout_time == FAR:
        ctx.markout_next = ref
        ctx.markout_time = ctx.now + MARKOUT_NS
        if ctx.markout_time < ctx.next_side:
            ctx.next_side = ctx.markout_time


@kernel
def take_markout(ctx):  # type: ignore[no-untyped-def]
    """Write down the mid a while after the fill that is next; unknown where a side is empty."""
    row = fill_at(ctx.fills, ctx.markout_next)
    contract = contract_at(ctx.contracts, row.contract)
    if contract.bid != NONE and contract.ask != NONE:
        row.mid10 = contract.bid + contract.ask
    ctx.markout_next += 1
    if ctx.markout_next + 1 < ctx.n_fills:
        prefetch(ctx.contracts + fill_at(ctx.fills, ctx.markout_next + 1).contract * _CONTRACT_BYTES)
    left = ctx.markout_next < ctx.n_fills
    ctx.markout_time = fill_at(ctx.fills, ctx.markout_next).ts + MARKOUT_NS if left else FAR


@kernel
def push_message(ctx, time, kind, slot, order_id, value):  # type: ignore[no-untyped-def]
    """Send a message to the venue, to arrive at `time`."""
    mask = ctx.ring_mask
    place = ctx.message_tail
    while place > ctx.message_head and message_at(ctx.messages, (place - 1) & mask).time > time:
        source = message_at(ctx.messages, (place - 1) & mask)
        target = message_at(ctx.messages, place & mask)
        target.time, target.kind, target.slot = source.time, source.kind, source.slot
        target.order_id, target.value = source.order_id, source.value
        place -= 1
    target = message_at(ctx.messages, place & mask)
    target.time, target.kind, target.slot, target.order_id, target.value = time, kind, slot, order_id, value
    ctx.message_tail += 1
    if ctx.message_tail - ctx.message_head + ctx.margin > mask:
        ctx.need_grow = 1
    ctx.message_time = min(ctx.message_time, time)
    ctx.next_side = min(ctx.next_side, time)


@kernel
def push_notice(ctx, contract, kind, slot, order_id, ref, value):  # type: ignore[no-untyped-def]
    """Send a notice of a contract's order to the strategy; it arrives a feed latency from now."""
    time = ctx.now + max(ctx.feed_latency, contract.feed_latency)
    mask = ctx.ring_mask
    place = ctx.notice_tail
    while place > ctx.notice_head and notice_at(ctx.notices, (place - 1) & mask).time > time:
        source = notice_at(ctx.notices, (place - 1) & mask)
        target = notice_at(ctx.notices, place & mask)
        target.time, target.kind, target.slot = source.time, source.kind, source.slot
        target.order_id, target.ref, target.value = source.order_id, source.ref, source.value
        place -= 1
    target = notice_at(ctx.notices, place & mask)
    target.time, target.kind, target.slot = time, kind, slot
    target.order_id, target.ref, target.value = order_id, ref, value
    ctx.notice_tail += 1
    if ctx.notice_tail - ctx.notice_head + ctx.margin > mask:
        ctx.need_grow = 1
    ctx.notice_time = min(ctx.notice_time, time)
    ctx.next_side = min(ctx.next_side, time)


@kernel
def _before(ctx, a, b):  # type: ignore[no-untyped-def]
    first, second = alarm_at(ctx.alarms, a), alarm_at(ctx.alarms, b)
    if first.time != second.time:
        return first.time < second.time
    if first.priority != second.priority:
        return first.priority < second.priority
    return first.count < second.count


@kernel
def _swap(ctx, a, b):  # type: ignore[no-untyped-def]
    x, y = alarm_at(ctx.alarms, a), alarm_at(ctx.alarms, b)
    time, priority, count, kind, slot, ref, value = x.time, x.priority, x.count, x.kind, x.slot, x.ref, x.value
    x.time, x.priority, x.count, x.kind = y.time, y.priority, y.count, y.kind
    x.slot, x.ref, x.value = y.slot, y.ref, y.value
    y.time, y.priority, y.count, y.kind = time, priority, count, kind
    y.slot, y.ref, y.value = slot, ref, value


@kernel
def push_alarm(ctx, time, priority, kind, slot, ref, value):  # type: ignore[no-untyped-def]
    """Set an alarm; priority 0 is the venue's clock, 1 the strategy's."""
    place = ctx.n_alarms
    alarm = alarm_at(ctx.alarms, place)
    ctx.alarm_count += 1
    alarm.time, alarm.priority, alarm.count, alarm.kind = time, priority, ctx.alarm_count, kind
    alarm.slot, alarm.ref, alarm.value = slot, ref, value
    ctx.n_alarms += 1
    while place > 0 and _before(ctx, place, (place - 1) // 2):
        _swap(ctx, place, (place - 1) // 2)
        place = (place - 1) // 2
    if ctx.n_alarms + ctx.margin > ctx.alarm_capacity:
        ctx.need_grow = 1
    if time < ctx.next_side:
        ctx.next_side = time


@kernel
def pop_alarm(ctx):  # type: ignore[no-untyped-def]
    """Drop the first alarm."""
    last = ctx.n_alarms - 1
    _swap(ctx, 0, last)
    ctx.n_alarms = last
    place = 0
    while True:
        child = 2 * place + 1
        if child >= last:
            return
        if child + 1 < last and _before(ctx, child + 1, child):
            child += 1
        if not _before(ctx, child, place):
            return
        _swap(ctx, place, child)
        place = child


@kernel
def draw_latency(ctx, contract):  # type: ignore[no-untyped-def]
    """Order latency of one message: its venue's own, the constant, or drawn from the recorded distribution."""
    own = account_at(ctx.accounts, contract.account).order_latency
    if own >= 0:
        return own
    if ctx.n_latencies == 0:
        return ctx.order_latency
    state = ctx.rng + -7046029254386353131  # splitmix64, Steele, Lea and Flood (2014)
    ctx.rng = state
    mixed = (state ^ ((state >> 30) & 0x3FFFFFFFF)) * -4658895280553007687
    mixed = (mixed ^ ((mixed >> 27) & 0x1FFFFFFFFF)) * -7723592293110705685
    mixed = mixed ^ ((mixed >> 31) & 0x1FFFFFFFF)
    return load_i64(ctx.latencies, (mixed & 0x7FFFFFFFFFFFFFFF) % ctx.n_latencies)


@kernel
def patience(ctx, contract):  # type: ignore[no-untyped-def]
    """Time after which whoever stands crossed was traded through: the order latency, its median where it is drawn."""
    own = account_at(ctx.accounts, contract.account).order_latency
    return own if own >= 0 else ctx.through_after


@kernel
def over(ctx):  # type: ignore[no-untyped-def]
    """Whether the strategy has seen the last row of all, so that nothing it could still do would matter."""
    if ctx.limit != FAR or ctx.row < ctx.rows or ctx.next_seen < ctx.ordered:
        return False
    if ctx.now <= ctx.last_row:
        return False
    if ctx.ordered == 0:
        return True
    last = load_i32(ctx.order, ctx.ordered - 1)
    return ctx.now > (load_i64(ctx.seen, last) if ctx.seen else load_i64(ctx.ts, last) + ctx.feed_latency)


@kernel
def check_room(ctx):  # type: ignore[no-untyped-def]
    """Ask for memory while every table still has room for what one event can write."""
    margin = ctx.margin
    if (
        ctx.free_count < margin
        or ctx.message_tail - ctx.message_head + margin > ctx.ring_mask
        or ctx.notice_tail - ctx.notice_head + margin > ctx.ring_mask
        or ctx.n_alarms + margin > ctx.alarm_capacity
        or ctx.n_fills + margin > ctx.fill_capacity
        or ctx.n_done + margin > ctx.done_capacity
        or ctx.n_wakes + margin > ctx.wake_capacity
    ):
        ctx.need_grow = 1


@kernel
def free_order(ctx, contract, slot):  # type: ignore[no-untyped-def]
    """Unlink an order that both sides know to be over and reuse its slot."""
    order = order_at(ctx.orders, slot)
    if order.prev >= 0:
        order_at(ctx.orders, order.prev).next = order.next
    else:
        contract.first_order = order.next
    if order.next >= 0:
        order_at(ctx.orders, order.next).prev = order.prev
    else:
        contract.last_order = order.prev
    contract.n_orders -= 1
    order.id = -1
    order.next = ctx.free_order
    ctx.free_order = slot
    ctx.free_count += 1
    ctx.slack += 1


@kernel
def take_slot(ctx, contract):  # type: ignore[no-untyped-def]
    """Link a fresh order record at the end of a contract's list."""
    slot = ctx.free_order
    order = order_at(ctx.orders, slot)
    # memory that was never touched is zero, and stays so: there the next slot is the one behind it
    ctx.free_order = order.next if order.id == -1 else slot + 1
    ctx.free_count -= 1
    if ctx.slack > 0:
        ctx.slack -= 1
    else:  # more orders than ever: what one event may write grows with the orders it can touch
        ctx.margin += 4
        check_room(ctx)
    if ctx.free_count < ctx.margin:
        ctx.need_grow = 1
    order.next = -1
    order.prev = contract.last_order
    if contract.last_order >= 0:
        order_at(ctx.orders, contract.last_order).next = slot
    else:
        contract.first_order = slot
    contract.last_order = slot
    contract.n_orders += 1
    order.state = 0
    order.reason = R_NONE
    order.tif = GTC
    order.post_only = 1
    order.reduce_only = 0
    order.expire = 0
    order.arrived = 0
    order.reserve = 0
    order.opening = 0
    order.closing = 0
    order.fee_acc = 0
    order.crossed_since = 0
    order.traded = 0
    order.cancel_at = 0
    order.seen_done = 0
    order.cancel_sent = 0
    order.watched = 0
    order.passive = 0
    order.queue = 0.0
    order.queue_joined = -1.0
    return slot
