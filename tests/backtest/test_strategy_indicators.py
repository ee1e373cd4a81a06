"""Indicators in strategies: each value is that of the column of what had been seen, and never of more."""

import json
import random
from typing import Any

import numpy as np
import pytest
from recording import Recording, at, dataset

from ntp import CustomIndicator, Indicator, Param, Strategy
from ntp.backtest import Backtest
from ntp.core import SECOND, Absent, NotFound, StrategyError
from ntp.markets.instrument import InstrumentKind
from ntp.statistics.indicators import indicator_named

CENTS = ((0, 10_000, 100),)
ENGINE = {"feed_latency": "0s", "order_latency": "0s"}


def market(symbol: str = "A", seconds: int = 300, seed: int = 1) -> Recording:
    """Quotes at odd tenths of a second, and a few prints."""
    chance, made, bid = random.Random(seed), Recording(symbol, tick_bands=CENTS), 45
    for second in range(seconds):
        bid = min(max(bid + chance.choice((-1, 0, 0, 1)), 5), 90)
        made.quote(second + 0.1, bid / 100, (bid + chance.randint(1, 3)) / 100, 10 + chance.randint(0, 9))
        if chance.random() < 0.3:
            made.trade(second + 0.3, (bid + 1) / 100, chance.randint(1, 9), chance.choice((1, -1)))
    return made


NOTES: list[Any] = []
"""What the strategy of the last replay noted."""


def replay(strategy: Any, *data: Any, **options: Any) -> Any:
    NOTES.clear()
    return Backtest(strategy, list(data), engine=ENGINE, capital=1_000, **options).run(modes=("base",))


def column(name: str, columns: list[Any], *values: Any, output: int = 0) -> list[float | None]:
    kind = indicator_named(name)
    found = kind.column(kind.start(kind.values(*values)), *columns)[output]
    return [None if x != x else float(x) for x in found]


def test_without_a_bar_an_indicator_advances_at_every_wake(tmp_path):
    class Every(Strategy):
        quick = Indicator("EMA", 5)
        sizes = Indicator("SMA", 3, on="bid_size")
        bands = Indicator("BBANDS", 4, 1.5)
        ranges = Indicator("ATR", n=3, on="ask")

        def analyze(self, data, indicators):
            NOTES.append((data.mid, data.bid_size, data.ask, indicators.get("quick"), indicators.get("sizes"),
                         indicators.get("bands"), indicators.get("ranges")))
            if "bands" in indicators and indicators.get("bands") is not None:
                bands = indicators.bands
                assert bands.lower <= bands <= bands.upper
                assert bands.middle == bands.value == bands

    replay(Every, dataset(tmp_path, market()))
    mid, size, ask, quick, sizes, bands, ranges = (list(each) for each in zip(*NOTES, strict=True))
    assert len(NOTES) > 150
    assert quick == column("EMA", [mid], 5)
    assert sizes == column("SMA", [size], 3)
    assert bands == column("BBANDS", [mid], 4, 1.5)
    assert [None if each is None else each.upper for each in bands] == column("BBANDS", [mid], 4, 1.5, output=1)
    assert ranges == column("ATR", [ask, ask, ask], 3)


