"""What fair values cost: beside scipy's normal distribution alone, and beside QuantLib called for each option.

``python -m benchmarks.pricing`` runs both sides in turns in one process and prints one JSON document; times are CPU
seconds, of which the least of the rounds counts.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from decimal import Decimal

import numpy as np
import QuantLib
from scipy.special import ndtr

from ntp.core import SECOND
from ntp.markets import Aggregation, Comparison, Observable, SettlementSpec
from ntp.pricing import digital_price, price_history

ROUNDS = 9
SIZES = (10_000, 1_000_000)
OPTIONS = 2_000
MOMENTS = 20_000
RUNGS = 40
COST = 3.0
"""What vectorised prices may cost, in normal distributions of the same array."""
LEAD = 100.0
"""Over QuantLib's rate, option by option from Python."""


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def turns(*works: Callable[[], object]) -> list[float]:
    """Least CPU seconds of each, measured in turns so that a change of the machine's load meets all of them."""
    best = [float("inf")] * len(works)
    for _ in range(ROUNDS):
        best = [min(before, cpu(work)) for before, work in zip(best, works, strict=True)]
    return best


def inputs(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Spots, strikes, volatilities and years, all different."""
    random = np.random.default_rng(3)
    spots = 100_000 * np.exp(0.1 * random.standard_normal(count))
    strikes = 100_000 * np.exp(0.1 * random.standard_normal(count))
    return spots, strikes, random.uniform(0.2, 1.0, count), random.uniform(0.01, 1.0, count)


def beside_scipy(count: int) -> dict[str, float]:
    """Price arrays, and take the normal distribution of what was found inside."""
    spots, strikes, volatility, years = inputs(count)
    spread = volatility * np.sqrt(years)
    distance = np.log(spots / strikes) / spread - 0.5 * spread
    normal, prices = turns(lambda: ndtr(distance), lambda: digital_price(spots, strikes, volatility, years))
    assert np.allclose(digital_price(spots, strikes, volatility, years), ndtr(distance), atol=1e-13)
    return {"prices": count, "ndtr_s": normal, "digital_price_s": prices, "ratio": prices / normal}


def library_prices(spots: np.ndarray, strikes: np.ndarray, volatility: float, days: int) -> list[float]:
    """Price one option after the other by QuantLib, reusing all that can be."""
    today = QuantLib.Date(1, 1, 2026)
    QuantLib.Settings.instance().evaluationDate = today
    count = QuantLib.Actual365Fixed()
    flat = QuantLib.YieldTermStructureHandle(QuantLib.FlatForward(today, 0.0, count))
    constant = QuantLib.BlackConstantVol(today, QuantLib.NullCalendar(), volatility, count)
    vol = QuantLib.BlackVolTermStructureHandle(constant)
    quote = QuantLib.SimpleQuote(1.0)
    process = QuantLib.BlackScholesMertonProcess(QuantLib.QuoteHandle(quote), flat, flat, vol)
    engine = QuantLib.AnalyticEuropeanEngine(process)
    exercise = QuantLib.EuropeanExercise(today + QuantLib.Period(days, QuantLib.Days))
    found = []
    for spot, strike in zip(spots.tolist(), strikes.tolist(), strict=True):
        quote.setValue(spot)
        option = QuantLib.VanillaOption(QuantLib.CashOrNothingPayoff(QuantLib.Option.Call, strike, 1.0), exercise)
        option.setPricingEngine(engine)
        found.append(option.NPV())
    return found


def beside_quantlib() -> dict[str, float]:
    """Rates of both, on the same options."""
    spots, strikes, _, _ = inputs(OPTIONS)
    ours = digital_price(spots, strikes, 0.5, 30 / 365)
    assert np.allclose(ours, library_prices(spots, strikes, 0.5, 30), atol=1e-12)
    many, levels = np.tile(spots, 50), np.tile(strikes, 50)
    theirs, mine = turns(
        lambda: library_prices(spots, strikes, 0.5, 30), lambda: digital_price(many, levels, 0.5, 30 / 365)
    )
    rates = OPTIONS / theirs, len(many) / mine
    return {"quantlib_per_s": rates[0], "digital_price_per_s": rates[1], "ratio": rates[1] / rates[0]}


def ladder() -> dict[str, float]:
    """Forty thresholds on a mean of 60 seconds, over a history of seconds."""
    end = 1_780_000_000 * SECOND
    times = end - np.arange(MOMENTS, 0, -1, dtype=np.int64) * SECOND
    spots = 100_000 + np.cumsum(np.random.default_rng(5).normal(0, 8, MOMENTS))
    observable = Observable(
        source="cfbenchmarks:BRTI", aggregation=Aggregation.MEAN, window_ns=60 * SECOND, at_ns=end,
        step=Decimal("0.01"),
    )
    specs = [
        SettlementSpec(observable=observable, comparison=Comparison.GREATER, low=Decimal(98_000 + 100 * each))
        for each in range(RUNGS)
    ]
    (seconds,) = turns(lambda: price_history(specs, times, spots, 0.5))
    return {"contracts": RUNGS, "moments": MOMENTS, "s": seconds, "ns_per_price": 1e9 * seconds / RUNGS / MOMENTS}


def main() -> None:
    """Measure and print."""
    scipy = [beside_scipy(count) for count in SIZES]
    quantlib = beside_quantlib()
    document = {
        "scipy": scipy, "quantlib": quantlib, "ladder": ladder(),
        "holds": all(each["ratio"] <= COST for each in scipy) and quantlib["ratio"] >= LEAD,
    }
    print(json.dumps(document, indent=2))


if __name__ == "__main__":
    main()
