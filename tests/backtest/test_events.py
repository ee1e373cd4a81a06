"""What a strategy reads of an event: what was observed and forecast by now, and what it can lose."""

import json
from typing import Any

import pytest
from recording import Recording, at, dataset
from scipy import stats

from ntp import Strategy
from ntp.backtest import Backtest
from ntp.core import Absent
from ntp.data.schema import Kind
from ntp.markets.instrument import InstrumentKind

CENTS = ((0, 10_000, 100),)
NOTES: list[Any] = []
TEMPERATURE = {"source": "nws:CLINYC", "aggregation": "maximum", "window": "30s", "step": "1"}


def replay(strategy: Any, *data: Any, **options: Any) -> Any:
    NOTES.clear()
    engine = {"feed_latency": "0s", "order_latency": "0s"}
    return Backtest(strategy, list(data), engine=engine, capital=1_000, **options).run(modes=("base",))


def contract(symbol: str, kind: str, low: str | None, high: str | None, **settlement: Any) -> Recording:
    made = Recording(
        symbol, tick_bands=CENTS, event="DAY", close_time=at(60), strike_type=kind, strike_low=low, strike_high=high,
        attributes={"settlement": {**TEMPERATURE, **settlement}, "underlying": "KNYC", "station": "KNYC"},
    )
    for second in range(1, 59):
        made.quote(second + 0.5, (20 + second % 3) / 100, (40 + second % 2) / 100)
    return made.trade(20.2, 0.20, 500, -1)


def ladder(**settlement: Any) -> list[Recording]:
    return [
        contract("LOW", "less", None, "70", **settlement), contract("MID", "between", "70", "73", **settlement),
        contract("TOP", "greater", "73", None, **settlement),
    ]


def station() -> Recording:
    made = Recording("KNYC", "nws", kind=InstrumentKind.REFERENCE)
    for second in range(60):
        made._add(Kind.INDEX, second + 0.1, value=60.0 + (second * 7) % 13)
    return made


def published(second: float, begin: float) -> list[float]:
    return [60.0 + (each * 7) % 13 for each in range(60) if begin < each + 0.1 <= second]


class Watches(Strategy):
    universe = "kalshi:*"

    def analyze(self, data):
        try:
            NOTES.append((self.ts, data.event.observed))
        except Absent as error:
            NOTES.append((self.ts, error.field))


@pytest.mark.parametrize(("kind", "expected"), [
    ("maximum", max), ("minimum", min), ("mean", lambda seen: sum(seen) / len(seen)),
])  # fmt: skip
def test_what_was_observed_is_of_the_window_as_far_as_it_is_over(tmp_path, kind, expected):
    replay(Watches, dataset(tmp_path, *ladder(aggregation=kind), station()))
    early = [found for ts, found in NOTES if ts < at(30.1)]
    assert set(early) == {"event.observed"}
    later = [(ts, found) for ts, found in NOTES if ts >= at(30.2)]
    assert len(later) > 20
    for ts, found in later:
        assert found == pytest.approx(expected(published((ts - at(0)) / 1e9, 30.0)))


def test_the_last_value_needs_no_window(tmp_path):
    replay(Watches, dataset(tmp_path, *ladder(aggregation="last", window="0s"), station()))
    assert all(found == published((ts - at(0)) / 1e9, -1)[-1] for ts, found in NOTES)


def test_probabilities_of_an_event_sum_to_one_with_what_was_observed(tmp_path):
    class Asks(Strategy):
        universe = "kalshi:*"

        def analyze(self, data):
            free = data.event.probabilities(stats.norm(71.0, 2.0))
            bound = data.event.probabilities(stats.norm(71.0, 2.0), observed=72.0)
            NOTES.append(({each.symbol: p for each, p in free.items()}, {each.symbol: p for each, p in bound.items()}))

    replay(Asks, dataset(tmp_path, *ladder()))
    free, bound = NOTES[-1]
    rest = stats.norm(71.0, 2.0)
    assert free == pytest.approx({"LOW": rest.cdf(69.5), "MID": rest.cdf(73.5) - rest.cdf(69.5), "TOP": rest.sf(73.5)})
    assert bound == pytest.approx({"LOW": 0.0, "MID": rest.cdf(73.5), "TOP": rest.sf(73.5)})


def test_the_worst_case_is_that_of_the_state_and_not_of_each_contract(tmp_path):
    class Holds(Strategy):
        universe = "kalshi:*"
        wake = ("best", "fill")

        def on_start(self):
            self.sent = False

        def analyze(self, data):
            if not self.sent and data.event.seconds_to_close < 55:
                self.sent = True
                self.buy("kalshi:LOW", 10, 0.20)
                self.buy("kalshi:MID", 10, 0.20)
            held = [self.position(f"kalshi:{name}").size for name in ("LOW", "MID", "TOP")]
            NOTES.append((held, data.event.worst_case_usd))
            assert data.event.groups == {"DAY": data.event.contracts}
            assert data.event.underlying == "nws:CLINYC"
            assert data.contract.settlement.observable.step == 1

    replay(Holds, dataset(tmp_path, *ladder()))
    assert NOTES[0] == ([0.0, 0.0, 0.0], 0.0)
    assert NOTES[-1] == ([10.0, 10.0, 0.0], pytest.approx(4.0))  # TOP wins: both are lost


def test_who_holds_every_outcome_for_less_than_a_dollar_cannot_lose(tmp_path):
    class Holds(Strategy):
        universe = "kalshi:*"
        wake = ("best", "fill")
        sent = False

        def analyze(self, data):
            if not self.sent and data.event.seconds_to_close < 55:
                self.sent = True
                for name in ("LOW", "MID", "TOP"):
                    self.buy(f"kalshi:{name}", 10, 0.20)
            held = sum(self.position(f"kalshi:{name}").size for name in ("LOW", "MID", "TOP"))
            NOTES.append((held, data.event.worst_case_usd))

    replay(Holds, dataset(tmp_path, *ladder()))
    assert NOTES[-1] == (30.0, 0.0)


def forecasts() -> list[Recording]:
    made = []
    for station, model, base in (("KNYC", "gfs", 70.0), ("KNYC", "nam", 71.0), ("KMIA", "gfs", 90.0)):
        one = Recording(f"{station}:tmax:{model}", "noaa", kind=InstrumentKind.REFERENCE, attributes={"model": model})
        for second in (5, 15, 25):
            one._add(Kind.FORECAST, second, issued_at=at(second - 1), valid_at=at(45), value=base + second / 10, sd=2.0)
        one._add(Kind.FORECAST, 26, issued_at=at(25.5), valid_at=at(500), value=1.0, sd=None)  # of another day
        made.append(one)
    return made


def test_forecasts_are_the_newest_of_the_station_and_the_day(tmp_path):
    class Reads(Strategy):
        universe = "kalshi:*"

        def analyze(self, data):
            try:
                found = data.event.forecasts
            except Absent:
                NOTES.append((self.ts, None))
                return
            NOTES.append((self.ts, {model: (each.value, each.sd, each.issued) for model, each in found.items()}))

    replay(Reads, dataset(tmp_path, *ladder(), *forecasts()))
    assert all(found is None for ts, found in NOTES if ts < at(5))
    for ts, found in NOTES:
        if ts >= at(5):
            newest = max(second for second in (5, 15, 25) if at(second) <= ts)
            assert found == {
                model: (base + newest / 10, 2.0, at(newest - 1)) for model, base in (("gfs", 70.0), ("nam", 71.0))
            }
    assert json.dumps([found for _, found in NOTES])
