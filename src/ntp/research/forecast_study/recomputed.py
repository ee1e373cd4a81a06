"""Official results against the settlement rule, executed on the value that settled."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
import polars as pl

from ntp.core import SECOND
from ntp.data import Dataset, Kind
from ntp.markets import Aggregation, Instrument, InstrumentKind, Observed, settlement_of

_WON = 1_000_000


@dataclass(frozen=True)
class Recomputed:
    """How many official results the rule gives again.

    Attributes
    ----------
    official : int
        Results that the venue told.
    recomputed : int
        Those of them whose settlement value is known.
    wrong : tuple of str
        Contracts that the rule settles otherwise.
    """

    official: int
    recomputed: int
    wrong: tuple[str, ...]


def recomputed_results(dataset: Dataset, official: Mapping[str, float] | None = None) -> Recomputed:
    """Execute the rule of every contract whose settlement value is known.

    The mean that a Kalshi contract settles on is the strike of the one that follows at once; a contract on the last
    price of a feed settles on the feed's value at its close.

    Parameters
    ----------
    dataset : Dataset
        With contracts, and the feed they settle on.
    official : mapping of str to float, optional
        Results by symbol, by default those of the data set.
    """
    told = _official(dataset) if official is None else official
    contracts = {each.symbol: each for each in dataset.instruments() if each.kind is InstrumentKind.CONTRACT}
    values = _settlement_values(dataset, contracts)
    wrong, count = [], 0
    for symbol, result in told.items():
        contract = contracts.get(symbol)
        if contract is None or contract.strike_low is None or symbol not in values:
            continue
        count += 1
        if float(settlement_of(contract).payoff(Observed(values[symbol])) or 0) != result:
            wrong.append(symbol)
    return Recomputed(len(told), count, tuple(sorted(wrong)))


def _official(dataset: Dataset) -> dict[str, float]:
    rows = dataset.frame(Kind.SETTLEMENT).filter(pl.col("value").is_in((0, _WON)))
    return {symbol: value / _WON for symbol, value in rows.select("symbol", "value").iter_rows()}


def _settlement_values(dataset: Dataset, contracts: Mapping[str, Instrument]) -> dict[str, Decimal]:
    opening = {
        (each.venue, each.series, each.open_time): each.strike_low
        for each in contracts.values() if each.strike_low is not None and each.open_time is not None
    }
    index = dataset.frame(Kind.INDEX).sort("ts_event", maintain_order=True)
    times, prices = index["ts_event"].to_numpy(), index["value"].to_numpy()
    single = index["symbol"].n_unique() == 1
    found: dict[str, Decimal] = {}
    for symbol, contract in contracts.items():
        if contract.close_time is None:
            continue
        known = settlement_of(replace(contract, strike_low=contract.strike_low or "0")).observable
        follows = opening.get((contract.venue, contract.series, contract.close_time))
        if known.aggregation is Aggregation.MEAN_AGAINST_MEAN and follows is not None:
            found[symbol] = Decimal(follows)
        elif known.aggregation is Aggregation.LAST and single:
            at = int(np.searchsorted(times, contract.close_time, side="right")) - 1
            if at >= 0 and contract.close_time - times[at] < SECOND:
                found[symbol] = Decimal(repr(float(prices[at])))
    return found
