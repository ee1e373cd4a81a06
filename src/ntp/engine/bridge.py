"""The bridge to Python strategies: wakes, quotes and readings without a detour through Python code.

Python code of the runtime costs about a microsecond at every wake, as much as a strategy's own method.
So the usual wake, the usual quote and the usual readings are done here; whatever is unusual (an absent
value, a new tag, an argument of a strange type, a rare kind of wake) is left to the same call in Python.
"""

import math
from typing import Any, Final

import numpy as np

from ntp.engine import records as r
from ntp.engine.compile import callback, kernel
from ntp.engine.interop import (
    REFERENCES_WORD,
    TYPE_WORD,
    as_float,
    as_int,
    bytes_at,
    call_one,
    call_vector,
    clear_error,
    dict_item,
    dict_size,
    drop,
    keep,
    new_float,
    new_int,
    tuple_item,
    tuple_size,
)
from ntp.engine.memory import call_at, load_i64, record_at, store_i64
from ntp.engine.records import (
    C_QUOTE,
    CONTRACT,
    NONE,
    W_FILL,
    W_ORDER,
    W_TRADE,
    WAKE,
    command_at,
    context_at,
    contract_at,
    wake_at,
)

CALLS: Final = ("on_quote", "on_book", "analyze")
"""What a market wake calls, in this order."""
NAMES: Final = ("bid", "ask", "size", "bid_size", "ask_size", "fair", "match", "tag", "contract")
"""Arguments of a quote."""
BRIDGE: Final = np.dtype([
    (name, "<i8") for name in (
        "context run row rows step current views traded call0 bits0 call1 bits1 call2 bits2 follow on_trade on_fill "
        "tell_fill orders tags fill fill_order fill_ref fill_view "
        "arguments none float_type int_type numpy_type view_type view_slot quote direct "
        + " ".join(f"name_{name}" for name in NAMES)
    ).split()
])  # fmt: skip
"""What the compiled side knows of the Python side: addresses of objects, and where it stands.

`row` of `rows` wake rows is next, `step` calls of it are done; `current` is the contract whose call
this is, -1 for none; `views` and `traded` are tables by contract. `on_fill` is the strategy's, `tell_fill`
the runtime's; `fill` is the object that tells a fill, with the words of its slots.
"""
READING: Final = np.dtype([(name, "<i8") for name in ("slot", "first", "second", "instead")])
"""A reading of a view: the slot of the record's address, up to two fields, and the call if one is absent."""
_CONTRACT_BYTES: Final = CONTRACT.itemsize
_UNIT: Final = r.field(CONTRACT, "price_unit")
_MOST_COMMANDS: Final = 1_000  # fewer than the buffer has from the start
_MOST: Final = 1e12  # prices and sizes beyond are for Python to judge
_NOT: Final = math.nan

bridge_at = record_at(BRIDGE)
_reading_at = record_at(READING)


@kernel
def address_in(packed):  # type: ignore[no-untyped-def]
    """Address in an object of bytes: an int of that size takes six times as long to read."""
    return load_i64(bytes_at(packed), 0)


# readings


@callback
def price_reading(view, closure):  # type: ignore[no-untyped-def]
    """Read a price in dollars."""
    reading = _reading_at(closure, 0)
    slot = load_i64(view, reading.slot)
    if slot:
        record = address_in(slot)
        units = load_i64(record, reading.first)
        if units >= 0:
            return new_float(units / load_i64(record, _UNIT))
    return call_one(reading.instead, view)


@callback
def mid_reading(view, closure):  # type: ignore[no-untyped-def]
    """Read the mean of two prices."""
    reading = _reading_at(closure, 0)
    slot = load_i64(view, reading.slot)
    if slot:
        record = address_in(slot)
        low, high, one = load_i64(record, reading.first), load_i64(record, reading.second), load_i64(record, _UNIT)
        if low >= 0 and high >= 0:
            return new_float((low / one + high / one) / 2.0)
    return call_one(reading.instead, view)


@callback
def size_reading(view, closure):  # type: ignore[no-untyped-def]
    """Read a size in contracts that is absent with its price."""
    reading = _reading_at(closure, 0)
    slot = load_i64(view, reading.slot)
    if slot:
        record = address_in(slot)
        units = load_i64(record, reading.first)
        if units >= 0 and load_i64(record, reading.second) >= 0:
            return new_float(units / 1_000_000.0)
    return call_one(reading.instead, view)


@callback
def amount_reading(view, closure):  # type: ignore[no-untyped-def]
    """Read a signed amount in millionths that is never absent."""
    reading = _reading_at(closure, 0)
    slot = load_i64(view, reading.slot)
    if slot:
        return new_float(load_i64(address_in(slot), reading.first) / 1_000_000.0)
    return call_one(reading.instead, view)