def test_with_bars_an_indicator_knows_complete_bars_and_nothing_of_the_growing_one(tmp_path):
    class Barred(Strategy):
        wake = ("best", "bar:10s", "bar:20s")
        strength = Indicator("RSI", 3, bar="10s")
        channel = Indicator("DONCHIAN", 2, bar="20s")
        flow = Indicator("VWAP", 2, bar="10s")
        touch = Indicator("SMA", 2, on="ask", bar="10s")
        peak = Indicator("MAX", 2, on="high", bar="10s")

        def analyze(self, data):
            fast, slow = _last(data, "10s"), _last(data, "20s")
            names = ("strength", "channel", "flow", "touch", "peak")
            NOTES.append((self.ts, fast, slow, *(data.indicators.get(name) for name in names)))

    recording = dataset(tmp_path, market())
    replay(Barred, recording)
    told = [row for row in NOTES if None not in row[1:3]]
    fast, slow = (np.array(sorted({row[place] for row in NOTES if row[place] is not None})) for place in (1, 2))
    ends = {int(ts): place for place, ts in enumerate(fast[:, 0])}
    slow_ends = {int(ts): place for place, ts in enumerate(slow[:, 0])}
    assert len(told) > 100
    strength = column("RSI", [fast[:, 4]], 3)
    channel = column("DONCHIAN", [slow[:, 2], slow[:, 3]], 2)
    flow = column("VWAP", [fast[:, 2], fast[:, 3], fast[:, 4], fast[:, 5]], 2)
    peak = column("MAX", [fast[:, 2]], 2)
    for ts, (end, *_), (slow_end, *_), *found in told:
        assert end <= ts < end + 10 * SECOND  # at the end of a bar it is complete, not before
        assert slow_end <= ts < slow_end + 20 * SECOND
        place, slow_place = ends[end], slow_ends[slow_end]
        assert found[0] == strength[place]
        assert found[1] == channel[slow_place]
        assert found[2] == flow[place]
        assert found[4] == peak[place]
    asks = _asks(recording)
    for ts, (end, *_), _, _, _, _, touch, _ in told:
        closes = [price for when, price in asks if when < end]
        before = [price for when, price in asks if when < end - 10 * SECOND]
        assert touch is None or touch == pytest.approx((closes[-1] + before[-1]) / 2, abs=1e-12), ts


def _last(data: Any, span: str) -> Any:
    try:
        bars = data.bars(span, 1)
    except Absent:
        return None
    return (int(bars.ts[0]), *(float(getattr(bars, name)[0]) for name in ("open", "high", "low", "close", "volume")))


def _asks(recording: Any) -> list[tuple[int, float]]:
    frame = next(recording.frame(kind) for kind in recording.kinds() if kind == "quote")
    return [(ts, ask / 10_000) for ts, ask in frame.select("ts_event", "ask").iter_rows()]


def test_each_contract_has_its_own(tmp_path):
    class Two(Strategy):
        quick = Indicator("EMA", 5)

        def analyze(self, data):
            NOTES.append((self.ts, data.contract.symbol, data.indicators.get("quick")))

    both = [market("A", 60, 1), market("B", 60, 2)]
    replay(Two, dataset(tmp_path / "both", *both, name="both"))
    together = list(NOTES)
    for recording in both:
        replay(Two, dataset(tmp_path / recording.instrument.symbol, recording, name="alone"))
        assert [row for row in together if row[1] == recording.instrument.symbol] == NOTES


def test_parameters_of_the_strategy_go_into_its_indicators(tmp_path):
    class Swept(Strategy):
        length: int = Param(3, ge=1)
        mean = Indicator("SMA", length)
        other = Indicator("SMA", n="length", on="ask")

        def analyze(self, data):
            NOTES.append((data.mid, data.indicators.get("mean"), data.indicators.get("other")))

    recording = dataset(tmp_path, market(seconds=40))
    for length in (3, 7):
        replay(Swept(length=length), recording)
        assert [row[1] for row in NOTES] == column("SMA", [[row[0] for row in NOTES]], length)
        assert NOTES[length - 2][2] is None
        assert NOTES[length - 1][2] is not None


def spot(seconds: int = 300) -> Recording:
    made = Recording("BTC", "coinbase", kind=InstrumentKind.REFERENCE)
    made.rows = {}
    from ntp.data.schema import Kind

    for second in range(seconds):
        made._add(Kind.INDEX, second + 0.05, value=100.0 + (second * 7) % 13)
    return made


