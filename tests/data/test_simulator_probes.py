"""Probes: the true queue position and fills of orders that nobody sees."""

from dataclasses import replace

import polars as pl
import pytest

from ntp.core import ConfigError
from ntp.data.schema import BOOK_CLEAR, BOOK_SET, Kind
from ntp.data.simulator import Probe, SimulatedRecording, SimulatorConfig, simulate

CONFIG = SimulatorConfig(seed=21, events=1, brackets=2, duration="5m")
SYMBOL = "SIMBTC5M-26JAN050005-05"


@pytest.fixture(scope="module")
def recording() -> SimulatedRecording:
    return simulate(CONFIG)


def displayed(recording: SimulatedRecording, ts: int) -> dict[tuple[int, int], int]:
    """Book of the contract just before a time."""
    book: dict[tuple[int, int], int] = {}
    rows = recording.frames[Kind.BOOK].filter((pl.col("symbol") == SYMBOL) & (pl.col("ts_event") < ts))
    for side, action, price, size in rows.select("side", "action", "price", "size").iter_rows():
        if action == BOOK_CLEAR:
            book.clear()
        else:
            book[side, price] = size if action == BOOK_SET else book.get((side, price), 0) + size
    return {key: size for key, size in book.items() if size}


def probes_at_the_touch(recording: SimulatedRecording) -> tuple[Probe, ...]:
    opened = next(i for i in recording.instruments if i.symbol == SYMBOL).open_time or 0
    found = []
    for k in range(1, 25):
        ts = opened + k * 10_000_000_500
        book = displayed(recording, ts)
        for side in (1, -1):
            best = max((p * side for s, p in book if s == side), default=None)
            if best is not None:
                found.append(
                    Probe(
                        symbol=SYMBOL, side=side, price=best * side, size=10_000_000, placed_at=ts,
                        cancelled_at=ts + 60_000_000_000,
                    )
                )
    return tuple(found)


def test_probes_change_nothing_and_start_behind_what_is_displayed(recording: SimulatedRecording) -> None:
    probes = probes_at_the_touch(recording)
    probed = simulate(replace(CONFIG, probes=probes))
    assert all(probed.frames[kind].equals(frame) for kind, frame in recording.frames.items())
    rows = probed.truth["probes"]
    assert rows.height == len(probes) > 30
    for probe, queue in zip(probes, rows["queue_at_arrival"], strict=True):
        assert queue == displayed(recording, probe.placed_at)[probe.side, probe.price]
    assert set(rows["state"]) >= {"filled", "cancelled"}


def test_a_probe_moves_forward_only_and_fills_after_its_queue(recording: SimulatedRecording) -> None:
    probes = probes_at_the_touch(recording)
    truth = simulate(replace(CONFIG, probes=probes)).truth
    prints = recording.frames[Kind.TRADE].with_columns(book_row=pl.col("sequence") + 1)
    for number, probe in enumerate(probes):
        log = truth["probe_log"].filter(pl.col("probe") == number)
        assert (log["ahead"].diff().drop_nulls() <= 0).all()
        assert log["behind"].min() >= 0  # type: ignore[operator]
        fills = log.filter(pl.col("fill") > 0)
        assert (fills["ahead"] == 0).all()
        assert fills["fill"].sum() == truth["probes"]["filled"][number] <= probe.size
        at_price = fills.filter(~pl.col("through"))
        matched = at_price.join(prints, left_on="sequence", right_on="book_row")
        assert matched.height == at_price.height
        assert (matched["price"] == probe.price).all()
        assert (matched["taker"] == -probe.side).all()


def test_a_probe_in_the_place_of_a_real_order_gets_its_fills(recording: SimulatedRecording) -> None:
    orders = recording.truth["orders"].filter((pl.col("symbol") == SYMBOL) & pl.col("sequence").is_not_null())
    lives = orders.group_by("order", maintain_order=True).agg(
        pl.col("ts_event").first().alias("placed"), pl.col("side").first(), pl.col("price").first(),
        pl.col("size").first(), pl.col("size").sum().alias("left"), pl.col("reason"),
    )
    lives = lives.filter(
        (pl.col("left") == 0)
        & (pl.col("reason").list.first() == "place")
        & ~pl.col("reason").list.contains("cancel")
    )
    assert lives.height > 10
    probes = tuple(
        Probe(symbol=SYMBOL, side=side, price=price, size=size, placed_at=ts)
        for ts, side, price, size in lives.select("placed", "side", "price", "size").iter_rows()
    )
    truth = simulate(replace(CONFIG, probes=probes)).truth
    assert set(truth["probes"]["state"]) == {"filled"}
    for number, order in enumerate(lives["order"]):
        real = orders.filter((pl.col("order") == order) & (pl.col("reason") == "fill"))
        log = truth["probe_log"].filter((pl.col("probe") == number) & (pl.col("fill") > 0))
        assert log["sequence"].to_list() == real["sequence"].to_list()
        assert log["fill"].to_list() == (-real["size"]).to_list()
        assert not log["through"].any()


def test_a_crossing_probe_is_rejected(recording: SimulatedRecording) -> None:
    ts = probes_at_the_touch(recording)[0].placed_at
    probe = Probe(symbol=SYMBOL, side=1, price=9_900, size=1_000_000, placed_at=ts)
    rows = simulate(replace(CONFIG, probes=(probe,))).truth["probes"]
    assert rows["state"].to_list() == ["rejected"]
    assert rows["filled"].to_list() == [0]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"symbol": SYMBOL[:-1]}, "unknown_probe"),
        ({"price": 5_050}, "off_grid"),
        ({"placed_at": 1}, "probe_outside_life"),
    ],
)
def test_an_impossible_probe_is_refused(
    changes: dict[str, object], code: str, recording: SimulatedRecording
) -> None:
    probe = probes_at_the_touch(recording)[0]
    with pytest.raises(ConfigError) as error:
        simulate(replace(CONFIG, probes=(replace(probe, cancelled_at=None, **changes),)))  # type: ignore[arg-type]
    assert error.value.code == code


def test_a_probe_needs_a_side_and_a_size() -> None:
    for wrong in ({"side": 0}, {"size": 0}, {"price": 0}, {"cancelled_at": 1}):
        values = {"symbol": SYMBOL, "side": 1, "price": 100, "size": 1, "placed_at": 5} | wrong
        with pytest.raises(ConfigError):
            Probe(**values)  # type: ignore[arg-type]
