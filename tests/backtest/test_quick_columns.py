"""Replays that pass over rows give the bytes of those that visit every row."""

import random
from typing import Any, ClassVar

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ntp import Backtest, CSVDataSource, Indicator, Param, Strategy
from ntp.backtest.columns import Figures, QuickPlayer, figures_metrics, quick_player
from ntp.backtest.facts import Facts
from ntp.backtest.manifest import fills_hash
from ntp.backtest.metrics import compute_metrics
from ntp.backtest.results import DataInfo, EngineInfo, RunContext, StrategyInfo
from ntp.backtest.settings import RunSettings, read_engine
from ntp.backtest.stage import Stage
from ntp.backtest.sweep.bench import Player
from ntp.data.schema import FLAG_GROUP_END, SCHEMAS, Kind
from ntp.engine.tape import SourceFrames, Tape, build_tape
from ntp.markets.instrument import Instrument, InstrumentKind
from ntp.strategy import Contract
from ntp.strategy.registry import as_strategy

MINUTE = 60_000_000_000
DAY = 1_440 * MINUTE
START = 1_767_571_200_000_000_000


def tape_of(seed: int, rows: int, *, asset: bool) -> Tape:
    """Candles of a walk: some without volume, of a contract with quotes too."""
    draw = np.random.default_rng(seed)
    scale = 100 if asset else 10_000
    middle, low, high = (100.0, 1.0, 1e6) if asset else (0.5, 0.05, 0.95)
    step = draw.normal(0, (0.004 if asset else 0.03) * middle, rows)
    close = np.clip(middle + np.cumsum(step), low, high)
    opened = np.concatenate([[middle], close[:-1]])
    top, bottom = np.maximum(opened, close) * 1.003, np.minimum(opened, close) * 0.997
    schema = SCHEMAS[Kind.CANDLE]
    grain = 1 if asset else 100
    columns: dict[str, Any] = {
        name: (np.rint(values * scale / grain) * grain).astype(np.int32)
        for name, values in {"open": opened, "high": top, "low": bottom, "close": close}.items()
    }
    if not asset:
        for side, sign in (("bid", -1), ("ask", 1)):
            for name in ("open", "high", "low", "close"):
                columns[f"{side}_{name}"] = np.clip(columns[name] + sign * 100, 100, 9_900)
    gaps = np.where(draw.random(rows) < 0.1, 5, 1)
    frame = pl.DataFrame(columns).with_columns(
        ts_event=pl.Series(START + np.cumsum(gaps) * MINUTE), symbol=pl.lit("X"), flags=pl.lit(FLAG_GROUP_END),
        interval=pl.lit(MINUTE), volume=pl.Series(draw.integers(0, 40, rows) * 1_000_000),
    )
    missing = [pl.lit(None).alias(name) for name in schema if name not in frame.columns]
    frame = frame.with_columns(missing).select(list(schema)).cast(dict(schema))
    frames = {Kind.CANDLE: frame}
    if asset:
        instrument = Instrument(symbol="X", venue="cash", kind=InstrumentKind.ASSET, price_scale=2)
    else:
        instrument = Instrument(symbol="X", venue="kalshi", event="E", series="S")
        ends = {"ts_event": int(frame["ts_event"][-1]) + MINUTE, "symbol": "X", "flags": FLAG_GROUP_END,
                "value": int(draw.integers(0, 2)) * 1_000_000, "state": "settled"}
        missing = {name: None for name in SCHEMAS[Kind.SETTLEMENT] if name not in ends}
        frames[Kind.SETTLEMENT] = pl.DataFrame([{**ends, **missing}], schema=SCHEMAS[Kind.SETTLEMENT])
    return build_tape([SourceFrames("made", [instrument], frames)])


class Random(Strategy):
    """Wishes drawn from a seed, seldom or often."""

    seed: int = Param(0)
    share: float = Param(0.05, ge=0, le=1)
    kind: str = Param("signal", choices=("signal", "target", "quote"))

    def signals(self, frame):
        draw = np.random.default_rng(self.seed)
        rows = frame.height
        wanted = draw.random(rows) < self.share
        price = frame["price"].to_numpy()
        if self.kind == "signal":
            return frame.with_columns(
                signal=pl.Series(np.where(wanted, draw.integers(-1, 2, rows), np.nan), nan_to_null=True),
                size=pl.Series(np.where(draw.random(rows) < 0.5, draw.integers(1, 30, rows), np.nan), nan_to_null=True),
                limit=pl.Series(np.where(draw.random(rows) < 0.3, price, np.nan), nan_to_null=True),
                confidence=pl.Series(draw.random(rows)), tag=pl.lit("drawn"),
            )
        if self.kind == "target":
            return frame.with_columns(
                target=pl.Series(np.where(wanted, draw.integers(-30, 31, rows), np.nan), nan_to_null=True),
                ttl=pl.lit(3 * MINUTE),
            )
        return frame.with_columns(
            quote_bid=pl.Series(np.where(wanted, price * 0.99, np.nan), nan_to_null=True),
            quote_ask=pl.Series(np.where(wanted, price * 1.01, np.nan), nan_to_null=True), size=5.0,
        )


