"""What a view shows, read from the engine's memory by the same arithmetic as :mod:`ntp.strategy.view`."""

from __future__ import annotations

from ntp.engine import records as r
from ntp.engine.compile import kernel
from ntp.engine.memory import load_f64, load_i64
from ntp.engine.records import NONE, account_at, step_at
from ntp.strategy.compiled.inside.link import (
    call_math2,
    context_of,
    contract_of,
    fail,
    grid_at,
    is_none,
    link_at,
    none,
)
from ntp.strategy.objects import DEFAULT_TICK

BID_WORD, ASK_WORD, LAST_WORD = (r.field(r.CONTRACT, name) for name in ("view_bid", "view_ask", "last_price"))
BID_SIZE_WORD, ASK_SIZE_WORD, LAST_SIZE_WORD = (
    r.field(r.CONTRACT, name) for name in ("view_bid_size", "view_ask_size", "last_size")
)
CASH_WORD, RESERVE_WORD, RETURNED_WORD = (
    r.field(r.ACCOUNT, name) for name in ("cash_seen", "sent_reserve", "returned_seen")
)
_BYTES = r.CONTRACT.itemsize
_ACCOUNT_WORDS = r.ACCOUNT.itemsize // 8
_APART = r.field(r.ACCOUNT, "apart")
_UNKNOWN_FEE, _FLAT, _FLAT_MAKER = r.MODEL_UNKNOWN, r.MODEL_FLAT, r.MODEL_FLAT_MAKER


@kernel
def now(me):  # type: ignore[no-untyped-def]
    """Present moment."""
    return context_of(me).now


@kernel
def here(me, site):  # type: ignore[no-untyped-def]
    """Contract of the call."""
    k = link_at(me, 0).current
    if k < 0:
        fail(me, site)
    return k


@kernel
def tradable(me, k, site):  # type: ignore[no-untyped-def]
    """Contract that may be traded."""
    if load_i64(link_at(me, 0).traded, k) == 0:
        fail(me, site)
    return k


@kernel
def price_at(me, k, word):  # type: ignore[no-untyped-def]
    """Price in dollars, or None."""
    contract = contract_of(me, k)
    units = load_i64(context_of(me).contracts + k * _BYTES, word)
    if units < 0:
        return none()
    return units / float(contract.price_unit)


@kernel
def mid(me, k):  # type: ignore[no-untyped-def]
    """Mean of best bid and ask, or None."""
    contract = contract_of(me, k)
    if contract.view_bid < 0 or contract.view_ask < 0:
        return none()
    one = float(contract.price_unit)
    return (contract.view_bid / one + contract.view_ask / one) / 2.0


@kernel
def spread(me, k):  # type: ignore[no-untyped-def]
    """Best ask less best bid, or None."""
    contract = contract_of(me, k)
    if contract.view_bid < 0 or contract.view_ask < 0:
        return none()
    one = float(contract.price_unit)
    return contract.view_ask / one - contract.view_bid / one


@kernel
def size_at(me, k, price, word):  # type: ignore[no-untyped-def]
    """Size in contracts that is there with its price, or None."""
    base = context_of(me).contracts + k * _BYTES
    if load_i64(base, price) < 0 or load_i64(base, word) < 0:
        return none()
    return load_i64(base, word) / 1_000_000.0


@kernel
def taker_side(me, k):  # type: ignore[no-untyped-def]
    """Return the number of the text BUY or SELL, -1 for None."""
    side = contract_of(me, k).last_taker
    return 0 if side > 0 else 1 if side < 0 else -1


@kernel
def seconds_to_close(me, k):  # type: ignore[no-untyped-def]
    """Seconds until trading ends, or None."""
    contract = contract_of(me, k)
    if contract.close_time == NONE:
        return none()
    return (contract.close_time - context_of(me).now) / 1e9


@kernel
def index_value(me, number):  # type: ignore[no-untyped-def]
    """Newest value of an index, or None."""
    if number < 0:
        return none()
    contract = contract_of(me, number)
    return contract.view_value if contract.last_ts != 0 else none()


@kernel
def spot(me, k):  # type: ignore[no-untyped-def]
    """Newest value of the underlying, or None."""
    return index_value(me, load_i64(link_at(me, 0).spots, k))


@kernel
def index_age(me, number, value):  # type: ignore[no-untyped-def]
    """Seconds since the newest value of an index, which there is."""
    return (context_of(me).now - contract_of(me, number).last_ts) / 1e9


@kernel
def held(me, k):  # type: ignore[no-untyped-def]
    """Signed contracts held."""
    return contract_of(me, k).position_seen / 1_000_000.0


@kernel
def cost(me, k):  # type: ignore[no-untyped-def]
    """Dollars locked in a position."""
    contract = contract_of(me, k)
    return contract.cost_seen / 1_000_000.0 if contract.position_seen else 0.0


@kernel
def average_price(me, k):  # type: ignore[no-untyped-def]
    """Mean price of entry, or None."""
    contract = contract_of(me, k)
    units = contract.position_seen
    if units == 0:
        return none()
    paid = contract.cost_seen / abs(units)
    return paid if units > 0 or contract.asset else 1.0 - paid


