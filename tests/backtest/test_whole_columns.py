"""Whole-column strategies give the fills of their event-driven twins, and are told what they may not do."""

import random
from typing import Any

import polars as pl
import pytest
from recording import Recording, at, dataset

from ntp import CustomIndicator, Indicator, Param, Signal, Strategy
from ntp.backtest import Backtest, Run
from ntp.core import ConfigError, DataError, StrategyError
from ntp.strategy import Strategy as Base
from ntp.strategy.columns import COLUMNS, recording, runtime


def market(symbol: str, seed: int, steps: int = 300, event: str = "E") -> Recording:
    """Quotes that sometimes lack a side, prints, a halt and a settlement."""
    draw = random.Random(seed)
    made = Recording(symbol, event=event, close_time=at(steps + 50), tick_bands=((0, 10_000, 100),))
    mid = 50
    for step in range(steps):
        mid = min(85, max(15, mid + draw.choice((-1, 0, 0, 1))))
        bid = None if draw.random() < 0.03 else (mid - draw.randint(1, 2)) / 100
        ask = None if draw.random() < 0.03 else (mid + draw.randint(1, 2)) / 100
        made.quote(step, bid, ask, draw.randint(5, 60))
        if draw.random() < 0.5:
            side = draw.choice((1, -1))
            made.trade(step + 0.4, (mid + side * 2) / 100, draw.randint(1, 40), side)
        if step == steps // 2:
            made.life(step + 0.5, "halted").life(step + 0.9, "open")
    return made.life(steps + 50, "closed").settle(steps + 60, float(draw.randint(0, 1)))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = [market("A", 1), market("B", 2), market("C", 3, event="OTHER")]
    return dataset(tmp_path_factory.mktemp("columns"), *made)


ENGINE = {"feed_latency": "3ms", "order_latency": "90ms"}


def play(strategy: Any, data: Any, **options: Any) -> Run:
    return Backtest(strategy, data, engine=ENGINE, capital=1_000, **options).run()


class Imbalance(Strategy):
    ratio: float = Param(1.2, gt=0)

    def analyze(self, data):
        mid, price = data.get("mid"), data.get("price")
        if mid is None or price is None:
            return None
        return price - mid


class ImbalanceColumns(Strategy):
    ratio: float = Param(1.2, gt=0)

    def signals(self, frame):
        return frame.with_columns(signal=pl.col("price") - pl.col("mid"))


def _wish(data: Any) -> Signal | None:
    price, left = data.get("price"), data.seconds_to_close
    if price is None:
        return None
    if left < 100:
        return Signal("CLOSE", tag="late")
    if round(price * 100) % 5 == 0:
        return Signal("HOLD")
    buy = round(price * 100) % 2 == 0
    return Signal(
        "BUY" if buy else "SELL", confidence=0.25 if buy else 0.5, size=None if buy else 7.0, price=price,
        fair=price + 0.01, ttl="5s" if buy else None, tag="up" if buy else "down",
    )  # fmt: skip


class Words(Strategy):
    wake = ("best", "trade")
    position_size = Param(0.03)
    warmup = 20

    def analyze(self, data):
        return _wish(data)


class WordsColumns(Strategy):
    wake = ("best", "trade")
    position_size = Param(0.03)
    warmup = 20
    frame_by = "event"

    def signals(self, frame):
        cents = (pl.col("price") * 100).round().cast(pl.Int64)
        late = pl.col("seconds_to_close") < 100
        hold, buy = ~late & (cents % 5 == 0), ~late & (cents % 5 != 0) & (cents % 2 == 0)
        sell = ~late & (cents % 5 != 0) & (cents % 2 == 1)
        return frame.lazy().select(
            "ts", "contract",
            signal=pl.when(cents.is_null()).then(None).when(late).then(pl.lit("close")).when(hold)
            .then(pl.lit("HOLD")).when(buy).then(pl.lit("Buy")).otherwise(pl.lit("SELL")),
            confidence=pl.when(buy).then(0.25).when(sell).then(0.5),
            size=pl.when(sell).then(7.0),
            limit=pl.when(buy | sell).then("price"),
            fair=pl.when(buy | sell).then(pl.col("price") + 0.01),
            ttl=pl.when(buy).then(pl.lit("5s")),
            tag=pl.when(late).then(pl.lit("late")).when(buy).then(pl.lit("up")).when(sell).then(pl.lit("down")),
        )


