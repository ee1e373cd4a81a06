"""Contracts of a simulated recording: their claims, names and instruments."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ntp.core import SECOND, format_duration, parse_duration, to_datetime
from ntp.data.simulator.config import SimulatorConfig
from ntp.data.simulator.fair import WindowLaw
from ntp.data.simulator.grid import VENUES, bands_of
from ntp.data.simulator.path import SpotPath, settlement_cents
from ntp.markets.instrument import Instrument, InstrumentKind

UNDERLYING: Final = "SIMBTC-RTI"
"""Symbol of the published index."""
INDEX_VENUE: Final = "sim_index"
NICE_WIDTHS: Final = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1_000, 2_000, 2_500, 5_000, 10_000, 25_000)
MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim on the settlement value, whatever the venue.

    Attributes
    ----------
    slot : int
        Which event in time.
    open_time, close_time : int
        Life of the contract.
    low, high : int or None
        The claim pays where ``low <= value < high``, in cents; None is unbounded.
    is_bracket : bool
        Whether it belongs to the bracket event.
    fair, speed : ndarray
        True probability, and the standard deviation of its change over a second, on the grid.
    value : int
        Settlement value in cents.
    """

    slot: int
    open_time: int
    close_time: int
    low: int | None
    high: int | None
    is_bracket: bool
    fair: NDArray[np.float64]
    speed: NDArray[np.float64]
    value: int

    @property
    def pays(self) -> bool:
        """Whether the claim came true."""
        return (self.low is None or self.value >= self.low) and (self.high is None or self.value < self.high)


def claims_of(config: SimulatorConfig, path: SpotPath) -> list[Claim]:
    """Claims of all slots: the up/down claim first, then the brackets from low to high."""
    claims: list[Claim] = []
    for slot in range(config.events):
        opened = config.start_ns + slot * config.every_ns
        claims += _claims_of_slot(config, path, slot, opened, opened + config.duration_ns)
    return claims


