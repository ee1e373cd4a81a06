"""Recorded up-or-down events: their strike and result, the price of their coin and the market's own price."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ntp.core import PRICE_ONE, SECOND, DataError
from ntp.data import Dataset, Kind
from ntp.data.schema import BOOK_SET
from ntp.markets import (
    Aggregation,
    Comparison,
    Instrument,
    InstrumentKind,
    Observable,
    Observed,
    SettlementSpec,
    settlement_of,
)
from ntp.research.basis import Basis, measure_basis

Times = NDArray[np.int64]
Floats = NDArray[np.float64]
_WON: Final = 1_000_000
_ON_TIME: Final = 5 * SECOND
"""Age until which a price is that of a second."""
_SPARSE: Final = 60 * SECOND
"""The same of a feed that was polled now and then."""
_ROUGH: Final = 120 * SECOND
_ROUGH_ERROR: Final = 1e-3
"""Age up to which a price stands for an opening mean, and its relative error: a minute and a half at 60 % a year."""
_WIDE: Final = 0.10
"""Distance of the best prices above which their middle is no price."""
_LAST_WORD: Final = 60 * SECOND
_SURE: Final = 0.45
"""Seconds before the close in which a market's last price counts, and its distance from a half."""
Told = tuple[float, str]
_DOUBT: Final = 1e-4
"""Relative distance of the closing price from the opening one below which a feed does not decide a result."""


@dataclass(frozen=True, eq=False)
class Series:
    """Values that hold from their time on.

    Attributes
    ----------
    times : ndarray of int64
        Rising.
    values : ndarray of float64
        One for each.
    """

    times: Times
    values: Floats

    def at(self, moments: Times, max_age: int) -> Floats:
        """Last value at or before each moment, NaN where there is none or it is older than `max_age`."""
        if not len(self.times):
            return np.full(len(moments), np.nan)
        last = np.searchsorted(self.times, moments, side="right") - 1
        fresh = (last >= 0) & (moments - self.times[last] <= max_age)
        return np.where(fresh, self.values[last], np.nan)

    def mean_before(self, end: int, seconds: int) -> float:
        """Mean of the last `seconds` values, one a second up to `end`; NaN where one is missing."""
        moments = end - np.arange(seconds - 1, -1, -1, dtype=np.int64) * SECOND
        return float(np.mean(self.at(moments, self.patience)))

    @property
    def patience(self) -> int:
        """Age until which a value holds: five seconds, or a minute where values are further apart than that."""
        spacing = float(np.median(np.diff(self.times))) if len(self.times) > 1 else 0.0
        return _ON_TIME if spacing <= _ON_TIME else _SPARSE


@dataclass(frozen=True, eq=False)
class RecordedEvent:
    """One up-or-down contract as it was recorded.

    Attributes
    ----------
    name : str
        Symbol of the contract.
    spec : SettlementSpec
        Its rule, with its strike.
    open_time, close_time : int
        Nanoseconds UTC.
    outcome : float
        1 where it paid.
    spot, mid : Series
        The feed's price, and the middle of the market's best prices.
    own_strike : bool
        Whether the venue told the strike; otherwise it is what the feed said at the open.
    strike_error : float
        Standard error of a strike that the feed told only roughly, in dollars.
    result_by : str
        Who told the result: ``venue``, ``next strike``, ``feed``, or ``market``, where its last price left no doubt;
        the last kind favours the market.
    """

    name: str
    spec: SettlementSpec
    open_time: int
    close_time: int
    outcome: float
    spot: Series
    mid: Series
    own_strike: bool = True
    strike_error: float = 0.0
    result_by: str = "venue"


@dataclass(frozen=True, eq=False)
class Recording:
    """Events of one data set.

    Attributes
    ----------
    name : str
        Of the data set.
    events : tuple of RecordedEvent
        In order of their close.
    left_out : dict of str to int
        Contracts that cannot be scored, by reason.
    basis : Basis or None
        Of the feed to the index that settles; None where no strike tells it.
    """

    name: str
    events: tuple[RecordedEvent, ...]
    left_out: Mapping[str, int]
    basis: Basis | None = None


