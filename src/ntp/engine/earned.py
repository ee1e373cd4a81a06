"""What predicted edges earned so far, and how much smaller sizes are for it: looked at once a week.

The same regression as :func:`ntp.statistics.clustered_regression` through the origin, over the fills of contracts
whose results the strategy has seen: two sums per event are all it takes.
"""

import math
from typing import Final

from ntp.engine.compile import adopted, entry, kernel
from ntp.engine.records import context_at, contract_at, earned_at, fill_at, scaled_at
from ntp.pricing.edge.size import size_factor

WEEK: Final = 7 * 86_400 * 10**9
_MONDAY: Final = 3 * 86_400 * 10**9  # the first nanosecond of 1970 was on a Thursday
_factor = adopted([size_factor])["size_factor"]


@kernel
def result_seen(contract, value):  # type: ignore[no-untyped-def]
    """Remember the value of YES in 1e-6 dollar that a contract settled at."""
    contract.result = value + 1


@kernel
def _gather(ctx):  # type: ignore[no-untyped-def]
    """Add up squares and products of predicted and realised edges by event; return their totals."""
    for number in range(ctx.n_contracts):
        row = earned_at(ctx.earned, number)
        row.fills, row.squares, row.products = 0, 0.0, 0.0
    squares = products = 0.0
    for number in range(ctx.n_fills):
        fill = fill_at(ctx.fills, number)
        contract = contract_at(ctx.contracts, fill.contract)
        if contract.result == 0 or contract.asset or math.isnan(fill.fair):
            continue
        price = fill.price / float(contract.price_unit)
        stated = fill.side * (fill.fair - price)
        came = fill.side * ((contract.result - 1) / 1e6 - price)
        weight = fill.size / 1e6
        row = earned_at(ctx.earned, contract.event)
        row.fills += 1
        row.squares += weight * stated * stated
        row.products += weight * stated * came
        squares += weight * stated * stated
        products += weight * stated * came
    return squares, products


@kernel
def _look(ctx):  # type: ignore[no-untyped-def]
    """Regress what came on what was predicted, and note the factor of sizes that follows."""
    squares, products = _gather(ctx)
    events = 0
    slope = error = math.nan
    if squares > 0.0:
        slope, spread = products / squares, 0.0
        for number in range(ctx.n_contracts):
            row = earned_at(ctx.earned, number)
            if row.fills > 0:
                events += 1
                pull = row.products - slope * row.squares
                spread += pull * pull
        if events > 1:
            error = math.sqrt(spread * events / (events - 1)) / squares
    ctx.size_factor = _factor(slope, error, events)
    note = scaled_at(ctx.scaled, min(ctx.n_scaled, ctx.scaled_capacity - 1))
    note.ts, note.events, note.slope, note.error, note.factor = ctx.now, events, slope, error, ctx.size_factor
    ctx.n_scaled = min(ctx.n_scaled + 1, ctx.scaled_capacity)


@kernel
def size_factor_now(ctx):  # type: ignore[no-untyped-def]
    """Multiplier of sizes in force: looked at anew at the first size of each UTC week that begins on a Monday."""
    if ctx.scaled_capacity == 0:
        return 1.0
    week = (ctx.now + _MONDAY) // WEEK
    if week != ctx.scaled_week:
        ctx.scaled_week = week
        _look(ctx)
    return ctx.size_factor


@entry
def size_factor_at(address):  # type: ignore[no-untyped-def]
    """Multiplier of sizes in force, for Python."""
    return size_factor_now(context_at(address, 0))


__all__ = ["WEEK", "result_seen", "size_factor_at", "size_factor_now"]
