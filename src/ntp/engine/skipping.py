"""Skipping: rows at which nothing of a played strategy can happen are passed over, and the rest is unchanged.

Between two wakes at which something is wanted, a market of candles changes nothing but prices while nothing is
on its way and no candle reaches a resting order. Then the next row that matters is found, the samples of equity
in between are written with the prices of their moments, and the contract is shown as the row before left it.
"""

from ntp.engine.alarms import refresh_next
from ntp.engine.candles import reached
from ntp.engine.compile import kernel
from ntp.engine.curve import curve_at, follow, follow_prices, take_in
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
def _samples(ctx, player, contract, until):  # type: ignore[no-untyped-def]
    """Take the samples of equity before a time at the prices of their moments.

    The first is taken as any other; those that follow differ in what the holding is worth, and in nothing else.
    The last one is written down, as if it alone had been taken.
    """
    if ctx.n_alarms == 0 or alarm_at(ctx.alarms, 0).time >= until:
        return
    alarm, every = alarm_at(ctx.alarms, 0), ctx.equity_every
    time = alarm.time
    place = (time - player.sample_first) // every
    marks = player.bid_marks if contract.position > 0 else player.ask_marks
    contract.bid = contract.ask = load_i64(marks, place)
    ctx.now = time
    sample_equity(ctx)
    curve = curve_at(player.curve, 0)
    take_in(ctx, curve)
    more = (until - 1 - time) // every
    if more > 0:
        row, position, unit = equity_at(ctx.equity, 0), contract.position, contract.price_unit
        rest, fees = row.equity - position * contract.bid // unit, row.gross - row.equity
        follow(curve, row)
        follow_prices(curve, time + every, every, more - 1, rest, position, unit, marks, place + 1)
        ctx.now = time + more * every
        row.ts, row.equity = ctx.now, rest + position * load_i64(marks, place + more) // unit
        row.gross = row.equity + fees
    ctx.alarm_count += 1
    alarm.time, alarm.count = time + (more + 1) * every, ctx.alarm_count
    refresh_next(ctx)


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
    if end <= row:
        return False
    _samples(ctx, player, contract, load_i64(ctx.ts, end))
    _show(ctx, contract, end - 1)
    wakes = load_i64(player.wakes_before, end)
    ctx.wakes_count += wakes - player.row
    player.row = wakes
    ctx.events += end - row
    player.passed += end - row
    ctx.row = end
    return True


__all__ = ["skip_ahead"]
