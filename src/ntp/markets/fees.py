"""Fees of an instrument as a step function of date, series, role and override."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from ntp.core import ConfigError, suggest
from ntp.markets.dates import day_ns
from ntp.markets.fee_model import FeeModel, FeeRounding, FeeStep
from ntp.markets.instrument import Instrument
from ntp.markets.kalshi_fees import FeeChange, kalshi_fee_steps
from ntp.markets.polymarket_fees import US_STEPS, polymarket_fee_steps

MANIFOLD_STEPS: Final = (
    FeeStep(model=FeeModel.ZERO),
    FeeStep(
        from_ns=day_ns(2024, 4, 16, 18, 32),
        model=FeeModel.QUADRATIC,
        taker_rate=70_000,
        rounding=FeeRounding.EXACT6,
    ),
    FeeStep(from_ns=day_ns(2025, 1, 1), model=FeeModel.ZERO),
)
"""Manifold charged 0.07 for a part of 2024; the day of its end is not known, the year's end is taken."""

SIM_A_STEPS: Final = (
    FeeStep(
        model=FeeModel.QUADRATIC,
        taker_rate=70_000,
        maker_rate=17_500,
        rounding=FeeRounding.KALSHI_ACCUMULATOR,
    ),
)
SIM_B_STEPS: Final = (
    FeeStep(
        model=FeeModel.QUADRATIC,
        taker_rate=70_000,
        rounding=FeeRounding.POLYMARKET_FLOOR5,
        rebate_rate=200_000,
    ),
)

VENUES: Final = ("cash", "kalshi", "manifold", "polymarket", "polymarket_us", "sim_a", "sim_b")
"""Venues whose fees are known; the ``sim`` ones are those of the simulator."""
_MISSPELT: Final = 0.75
"""Likeness of two names from which one is taken for a slip of the other."""


def check_venue(name: str, where: str, *, observed: bool = False) -> str:
    """Refuse the name of a venue whose fees are not known; none at all is allowed.

    Parameters
    ----------
    name : str
        The venue.
    where : str
        What named it, for the error.
    observed : bool
        Whether it may be that of a feed, which has any name; only one that looks misspelt is refused.

    Raises
    ------
    ConfigError
        ``unknown_venue``, with a suggestion.
    """
    if name and name not in VENUES and (not observed or get_close_matches(name, VENUES, cutoff=_MISSPELT)):
        hint = suggest(name, VENUES)
        if not hint.startswith("did you mean"):
            hint += "; leave it out for any other, whose fees are unknown"
        raise ConfigError(
            f"expected a venue whose fees are known for {where}, was {name!r}",
            code="unknown_venue",
            hint=hint,
            details={"venue": name},
        )
    return name


def fee_steps(
    instrument: Instrument, *, precision_class: str = "direct", changes: Sequence[FeeChange] = ()
) -> tuple[FeeStep, ...]:
    """Fee steps of an instrument, earliest first, the first from the beginning.

    Parameters
    ----------
    instrument : Instrument
        Its venue, series, event, category and fee schedule decide.
    precision_class : str
        ``direct`` or ``non_direct``: property of the account at Kalshi.
    changes : sequence of FeeChange
        Log of Kalshi's fee changes.

    Returns
    -------
    tuple of FeeStep
        One step of model ``UNKNOWN`` where the venue is empty or its fees are not known.

    Raises
    ------
    DataError
        If a stated fee type or schedule is not one that can be computed.
    """
    match instrument.venue:
        case "kalshi":
            return kalshi_fee_steps(instrument, precision_class=precision_class, changes=changes)
        case "polymarket":
            return polymarket_fee_steps(instrument)
        case "polymarket_us":
            return US_STEPS
        case "manifold":
            return MANIFOLD_STEPS
        case "cash":
            return (FeeStep(model=FeeModel.ZERO),)
        case "sim_a":
            return SIM_A_STEPS
        case "sim_b":
            return SIM_B_STEPS
        case _:
            return (FeeStep(model=FeeModel.UNKNOWN),)


def fee_at(steps: Sequence[FeeStep], ts: int) -> FeeStep:
    """Step in force at a moment, in nanoseconds."""
    found = steps[0]
    for step in steps:
        if step.from_ns <= ts:
            found = step
    return found
