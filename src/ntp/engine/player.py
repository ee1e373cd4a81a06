"""The player: carries out, wake after wake, what a whole-column strategy laid out before the replay.

The arithmetic is that of the calls in Python, in the same order, so that both give the same orders.
"""

import math
from typing import Final

from ntp.engine import records as r
from ntp.engine.alarms import over, push_alarm
from ntp.engine.compile import kernel
from ntp.engine.desk import quote, target
from ntp.engine.earned import size_factor_now
from ntp.engine.gate import forget_wish, state_wish
from ntp.engine.memory import load_f64, load_i64, prefetch, record_at
from ntp.engine.records import A_WITHDRAW, NONE, account_at, contract_at

SIGNALS: Final = 1
TARGETS: Final = 2
QUOTES: Final = 3
NOTES: Final = 4
BUY: Final = 1
SELL: Final = 2
CLOSE: Final = 3
HOLD: Final = 4
PLAYED: Final = 100
"""Number of this "strategy" in the context."""
PLAYER: Final = r.record(
    "kind bits short row next count intents steps absent_bid absent_ask absent_tick "
    # what skipping needs: 0 where every row has to be replayed
    "skips stops wakes_before passed lows highs sample_first bid_marks ask_marks curve",
    "position_size",
)
"""What is played: `row` counts the wakes, `next` of `count` intents comes next, `steps` is a table of ticks in
dollars by contract (0: look into the grid)."""
INTENT: Final = r.record("row tape_row code ttl tag", "size limit confidence fair target bid ask")
"""What is wanted at one wake; NaN and -1 where nothing is said."""

SHOWN: Final = r.record("ts contract bid ask bid_size ask_size price volume close_time")
"""What the market shows at a wake, written down instead of playing: price units, millionths of a contract, or -1."""

player_at = record_at(PLAYER)
_shown_at = record_at(SHOWN)
intent_at = record_at(INTENT)

_FAR_AHEAD: Final = 6
_NEAR_AHEAD: Final = 3
"""Wishes ahead whose rows are asked for, and whose candles, which the rows name."""
_CANDLE_BYTES: Final = r.CANDLE_ROW.itemsize
_NOT: Final = math.nan
_NO_BID: Final = -1.0
_NO_ASK: Final = -2.0
_NO_TICK: Final = -3.0


@kernel
def _units(contract, dollars, down):  # type: ignore[no-untyped-def]
    """Price units: within 1e-6 dollar of a unit that unit, else rounded down or up; not negative."""
    scaled = dollars * contract.price_unit
    nearest = math.floor(scaled + 0.5)
    if abs(scaled - nearest) < 0.01:
        return max(int(nearest), 0)
    return max(int(math.floor(scaled) if down else math.ceil(scaled)), 0)


@kernel
def _tick(player, contract_id, contract):  # type: ignore[no-untyped-def]
    """Step of the grid at the last price in dollars; below 0 where it has no prices there."""
    known = load_f64(player.steps, contract_id)
    if known > 0.0:
        return known
    last, one = contract.last_price, float(contract.price_unit)
    if contract.start0 <= last <= contract.end0:
        return contract.step0 / one
    if contract.band_count > 1 and contract.start1 <= last <= contract.end1:
        return contract.step1 / one
    if contract.band_count > 2 and contract.start2 <= last <= contract.end2:
        return contract.step2 / one
    return -1.0


@kernel
def touch_price(player, contract_id, contract, buy, leaving):  # type: ignore[no-untyped-def]
    """``data.touch(side)`` in dollars; which value is absent where it is negative."""
    one = float(contract.price_unit)
    units = contract.view_ask if leaving == buy else contract.view_bid
    if units >= 0:
        return units / one
    if contract.has_quotes or contract.last_price < 0:
        return _NO_BID if buy else _NO_ASK
    step = _tick(player, contract_id, contract)
    if step < 0.0:
        return _NO_TICK
    return contract.last_price / one - step if buy else contract.last_price / one + step


@kernel
def _equity(ctx, player):  # type: ignore[no-untyped-def]
    """``self.equity``: cash plus positions at the exit's touch, else at their cost."""
    cash = 0
    for index in range(ctx.n_accounts):
        account = account_at(ctx.accounts, index)
        if account.apart == 0:
            cash += account.cash_seen
    total = cash / 1e6
    for contract_id in range(ctx.n_contracts):
        contract = contract_at(ctx.contracts, contract_id)
        if contract.position_seen == 0 or account_at(ctx.accounts, contract.account).apart:
            continue
        held = contract.position_seen / 1e6
        mark = touch_price(player, contract_id, contract, held < 0.0, True)
        if mark < 0.0:
            total += contract.cost_seen / 1e6
        elif held > 0.0 or contract.asset:
            total += held * mark
        else:
            total += -held * (1.0 - mark)
    return total


@kernel
def _position_size(ctx, player, contract, price, buy, confidence):  # type: ignore[no-untyped-def]
    """``calculate_position_size`` at a known price."""
    usd = player.position_size * confidence * max(_equity(ctx, player), 0.0)
    cost = price if buy or contract.asset else 1.0 - price
    return size_factor_now(ctx) * (usd / cost) if cost > 0.0 else 0.0


@kernel
def _aim(ctx, contract_id, contract, intent, position, price):  # type: ignore[no-untyped-def]
    """``self.target(position, price=...)``."""
    size = int(abs(position) * 1e6 + 0.5)
    wanted = size if position >= 0.0 else -size
    units = NONE
    if not math.isnan(price):
        units = _units(contract, price, wanted > contract.position_seen)
    state_wish(ctx, intent.fair, NONE, intent.tag, 0)
    target(ctx, contract_id, wanted, units)
    forget_wish(ctx)