class Aims(Strategy):
    max_position = Param(25.0)
    stop_loss = Param(0.05)

    def analyze(self, data):
        if data.get("price") is not None:
            self.target(position=round((0.5 - data.price) * 200), price=data.price, ttl=7_000_000_000, tag="aim")


class AimsColumns(Strategy):
    max_position = Param(25.0)
    stop_loss = Param(0.05)
    frame_by = "all"

    def signals(self, frame):
        wanted = ((0.5 - pl.col("price")) * 200).round()
        return frame.with_columns(
            target=wanted, limit=pl.col("price"), ttl=pl.lit(7_000_000_000), tag=pl.lit("aim")
        )


class Quotes(Strategy):
    wake = "quote"

    def analyze(self, data):
        bid, ask = data.get("bid"), data.get("ask")
        bid, ask = None if bid is None else bid - 0.005, None if ask is None else ask + 0.01
        self.quote(bid=bid, ask=ask, fair=data.get("mid"))


class QuotesColumns(Strategy):
    wake = "quote"

    def signals(self, frame):
        return frame.with_columns(
            quote_bid=pl.col("bid") - 0.005, quote_ask=pl.col("ask") + 0.01, fair=pl.col("mid"),
            tag=pl.lit(None, pl.String),
        )


class OnBars(Strategy):
    wake = "bar:10s"

    def analyze(self, data):
        bar = data.bars("10s", 1)
        return float(bar.close[0] - bar.open[0]) or None


class OnBarsColumns(Strategy):
    wake = "bar:10s"

    def signals(self, frame):
        move = pl.col("close") - pl.col("open")
        return frame.with_columns(signal=pl.when(move != 0).then(move))


class Sized(Strategy):
    """Leaves sizes to the engine, with limits and durations."""

    wake = ("best", "trade")
    short = False

    def analyze(self, data):
        price = data.get("price")
        if price is None:
            return None
        cents = round(price * 100)
        if cents % 7 == 0:
            return Signal("CLOSE", price=price, ttl="3s")
        return Signal("BUY" if cents % 3 else "SELL", confidence=0.4, tag=f"t{cents % 3}")


class SizedColumns(Strategy):
    wake = ("best", "trade")
    short = False

    def signals(self, frame):
        cents = (pl.col("price") * 100).round().cast(pl.Int64)
        close = cents % 7 == 0
        return frame.select(
            "ts", signal=pl.when(close).then(0).when(cents % 3 != 0).then(1).when(cents % 3 == 0).then(-1),
            limit=pl.when(close).then("price"), ttl=pl.when(close).then(pl.duration(seconds=3)),
            confidence=pl.when(~close).then(0.4),
            tag=pl.when(~close).then(pl.format("t{}", cents % 3)),
        )


class OwnSize(Sized):
    def calculate_position_size(self, signal):
        return 3.0 + 2.0 * signal.confidence


class OwnSizeColumns(SizedColumns):
    def calculate_position_size(self, signal):
        return 3.0 + 2.0 * signal.confidence


class SizedQuotes(Strategy):
    def analyze(self, data):
        bid, ask = data.get("bid"), data.get("ask")
        self.quote(bid=bid, ask=ask, tag="both")


class SizedQuotesColumns(Strategy):
    def signals(self, frame):
        return frame.with_columns(quote_bid=pl.col("bid"), quote_ask=pl.col("ask"), tag=pl.lit("both"))