def recorded_events(dataset: Dataset) -> Recording:
    """Collect the events of a data set that have a strike, a result and a feed.

    What was not recorded is worked out where that is beyond doubt: a result from the strike of the contract that
    follows at once, which is the mean this one settled on, or from the feed that a contract settles on, if that ended
    clearly on one side; a strike from the feed at the open.
    """
    contracts, feeds = _contracts(dataset), _feeds(dataset)
    results = _results(dataset)
    results |= _from_next(contracts, results)
    mids = dict(_mids(dataset))
    nothing = Series(np.empty(0, np.int64), np.empty(0))
    found: list[RecordedEvent] = []
    left_out: Counter[str] = Counter()
    for contract in contracts:
        feed = _feed_of(contract, feeds)
        known = contract.strike_low is not None
        strike, error = (contract.strike_low, 0.0) if known or feed is None else _opening(contract, feed)
        mid = mids.get(contract.symbol, nothing)
        told = results.get(contract.symbol)
        if told is None and feed is not None and strike is not None:
            told = _from_feed(contract, feed, float(strike)) or _from_market(contract, mid)
        if feed is None or strike is None or told is None:
            left_out["no feed" if feed is None else "no strike" if strike is None else "no result"] += 1
            continue
        spec = settlement_of(replace(contract, strike_low=strike))
        opened, closed = contract.open_time or 0, contract.close_time or 0
        found.append(RecordedEvent(
            contract.symbol, spec, opened, closed, told[0], feed, mid, known, error, told[1],
        ))  # fmt: skip
    return Recording(dataset.name, tuple(found), dict(left_out), _basis(dataset, list(feeds)))


def _basis(dataset: Dataset, feeds: list[str]) -> Basis | None:
    """Measure the basis of the only feed, where strikes tell it."""
    if len(feeds) != 1:
        return None
    try:
        return measure_basis(dataset, feeds[0])
    except DataError as error:
        if error.code != "no_basis":
            raise
        return None


def replayed_events(name: str, feed: Series, period: int, window: int = 60) -> Recording:
    """Play a rule on a recorded price: the mean at the end of each period against that before its beginning.

    Parameters
    ----------
    name : str
        What the events are called.
    feed : Series
        One price a second.
    period, window : int
        Seconds.
    """
    first = int(feed.times[0]) // (period * SECOND) + 1
    last = int(feed.times[-1]) // (period * SECOND)
    found: list[RecordedEvent] = []
    missed = 0
    for number in range(first, last):
        opened, closed = number * period * SECOND, (number + 1) * period * SECOND
        before, after = feed.mean_before(opened, window), feed.mean_before(closed, window)
        if not np.isfinite(before + after):
            missed += 1
            continue
        observable = Observable(
            source=name, aggregation=Aggregation.MEAN_AGAINST_MEAN, window_ns=window * SECOND, at_ns=closed,
            step=Decimal("0.01"),
        )
        low = Decimal(before).quantize(Decimal("0.01"))
        spec = SettlementSpec(observable=observable, comparison=Comparison.GREATER_OR_EQUAL, low=low)
        outcome = float(spec.payoff(Observed(Decimal(after))) or 0)
        nothing = Series(np.empty(0, np.int64), np.empty(0))
        found.append(RecordedEvent(f"{name}-{opened // SECOND}", spec, opened, closed, outcome, feed, nothing,
                                   own_strike=False, result_by="feed"))  # fmt: skip
    return Recording(name, tuple(found), {"gap of the feed": missed} if missed else {})


