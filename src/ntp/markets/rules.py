"""Order rules of venues as dated steps: read by the engine, paper and live trading alike."""

from dataclasses import dataclass, replace
from enum import IntEnum
from functools import lru_cache
from typing import Final

from ntp.core import SECOND, SIZE_ONE
from ntp.markets.dates import day_ns
from ntp.markets.instrument import Instrument

MS: Final = SECOND // 1000


class AmendPriority(IntEnum):
    """When a changed order keeps its place in the queue."""

    NEVER = 0
    DECREASE_SAME_PRICE = 1


class SelfTrade(IntEnum):
    """Which of two own orders that would meet is cancelled."""

    CANCEL_TAKER = 0
    CANCEL_MAKER = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRules:
    """Rules of an instrument's venue from a moment on; integers and booleans only.

    Attributes
    ----------
    from_ns : int
        First nanosecond at which they hold.
    min_size, size_step : int
        In 0.000001 contract.
    taker_delay_ns : int
        How long the venue holds an order that would take before it is matched.
    amend_keeps_priority : AmendPriority
        Which changes keep the place in the queue.
    can_amend : bool
        Whether an order can be changed; elsewhere a replace is a cancel and a new order.
    cancels_on_reactivation, cancels_on_close : bool
        Whether resting orders are cancelled when a halted market reopens, and at its close.
    self_trade : SelfTrade
        What happens when own orders meet.
    reserves : bool
        Whether a resting order locks its worst-case cost and fee.
    nets : bool
        Whether YES and NO of one contract cancel out by themselves (Kalshi); otherwise both are
        held and merged explicitly (Polymarket).
    gtd_minimum_ns, gtd_early_ns : int
        Least life of an order with an expiry, and how long before it the venue ends it.
    settlement_delay_ns : int
        From the determination of the result to the payment.
    """

    from_ns: int = 0
    min_size: int = 0
    size_step: int = 1
    taker_delay_ns: int = 0
    amend_keeps_priority: AmendPriority = AmendPriority.NEVER
    can_amend: bool = False
    cancels_on_reactivation: bool = False
    cancels_on_close: bool = True
    self_trade: SelfTrade = SelfTrade.CANCEL_TAKER
    reserves: bool = True
    nets: bool = True
    gtd_minimum_ns: int = 0
    gtd_early_ns: int = 0
    settlement_delay_ns: int = 0


HUNDREDTH: Final = SIZE_ONE // 100

KALSHI: Final = OrderRules(
    min_size=SIZE_ONE,
    size_step=SIZE_ONE,
    amend_keeps_priority=AmendPriority.DECREASE_SAME_PRICE,
    can_amend=True,
    cancels_on_reactivation=True,
    settlement_delay_ns=300 * SECOND,
)
KALSHI_FRACTIONAL: Final = day_ns(2026, 3, 9)
"""Since sub-penny trading began, sizes go down to 0.01 contract."""
_KALSHI_STEPS: Final = (KALSHI, replace(KALSHI, from_ns=KALSHI_FRACTIONAL, min_size=HUNDREDTH, size_step=HUNDREDTH))
_KALSHI_QUICK: Final = tuple(replace(step, settlement_delay_ns=SECOND) for step in _KALSHI_STEPS)

POLYMARKET: Final = OrderRules(
    min_size=5 * SIZE_ONE,
    size_step=HUNDREDTH,
    nets=False,
    gtd_minimum_ns=180 * SECOND,
    gtd_early_ns=60 * SECOND,
    settlement_delay_ns=7200 * SECOND,
)
POLYMARKET_CRYPTO_DELAYS: Final = (
    (0, 250 * MS),
    (day_ns(2026, 8, 17), 50 * MS),
    (day_ns(2026, 9, 4), 150 * MS),
)
"""Delay of takers in crypto up-or-down markets, by date."""
POLYMARKET_SPORTS_DELAY: Final = SECOND
POLYMARKET_AUTOMATIC_SETTLEMENT: Final = 16 * SECOND
"""Recorded delay of up-or-down markets, which a feed settles without an oracle vote."""


def order_rules(instrument: Instrument) -> tuple[OrderRules, ...]:
    """Rules of an instrument as steps in time, earliest first, the first from the beginning.

    An instrument's own minimum size, size step and settlement timer come before the venue's. An
    unknown venue has no minimum, no delay, cannot amend, reserves and nets.
    """
    timer = instrument.attributes.get("settlement_timer_seconds")
    delay = None if timer is None else int(timer)
    return _with_own(_venue_steps(instrument), max(instrument.min_size, 0), instrument.size_step, delay)


@lru_cache(maxsize=4096)  # half a million contracts have a few dozen rules
def _with_own(
    steps: tuple[OrderRules, ...], min_size: int, size_step: int, timer: int | None
) -> tuple[OrderRules, ...]:
    return tuple(
        replace(
            step,
            min_size=min_size or step.min_size,
            size_step=max(size_step, step.size_step),
            settlement_delay_ns=timer * SECOND if timer is not None else step.settlement_delay_ns,
        )
        for step in steps
    )


def _venue_steps(instrument: Instrument) -> tuple[OrderRules, ...]:
    match instrument.venue:
        case "kalshi":
            quick = (instrument.series or instrument.symbol.partition("-")[0]).endswith("15M")
            return _KALSHI_QUICK if quick else _KALSHI_STEPS
        case "polymarket":
            return _polymarket(instrument)
        case "polymarket_us":
            return (OrderRules(min_size=SIZE_ONE, size_step=SIZE_ONE),)
        case "sim_a":
            return (replace(KALSHI, min_size=HUNDREDTH, size_step=HUNDREDTH, settlement_delay_ns=SECOND),)
        case "sim_b":
            return (
                replace(POLYMARKET, min_size=SIZE_ONE, settlement_delay_ns=POLYMARKET_AUTOMATIC_SETTLEMENT),
            )
        case "cash":
            return (OrderRules(cancels_on_close=False),)
        case _:
            return (OrderRules(),)


def _polymarket(instrument: Instrument) -> tuple[OrderRules, ...]:
    delay = instrument.attributes.get("seconds_delay")
    if delay is not None:
        return (replace(POLYMARKET, taker_delay_ns=int(delay) * SECOND),)
    if is_updown(instrument):
        automatic = replace(POLYMARKET, settlement_delay_ns=POLYMARKET_AUTOMATIC_SETTLEMENT)
        return tuple(replace(automatic, from_ns=at, taker_delay_ns=ns) for at, ns in POLYMARKET_CRYPTO_DELAYS)
    if instrument.category.lower() == "sports":
        return (replace(POLYMARKET, taker_delay_ns=POLYMARKET_SPORTS_DELAY),)
    return (POLYMARKET,)


def is_updown(instrument: Instrument) -> bool:
    """Whether a Polymarket instrument is a crypto up-or-down market, by series, event or symbol."""
    names = (instrument.series, instrument.event, instrument.symbol)
    return any("updown" in name or "up-or-down" in name for name in names)


def rules_at(steps: tuple[OrderRules, ...], ts: int) -> OrderRules:
    """Rules in force at a moment, in nanoseconds."""
    found = steps[0]
    for step in steps:
        if step.from_ns <= ts:
            found = step
    return found