# quotes


@kernel
def _number(bridge, value):  # type: ignore[no-untyped-def]
    """Return a float, int or NumPy float as a float; NaN for anything else."""
    kind = load_i64(value, TYPE_WORD)
    if kind == bridge.float_type or kind == bridge.numpy_type:
        return as_float(value)
    if kind == bridge.int_type:
        number = as_float(value)
        if number == -1.0:  # perhaps the sign of an error
            clear_error()
            return _NOT
        return number
    return _NOT


@kernel
def _units(dollars, one, down):  # type: ignore[no-untyped-def]
    """Units of a price: the nearest within 1e-6 dollar, else rounded; below -1 what is not a price."""
    scaled = dollars * one
    if not -_MOST < scaled < _MOST:
        return -2
    nearest = math.floor(scaled + 0.5)
    if abs(scaled - nearest) >= 0.01:
        nearest = math.floor(scaled) if down else math.ceil(scaled)
    return max(int(nearest), 0)


@kernel
def _size(bridge, own, both):  # type: ignore[no-untyped-def]
    """Size in millionths of a contract; -1 where Python must find or judge it."""
    value = own if own else both
    if value == 0:
        return -1
    contracts = _number(bridge, value)
    return int(contracts * 1e6 + 0.5) if 0.0 <= contracts < _MOST else -1


@kernel
def _wish(bridge, arguments, count, names):  # type: ignore[no-untyped-def]
    """Carry out a quote of the contract of the call; False where it is not a usual one."""
    contract_id = bridge.current
    if count > 0 or contract_id < 0 or load_i64(bridge.traded, contract_id) == 0:
        return False
    bid = ask = size = bid_size = ask_size = fair = tag = 0  # addresses of objects, 0 for None
    given = tuple_size(names) if names else 0
    for place in range(given):
        name, value = tuple_item(names, place), load_i64(arguments, place)
        if value == bridge.none:
            value = 0
        if name == bridge.name_bid:
            bid = value
        elif name == bridge.name_ask:
            ask = value
        elif name == bridge.name_bid_size:
            bid_size = value
        elif name == bridge.name_ask_size:
            ask_size = value
        elif name == bridge.name_size:
            size = value
        elif name == bridge.name_fair:
            fair = value
        elif name == bridge.name_tag:
            tag = value
        elif value or (name != bridge.name_match and name != bridge.name_contract):
            return False
    contract = contract_at(context_at(bridge.context, 0).contracts, contract_id)
    one = float(contract.price_unit)
    bid_units = ask_units = NONE
    bid_wanted = ask_wanted = 0
    if bid:
        bid_units, bid_wanted = _units(_number(bridge, bid), one, True), _size(bridge, bid_size, size)
    if ask:
        ask_units, ask_wanted = _units(_number(bridge, ask), one, False), _size(bridge, ask_size, size)
    value = _number(bridge, fair) if fair else _NOT
    if min(bid_units, ask_units) < NONE or min(bid_wanted, ask_wanted) < 0 or (fair and not 0.0 <= value <= 1.0):
        return False
    known = dict_item(bridge.tags, tag) if tag else 0
    if tag and known == 0:
        return False
    label = as_int(known) if known else NONE
    return _push_quote(bridge, contract_id, contract, bid_units, ask_units, bid_wanted, ask_wanted, value, label)


@kernel
def _push_quote(bridge, contract_id, contract, bid, ask, bid_size, ask_size, fair, tag):  # type: ignore[no-untyped-def]
    """Write the command of a quote, unless it says what stands already."""
    ctx = context_at(bridge.context, 0)
    count = ctx.n_commands
    if count == 0 and (
        contract.quote_intact
        and contract.quote_bid == bid
        and contract.quote_ask == ask
        and contract.quote_bid_size == bid_size
        and contract.quote_ask_size == ask_size
    ):
        return True
    if count >= _MOST_COMMANDS:
        return False
    command = command_at(ctx.commands, count)
    command.kind, command.contract, command.side = C_QUOTE, contract_id, 0
    command.price, command.price2, command.size, command.size2 = bid, ask, bid_size, ask_size
    command.tag, command.exit, command.expire, command.fair, command.match = tag, 0, 0, fair, NONE
    ctx.n_commands = count + 1
    return True


@callback
def quote(me, arguments, count, names):  # type: ignore[no-untyped-def]
    """Quote the contract of the call; the arguments are those of ``Strategy.quote``."""
    bridge = bridge_at(address_in(me), 0)
    if _wish(bridge, arguments, count, names):
        keep(bridge.none)
        return bridge.none
    return call_vector(bridge.quote, arguments, count, names)


# wakes