class Slope(CustomIndicator):
    n: int = Param(3)

    def calculate(self, data):
        self.seen = [*getattr(self, "seen", []), data.bid][-self.n :]
        return self.seen[-1] - self.seen[0]


class Indicated(Strategy):
    wake = ("best", "trade")
    n: int = Param(4, ge=1)
    quick = Indicator("EMA", n)
    slow = Indicator("SMA", 9, on="price")
    strength = Indicator("RSI", n, bar="5s", on="mid")
    bars = Indicator("ATR", 3, bar="10s")
    slope = Slope(n="n")

    def analyze(self, data):
        found = [data.indicators.get(name) for name in ("quick", "slow", "strength", "bars", "slope")]
        if None in found:
            return None
        quick, slow, strength, bars, slope = found
        return Signal("BUY" if quick + slope > slow else "SELL", size=round(1 + strength / 10 + bars * 100, 1))


class IndicatedColumns(Strategy):
    wake = ("best", "trade")
    n: int = Param(4, ge=1)
    quick = Indicator("EMA", n)
    slow = Indicator("SMA", 9, on="price")
    strength = Indicator("RSI", n, bar="5s", on="mid")
    bars = Indicator("ATR", 3, bar="10s")
    slope = Slope(n="n")

    def signals(self, frame):
        quick, slow, strength, bars, slope = map(pl.col, ("quick", "slow", "strength", "bars", "slope"))
        known = (quick + slow + strength + bars + slope).is_not_null()
        size = 1 + strength / 10 + bars * 100
        return frame.select(
            "ts", signal=pl.when(known & (quick + slope > slow)).then(1).when(known).then(-1),
            size=size.map_elements(lambda x: round(x, 1), return_dtype=pl.Float64),
        )


TWINS = [(Indicated, IndicatedColumns),
         (Sized, SizedColumns), (OwnSize, OwnSizeColumns), (SizedQuotes, SizedQuotesColumns),
         (Imbalance, ImbalanceColumns), (Words, WordsColumns), (Aims, AimsColumns), (Quotes, QuotesColumns),
         (OnBars, OnBarsColumns)]


@pytest.mark.parametrize(("twin", "columns"), TWINS)
def test_fills_are_those_of_the_event_driven_twin(data, twin, columns):
    expected, found = play(twin, data), play(columns, data)
    for mode, result in expected.fill_modes.items():
        other = found.fill_modes[mode]
        assert other.fills_hash == result.fills_hash
        assert other.orders.equals(result.orders)
        assert other.fills.equals(result.fills)
        assert other.output.counters["absent"] == result.output.counters["absent"]
    assert expected.orders.height > 20
    assert expected.fill_modes["optimistic"].metrics.fills > 0


@pytest.mark.parametrize("columns", [SizedColumns, WordsColumns, QuotesColumns, SizedQuotesColumns])
def test_the_compiled_player_does_what_the_calls_in_python_do(data, columns, monkeypatch):
    found = play(columns, data)
    monkeypatch.setattr(runtime, "playable", lambda *_: False)
    expected = play(columns, data)
    for mode, result in expected.fill_modes.items():
        other = found.fill_modes[mode]
        assert other.orders.equals(result.orders)
        assert other.output.equity.equals(result.output.equity)
        assert other.output.counters == result.output.counters


@pytest.mark.parametrize("wake", ["best", "quote", ("book", "trade"), ("best", "trade")])
def test_the_kernel_writes_down_what_python_does(data, wake, monkeypatch):
    frames = []

    def signals(self: Strategy, frame: pl.DataFrame) -> pl.DataFrame:
        frames.append(frame)
        return frame.with_columns(signal=pl.lit(None, pl.Float64))

    cls = type("Noted", (Strategy,), {"wake": wake, "signals": signals, "frame_by": "all", "__module__": __name__})
    Backtest(cls, data, engine=ENGINE).run(modes=("base",))
    monkeypatch.setattr(recording.Recorder, "plain", False)
    Backtest(cls, data, engine=ENGINE).run(modes=("base",))
    assert len(frames) == 2
    assert frames[0].height > 500
    assert frames[0].equals(frames[1])


