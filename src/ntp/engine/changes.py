"""Changes of a contract's terms: in force at the venue at once, known to the strategy when it sees them.

The terms in a contract's record are those the strategy knows. The venue judges by the same ones, but for
the time between a change and its arrival: then `ahead` names the version that is in force.
"""

from ntp.engine.book import on_grid
from ntp.engine.booking import refresh_reserves
from ntp.engine.compile import kernel, rare
from ntp.engine.memory import remainder
from ntp.engine.records import version_at


@kernel
def change_happened(ctx, contract, number):  # type: ignore[no-untyped-def]
    """Put a version in force at the venue."""
    version = version_at(ctx.versions, number)
    contract.ahead = number + 1
    contract.nets, contract.reserves = version.nets, version.reserves
    contract.cancels_on_reactivation, contract.self_trade = version.cancels_on_reactivation, version.self_trade
    contract.taker_delay = version.taker_delay
    contract.gtd_minimum, contract.gtd_early = version.gtd_minimum, version.gtd_early
    if contract.step_first != version.step_first:
        contract.step_first, contract.step_last = version.step_first, version.step_last
        contract.step_now = version.step_first
    refresh_reserves(ctx, contract)


@rare
def change_seen(ctx, contract, number):  # type: ignore[no-untyped-def]
    """Let the strategy know a version, unless it knows a later one; what it wished for is wished anew."""
    if number < contract.version_seen:
        return False
    contract.version_seen = number
    version = version_at(ctx.versions, number)
    contract.band_count = version.band_count
    contract.start0, contract.end0, contract.step0 = version.start0, version.end0, version.step0
    contract.start1, contract.end1, contract.step1 = version.start1, version.end1, version.step1
    contract.start2, contract.end2, contract.step2 = version.start2, version.end2, version.step2
    contract.size_step, contract.min_size = version.size_step, version.min_size
    contract.keeps_priority, contract.can_amend = version.keeps_priority, version.can_amend
    contract.open_time, contract.close_time = version.open_time, version.close_time
    contract.quote_intact = 0
    if contract.ahead == number + 1:
        contract.ahead = 0
    return True


@kernel
def fits_size(terms, size):  # type: ignore[no-untyped-def]
    """Whether a size is at least the smallest and a whole number of steps."""
    return size > 0 and size >= terms.min_size and remainder(size, terms.size_step) == 0


@kernel
def size_allowed(ctx, contract, size):  # type: ignore[no-untyped-def]
    """Whether the venue takes a size now."""
    if contract.ahead:
        return fits_size(version_at(ctx.versions, contract.ahead - 1), size)
    return fits_size(contract, size)


@kernel
def price_allowed(ctx, contract, price):  # type: ignore[no-untyped-def]
    """Whether a price is on the grid that the venue has now."""
    if contract.ahead:
        return on_grid(version_at(ctx.versions, contract.ahead - 1), price)
    return on_grid(contract, price)


__all__ = ["change_happened", "change_seen", "price_allowed", "size_allowed"]
