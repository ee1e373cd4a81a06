"""Single orders, by the same steps as :mod:`ntp.strategy.orders`."""

from __future__ import annotations

from ntp.engine import records as r
from ntp.engine.compile import kernel
from ntp.engine.gate import count_mask, judged
from ntp.engine.records import C_NEW, NONE
from ntp.strategy.compiled.inside.link import (
    GROW_REFUSED,
    call_ask,
    context_of,
    contract_of,
    fail,
    fail_with,
    is_none,
    link_at,
    refused_at,
)
from ntp.strategy.compiled.inside.reads import touch
from ntp.strategy.compiled.inside.wishes import command, down, fair_or_nan, tag_of, up

TIFS = {"gtc": r.GTC, "gtd": r.GTD, "ioc": r.IOC, "fok": r.FOK}
_LARGEST = 1e12
_DEAREST = 2**31 - 3


@kernel
def _floor(start, end, step, units):  # type: ignore[no-untyped-def]
    return start + (min(units, end) - start) // step * step


@kernel
def _ceiling(start, step, units):  # type: ignore[no-untyped-def]
    return start + max(-((start - units) // step), 0) * step


@kernel
def _grid_down(contract, units):  # type: ignore[no-untyped-def]
    """Nearest price of the grid up to a price; off its end the price itself."""
    found, any_band = units, False
    if contract.band_count > 0 and units >= contract.start0:
        found, any_band = _floor(contract.start0, contract.end0, contract.step0, units), True
    if contract.band_count > 1 and units >= contract.start1:
        each = _floor(contract.start1, contract.end1, contract.step1, units)
        found, any_band = max(found, each) if any_band else each, True
    if contract.band_count > 2 and units >= contract.start2:
        each = _floor(contract.start2, contract.end2, contract.step2, units)
        found = max(found, each) if any_band else each
    return found


@kernel
def _grid_up(contract, units):  # type: ignore[no-untyped-def]
    """Nearest price of the grid from a price on; off its end the price itself."""
    found, any_band = units, False
    if contract.band_count > 0 and units <= contract.end0:
        found, any_band = _ceiling(contract.start0, contract.step0, units), True
    if contract.band_count > 1 and units <= contract.end1:
        each = _ceiling(contract.start1, contract.step1, units)
        found, any_band = min(found, each) if any_band else each, True
    if contract.band_count > 2 and units <= contract.end2:
        each = _ceiling(contract.start2, contract.step2, units)
        found = min(found, each) if any_band else each
    return found


@kernel
def order_price(me, k, buy, price, taking, site):  # type: ignore[no-untyped-def]
    """Price of an order that may state none; the reasons at `site` and after it are: no bid, no ask, no step."""
    if not is_none(price):
        return price
    if not taking:
        return touch(me, k, buy, False, site)
    contract = contract_of(me, k)
    one = float(contract.price_unit)
    if contract.asset:
        return _DEAREST / one if buy else 1 / one
    best = contract.view_ask if buy else contract.view_bid
    if best < 0:
        fail(me, site + 1 if buy else site)
    return best / one


@kernel
def _refuse(me, order_id, k, side, price, size, tag, refusing):  # type: ignore[no-untyped-def]
    link = link_at(me, 0)
    if link.n_refused == link.refused_capacity:
        call_ask(link.ask, GROW_REFUSED, 0)
    row = refused_at(link.refused, link.n_refused)
    row.id, row.contract, row.side, row.price, row.size = order_id, k, side, price, size
    row.tag, row.ts, row.rule = tag, context_of(me).now, refusing
    link.n_refused += 1


@kernel
def order(me, k, buy, size, price, taking, tif, expire, reduce_only, fair, tag, site):  # type: ignore[no-untyped-def]
    """Send an order and return its number; the reasons at `site` and after it are: bad size, bad price."""
    if not 0.0 < size < _LARGEST:
        fail_with(me, site, size)
    contract = contract_of(me, k)
    scaled = price * float(contract.price_unit)
    units = _grid_down(contract, down(me, scaled, site + 1)) if buy else _grid_up(contract, up(me, scaled, site + 1))
    wanted = int(size * 1e6 + 1e-3) // contract.size_step * contract.size_step
    ctx = context_of(me)
    order_id = ctx.next_order
    ctx.next_order = order_id + 1
    side = 1 if buy else -1
    verdict = judged(ctx, k, side, units, wanted, 1 if taking else 0, fair_or_nan(fair), NONE)
    refusing = verdict >> 16
    if refusing:
        count_mask(ctx, verdict & 0xFFFF)
        _refuse(me, order_id, k, side, units, wanted, tag_of(me, tag), refusing)
        return NONE
    made = command(me)
    made.kind, made.contract, made.side, made.price, made.size = C_NEW, k, side, units, wanted
    made.order_id, made.tif, made.post_only, made.reduce_only = order_id, tif, 0 if taking else 1, reduce_only
    made.expire, made.tag, made.watched, made.fair = expire, tag_of(me, tag), 1, fair_or_nan(fair)
    return order_id
