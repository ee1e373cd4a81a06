"""Commands: what the strategy asked for, carried out in its order when the kernel goes on."""

import math

from ntp.engine.alarms import draw_latency, over, push_alarm, push_message
from ntp.engine.compile import kernel
from ntp.engine.desk import quote, send_cancel, send_new, target, withdraw
from ntp.engine.gate import forget_wish, state_wish
from ntp.engine.records import (
    A_TIMER,
    A_WITHDRAW,
    BY_ORDER,
    C_CANCEL,
    C_CANCEL_ALL,
    C_CANCEL_CONTRACT,
    C_NEW,
    C_QUOTE,
    C_REPLACE,
    C_TARGET,
    C_TIMER,
    FOK,
    IOC,
    M_DECREASE,
    NONE,
    W_ORDER,
    command_at,
    contract_at,
    order_at,
)
from ntp.engine.wakes import push_wake


@kernel
def _command_new(ctx, command):  # type: ignore[no-untyped-def]
    saved = ctx.next_order
    ctx.next_order = command.order_id
    state_wish(ctx, command.fair, command.match, command.tag, command.exit)
    taking = command.post_only == 0 or command.tif == IOC or command.tif == FOK
    slot = send_new(ctx, command.contract, command.side, command.price, command.size, BY_ORDER, taking)
    ctx.next_order = max(saved, command.order_id + 1)
    forget_wish(ctx)
    if slot < 0:
        push_wake(ctx, command.contract, W_ORDER, (command.order_id << 8) | -slot, 0)
        return
    order = order_at(ctx.orders, slot)
    order.tif, order.post_only, order.reduce_only = command.tif, command.post_only, command.reduce_only
    order.expire, order.watched = command.expire, command.watched
    command.slot = slot


@kernel
def _slot_of(ctx, contract_id, order_id):  # type: ignore[no-untyped-def]
    slot = contract_at(ctx.contracts, contract_id).first_order
    while slot >= 0:
        order = order_at(ctx.orders, slot)
        if order.id == order_id:
            return slot
        slot = order.next
    return NONE


@kernel
def _command_replace(ctx, command):  # type: ignore[no-untyped-def]
    slot = _slot_of(ctx, command.contract, command.order_id)
    if slot < 0:
        return
    order = order_at(ctx.orders, slot)
    contract = contract_at(ctx.contracts, command.contract)
    if order.seen_done or order.cancel_sent:
        return
    same_price = command.price == order.price
    if same_price and command.size <= order.seen_remaining and contract.can_amend and contract.keeps_priority:
        left = command.size // contract.size_step * contract.size_step
        push_message(ctx, ctx.now + draw_latency(ctx, contract), M_DECREASE, slot, order.id, left)
        order.decreased += order.seen_remaining - left
        order.seen_remaining = left
        return
    taking = order.post_only == 0 or order.tif == IOC or order.tif == FOK
    state_wish(ctx, order.fair if order.stated else math.nan, order.match, order.tag, order.exit)
    send_cancel(ctx, slot)
    saved = ctx.next_order
    if command.slot > 0:
        ctx.next_order = command.slot
    sent = send_new(ctx, command.contract, order.side, command.price, command.size, BY_ORDER, taking)
    ctx.next_order = max(saved, ctx.next_order)
    forget_wish(ctx)
    if sent < 0:
        push_wake(ctx, command.contract, W_ORDER, (command.slot << 8) | -sent, 0)
        return
    fresh = order_at(ctx.orders, sent)
    fresh.tif, fresh.post_only, fresh.reduce_only = order.tif, order.post_only, order.reduce_only
    fresh.expire, fresh.watched = order.expire, order.watched


@kernel
def _stop(ctx, contract_id):  # type: ignore[no-untyped-def]
    """Cancel single orders that would add to a holding that is being left, and remember its mark at the trigger."""
    contract = contract_at(ctx.contracts, contract_id)
    held = contract.position_seen
    slot = contract.first_order
    while slot >= 0:
        order = order_at(ctx.orders, slot)
        following = order.next
        if order.origin == BY_ORDER and (order.side > 0) == (held > 0):
            send_cancel(ctx, slot)
        slot = following
    mark = contract.view_bid if held > 0 else contract.view_ask
    if contract.stop_mark == 0 and held != 0 and mark > 0:
        contract.stop_mark = mark
        ctx.stops += 1
        ctx.stop_wanted += abs(held)


@kernel
def drain_commands(ctx):  # type: ignore[no-untyped-def]
    """Carry out what the strategy asked for, in its order."""
    while ctx.command_at < ctx.n_commands:
        if ctx.need_grow:
            return  # the rest follows when there is room for what it writes
        command = command_at(ctx.commands, ctx.command_at)
        ctx.command_at += 1
        kind = command.kind
        if kind != C_CANCEL and over(ctx):
            continue  # a run ends: timers and orders that answer each other would not
        if kind == C_QUOTE:
            contract_at(ctx.contracts, command.contract).stop_mark = 0
            state_wish(ctx, command.fair, command.match, command.tag, command.exit)
            quote(ctx, command.contract, command.price, command.price2, command.size, command.size2)
            forget_wish(ctx)
        elif kind == C_TARGET:
            if command.exit:
                _stop(ctx, command.contract)
            else:
                contract_at(ctx.contracts, command.contract).stop_mark = 0
            state_wish(ctx, command.fair, command.match, command.tag, command.exit)
            target(ctx, command.contract, command.size, command.price)
            forget_wish(ctx)
            if command.expire > 0:
                version = contract_at(ctx.contracts, command.contract).quote_version
                push_alarm(ctx, command.expire, 1, A_WITHDRAW, command.contract, version, 0)
        elif kind == C_NEW:
            _command_new(ctx, command)
        elif kind == C_CANCEL:
            slot = _slot_of(ctx, command.contract, command.order_id)
            if slot >= 0:
                send_cancel(ctx, slot)
        elif kind == C_CANCEL_CONTRACT:
            withdraw(ctx, command.contract, True)
        elif kind == C_CANCEL_ALL:
            for contract_id in range(ctx.n_contracts):
                withdraw(ctx, contract_id, True)
        elif kind == C_REPLACE:
            _command_replace(ctx, command)
        elif kind == C_TIMER:
            push_alarm(ctx, max(command.expire, ctx.now), 1, A_TIMER, command.contract, command.order_id, 0)
    ctx.n_commands = 0
    ctx.command_at = 0


__all__ = ["drain_commands"]
