"""Instruments of Polymarket's up-or-down markets and of the feed they settle on."""

from typing import Any, Final

from ntp.core import SECOND
from ntp.markets.instrument import Instrument, InstrumentKind

CENT_TICKS: Final = ((100, 9_900, 100),)
MIN_SHARES: Final = 5_000_000
"""Smallest limit order on Polymarket's up-or-down markets: 5 shares."""


def updown_instrument(
    slug: str,
    start: int,
    close: int,
    *,
    strike: str | None = None,
    tick_bands: tuple[tuple[int, int, int], ...] = (),
    fee_schedule: dict[str, Any] | None = None,
    attributes: dict[str, Any] | None = None,
) -> Instrument:
    """Instrument of a market that pays if BTC does not end below where its window began.

    Parameters
    ----------
    slug : str
        Name of the market; its stem without the start time is the series.
    start, close : int
        The window, nanoseconds UTC.
    strike : str, optional
        Price at the start of the window.
    tick_bands, fee_schedule, attributes
        As in :class:`~ntp.markets.instrument.Instrument`.
    """
    return Instrument(
        symbol=slug,
        venue="polymarket",
        series=slug.rsplit("-", 1)[0],
        event=slug,
        category="crypto",
        title=f"BTC up or down, {(close - start) // SECOND // 60} minutes",
        tick_bands=tick_bands,
        min_size=MIN_SHARES,
        open_time=start,
        close_time=close,
        strike_type="greater_or_equal",
        strike_low=strike,
        fee_schedule=fee_schedule or {},
        attributes={"source": "chainlink:BTC/USD"} | (attributes or {}),
    )


def chainlink_reference(symbol: str = "BTC/USD") -> Instrument:
    """Instrument of a Chainlink price feed."""
    return Instrument(
        symbol=symbol,
        venue="chainlink",
        kind=InstrumentKind.REFERENCE,
        title=f"Chainlink {symbol}",
        category="crypto",
    )