class Stated(Random):
    """Also states fair values."""

    def signals(self, frame):
        return super().signals(frame).with_columns(fair=pl.col("price") * 0.99)


def stage_on(tape: Tape, engine: dict[str, Any], strategy: type[Strategy] = Random) -> Stage:
    _, declared = as_strategy(strategy, None, None)
    wanted = RunSettings(
        capital=10_000_000_000, contracts="*", fills="base", engine=read_engine(engine), waive=("maker_only",)
    )
    universe = {number: Contract.of(each) for number, each in enumerate(tape.instruments)}
    return Stage(declared, wanted, tape, universe, [wanted.engine.feed["default"]])


def visited(stage: Stage, strategy: Strategy, mode: str) -> dict[str, Any]:
    play = stage.play(strategy, mode)
    for chunk in [*stage.tape.chunks(), None]:
        play.advance(chunk, stage.tape.first, None)
    play.replay.sample_equity()
    state = play.replay.state
    return {
        name: state.tables[name][: int(state.context[count][0])]
        for name, count in (("fills", "n_fills"), ("done", "n_done"), ("equity", "n_equity"),
                            ("settlements", "n_settlements"))
    } | {"events": int(state.context["events"][0]), "wakes": int(state.context["wakes_count"][0])}


def played(player: QuickPlayer, strategy: Strategy) -> Any:
    """What a point gives; None where the ordinary way has to say it."""
    asked = player.ask(strategy)
    planned = None if asked is None else player.plan(asked)
    return None if planned is None else player.play(planned)


def same(one: Any, other: Any) -> bool:
    return len(one) == len(other) and all(
        np.array_equal(one[name], other[name], equal_nan=one.dtype[name].kind == "f") for name in one.dtype.names
    )


def assert_followed(curve: Any, samples: Any, capital: int) -> None:
    """Hold a curve that was followed against all of its samples; of two at the end the last one counts."""
    if samples["ts"][-2] == samples["ts"][-1]:
        samples = np.delete(samples, -2)
    values = samples["equity"]
    assert (curve.end, curve.gross_end, curve.last) == tuple(int(samples[n][-1]) for n in ("equity", "gross", "ts"))
    assert curve.locked == samples["locked"].max()
    high = np.maximum.accumulate(np.maximum(values, capital)) / 1e6
    assert curve.fall == pytest.approx(((values / 1e6 - high) / high).min(), rel=1e-12)
    assert curve.count == len(samples)
    days = samples["ts"] // DAY
    ended = np.unique(days)[:-1]
    assert curve.closes[ended - curve.first_day].tolist() == [int(values[days == day][-1]) for day in ended]


TAPES = {(asset, seed): tape_of(seed, 400, asset=asset) for asset in (True, False) for seed in (1, 2)}
LATENCIES = [{"feed_latency": "0s", "order_latency": "0s"}, {"feed_latency": "20ms", "order_latency": "50ms"},
             {"feed_latency": "90s", "order_latency": "150s"}]


@settings(max_examples=40)
@given(
    which=st.sampled_from(sorted(TAPES)), latency=st.sampled_from(LATENCIES), seed=st.integers(0, 10_000),
    share=st.sampled_from([0.0, 0.01, 0.1, 0.7]), kind=st.sampled_from(["signal", "target", "quote"]),
    mode=st.sampled_from(["pessimistic", "base", "optimistic"]),
)  # fmt: skip
def test_passing_over_rows_changes_no_byte(which, latency, seed, share, kind, mode):
    stage = stage_on(TAPES[which], latency)
    point = {"seed": seed, "share": share, "kind": kind}
    player = quick_player(stage, Random(**point), mode)
    assert player is not None
    played(player, Random(seed=seed + 1, share=0.3))  # what comes before leaves nothing behind
    found = played(player, Random(**point))
    assert found is not None
    expected = visited(stage, Random(**point), mode)
    assert same(found.fills, expected["fills"])
    assert same(found.orders, expected["done"])
    assert_followed(found.curve, expected["equity"], stage.capital)
    assert same(found.settlements, expected["settlements"])
    assert (found.events, found.wakes) == (expected["events"], expected["wakes"])