def _opening(contract: Instrument, feed: Series) -> tuple[str | None, float]:
    """Price that a contract compares with, as the feed told it, and its standard error.

    Where the feed misses seconds of the opening mean, its last price of the two minutes before is a rough one.
    """
    error = 0.0
    opened = contract.open_time or 0
    observable = settlement_of(replace(contract, strike_low="0")).observable
    if observable.aggregation is Aggregation.MEAN_AGAINST_MEAN:
        value = feed.mean_before(opened, observable.window_ns // SECOND)
        if not np.isfinite(value):
            value = float(feed.at(np.array([opened]), _ROUGH)[0])
            error = value * _ROUGH_ERROR
    else:
        value = float(feed.at(np.array([opened + feed.patience]), 2 * feed.patience)[0])
    return (f"{value:.8f}", error) if np.isfinite(value) else (None, 0.0)


def _from_market(contract: Instrument, mid: Series) -> Told | None:
    """Tell a result that the market's last price leaves no doubt of."""
    last = float(mid.at(np.array([contract.close_time or 0]), _LAST_WORD)[0])
    return None if not abs(last - 0.5) > _SURE else (float(last > 0.5), "market")


def _from_feed(contract: Instrument, feed: Series, strike: float) -> Told | None:
    """Tell a result of a contract on the last price of this very feed, None where it ended close to the strike."""
    observable = settlement_of(replace(contract, strike_low=f"{strike:.8f}")).observable
    if observable.aggregation is not Aggregation.LAST:
        return None
    value = float(feed.at(np.array([contract.close_time or 0]), feed.patience)[0])
    if not abs(value / strike - 1.0) > _DOUBT:
        return None
    return float(value > strike), "feed"


def _contracts(dataset: Dataset) -> list[Instrument]:
    """Up-or-down contracts, each once, in order of their close."""
    last = {
        each.symbol: each for each in dataset.instruments()
        if each.kind is InstrumentKind.CONTRACT and each.close_time is not None and each.open_time is not None
        and each.strike_type == "greater_or_equal"
    }  # fmt: skip
    return sorted(last.values(), key=lambda each: (each.close_time or 0, each.symbol))


def _results(dataset: Dataset) -> dict[str, Told]:
    rows = dataset.frame(Kind.SETTLEMENT).filter(pl.col("value").is_in((0, _WON)))
    return {symbol: (value / _WON, "venue") for symbol, value in rows.select("symbol", "value").iter_rows()}


def _from_next(contracts: list[Instrument], known: Mapping[str, Told]) -> dict[str, Told]:
    """Results that the strike of the following contract of the same series tells."""
    opening = {(each.series, each.open_time): each for each in contracts if each.strike_low is not None}
    found = {}
    for each in contracts:
        after = opening.get((each.series, each.close_time))
        if each.symbol in known or each.strike_low is None or after is None or each.venue != "kalshi":
            continue
        paid = settlement_of(each).payoff(Observed(Decimal(after.strike_low or 0)))
        found[each.symbol] = (float(paid or 0), "next strike")
    return found


def _feeds(dataset: Dataset) -> dict[str, Series]:
    frame = dataset.frame(Kind.INDEX).sort("ts_event", maintain_order=True)
    return {
        str(symbol): Series(part["ts_event"].to_numpy(), part["value"].to_numpy())
        for (symbol,), part in frame.group_by("symbol", maintain_order=True)
    }


def _feed_of(contract: Instrument, feeds: Mapping[str, Series]) -> Series | None:
    source = settlement_of(replace(contract, strike_low=contract.strike_low or "0")).observable.source
    coin = source.partition(":")[2]
    wanted = "BTC" if coin == "BRTI" else coin.partition("USD")[0].rstrip("/")
    return next((feed for name, feed in feeds.items() if name.replace("/", "-").startswith(f"{wanted}-")), None)


def _mids(dataset: Dataset) -> Iterator[tuple[str, Series]]:
    """Middle of the best prices of each contract: of its quotes, else of the images of its book."""
    quotes = dataset.frame(Kind.QUOTE).select("ts_event", "symbol", "bid", "ask")
    if not quotes.height:
        quotes = (
            dataset.frame(Kind.BOOK).filter(pl.col("action") == BOOK_SET)
            .group_by("ts_event", "symbol", maintain_order=True)
            .agg(bid=pl.col("price").filter(pl.col("side") == 1).max(),
                 ask=pl.col("price").filter(pl.col("side") == -1).min())
        )  # fmt: skip
    # an empty side is a best price of 0 or 1 dollar, which says something where the other side is near it
    best = quotes.filter(pl.col("bid").is_not_null() | pl.col("ask").is_not_null()).with_columns(
        bid=pl.col("bid").fill_null(0), ask=pl.col("ask").fill_null(PRICE_ONE)
    )
    near = best.filter((pl.col("bid") < pl.col("ask")) & (pl.col("ask") - pl.col("bid") <= _WIDE * PRICE_ONE))
    middle = near.with_columns(mid=(pl.col("bid") + pl.col("ask")) / (2 * PRICE_ONE)).sort("ts_event")
    for (symbol,), part in middle.group_by("symbol", maintain_order=True):
        yield str(symbol), Series(part["ts_event"].to_numpy(), part["mid"].to_numpy())