def _claims_of_slot(
    config: SimulatorConfig, path: SpotPath, slot: int, opened: int, closed: int
) -> list[Claim]:
    law = WindowLaw(path, opened, closed, config.averaging)
    value = settlement_cents(path, closed, config.averaging)
    strike = settlement_cents(path, opened, config.averaging)
    above = law.at_least(strike)
    claims = [
        Claim(slot, opened, closed, strike, None, False, above.chance, above.density * law.volatility, value),
    ]
    bounds = bracket_bounds(config, int(path.published[path.at(opened) // path.interval]))
    upper = [law.at_least(bound) for bound in bounds]
    chances = [np.ones_like(above.chance), *(u.chance for u in upper), np.zeros_like(above.chance)]
    densities = [np.zeros_like(above.chance), *(u.density for u in upper), np.zeros_like(above.chance)]
    edges = [None, *bounds, None]
    for i in range(config.brackets):
        fair = np.maximum(chances[i] - chances[i + 1], 0.0)
        speed = np.abs(densities[i] - densities[i + 1]) * law.volatility
        claims.append(Claim(slot, opened, closed, edges[i], edges[i + 1], True, fair, speed, value))
    return claims


def bracket_bounds(config: SimulatorConfig, price: int) -> list[int]:
    """Bounds between the brackets of a slot in cents, around a price.

    A bracket is about eight tenths of a standard deviation of the move until the close wide,
    rounded to a round number of dollars.
    """
    seconds = config.duration_ns / SECOND
    move = config.sigma * config.spot * (seconds / (365 * 86_400)) ** 0.5
    width = 100 * min(NICE_WIDTHS, key=lambda w: abs(w - 0.8 * move))
    middle = price // width * width
    first = -((config.brackets - 2) // 2)
    return [middle + (first + i) * width for i in range(config.brackets - 1)]


def instrument_of(config: SimulatorConfig, claim: Claim, venue: str) -> Instrument:
    """Instrument of a claim at a venue, with all attributes of a recording."""
    close = to_datetime(claim.close_time)
    series, event, symbol = (_kalshi_names if venue == "sim_a" else _polymarket_names)(config, claim, close)
    profile = VENUES[venue]
    low, high = _dollars(claim.low), _dollars(claim.high)
    kind = "greater_or_equal" if claim.high is None else "less" if claim.low is None else "between"
    if kind == "between" and claim.high is not None:
        high = _dollars(claim.high - 1)
    return Instrument(
        symbol=symbol, venue=venue, series=series, event=event, title=_title(claim, close),
        tick_bands=bands_of(profile, tapered=config.tapered), size_step=10_000, min_size=profile.min_size,
        open_time=claim.open_time, close_time=claim.close_time,
        strike_type=kind, strike_low=low, strike_high=high,
        group="brackets" if claim.is_bracket else "updown", category="crypto",
        known_at=claim.open_time, attributes=_attributes(config, claim),
    )


def index_instrument(config: SimulatorConfig) -> Instrument:
    """Instrument of the published index."""
    return Instrument(
        symbol=UNDERLYING, venue=INDEX_VENUE, kind=InstrumentKind.REFERENCE, title="Simulated bitcoin index",
        price_scale=2, category="crypto", known_at=config.start_ns,
        attributes={"interval_ns": config.interval_ns},
    )


def _attributes(config: SimulatorConfig, claim: Claim) -> dict[str, Any]:
    return {
        "underlying": UNDERLYING,
        "mutually_exclusive": claim.is_bracket,
        "exhaustive": claim.is_bracket,
        "settlement": {
            "source": f"{INDEX_VENUE}:{UNDERLYING}",
            "aggregation": "mean" if claim.is_bracket else "mean_against_mean",
            "window": format_duration(config.averaging * config.interval_ns),
            "observations": config.averaging,
            "step": "0.01",
            "mode": "half_up",
        },
    }


def _kalshi_names(config: SimulatorConfig, claim: Claim, close: datetime) -> tuple[str, str, str]:
    day = f"{close:%y}{MONTHS[close.month - 1]}{close:%d%H%M}"
    length = format_duration(config.duration_ns).upper()
    if not claim.is_bracket:
        series = f"SIMBTC{length}"
        return series, f"{series}-{day}", f"{series}-{day}-{close:%M}"
    event = f"SIMBTC-{day}"
    return "SIMBTC", event, f"{event}-{_strike_label(claim)}"


def _polymarket_names(config: SimulatorConfig, claim: Claim, close: datetime) -> tuple[str, str, str]:
    length = format_duration(config.duration_ns)
    opened = claim.open_time // SECOND
    if not claim.is_bracket:
        series = f"simbtc-updown-{length}"
        return series, f"{series}-{opened}", f"{series}-{opened}"
    event = f"simbtc-range-{opened}"
    return "simbtc-range", event, f"{event}-{_strike_label(claim).lower()}"


def _strike_label(claim: Claim) -> str:
    if claim.low is None and claim.high is not None:
        return f"U{claim.high // 100}"
    if claim.high is None and claim.low is not None:
        return f"T{claim.low // 100}"
    middle = ((claim.low or 0) + (claim.high or 0)) // 2
    return f"B{middle // 100}" if middle % 100 == 0 else f"B{middle / 100:.1f}"


def _title(claim: Claim, close: datetime) -> str:
    when = f"{close:%Y-%m-%d %H:%M} UTC"
    if claim.low is None:
        return f"Bitcoin below {_dollars(claim.high)} at {when}"
    if claim.high is None:
        return f"Bitcoin at or above {_dollars(claim.low)} at {when}"
    return f"Bitcoin from {_dollars(claim.low)} to {_dollars(claim.high - 1)} at {when}"


def _dollars(cents: int | None) -> str | None:
    return None if cents is None else f"{cents // 100}.{cents % 100:02d}"


def settled_at(config: SimulatorConfig, claim: Claim) -> tuple[int, int]:
    """Give the times at which a claim's result is known and its cash moves."""
    decided = claim.close_time + parse_duration(config.determined_after)
    return decided, claim.close_time + parse_duration(config.settled_after)