def test_rows_are_passed_over_and_what_was_measured_trades():
    stage = stage_on(TAPES[True, 1], LATENCIES[1])
    player = quick_player(stage, Random(), "base")
    assert isinstance(player, QuickPlayer)
    filled = [len(played(player, Random(seed=seed, share=0.2)).fills) for seed in range(5)]
    assert all(count > 10 for count in filled)
    assert played(player, Random(share=0.0)).visited < 20 < played(player, Random(share=1.0)).visited


@pytest.mark.parametrize("first", [3.0, None])
def test_the_limit_of_one_point_does_not_hold_for_the_next(first):
    stage = stage_on(TAPES[True, 1], LATENCIES[0])
    points = [Random(share=0.3, max_position=limit) for limit in (first, 3.0, None, 8.0)]
    player = quick_player(stage, points[0], "base")
    assert player is not None
    for point in points:
        found = played(player, point).fills.copy()
        assert same(found, visited(stage, point.copy(), "base")["fills"])
    assert len({played(player, point).fills.tobytes() for point in points[1:]}) == 3


def test_what_does_not_qualify_is_left_to_the_ordinary_way():
    stage = stage_on(TAPES[True, 1], LATENCIES[0])
    player = quick_player(stage, Random(), "base")
    assert player is not None
    assert played(player, Random(stop_loss=0.1)) is None

    class Told(Random):
        def on_fill(self, fill):
            pass

    assert quick_player(stage_on(TAPES[True, 1], LATENCIES[0], Told), Told(), "base") is None

    class Wrong(Random):
        def signals(self, frame):
            return frame.head(3)

    stage = stage_on(TAPES[True, 1], LATENCIES[0], Wrong)
    player = quick_player(stage, Wrong(), "base")
    assert player is not None
    assert played(player, Wrong()) is None


@pytest.mark.parametrize("seed", range(3))
def test_the_same_point_gives_the_same_bytes_again(seed):
    stage = stage_on(TAPES[False, 2], LATENCIES[1])
    player = quick_player(stage, Random(), "base")
    assert player is not None
    points = [Random(seed=random.Random(seed).randrange(100), share=0.2), Random(seed=7, share=0.5)]
    first = [played(player, point).fills.tobytes() for point in points]
    again = [played(player, point).fills.tobytes() for point in reversed(points)]
    assert first == list(reversed(again))


@pytest.mark.parametrize(("which", "kind", "latency"), [
    ((True, 1), "signal", 0), ((True, 2), "target", 1), ((True, 1), "quote", 2), ((False, 1), "signal", 1),
    ((False, 2), "target", 0), ((False, 1), "quote", 1), ((False, 2), "nothing", 0),
])  # fmt: skip
def test_metrics_and_digest_are_those_of_an_ordinary_replay(which, kind, latency):
    stage = stage_on(TAPES[which], LATENCIES[latency])
    nothing = {"kind": "signal", "share": 0.0}
    point = Stated(seed=5, **(nothing if kind == "nothing" else {"kind": kind, "share": 0.2}))
    stage = stage_on(TAPES[which], LATENCIES[latency], Stated)
    player = quick_player(stage, point, "base")
    assert player is not None
    tape = stage.tape
    data = DataInfo([], tape.first, tape.last + 1, tape.events, 1, None, "", tape.fidelity, tape.tape)
    context = RunContext("run", 0, StrategyInfo("s", "0", ""), EngineInfo("0"), data, 10_000_000_000)
    quick = played(player, point)
    figures = Figures(quick, context, stage.contract)
    found = figures_metrics(figures)
    play = stage.play(Stated(**point.parameters()), "base")
    for chunk in [*tape.chunks(), None]:
        play.advance(chunk, tape.first, None)
    output = stage.output(play)
    facts = Facts(output, context)
    expected = compute_metrics(facts, resample=False)
    assert dict(found.reasons) == dict(expected.reasons)
    for name, value in expected.items():
        assert found[name] == (value if not isinstance(value, float) else pytest.approx(value, rel=1e-9)), name
    assert figures.fills_hash() == fills_hash(output.fills)
    assert figures.event_returns == pytest.approx(facts.event_returns, rel=1e-9)
    assert figures.stamps == output.counters["stamps"]
    assert (found.fills > 10) is (kind != "nothing")


