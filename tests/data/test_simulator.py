"""The simulated recording keeps the laws of a recording, and its truth is true."""

import subprocess
import sys
from collections import defaultdict
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ntp.core import SECOND, ConfigError
from ntp.data.schema import (
    BOOK_CLEAR,
    BOOK_DELTA,
    BOOK_SET,
    FLAG_GROUP_END,
    FLAG_SNAPSHOT,
    SCHEMAS,
    Kind,
)
from ntp.data.simulator import SimulatedRecording, SimulatorConfig, sample_recording, simulate
from ntp.markets.groups import Relation, group_of
from ntp.markets.instrument import Instrument, InstrumentKind
from ntp.markets.settlement import Observed
from ntp.markets.settlement_sources import settlement_of

CONFIG = SimulatorConfig(seed=11, events=2, brackets=4, duration="5m", every="6m")
FRAMES = (Kind.BOOK, Kind.TRADE, Kind.LIFECYCLE, Kind.SETTLEMENT)


@pytest.fixture(scope="module")
def recording() -> SimulatedRecording:
    return simulate(CONFIG)


def contracts_of(recording: SimulatedRecording) -> list[Instrument]:
    return [i for i in recording.instruments if i.kind is InstrumentKind.CONTRACT]


def rebuild(rows: pl.DataFrame) -> dict[tuple[int, int], int]:
    """Apply book rows of one contract; every state must be possible."""
    book: dict[tuple[int, int], int] = {}
    columns = ("side", "action", "price", "size", "flags")
    for side, action, price, size, flags in rows.select(columns).iter_rows():
        if action == BOOK_CLEAR:
            assert side == 0
            book.clear()
            continue
        key = (side, price)
        book[key] = size if action == BOOK_SET else book.get(key, 0) + size
        assert book[key] >= 0
        if book[key] == 0:
            del book[key]
        if flags & FLAG_GROUP_END:
            bids = [p for s, p in book if s > 0]
            asks = [p for s, p in book if s < 0]
            assert not bids or not asks or max(bids) < min(asks)
    return book


def test_frames_have_the_columns_of_a_recording(recording: SimulatedRecording) -> None:
    assert set(recording.frames) == {*FRAMES, Kind.INDEX}
    for kind, frame in recording.frames.items():
        assert dict(frame.schema) == SCHEMAS[kind]
        assert frame.equals(frame.sort("ts_event", "sequence", maintain_order=True))
        assert (frame["ts_recv"] > frame["ts_event"]).all()


def test_book_is_never_negative_or_crossed_and_ends_empty(recording: SimulatedRecording) -> None:
    for instrument in contracts_of(recording):
        rows = recording.frames[Kind.BOOK].filter(pl.col("symbol") == instrument.symbol)
        assert rows["action"][0] == BOOK_CLEAR
        assert rows["flags"][0] & FLAG_SNAPSHOT
        assert rebuild(rows) == {}
        assert rebuild(rows.head(rows.height - 1))


@given(seed=st.integers(0, 1 << 32), rate=st.floats(0.2, 3.0))
@settings(max_examples=8, deadline=None)
def test_any_seed_gives_a_possible_book(seed: int, rate: float) -> None:
    made = simulate(SimulatorConfig(seed=seed, events=1, brackets=2, duration="2m", rate=rate))
    for instrument in contracts_of(made):
        rebuild(made.frames[Kind.BOOK].filter(pl.col("symbol") == instrument.symbol))


def test_prices_lie_on_the_grid(recording: SimulatedRecording) -> None:
    bands = {i.symbol: i.tick_bands for i in contracts_of(recording)}
    rows = recording.frames[Kind.BOOK].filter(pl.col("action") != BOOK_CLEAR)
    for symbol, price in rows.select("symbol", "price").unique().iter_rows():
        assert any(low <= price <= high and (price - low) % step == 0 for low, high, step in bands[symbol])


def test_sequence_counts_up_without_gaps_per_venue(recording: SimulatedRecording) -> None:
    venue = {i.symbol: i.venue for i in recording.instruments}
    for name in CONFIG.venues:
        mine = [s for s, v in venue.items() if v == name]
        parts = [recording.frames[k].filter(pl.col("symbol").is_in(mine)) for k in FRAMES]
        rows = pl.concat([p.select("ts_event", "ts_recv", "sequence") for p in parts]).sort("sequence")
        assert rows["sequence"].to_list() == list(range(1, rows.height + 1))
        assert rows["ts_event"].is_sorted()
        assert rows["ts_recv"].is_sorted()


def test_groups_share_one_time_and_end_once(recording: SimulatedRecording) -> None:
    columns = ("symbol", "sequence", "ts_event", "ts_recv", "flags")
    rows = pl.concat([recording.frames[k].select(columns) for k in FRAMES])
    for _, mine in rows.sort("sequence").group_by("symbol"):
        group = (mine["flags"] & FLAG_GROUP_END).shift(1, fill_value=0).cum_sum()
        found = mine.with_columns(group=group.cast(pl.Int64)).group_by("group").agg(
            pl.col("ts_event").n_unique().alias("times"),
            pl.col("ts_recv").n_unique().alias("arrivals"),
            (pl.col("sequence").max() - pl.col("sequence").min() + 1 - pl.len()).alias("foreign"),
        )
        assert found["times"].max() == 1
        assert found["arrivals"].max() == 1
        assert found["foreign"].max() == 0