def test_columns_are_what_a_view_shows_at_each_wake(data):
    frames, seen = {}, []

    class Looks(Strategy):
        wake = ("quote", "trade")

        def analyze(self, data):
            seen.append((data.contract.id, self.ts, *(data.get(name) for name in COLUMNS[3:])))

    class Columns(Strategy):
        wake = ("quote", "trade")

        def signals(self, frame):
            frames[frame["contract"][0]] = frame
            return frame.with_columns(signal=pl.lit(None, pl.Float64))

    Backtest(Looks, data, engine=ENGINE).run(modes=("base",))
    Backtest(Columns, data, engine=ENGINE).run(modes=("base",))
    assert list(frames) == ["kalshi:A", "kalshi:B", "kalshi:C"]
    for name, frame in frames.items():
        assert tuple(frame.columns) == COLUMNS
        assert frame.schema["ts"] == pl.Datetime("ns", "UTC")
        assert frame["event"][0] == ("OTHER" if name == "kalshi:C" else "E")
        expected = [row[1:] for row in seen if row[0] == name]
        shown = frame.with_columns(pl.col("ts").to_physical()).select("ts", *COLUMNS[3:]).rows()
        assert shown == expected


@pytest.mark.parametrize("frame_by", ["event", "all"])
def test_a_frame_of_several_contracts_is_sorted_by_time(data, frame_by):
    frames = []

    def signals(self: Strategy, frame: pl.DataFrame) -> pl.DataFrame:
        frames.append(frame)
        return frame.with_columns(signal=0)

    play(type("By", (Strategy,), {"frame_by": frame_by, "signals": signals, "__module__": __name__}), data)
    assert len(frames) == 3 * (2 if frame_by == "event" else 1)
    assert all(frame["ts"].is_sorted() for frame in frames)
    assert frames[0]["contract"].n_unique() == (2 if frame_by == "event" else 3)


def test_columns_of_indicators_follow_the_parameters(data):
    for n in (2, 7):
        expected, found = (play(cls(n=n), data, contracts="A") for cls in (Indicated, IndicatedColumns))
        assert found.fill_modes["base"].fills_hash == expected.fill_modes["base"].fills_hash
        assert found.orders.equals(expected.orders)


@pytest.mark.parametrize("body", [{"size": Indicator("SMA", 3)}, {"inputs": {"mid": "brti:BTC"}}])
def test_a_column_has_one_meaning(data, body):
    cls = type("Twice", (ImbalanceColumns,), body | {"__module__": __name__})
    with pytest.raises((ConfigError, DataError), match=r"column of the frame|input 'mid'"):
        play(cls, data)


def test_callbacks_run_beside_signals_in_each_mode(data):
    class Columns(Strategy):
        def on_start(self):
            self.margin = 0.01

        def signals(self, frame):
            return frame.with_columns(quote_bid=pl.col("bid") - self.margin, quote_ask=pl.col("ask") + self.margin,
                                      size=2)

        def on_fill(self, fill):
            self.record(filled=fill.size)

    run = play(Columns, data)
    for result in run.fill_modes.values():
        recorded = result.output.records
        assert (0 if recorded is None else recorded.height) == result.metrics.fills


def _broken(change: Any) -> type[Strategy]:
    class Broken(Strategy):
        def signals(self, frame):
            return change(self, frame)

    return Broken