@kernel
def _called(function, argument):  # type: ignore[no-untyped-def]
    """Call a Python function and drop what it returns; False if it raised."""
    returned = call_one(function, argument)
    if returned:
        drop(returned)
    return returned != 0


@kernel
def _analyzed(bridge, function, view):  # type: ignore[no-untyped-def]
    """Call `analyze` and let Python follow what it returned; False if it raised."""
    returned = call_one(function, view)
    if returned == 0:
        return False
    done = True
    if returned != bridge.none:
        store_i64(bridge.arguments, 0, view)
        store_i64(bridge.arguments, 1, returned)
        followed = call_vector(bridge.follow, bridge.arguments, 2, 0)
        done = followed != 0
        if done:
            drop(followed)
    drop(returned)
    return done


@kernel
def _market_wake(bridge, contract_id, view, reasons):  # type: ignore[no-untyped-def]
    """Make the calls of a market wake that are not made yet; False if one raised.

    What raised counts as made: Python decides whether the run goes on.
    """
    while bridge.step < 3:
        step = bridge.step
        bridge.step = step + 1
        if step == 0:
            if bridge.call0 and reasons & bridge.bits0 and not _called(bridge.call0, view):
                return False
        elif step == 1:
            if bridge.call1 and reasons & bridge.bits1 and not _called(bridge.call1, view):
                return False
        elif bridge.call2 and reasons & bridge.bits2 and load_i64(bridge.traded, contract_id):
            if not _analyzed(bridge, bridge.call2, view):
                return False
    return True


@kernel
def _put(target, slot, value):  # type: ignore[no-untyped-def]
    """Put an object into a slot that holds another; takes over a reference to it."""
    before = load_i64(target, slot)
    store_i64(target, slot, value)
    drop(before)


@kernel
def _fill_wake(bridge, contract_id, view, ref):  # type: ignore[no-untyped-def]
    """Tell a fill; False if that raised.

    Where nobody kept the object that told the last one, it tells this one too.
    """
    if dict_size(bridge.orders) == 0:
        if bridge.on_fill == 0 or view == 0:
            return True
        fill = bridge.fill
        if load_i64(fill, REFERENCES_WORD) == 1:
            _put(fill, bridge.fill_ref, new_int(ref))
            if load_i64(fill, bridge.fill_view) != view:
                keep(view)
                _put(fill, bridge.fill_view, view)
            if load_i64(fill, bridge.fill_order) != bridge.none:
                keep(bridge.none)
                _put(fill, bridge.fill_order, bridge.none)
            return _called(bridge.on_fill, fill)
    number, row = new_int(contract_id), new_int(ref)
    store_i64(bridge.arguments, 0, number)
    store_i64(bridge.arguments, 1, row)
    returned = call_vector(bridge.tell_fill, bridge.arguments, 2, 0)
    drop(number)
    drop(row)
    if returned:
        drop(returned)
    return returned != 0


@callback
def drive(me, unused):  # type: ignore[no-untyped-def]
    """Run the kernel and tell the strategy until something is left to Python; return what the kernel said.

    WAKE means that the row before `row` is one of the wakes that Python handles.
    """
    bridge = bridge_at(address_in(me), 0)
    ctx = context_at(bridge.context, 0)
    while True:
        if bridge.row == bridge.rows:
            bridge.rows = bridge.row = bridge.step = 0
            code: int = call_at(bridge.run, bridge.context)
            if code != WAKE:
                return new_int(code)
            bridge.rows = ctx.n_wakes
        wake = wake_at(ctx.wakes, bridge.row)
        contract_id, reasons, ref = wake.contract, wake.reasons, wake.ref
        view = load_i64(bridge.views, contract_id)
        bridge.current = contract_id if view else NONE
        if ref == NONE and reasons < W_ORDER:
            if view and bridge.direct and not _market_wake(bridge, contract_id, view, reasons):
                return 0
            left = view != 0 and bridge.direct == 0
        elif reasons == W_FILL:
            left = False
            if bridge.step == 0:
                bridge.step = 1
                if not _fill_wake(bridge, contract_id, view, ref):
                    return 0
        elif reasons == W_TRADE and bridge.direct:
            left = False
            if view and bridge.on_trade and bridge.step == 0:
                bridge.step = 1
                if not _called(bridge.on_trade, view):
                    return 0
        else:
            left = True
        bridge.row += 1
        bridge.step = 0
        if left:
            return new_int(WAKE)


ENTRIES: Final[tuple[tuple[Any, int], ...]] = (
    (price_reading, 2), (mid_reading, 2), (size_reading, 2), (amount_reading, 2), (quote, 4), (drive, 2),
)  # fmt: skip
"""What Python reaches, and its number of arguments: to be compiled ahead."""
