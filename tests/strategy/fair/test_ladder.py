"""The contracts of an event priced together."""

from typing import Any

import pytest

from engine.build import Market, at
from ntp.core import Absent
from ntp.strategy import Pricing, Strategy
from strategy.fair.priced import VOLATILITY, Feed, contract, priced

SPEC = {"source": "cfbenchmarks:BRTI", "aggregation": "mean", "window": "60s", "step": "0.01"}


def member(symbol: str, low: str | None, high: str | None, *, exclusive: bool) -> Market:
    kind = "greater_or_equal" if high is None else "less" if low is None else "between"
    attributes = {"underlying": "BRTI", "settlement": SPEC, "mutually_exclusive": exclusive, "exhaustive": exclusive}
    market = contract(symbol, strike_type=kind, strike_low=low, strike_high=high, group="g", attributes=attributes)
    return market.quote(0, 1_000, 9_000)


BRACKETS = [
    member("A", None, "99900", exclusive=True),
    member("B", "99900", "99999.99", exclusive=True),
    member("C", "100000", "100099.99", exclusive=True),
    member("D", "100100", None, exclusive=True),
]
STRIKES = {"K": "99900", "L": "100000", "M": "101000"}
THRESHOLDS = [member(name, low, None, exclusive=False) for name, low in STRIKES.items()]


class Ladder(Strategy):
    """Prices the event once."""

    def on_start(self) -> None:
        self.call_at(at(300), "now")

    def on_timer(self, timer: Any) -> None:
        event = self.markets[0].event
        try:
            self.found = {each.symbol: value for each, value in event.fair_values().items()}
        except Absent as error:
            self.found = {"why": error.field}


def ladder(markets: list[Market], feed: Feed | None = None, blend: float = 0.0) -> dict[str, Any]:
    class Priced(Ladder):
        """With options."""

        pricing = Pricing(vol=f"flat:{VOLATILITY}", blend=blend)

    strategy = Priced()
    priced(feed or Feed().walk(900), markets, strategy)
    found: dict[str, Any] = strategy.found
    return found


@pytest.mark.parametrize("blend", [0.0, 0.3])
def test_brackets_sum_to_one(blend: float) -> None:
    found = ladder(BRACKETS, blend=blend)
    assert sorted(found) == ["A", "B", "C", "D"]
    assert sum(round(value * 1e6) for value in found.values()) == 1_000_000
    assert all(value.sd >= 0 and value.age >= 0 for value in found.values())


@pytest.mark.parametrize("blend", [0.0, 0.9])
def test_thresholds_fall_with_the_strike(blend: float) -> None:
    if blend:
        THRESHOLDS[2].quote(200, 9_000, 9_900)  # the market thinks the highest is the likeliest
    found = ladder(THRESHOLDS, blend=blend)
    assert found["K"] >= found["L"] >= found["M"]


def test_an_event_without_a_price_says_why() -> None:
    assert ladder(BRACKETS, Feed().value(0, 100_000.0)) == {"why": "fair_value: spot too old"}