NULL = pl.lit(None, pl.Float64)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s, f: f.filter(pl.col("bid") > 0.5).with_columns(signal=1), "rows of kalshi:A, was"),
        (lambda s, f: pl.concat([f, f]).with_columns(signal=1), "rows of kalshi:A, was"),
        (lambda s, f: f.reverse().with_columns(signal=1), "in their order, column 'ts' differs"),
        (lambda s, f: f.with_columns(signl=1), "was 'signl'"),
        (lambda s, f: f, "none of them"),
        (lambda s, f: f.with_columns(signal=1, target=1.0), "signal and target"),
        (lambda s, f: f.with_columns(target=1.0, size=1.0), "no column 'size' beside target"),
        (lambda s, f: f.with_columns(signal=pl.lit("BYE")), "was 'BYE'"),
        (lambda s, f: f.with_columns(signal=pl.lit(True)), "numbers in column 'signal', was Boolean"),
        (lambda s, f: f.with_columns(signal=float("nan")), "was nan"),
        (lambda s, f: f.with_columns(target=float("inf")), "was inf in row 0 of kalshi:A"),
        (lambda s, f: f.with_columns(signal=1, size=-2.0), "at least 0 contracts"),
        (lambda s, f: f.with_columns(signal=1, confidence=2.0), "confidence from 0 to 1"),
        (lambda s, f: f.with_columns(signal=1, ttl=pl.lit("soon")), "durations, was 'soon'"),
        (lambda s, f: f.with_columns(signal=1, tag=3), "texts, was Int32"),
        (lambda s, f: f.lazy().with_columns(signal=pl.col("nowhere")), "lazy frame of signals to be computed"),
        (lambda s, f: f.to_dict(), "Polars frame, was dict"),
        (lambda s, f: None, "Polars frame, was NoneType"),
    ],
)  # fmt: skip
def test_what_is_not_of_the_contract_is_refused_with_file_and_line(data, change, message):
    with pytest.raises(StrategyError, match=message) as caught:
        play(_broken(change), data)
    assert caught.value.code == "bad_signals"
    assert caught.value.details["file"] == __file__
    assert caught.value.details["line"] > 1


@pytest.mark.parametrize(
    "read",
    [
        lambda s: s.equity, lambda s: s.cash, lambda s: s.available, lambda s: s.open_orders, lambda s: s.markets,
        lambda s: s.position("kalshi:A"), lambda s: s.buy("kalshi:A", 1, 0.5), lambda s: s.target("kalshi:A", 1),
        lambda s: s.market("kalshi:A"), lambda s: s.kelly_sizing(0.5, 0.4), lambda s: s.ts,
    ],
)  # fmt: skip
def test_own_orders_and_money_are_not_for_columns(data, read):
    def change(strategy: Any, frame: pl.DataFrame) -> pl.DataFrame:
        read(strategy)
        return frame.with_columns(signal=1)

    with pytest.raises(StrategyError, match="frame alone") as caught:
        play(_broken(change), data)
    assert caught.value.code == "signals_market_only"
    assert caught.value.details["file"] == __file__


def test_an_error_in_signals_names_its_line(data):
    def change(strategy: Any, frame: pl.DataFrame) -> pl.DataFrame:
        raise ValueError("a fault of mine")

    with pytest.raises(StrategyError, match="a fault of mine"):
        play(_broken(change), data)


def test_rows_of_the_warmup_do_not_count_and_may_hold_anything(data):
    class Columns(Strategy):
        warmup = 3

        def signals(self, frame):
            row = pl.int_range(pl.len())
            return frame.with_columns(
                target=pl.when(row < 3).then(float("nan")).otherwise(1.0), limit=pl.lit(0.2)
            )

    assert play(Columns, data, contracts="A").orders.height > 0


def test_signals_beside_analyze_and_woken_by_fills_is_refused():
    both = {"analyze": lambda self, data: None, "signals": lambda self, frame: frame}
    with pytest.raises(StrategyError, match="was both"):
        type("Both", (Base,), both | {"__module__": __name__})
    with pytest.raises(StrategyError, match="without 'fill'"):
        type("Filled", (Base,), {"signals": lambda self, frame: frame, "wake": "fill", "__module__": __name__})