def test_inputs_have_a_past_and_bars_and_indicators(tmp_path):
    class Leads(Strategy):
        inputs = {"lead": "coinbase:BTC"}  # noqa: RUF012 - declared so
        wake = ("best", "bar:10s")
        mean = Indicator("SMA", 2, on="lead", bar="10s")
        current = Indicator("SMA", 1, on="lead")

        def analyze(self, data):
            lead = self.input("lead")
            bars, past = _input_bars(lead), lead.history("5s")
            NOTES.append((self.ts, lead.price, lead.age, past.tolist(), lead.history(3).tolist(), bars,
                         data.indicators.get("mean"), data.indicators.current))

    replay(Leads, dataset(tmp_path, market(), spot()))
    values = [(at(second + 0.05), 100.0 + (second * 7) % 13) for second in range(300)]
    assert len(NOTES) > 200
    for ts, price, age, past, three, bars, mean, now in NOTES:
        seen = [value for when, value in values if when <= ts]
        assert price == now == seen[-1]
        assert three == seen[-3:]
        start = [value for when, value in values if when <= ts - 5 * SECOND][-1:]
        assert past == start + [value for when, value in values if ts - 5 * SECOND < when <= ts]
        assert 0 <= age < 1
        if bars is not None:
            end, low, close = bars
            inside = [value for when, value in values if end - 10 * SECOND <= when < end]
            assert (low, close) == (min(inside), inside[-1])
            before = [value for when, value in values if when < end - 10 * SECOND]
            assert mean is None or mean == (inside[-1] + before[-1]) / 2
    assert any(row[6] is not None for row in NOTES)


def _input_bars(lead: Any) -> Any:
    try:
        bars = lead.bars("10s", 1)
    except Absent:
        return None
    return int(bars.ts[0]), float(bars.low[0]), float(bars.close[0])


class Middle(CustomIndicator):
    """Middle of the bar, with what it remembers."""

    bar = "10s"
    scale: float = Param(1.0, gt=0)

    def calculate(self, data):
        self.count = getattr(self, "count", 0) + 1
        return self.scale * (data.high + data.low) / 2

    def get_signal(self):
        return "BUY" if self.history(2)[0] < self.value else "SELL"


def test_a_custom_indicator_has_a_value_a_history_and_a_signal(tmp_path):
    class Customs(Strategy):
        wake = "bar:10s"
        factor: float = Param(2.0)
        middle = Middle(scale=factor)

        class Gap(CustomIndicator):
            """Spread, where it is wide."""

            def calculate(self, data):
                return data.spread if data.spread > 0.015 else None

        gap = Gap()

        def on_bar(self, data):
            bar = data.bars("10s", 1)
            found = data.indicators.middle
            assert found == found.value == 2.0 * (bar.high[0] + bar.low[0]) / 2
            gap = data.indicators.get("gap")
            assert gap == (data.spread if data.spread > 0.015 else None)
            NOTES.append((float(found), found.count, found.history(1)[0], data.indicators.get("gap")))
            if len(NOTES) > 1:
                assert found.get_signal() == ("BUY" if NOTES[-2][0] < NOTES[-1][0] else "SELL")
                assert data.copy().indicators["middle"] == found

    replay(Customs, dataset(tmp_path, market()))
    assert [row[1] for row in NOTES] == list(range(1, len(NOTES) + 1))
    assert {row[3] is None for row in NOTES} == {True, False}


@pytest.mark.parametrize(("given", "message"), [
    ("high", "expected a finite number or None from calculate of Broken, was 'high'"),
    (float("nan"), "was nan"), (True, "was True"), (KeyError("x"), "it raised KeyError"),
])  # fmt: skip
def test_a_custom_indicator_that_fails_stops_the_run_and_says_where(tmp_path, given, message):
    class Broken(CustomIndicator):
        def calculate(self, data):
            if isinstance(given, Exception):
                raise given
            return given

    class Uses(Strategy):
        broken = Broken()

        def analyze(self, data):
            return None

    with pytest.raises(StrategyError, match=message) as raised:
        replay(Uses, dataset(tmp_path, market(seconds=20)))
    assert raised.value.details.get("contract", "kalshi:A") == "kalshi:A"


def test_what_a_custom_indicator_misses_is_counted_and_withdraws_nothing(tmp_path):
    class Wants(CustomIndicator):
        def calculate(self, data):
            return data.spot

    class Uses(Strategy):
        wants = Wants()

        def analyze(self, data):
            NOTES.append(self.ts)
            self.quote(bid=data.bid - 0.02, size=1)

    run = replay(Uses, dataset(tmp_path, market(seconds=30)))
    assert run.shown.output.counters["absent"] == {"spot": len(NOTES)}
    assert len(run.orders) > 0


