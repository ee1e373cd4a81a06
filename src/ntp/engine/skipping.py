"""Skipping: rows at which nothing of a played strategy can happen are passed over, and the rest is unchanged.

Between two wakes at which something is wanted, a market of candles changes nothing but prices while nothing is
on its way and no candle reaches a resting order. Then the next row that matters is found, the samples of equity
in between are written with the prices of their moments, and the contract is shown as the row before left it.
"""

from ntp.engine.alarms import refresh_next
from ntp.engine.candles import reached
from ntp.engine.compile import kernel
from ntp.engine.memory import load_i64
from ntp.engine.player import intent_at, player_at
from ntp.engine.records import (
    A_EQUITY,
    DETERMINED,
    FAR,
    NONE,
    OPEN,
    RESTING,
    alarm_at,
    candle_at,
    contract_at,
    equity_at,
    order_at,
)
from ntp.engine.venue import sample_equity


@kernel
def _quiet(ctx):  # type: ignore[no-untyped-def]
    """Whether nothing is on its way and nothing is left to be seen."""
    return (
        ctx.message_head == ctx.message_tail
        and ctx.notice_head == ctx.notice_tail
        and ctx.next_seen == ctx.ordered
        and ctx.n_dirty == 0
        and ctx.n_wakes == 0
        and ctx.n_commands == 0
        and ctx.markout_time == FAR
        and ctx.need_grow == 0
        and (ctx.n_alarms == 0 or (ctx.n_alarms == 1 and alarm_at(ctx.alarms, 0).kind == A_EQUITY))
    )


@kernel
def _first_reached(ctx, player, contract, row, end):  # type: ignore[no-untyped-def]
    """First row from `row` on that reaches an order, at most `end`; `row` where an order does not rest."""
    slot = contract.first_order
    while slot >= 0:
        order = order_at(ctx.orders, slot)
        if order.state != RESTING or order.cancel_sent:
            return row
        if contract.state == OPEN:
            at, price, lows, highs = row, order.price, player.lows, player.highs
            while at < end:
                if order.side > 0:
                    while at < end and load_i64(lows, at) > price:
                        at += 1
                else:
                    while at < end and load_i64(highs, at) < price:
                        at += 1
                if at < end and reached(ctx, order, candle_at(ctx.candles, load_i64(ctx.size, at))):
                    break
                at += 1
            end = min(at, end)
        slot = order.next
    return end


@kernel
def _show(ctx, contract, row):  # type: ignore[no-untyped-def]
    """Let a contract be as the candle of a row leaves it, at the venue and in the strategy's eyes."""
    number = load_i64(ctx.size, row)
    candle = candle_at(ctx.candles, number)
    contract.bid, contract.ask, contract.mark = candle.bid_close, candle.ask_close, candle.close
    contract.bid_size = contract.ask_size = NONE
    contract.view_bid, contract.view_ask = candle.bid_close, candle.ask_close
    contract.view_bid_size = contract.view_ask_size = NONE
    contract.woken_bid, contract.woken_ask = candle.bid_close, candle.ask_close
    contract.woken_bid_size = contract.woken_ask_size = NONE
    contract.last_price, contract.last_size = candle.close, candle.volume
    contract.last_ts = contract.view_ts = load_i64(ctx.ts, row) + ctx.feed_latency
    contract.bar_close = number


@kernel
def _worth(contract, mark):  # type: ignore[no-untyped-def]
    """Value of the holding at a mark, as a sample of equity counts it."""
    if contract.asset == 0 and contract.position < 0:
        return -contract.position * (contract.price_unit - mark) // contract.price_unit
    return contract.position * mark // contract.price_unit


@kernel
def _sample(ctx, player, contract, until):  # type: ignore[no-untyped-def]
    """Write the samples before a time at the prices of their moments; return the time of the next.

    The first is taken as any other; those that follow differ in what the holding is worth, and in nothing else.
    """
    time, every = alarm_at(ctx.alarms, 0).time, ctx.equity_every
    place = (time - player.sample_first) // every
    marks = player.bid_marks if contract.position > 0 else player.ask_marks
    contract.bid = contract.ask = load_i64(marks, place)
    ctx.now = time
    sample_equity(ctx)
    first = equity_at(ctx.equity, ctx.n_equity - 1)
    rest, fees = first.equity - _worth(contract, load_i64(marks, place)), first.gross - first.equity
    cash, locked = first.cash, first.locked
    count, room = ctx.n_equity, ctx.equity_capacity - ctx.margin
    time += every
    while time < until and count <= room:
        place += 1
        equity = rest + _worth(contract, load_i64(marks, place))
        row = equity_at(ctx.equity, count)
        row.ts, row.equity, row.gross, row.cash, row.locked = time, equity, equity + fees, cash, locked
        row.unpriced = 0
        count += 1
        ctx.now = time
        time += every
    ctx.n_equity = count
    return time


@kernel
def _samples(ctx, player, contract, until):  # type: ignore[no-untyped-def]
    """Take the samples of equity before a time; False where there is no room for all of them."""
    if ctx.n_alarms == 0 or alarm_at(ctx.alarms, 0).time >= until:
        return True
    if ctx.n_equity + ctx.margin > ctx.equity_capacity:
        ctx.need_grow = 1
        return False
    time = _sample(ctx, player, contract, until)
    alarm = alarm_at(ctx.alarms, 0)
    ctx.alarm_count += 1
    alarm.time, alarm.count = time, ctx.alarm_count
    refresh_next(ctx)
    if time < until:
        ctx.need_grow = 1
        return False
    return True


@kernel
def skip_ahead(ctx):  # type: ignore[no-untyped-def]
    """Go to the next row that matters; False where that is the one that comes anyway."""
    player = player_at(ctx.player, 0)
    row = ctx.row
    if player.skips == 0 or row >= ctx.rows or not _quiet(ctx):
        return False
    end = load_i64(player.stops, row)
    if player.next < player.count:
        end = min(end, intent_at(player.intents, player.next).tape_row)
    contract = contract_at(ctx.contracts, 0)
    if contract.state >= DETERMINED:
        return False
    end = _first_reached(ctx, player, contract, row, end)
    if end <= row or not _samples(ctx, player, contract, load_i64(ctx.ts, end)):
        return ctx.need_grow != 0
    _show(ctx, contract, end - 1)
    wakes = load_i64(player.wakes_before, end)
    ctx.wakes_count += wakes - player.row
    player.row = wakes
    ctx.events += end - row
    player.passed += end - row
    ctx.row = end
    return True


__all__ = ["skip_ahead"]