def test_each_print_comes_right_before_the_size_it_removes(recording: SimulatedRecording) -> None:
    prints = recording.frames[Kind.TRADE].with_columns(next=pl.col("sequence") + 1)
    book = recording.frames[Kind.BOOK]
    joined = prints.join(book, left_on=["symbol", "next"], right_on=["symbol", "sequence"], suffix="_book")
    assert joined.height == prints.height > 500
    assert (joined["size_book"] == -joined["size"]).all()
    assert (joined["price_book"] == joined["price"]).all()
    assert (joined["side"] == -joined["taker"]).all()
    assert (joined["ts_event_book"] == joined["ts_event"]).all()
    assert (joined["action"] == BOOK_DELTA).all()


def test_orders_fill_first_in_first_out_at_the_best_price(recording: SimulatedRecording) -> None:
    for _, changes in recording.truth["orders"].group_by("symbol"):
        queues: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
        for side, price, order, size, reason in changes.select(
            "side", "price", "order", "size", "reason"
        ).iter_rows():
            queue = queues[side, price]
            if reason == "place":
                assert not queue or order > max(queue)
                queue[order] = size
                continue
            if reason == "fill":
                best = max(p * side for (s, p), q in queues.items() if s == side and q)
                assert best == price * side
                assert order == min(queue)
            queue[order] += size
            assert queue[order] >= 0
            if queue[order] == 0:
                del queue[order]


def test_orders_add_up_to_the_deltas(recording: SimulatedRecording) -> None:
    deltas = recording.frames[Kind.BOOK].filter(pl.col("action") == BOOK_DELTA)
    orders = recording.truth["orders"].filter(pl.col("sequence").is_not_null())
    columns = ("ts_event", "symbol", "sequence", "side", "price", "size")
    assert orders.select(columns).equals(deltas.select(columns))


def test_brackets_share_one_certainty(recording: SimulatedRecording) -> None:
    groups = {i.symbol: i.event for i in contracts_of(recording) if i.group == "brackets"}
    fair = recording.truth["fair"].with_columns(event=pl.col("symbol").replace_strict(groups, default=None))
    sums = fair.drop_nulls("event").group_by("ts", "event").agg(pl.col("fair").sum(), pl.len())
    assert (sums["len"] == CONFIG.brackets).all()
    assert float((sums["fair"] - 1).abs().max()) < 1e-12  # type: ignore[arg-type]
    assert fair["fair"].is_between(0, 1).all()


def test_brackets_are_exclusive_and_exhaustive_by_their_specs(recording: SimulatedRecording) -> None:
    brackets = [i for i in contracts_of(recording) if i.group == "brackets"]
    for event in {i.event for i in brackets}:
        group = group_of(event, [i for i in brackets if i.event == event])
        assert group.relation is Relation.EXCLUSIVE
        assert group.exhaustive


def test_settlement_is_the_spec_applied_to_the_index(recording: SimulatedRecording) -> None:
    index = recording.frames[Kind.INDEX]
    settled = recording.frames[Kind.SETTLEMENT].filter(pl.col("state") == "settled")
    values = dict(settled.select("symbol", "value").iter_rows())
    assert len(values) == len(contracts_of(recording))
    for instrument in contracts_of(recording):
        spec = settlement_of(instrument)
        mean = window_mean(index, instrument.close_time or 0, spec.observable.window_ns)
        payoff = spec.payoff(Observed(mean))
        assert payoff is not None
        assert values[instrument.symbol] == int(payoff * 1_000_000)
        if instrument.group == "updown":
            strike = window_mean(index, instrument.open_time or 0, spec.observable.window_ns)
            assert spec.observable.rounded(strike) == spec.low


def window_mean(index: pl.DataFrame, end: int, window: int) -> Decimal:
    values = index.filter(pl.col("ts_event").is_between(end - window, end, closed="right"))["value"]
    assert len(values) == window // SECOND
    return sum((Decimal(f"{v:.2f}") for v in values), Decimal(0)) / len(values)


def test_truth_ends_at_the_result(recording: SimulatedRecording) -> None:
    values = dict(recording.frames[Kind.SETTLEMENT].select("symbol", "value").iter_rows())
    last = recording.truth["fair"].group_by("symbol").agg(pl.col("fair").sort_by("ts").last())
    for symbol, fair in last.iter_rows():
        assert fair == values[symbol] / 1_000_000


def test_contracts_live_from_open_to_settlement(recording: SimulatedRecording) -> None:
    for instrument in contracts_of(recording):
        mine = recording.frames[Kind.LIFECYCLE].filter(pl.col("symbol") == instrument.symbol)
        assert mine["state"].to_list() == ["open", "closed", "determined", "settled"]
        assert mine["ts_event"][:2].to_list() == [instrument.open_time, instrument.close_time]
        trades = recording.frames[Kind.TRADE].filter(pl.col("symbol") == instrument.symbol)["ts_event"]
        assert trades.is_between(instrument.open_time, instrument.close_time, closed="none").all()