def test_an_indicator_that_is_not_declared_is_named(tmp_path):
    class Typo(Strategy):
        quick = Indicator("MACD", 2, 3, 2)
        ask = "quik"

        def analyze(self, data):
            return getattr(data.indicators, self.ask) if self.ask == "quik" else data.indicators.quick.signl

    recording = dataset(tmp_path, market(seconds=20))
    with pytest.raises(StrategyError, match="expected an indicator that the strategy declares, was 'quik'") as raised:
        replay(Typo, recording)
    assert raised.value.hint == "did you mean 'quick'?"
    Typo.ask = "signl"
    with pytest.raises(StrategyError, match=r"expected an output of indicators\.quick, was 'signl'"):
        replay(Typo, recording)


def test_a_file_of_the_workspace_is_an_indicator_by_name(tmp_path, monkeypatch):
    (tmp_path / "ntp.toml").write_text("")
    (tmp_path / "indicators").mkdir()
    (tmp_path / "indicators" / "doubled.py").write_text(
        "from ntp import CustomIndicator, Param\n"
        "class Doubled(CustomIndicator):\n"
        "    by: float = Param(2.0)\n"
        "    def calculate(self, data):\n"
        "        return data.mid * self.by\n"
    )
    monkeypatch.chdir(tmp_path)
    class Uses(Strategy):
        factor: float = Param(3.0)
        twice = Indicator("doubled")
        more = Indicator("doubled", factor)

        def analyze(self, data):
            NOTES.append((data.mid, data.indicators.twice, data.indicators.more))

    replay(Uses, dataset(tmp_path / "data", market(seconds=20)), store=False)
    assert NOTES
    assert all((twice, more) == (2 * mid, 3 * mid) for mid, twice, more in NOTES)
    with pytest.raises(NotFound) as raised:
        Indicator("double")
    assert raised.value.hint == "did you mean 'doubled'?"


def test_a_run_that_is_saved_and_taken_up_again_is_the_run(tmp_path):
    """The replay is cut in the middle of a bar; the other half knows of the first only what was saved."""
    whole, first, second = market(seconds=200), market(seconds=200), market(seconds=200)
    for made, keep in ((first, lambda ts: ts < at(98.2)), (second, lambda ts: ts >= at(98.2))):
        made.rows = {kind: [row for row in rows if keep(row["ts_event"])] for kind, rows in made.rows.items()}

    kept: list[Any] = []
    taken_up: list[bool] = []

    class Lasting(Strategy):
        wake = ("best", "bar:20s")
        quick = Indicator("EMA", 5)
        strength = Indicator("RSI", 3, bar="20s")
        touch = Indicator("SMA", 2, on="ask", bar="20s")
        middle = Middle(bar="20s")

        class State:
            wakes = 0

        def on_start(self):
            self.total = 0
            if taken_up:
                self._runtime.load_state(kept[-1])
            else:
                self.call_at(at(98.15), "save")

        def on_save(self):
            return {"total": self.total}

        def on_load(self, state):
            self.total = state["total"]

        def analyze(self, data):
            data.state.wakes += 1
            self.total += 1
            bars = _last(data, "20s")
            NOTES.append((self.ts, self.total, data.state.wakes, bars, *(
                data.indicators.get(name) for name in ("quick", "strength", "touch", "middle"))))

        def on_timer(self, timer):
            kept.append(json.loads(json.dumps(self._runtime.save_state(), allow_nan=False)))

    replay(Lasting, dataset(tmp_path / "whole", whole))
    expected = list(NOTES)
    kept.clear()
    replay(Lasting, dataset(tmp_path / "first", first))
    assert len(kept) == 1
    taken_up.append(True)
    replay(Lasting, dataset(tmp_path / "second", second))
    assert len(NOTES) > 80
    assert expected[-len(NOTES) :] == NOTES