@kernel
def step_of(me, k, price, site):  # type: ignore[no-untyped-def]
    """Step of the grid at a price in dollars."""
    contract = contract_of(me, k)
    grid = grid_at(link_at(me, 0).grids, k)
    one = float(contract.price_unit)
    units = int(round(price * one))
    if grid.count == 0:
        return 1.0 / one if contract.asset else DEFAULT_TICK
    if grid.start0 <= units <= grid.end0:
        return grid.step0 / one
    if grid.count > 1 and grid.start1 <= units <= grid.end1:
        return grid.step1 / one
    if grid.count > 2 and grid.start2 <= units <= grid.end2:
        return grid.step2 / one
    fail(me, site)
    return 0.0


@kernel
def touch(me, k, buy, leaving, site):  # type: ignore[no-untyped-def]
    """Price of a passive order at the best; `leaving`: at which a holding leaves.

    The reasons at `site` and the two after it are: no bid, no ask, no step there.
    """
    contract = contract_of(me, k)
    one = float(contract.price_unit)
    units = contract.view_bid if buy != leaving else contract.view_ask
    if units >= 0:
        return units / one
    last = contract.last_price
    if contract.has_quotes or last < 0:
        fail(me, site if buy else site + 1)
    step = step_of(me, k, last / one, site + 2)
    return last / one - step if buy else last / one + step


@kernel
def unrealised(me, k, site):  # type: ignore[no-untyped-def]
    """Profit in dollars at the exit's touch."""
    size = held(me, k)
    if size == 0.0:
        return 0.0
    return size * (touch(me, k, size < 0.0, True, site) - average_price(me, k))


@kernel
def dollars(me, column):  # type: ignore[no-untyped-def]
    """Sum of a column of the accounts that hold dollars."""
    ctx = context_of(me)
    total = 0
    for number in range(ctx.n_accounts):
        if load_i64(ctx.accounts, number * _ACCOUNT_WORDS + _APART) == 0:
            total += load_i64(ctx.accounts, number * _ACCOUNT_WORDS + column)
    return total / 1e6


@kernel
def available(me):  # type: ignore[no-untyped-def]
    """Dollars that may be bound."""
    return dollars(me, CASH_WORD) - dollars(me, RESERVE_WORD) + dollars(me, RETURNED_WORD)


@kernel
def exit_touch(me, k, buy):  # type: ignore[no-untyped-def]
    """Touch at which a holding leaves, or None."""
    contract = contract_of(me, k)
    units = contract.view_ask if buy else contract.view_bid
    if units < 0 and (contract.has_quotes or contract.last_price < 0):
        return none()
    try:
        price = touch(me, k, buy, True, 0)
    except Exception:
        return none()
    return price


@kernel
def equity(me):  # type: ignore[no-untyped-def]
    """Cash plus positions at the exit's touch, else at their cost."""
    ctx = context_of(me)
    total = dollars(me, CASH_WORD)
    for k in range(ctx.n_contracts):
        contract = contract_of(me, k)
        if contract.position_seen == 0 or load_i64(link_at(me, 0).viewed, k) == 0:
            continue
        if account_at(ctx.accounts, contract.account).apart:
            continue
        size = held(me, k)
        mark = exit_touch(me, k, size < 0.0)
        if mark != mark:
            total += cost(me, k)
        else:
            total += size * mark if size > 0.0 or contract.asset else -size * (1.0 - mark)
    return total


@kernel
def fee_per_contract(me, k, price, site):  # type: ignore[no-untyped-def]
    """Fee in dollars of one contract at rest, before rounding."""
    step = step_at(context_of(me).steps, contract_of(me, k).step_now)
    if step.model == _UNKNOWN_FEE:
        fail(me, site)
    rate = step.maker_rate / 1e6
    if step.model == _FLAT or step.model == _FLAT_MAKER:
        return rate
    return rate * call_math2(link_at(me, 0).pow, price * (1.0 - price), float(step.exponent))


@kernel
def own_f(me, place):  # type: ignore[no-untyped-def]
    """Read a float of the strategy itself."""
    return load_f64(link_at(me, 0).own, place)


@kernel
def own_i(me, place):  # type: ignore[no-untyped-def]
    """Read an integer of the strategy itself."""
    return load_i64(link_at(me, 0).own, place)


@kernel
def state_place(me, k, place):  # type: ignore[no-untyped-def]
    """Address of a word of what is remembered of a contract."""
    link = link_at(me, 0)
    return link.states + 8 * (k * link.state_words + place)


@kernel
def printed(me, k, site):  # type: ignore[no-untyped-def]
    """Contract that has had a print."""
    if contract_of(me, k).last_price < 0:
        fail(me, site)
    return k


@kernel
def strike(me, k, place):  # type: ignore[no-untyped-def]
    """Floor or cap of the observable, or None."""
    return load_f64(link_at(me, 0).strikes, 2 * k + place)


@kernel
def is_asset(me, k):  # type: ignore[no-untyped-def]
    """Whether the price is not bound to 0 to 1 dollar."""
    return contract_of(me, k).asset != 0


@kernel
def event_of(me, k):  # type: ignore[no-untyped-def]
    """Return the number of a contract's event."""
    return load_i64(link_at(me, 0).events, k)


@kernel
def truthy(number):  # type: ignore[no-untyped-def]
    """Whether a number or None counts as true."""
    return number != 0.0 and not is_none(number)


@kernel
def either(number, instead):  # type: ignore[no-untyped-def]
    """Return a number, or what stands in for None."""
    return instead if is_none(number) else number