@kernel
def _expire(ctx, contract_id, contract, intent):  # type: ignore[no-untyped-def]
    if intent.ttl >= 0:
        push_alarm(ctx, ctx.now + intent.ttl, 1, A_WITHDRAW, contract_id, contract.quote_version, 0)


@kernel
def _absent(ctx, player, contract_id, which):  # type: ignore[no-untyped-def]
    """Do what an absent value that leaves `analyze` does: count it and withdraw what quotes rest."""
    if which == _NO_BID:
        player.absent_bid += 1
    elif which == _NO_ASK:
        player.absent_ask += 1
    else:
        player.absent_tick += 1
    quote(ctx, contract_id, NONE, NONE, 0, 0)


@kernel
def _signal(ctx, player, contract_id, contract, intent):  # type: ignore[no-untyped-def]
    """``follow_signal``."""
    code = intent.code
    held = contract.position_seen / 1e6
    wanted = 0.0
    if code == BUY or (code == SELL and player.short):
        size = intent.size
        if math.isnan(size):
            price = intent.limit
            if math.isnan(price):
                price = touch_price(player, contract_id, contract, code == BUY, False)
                if price < 0.0:
                    _absent(ctx, player, contract_id, price)
                    return
            confidence = 1.0 if math.isnan(intent.confidence) else intent.confidence
            size = _position_size(ctx, player, contract, price, code == BUY, confidence)
        if code == BUY:
            wanted = size if size > held else held
        else:
            wanted = -size if -size < held else held
    if code == HOLD:
        fair, intent.fair = intent.fair, _NOT
        _aim(ctx, contract_id, contract, intent, held, _NOT)
        intent.fair = fair
        return
    _aim(ctx, contract_id, contract, intent, wanted, intent.limit)
    _expire(ctx, contract_id, contract, intent)


@kernel
def _quote(ctx, player, contract_id, contract, intent):  # type: ignore[no-untyped-def]
    """``self.quote(...)``."""
    bid = ask = NONE
    bid_size = ask_size = 0
    if not math.isnan(intent.bid):
        bid = _units(contract, intent.bid, True)
        size = intent.size
        if math.isnan(size):
            size = _position_size(ctx, player, contract, intent.bid, True, 1.0)
        bid_size = int(size * 1e6 + 0.5)
    if not math.isnan(intent.ask):
        ask = _units(contract, intent.ask, False)
        size = intent.size
        if math.isnan(size):
            size = _position_size(ctx, player, contract, intent.ask, False, 1.0)
        ask_size = int(size * 1e6 + 0.5)
    state_wish(ctx, intent.fair, NONE, intent.tag, 0)
    quote(ctx, contract_id, bid, ask, bid_size, ask_size)
    forget_wish(ctx)


@kernel
def _note(ctx, player, contract_id, contract):  # type: ignore[no-untyped-def]
    """Write down what a wake shows; there is room for as many as there are rows."""
    shown = _shown_at(player.intents, player.row)
    shown.ts, shown.contract = ctx.now, contract_id
    shown.bid, shown.ask = contract.view_bid, contract.view_ask
    shown.bid_size, shown.ask_size = contract.view_bid_size, contract.view_ask_size
    shown.price, shown.volume, shown.close_time = contract.last_price, contract.last_size, contract.close_time


@kernel
def _fetch_ahead(ctx, player):  # type: ignore[no-untyped-def]
    """Ask for the memory of the rows at which something is wanted later: between them none is read."""
    place = player.next + _FAR_AHEAD
    if place < player.count:
        row = intent_at(player.intents, place).tape_row
        for column in (ctx.ts, ctx.size, player.lows, player.highs, player.stops, player.wakes_before):
            prefetch(column + 8 * row)
        prefetch(ctx.meta + 2 * row)
        prefetch(ctx.contract + 4 * row)
        prefetch(ctx.price + 4 * row)
        prefetch(ctx.views + 32 * row)
    place = player.next + _NEAR_AHEAD
    if place < player.count:
        row = intent_at(player.intents, place).tape_row
        candle = ctx.candles + _CANDLE_BYTES * (load_i64(ctx.size, row) - 1)
        for offset in range(0, 4 * _CANDLE_BYTES, 64):
            prefetch(candle + offset)


@kernel
def play_wake(ctx, contract_id, contract, reasons):  # type: ignore[no-untyped-def]
    """Carry out what is wanted at this wake, if anything is."""
    player = player_at(ctx.player, 0)
    if contract.tradable == 0 or reasons & player.bits == 0:
        return
    row = player.row
    if player.kind == NOTES:
        _note(ctx, player, contract_id, contract)
    player.row = row + 1
    if player.next == player.count:
        return
    intent = intent_at(player.intents, player.next)
    if intent.row != row:
        return
    player.next += 1
    if player.skips:
        _fetch_ahead(ctx, player)
    if over(ctx):
        return
    if player.kind == SIGNALS:
        _signal(ctx, player, contract_id, contract, intent)
    elif player.kind == QUOTES:
        _quote(ctx, player, contract_id, contract, intent)
    else:
        _aim(ctx, contract_id, contract, intent, intent.target, intent.limit)
        _expire(ctx, contract_id, contract, intent)


__all__ = ["INTENT", "PLAYED", "PLAYER", "SHOWN", "intent_at", "play_wake", "player_at", "touch_price"]
