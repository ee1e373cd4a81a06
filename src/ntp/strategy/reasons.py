"""Reasons to be woken: what of a market must reach Python for a strategy, as bits of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ntp.engine import records as r
from ntp.strategy.wake import Wake

if TYPE_CHECKING:
    from ntp.strategy.declaration import Declaration
    from ntp.strategy.indicators.book import IndicatorBook

_TOKEN_BITS: Final = {
    "best": r.W_BEST, "quote": r.W_QUOTE, "book": r.W_BOOK, "trade": r.W_TRADE, "index": r.W_INDEX,
    "fill": r.W_FILL, "forecast": r.W_PAYLOAD, "game": r.W_PAYLOAD, "custom": r.W_PAYLOAD,
}  # fmt: skip
_CALLBACK_BITS: Final = {
    "on_book": r.W_BOOK, "on_trade": r.W_TRADE, "on_index": r.W_INDEX, "on_fill": r.W_FILL,
    "on_forecast": r.W_PAYLOAD, "on_game": r.W_PAYLOAD, "on_custom": r.W_PAYLOAD, "on_quote": r.W_BEST,
}  # fmt: skip


def token_bits(wake: Wake) -> int:
    """Return the reasons that the tokens of `wake` stand for."""
    bits = 0
    for token in wake.tokens:
        bits |= _TOKEN_BITS.get(token, 0)
    return bits


def wake_mask(declared: Declaration, indicators: IndicatorBook, spans: tuple[int, ...]) -> int:
    """Return everything that has to reach Python: for callbacks, or because something is kept of it.

    Parameters
    ----------
    declared : Declaration
        Of the strategy.
    indicators : IndicatorBook
        Its indicators.
    spans : tuple of int
        Durations of bars that are kept.
    """
    mask = r.W_STATE | r.W_SETTLED | token_bits(declared.wake)
    for name in declared.callbacks:
        mask |= _CALLBACK_BITS.get(name, 0)
    reads = declared.reads
    if spans or "history" in reads or indicators.samples_views:
        mask |= r.W_BEST | r.W_TRADE
    of_inputs = bool(declared.inputs) and not reads.isdisjoint(("history", "bars"))
    if of_inputs or "observed" in reads or indicators.samples_inputs:
        mask |= r.W_INDEX
    custom = any((each.on or "").startswith("x_") for each in declared.indicators.values())
    if custom or not reads.isdisjoint(("custom_fields", "forecasts")):
        mask |= r.W_PAYLOAD
    return mask
