"""Instruments: what rows of a data set are about."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ntp.core import PRICE_SCALE


class InstrumentKind(StrEnum):
    """What an instrument is."""

    CONTRACT = "contract"
    """Claim on an observable, priced 0 to 1 dollar."""
    ASSET = "asset"
    """Anything with a price scale of its own; traded on the cash venue only."""
    REFERENCE = "reference"
    """Index, forecast or game feed: observed, never traded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """Attributes of one instrument as they stood at `known_at`.

    Attributes
    ----------
    symbol : str
        Name at the venue; unique together with `venue`.
    venue : str
        ``kalshi``, ``polymarket``, ``polymarket_us``, ``manifold``, ``cash`` or a simulated one;
        empty where fees and rules are unknown.
    kind : InstrumentKind
        What it is.
    series, event : str
        The contract's series and event, empty where unknown.
    title : str
        What people read.
    price_scale : int
        Power of ten of its price unit; 4 for contracts.
    tick_bands : tuple of (int, int, int)
        Grid as (start, end, step) in price units; empty where unknown (then 0.01 dollar for
        contracts, one price unit for assets).
    size_step : int
        Smallest step of an order's size in 0.000001 contract.
    min_size : int
        Smallest order in 0.000001 contract.
    open_time, close_time : int or None
        Nanoseconds UTC; None where unknown.
    strike_type : str
        ``greater``, ``greater_or_equal``, ``less``, ``less_or_equal``, ``between``, ``structured``,
        ``custom``, ``functional`` or empty.
    strike_low, strike_high : str or None
        Floor and cap as exact decimal text.
    group : str
        Outcome group within the event; empty where unknown.
    category : str
        Fee and report category, for example ``crypto`` or ``weather``.
    fee_schedule : dict
        What the venue said of the fee: on Polymarket the market's ``feeSchedule`` object; empty
        where the venue's dated schedule holds.
    known_at : int or None
        When these attributes were known; None where the archive gives only the final row, which
        stamps results ``not_point_in_time``.
    attributes : dict
        Other JSON values of the venue's record.
    """

    symbol: str
    venue: str
    kind: InstrumentKind = InstrumentKind.CONTRACT
    series: str = ""
    event: str = ""
    title: str = ""
    price_scale: int = PRICE_SCALE
    tick_bands: tuple[tuple[int, int, int], ...] = ()
    size_step: int = 1
    min_size: int = 0
    open_time: int | None = None
    close_time: int | None = None
    strike_type: str = ""
    strike_low: str | None = None
    strike_high: str | None = None
    group: str = ""
    category: str = ""
    fee_schedule: dict[str, Any] = field(default_factory=dict)
    known_at: int | None = None
    attributes: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """``venue:symbol``."""
        return f"{self.venue}:{self.symbol}"