class Lots(Strategy):
    """Draws lots with the generator of the run."""

    size: int = Param(1, ge=1)

    def signals(self, frame):
        return frame.with_columns(signal=pl.Series(self.rng.integers(-1, 2, frame.height)), size=self.size)


def test_random_numbers_are_those_of_a_run_of_its_own():
    stage = stage_on(TAPES[True, 1], LATENCIES[0], Lots)
    player = quick_player(stage, Lots(), "base")
    assert player is not None
    found = [played(player, Lots(size=size)).fills["ts"].copy() for size in (1, 2, 1)]
    assert len(found[0]) > 10
    assert np.array_equal(found[0], visited(stage, Lots(size=1), "base")["fills"]["ts"])
    assert np.array_equal(found[0], found[2])


class Drift(Strategy):
    """Follows the mean of the last prices."""

    n: int = Param(5, ge=1)
    mean = Indicator("SMA", n, on="price")

    def signals(self, frame):
        return frame.with_columns(signal=pl.col("price") - pl.col("mean"), size=1)


class Shared(Drift):
    """Keeps something on its class that code could change."""

    seen: ClassVar[list[int]] = []


def bars(rows: int = 3_000) -> pl.DataFrame:
    close = 50 + np.cumsum(np.random.default_rng(3).normal(0, 0.2, rows))
    return pl.DataFrame({
        "timestamp": START + np.arange(rows) * MINUTE, "open": close, "high": close + 0.3, "low": close - 0.3,
        "close": close.round(2), "volume": 1000.0,
    }).with_columns(pl.col("open", "high", "low").round(2))  # fmt: skip


class Picky(Drift):
    """Raises at one point, and names sizes beyond the kernel's reach at two."""

    def signals(self, frame):
        if self.n == 5:
            raise ValueError("five")
        return super().signals(frame).with_columns(size=pl.lit(2e9 if self.n in (4, 7) else 1.0))


def test_threads_take_turns_where_points_need_the_ordinary_way(tmp_path, monkeypatch):
    path = tmp_path / "bars.csv"
    bars(400).write_csv(path)
    source = CSVDataSource(path, kind="asset", venue="cash")
    options = {"waive": ("maker_only",), "store": False}
    several = Backtest(Picky, source, **options).sweep({"n": [3, 4, 5, 6, 7, 8]}, workers=3)
    assert (several.effort.executor, several.effort.workers) == ("threads", 3)
    assert [bool(point.error) for point in several] == [False, False, True, False, False, False]
    monkeypatch.setattr(Player, "_asked", lambda *_: None)
    alone = Backtest(Picky, source, **options).sweep({"n": [3, 4, 5, 6, 7, 8]}, workers=1)
    assert [point.fills_hash for point in several] == [point.fills_hash for point in alone]
    assert [point.error for point in several] == [point.error for point in alone]


@pytest.mark.parametrize("cls", [Drift, Shared])
def test_a_sweep_of_whole_columns_gives_what_its_runs_give(tmp_path, cls, monkeypatch):
    path = tmp_path / "bars.csv"
    bars().write_csv(path)
    source = CSVDataSource(path, kind="asset", venue="cash")
    options = {"waive": ("maker_only",), "store": False}
    swept = Backtest(cls, source, **options).sweep({"n": [3, 8, 20]}, workers=1)
    assert len({point.fills_hash for point in swept}) == 3
    for point in swept:
        run = Backtest(cls, source, parameters=point.parameters, **options).run(modes=("base",))
        assert run.shown.fills_hash == point.fills_hash
        assert point.metrics.fills > 5
        for name in ("pnl_net_usd", "sharpe_ratio", "max_drawdown", "win_rate", "trades", "time_to_fill_median_s"):
            value = run.metrics[name]
            assert point.metrics[name] == (None if value is None else pytest.approx(value, rel=1e-9)), name
    several = Backtest(cls, source, **options).sweep({"n": [3, 8, 20]}, workers=2)
    assert several.effort.executor == ("threads" if cls is Drift else "processes")
    assert [point.to_dict() for point in several] == [point.to_dict() for point in swept]
    monkeypatch.setattr(Player, "_asked", lambda *_: None)
    slow = Backtest(cls, source, **options).sweep({"n": [3, 8, 20]}, workers=1)
    assert [point.fills_hash for point in slow] == [point.fills_hash for point in swept]
    assert [dict(point.metrics.reasons) for point in slow] == [dict(point.metrics.reasons) for point in swept]
