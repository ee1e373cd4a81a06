"""Polymarket's fees: the market's own schedule, else categories by date of creation.

Sources: the venue's documentation of 2026 and its market records; the formula and its rounding are
confirmed by on-chain fills.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from ntp.core import DataError, to_units
from ntp.markets.dates import day_ns
from ntp.markets.fee_model import FeeModel, FeeRounding, FeeStep
from ntp.markets.instrument import Instrument
from ntp.markets.rules import is_updown

FIRST_FEES: Final = day_ns(2026, 1, 5)
FIVE_MINUTES: Final = day_ns(2026, 2, 12)
COLLEGE_AND_SERIE_A: Final = day_ns(2026, 2, 18)
ALL_CRYPTO: Final = day_ns(2026, 3, 6)
CATEGORIES_START: Final = day_ns(2026, 3, 30)
SPORTS_RAISED: Final = day_ns(2026, 7, 10)

CATEGORIES: Final[Mapping[str, tuple[int, int]]] = {
    "crypto": (70_000, 200_000),
    "sports": (50_000, 150_000),
    "finance": (40_000, 250_000),
    "politics": (40_000, 250_000),
    "mentions": (40_000, 250_000),
    "tech": (40_000, 250_000),
    "economics": (50_000, 250_000),
    "culture": (50_000, 250_000),
    "weather": (50_000, 250_000),
    "other": (50_000, 250_000),
    "geopolitics": (0, 0),
}
"""Taker rate and maker rebate share, in 0.000001, of markets created since 30 March 2026; sports at
the rate since 10 July."""

SPORTS_BEFORE_RAISE: Final = (30_000, 250_000)
FREE_TYPES: Final = frozenset({"zero_fees"})
_ZERO: Final = FeeStep(model=FeeModel.ZERO)
_UNKNOWN: Final = FeeStep(model=FeeModel.UNKNOWN)

US_STEPS: Final = tuple(
    FeeStep(
        from_ns=at,
        model=FeeModel.QUADRATIC,
        taker_rate=rate,
        maker_rate=-12_500,
        rounding=FeeRounding.BANKERS_CENT,
    )
    for at, rate in ((0, 50_000), (day_ns(2026, 7, 1), 60_000), (day_ns(2026, 9, 17), 69_500))
)
"""Polymarket US: the taker's rate by date, makers are paid 0.0125 * C * P(1 - P)."""


def _quadratic(rate: int, rebate: int, *, exponent: int = 1, maker: int = 0) -> FeeStep:
    if not rate and not maker:
        return _ZERO
    return FeeStep(
        model=FeeModel.QUADRATIC,
        taker_rate=rate,
        maker_rate=maker,
        exponent=exponent,
        rounding=FeeRounding.POLYMARKET_FLOOR5,
        rebate_rate=rebate,
    )


def schedule_step(schedule: Mapping[str, Any]) -> FeeStep:
    """Fee step of a market's `feeSchedule` object, or of the compact `fd` of the order book service.

    Raises
    ------
    DataError
        If a key is unknown, the rate is missing or a value is not a number of the expected kind.
    """
    names = {"r": "rate", "e": "exponent", "to": "takerOnly"}
    values = {names.get(key, key): value for key, value in schedule.items()}
    unknown = set(values) - {"rate", "exponent", "takerOnly", "rebateRate"}
    if unknown or "rate" not in values:
        raise DataError(
            f"expected rate, exponent, takerOnly and rebateRate in a fee schedule, was {sorted(schedule)}",
            code="unknown_fee",
            details={"fee_schedule": dict(schedule)},
        )
    try:
        exponent = Decimal(str(values.get("exponent", 1)))
        rate, rebate = (_rate(values.get(key, 0), key) for key in ("rate", "rebateRate"))
    except InvalidOperation as error:
        raise DataError(
            f"expected numbers in a fee schedule, was {dict(schedule)}", code="unknown_fee"
        ) from error
    if exponent not in (1, 2):
        raise DataError(f"expected a fee exponent of 1 or 2, was {exponent}", code="unknown_fee")
    maker = 0 if values.get("takerOnly", True) else rate
    return _quadratic(rate, rebate, exponent=int(exponent), maker=maker)


def _rate(value: Any, what: str) -> int:
    rate = to_units(Decimal(str(value)), 6, what=what)
    if rate < 0:
        raise DataError(f"expected {what} of 0 or more, was {value}", code="unknown_fee")
    return rate


def polymarket_fee_steps(instrument: Instrument) -> tuple[FeeStep, ...]:
    """Fee steps of a Polymarket contract: one, because a market keeps what it was created with.

    The `feeSchedule` object wins, then `feesEnabled` being false, then the category's table at the
    date of creation (attribute ``created_time`` in nanoseconds, else the open time). Without a
    category or a date the fee is unknown.
    """
    if instrument.fee_schedule:
        return (schedule_step(instrument.fee_schedule),)
    attributes = instrument.attributes
    if attributes.get("feesEnabled") is False or attributes.get("feeType") in FREE_TYPES:
        return (_ZERO,)
    created = attributes.get("created_time", instrument.open_time)
    category = instrument.category.lower() or ("crypto" if is_updown(instrument) else "")
    if category == "geopolitics":
        return (_ZERO,)
    if created is None:
        return (_UNKNOWN,)
    return (_by_date(instrument, category, int(created)),)


def _by_date(instrument: Instrument, category: str, created: int) -> FeeStep:
    if created < FIRST_FEES:
        return _ZERO
    if created >= CATEGORIES_START:
        if category == "sports" and created < SPORTS_RAISED:
            return _quadratic(*SPORTS_BEFORE_RAISE)
        known = CATEGORIES.get(category)
        return _UNKNOWN if known is None else _quadratic(*known)
    if not category:
        return _UNKNOWN
    if category == "crypto":
        names = f"{instrument.symbol} {instrument.series} {instrument.event}"
        charged = created >= ALL_CRYPTO or "-15m" in names or (created >= FIVE_MINUTES and "-5m" in names)
        return _quadratic(250_000, 200_000, exponent=2) if charged else _ZERO
    league = f"{instrument.symbol} {instrument.series} {instrument.event}".lower()
    if created >= COLLEGE_AND_SERIE_A and any(name in league for name in ("ncaab", "cbb", "serie-a", "sea-")):
        return _quadratic(17_500, 250_000)
    return _ZERO