def test_equal_configurations_give_equal_bytes_in_another_process(recording: SimulatedRecording) -> None:
    assert simulate(CONFIG).content_hash() == recording.content_hash()
    code = (
        "from ntp.data.simulator import SimulatorConfig, simulate\n"
        "config = SimulatorConfig(seed=11, events=2, brackets=4, duration='5m', every='6m')\n"
        "print(simulate(config).content_hash())"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == recording.content_hash()
    assert simulate(SimulatorConfig(events=1, duration="2m")).content_hash() != recording.content_hash()


def mids(recording: SimulatedRecording, symbol: str, times: np.ndarray) -> np.ndarray:
    """Middle of the book at times in dollars, NaN where a side is empty."""
    rows = recording.frames[Kind.BOOK].filter(pl.col("symbol") == symbol)
    book: dict[tuple[int, int], int] = {}
    stamps, values = [], []
    columns = ("ts_event", "side", "action", "price", "size")
    for ts, side, action, price, size in rows.select(columns).iter_rows():
        if action == BOOK_CLEAR:
            book.clear()
            continue
        book[side, price] = size if action == BOOK_SET else book.get((side, price), 0) + size
        if book[side, price] == 0:
            del book[side, price]
        bids, asks = [p for s, p in book if s > 0], [p for s, p in book if s < 0]
        stamps.append(ts)
        values.append((max(bids) + min(asks)) / 20_000 if bids and asks else np.nan)
    at = np.searchsorted(np.array(stamps), times, side="right") - 1
    return np.array(values)[at]


def test_mids_track_fair_and_the_second_venue_comes_later() -> None:
    config = SimulatorConfig(seed=3, events=2, brackets=2, duration="10m", lag="4s", jump_rate=0)
    made = simulate(config)
    errors: dict[tuple[str, int], list[float]] = defaultdict(list)
    for instrument in contracts_of(made):
        fair = made.truth["fair"].filter(pl.col("symbol") == instrument.symbol)
        times, true = fair["ts"].to_numpy()[10:-5], fair["fair"].to_numpy()
        middle = mids(made, instrument.symbol, times)
        for late in (0, 4):
            error = np.abs(middle - true[10 - late : -5 - late])
            known = (np.abs(true[10:-5] - 0.5) < 0.4) & ~np.isnan(error)
            errors[instrument.venue, late] += error[known].tolist()
    mean = {key: float(np.mean(found)) for key, found in errors.items()}
    assert mean["sim_a", 0] < 0.02
    assert mean["sim_a", 0] < mean["sim_a", 4]
    assert mean["sim_b", 4] < mean["sim_b", 0]


def test_makers_earn_a_spread_and_the_informed_take_some_of_it_back() -> None:
    made = simulate(SimulatorConfig(seed=5, events=6, brackets=3, duration="10m"))
    fair = made.truth["fair"].rename({"ts": "ts_event"}).sort("ts_event")
    trades = made.frames[Kind.TRADE].join_asof(fair, on="ts_event", by="symbol", check_sortedness=False)
    earned = trades["taker"] * (trades["price"] / 10_000 - trades["fair"])
    assert trades.height > 5_000
    assert 0.0 < float((earned * trades["size"]).sum()) / float(trades["size"].sum()) < 0.03
    assert (earned < -0.01).sum() > 100


def test_sample_is_small_settled_and_on_two_venues() -> None:
    made = sample_recording()
    assert sample_recording() is made
    assert 200_000 < sum(frame.height for frame in made.frames.values()) < 500_000
    contracts = contracts_of(made)
    assert {i.venue for i in contracts} == {"sim_a", "sim_b"}
    assert len({(i.venue, i.event) for i in contracts}) >= 30
    settled = made.frames[Kind.SETTLEMENT].filter(pl.col("state") == "settled")
    assert set(settled["symbol"]) == {i.symbol for i in contracts}
    assert {0, 1_000_000} == set(settled["value"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seed", -1), ("events", 0), ("brackets", 1), ("makers", 0), ("duration", "1m"), ("every", "1m"),
        ("lag", "2m"), ("sigma", 0.0), ("rate", float("nan")), ("half_spread", 0.5), ("step", "300ms"),
        ("index_interval", "150ms"), ("averaging", 0), ("jump_rate", -1.0), ("venues", ()), ("start", 1.5),
    ],
)  # fmt: skip
def test_a_parameter_out_of_range_is_named(name: str, value: object) -> None:
    with pytest.raises(ConfigError) as error:
        SimulatorConfig(**{name: value})  # type: ignore[arg-type]
    assert error.value.details.get("parameter") == name


def test_an_unknown_venue_gets_a_suggestion() -> None:
    with pytest.raises(ConfigError, match="sim_c") as error:
        SimulatorConfig(venues=("sim_c",))
    assert "sim_" in error.value.hint
