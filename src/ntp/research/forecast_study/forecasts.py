"""Forecasts of recorded events at equal steps of time: the fair value, the plain digital, and the market."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ntp.core import SECOND
from ntp.markets import Aggregation
from ntp.pricing import Tails, annual, price_history
from ntp.pricing.tails import NORMAL
from ntp.research.basis import Basis
from ntp.research.forecast_study.events import Floats, RecordedEvent, Recording, Series

STEP: Final = 5
"""Seconds between two forecasts, and between two prices that a return is taken of."""
_HALF_LIFE: Final = 600.0
_PRIOR: Final = 0.5
"""Annual volatility before anything was seen, which counts as five minutes."""
_PRIOR_STEPS: Final = 60.0
_BREAK: Final = 60 * SECOND
"""Age of a price from which a return would be one of the gap."""
_QUOTE_AGE: Final = 15 * SECOND


@dataclass(frozen=True)
class Settings:
    """What forecasts are made with.

    Attributes
    ----------
    half_life : float
        Seconds after which a squared return counts half.
    prior : float
        Annual volatility before anything was seen.
    tails : Tails
        Shape of the fair value.
    """

    half_life: float = _HALF_LIFE
    prior: float = _PRIOR
    tails: Tails = NORMAL


def volatility_of(feed: Series, settings: Settings = Settings()) -> Series:
    """Annual volatility of a feed at every step, from what was seen until then.

    An exponentially weighted mean of squared returns of five seconds, begun with a prior worth five minutes. Returns
    over gaps are left out, and so is a wait: nothing is forgotten while nothing is recorded.
    """
    first, last = int(feed.times[0]), int(feed.times[-1])
    moments = np.arange(first - first % SECOND + STEP * SECOND, last + 1, STEP * SECOND, dtype=np.int64)
    at = np.searchsorted(feed.times, moments, side="right") - 1
    fresh = moments - feed.times[at] <= _BREAK
    moments, prices = moments[fresh], np.log(feed.values[at[fresh]])
    joined = np.diff(moments) == STEP * SECOND
    squares = np.diff(prices)[joined] ** 2
    kept = 0.5 ** (STEP / settings.half_life)
    year = 365.0 * 86_400.0
    weight, total = _PRIOR_STEPS, _PRIOR_STEPS * settings.prior**2 * STEP / year
    means = np.empty(len(squares))
    for number, square in enumerate(squares.tolist()):
        weight, total = kept * weight + 1.0, kept * total + square
        means[number] = total / weight
    return Series(moments[1:][joined], annual(means, STEP))


def forecasts(recording: Recording, settings: Settings = Settings()) -> pl.DataFrame:
    """Forecast every event at every step of its life that the feed covers.

    The basis of the feed is that of the event's own strike, or else the last one that a strike before it told; what it
    may have moved by since is added to the variance.

    Returns
    -------
    polars.DataFrame
        ``event``, ``seconds_left``, ``fair`` (the contract's own rule), ``digital`` (as if it settled on the last
        price), ``mid`` (null where the market has none) and ``outcome``.
    """
    volatilities: dict[int, Series] = {}
    frames = []
    for event in recording.events:
        key = id(event.spot)
        if key not in volatilities:
            volatilities[key] = volatility_of(event.spot, settings)
        mean, sd = _basis_at(event.open_time, recording.basis)
        sd = float(np.hypot(sd, event.strike_error))
        frames.append(_forecast(event, volatilities[key], mean, sd, settings.tails))
    empty = {"event": pl.String, "seconds_left": pl.Int64, "fair": pl.Float64, "digital": pl.Float64,
             "mid": pl.Float64, "outcome": pl.Float64}  # fmt: skip
    return pl.concat(frames) if frames else pl.DataFrame(schema=empty)


def _basis_at(opened: int, basis: Basis | None) -> tuple[float, float]:
    """Last basis that was known when a contract opened, and how far it may be off during its life."""
    if basis is None:
        return 0.0, 0.0
    known = int(np.searchsorted(basis.opening, opened, side="right")) - 1
    if known < 0:
        return 0.0, float(np.hypot(basis.mean, basis.sd))
    drift = basis.change_sd() if basis.opening[known] == opened else None
    return float(basis.difference[known]), basis.sd if drift is None else drift


def _forecast(
    event: RecordedEvent, volatility: Series, basis: float, basis_sd: float, tails: Tails
) -> pl.DataFrame:
    span = (event.close_time - event.open_time) // SECOND
    left = np.arange(span, 0, -STEP, dtype=np.int64)
    moments = event.close_time - left * SECOND
    fair = _every_second(event, volatility, basis, basis_sd, tails)[span - left]
    last = replace(event.spec, observable=replace(event.spec.observable, aggregation=Aggregation.LAST))
    spots = event.spot.at(moments, event.spot.patience)
    sigma = volatility.at(moments, 10 * _BREAK)
    digital = price_history(last, moments, spots, sigma, basis=basis, basis_sd=basis_sd, tails=tails)
    mid = event.mid.at(moments, _QUOTE_AGE)
    known = np.isfinite(fair) & np.isfinite(digital)
    return pl.DataFrame({
        "event": np.full(known.sum(), event.name), "seconds_left": left[known], "fair": fair[known],
        "digital": digital[known], "mid": mid[known], "outcome": np.full(known.sum(), event.outcome),
    }).with_columns(pl.col("event").cast(pl.String), pl.col("mid").fill_nan(None))  # fmt: skip


def _every_second(
    event: RecordedEvent, volatility: Series, basis: float, basis_sd: float, tails: Tails
) -> Floats:
    """Price each second of the event's life, so that every second of the averaging window is seen."""
    seconds: NDArray[np.int64] = np.arange(event.open_time, event.close_time + 1, SECOND, dtype=np.int64)
    return price_history(
        event.spec, seconds, event.spot.at(seconds, event.spot.patience), volatility.at(seconds, 10 * _BREAK),
        basis=basis, basis_sd=basis_sd, max_age_ns=event.spot.patience, tails=tails,
    )
