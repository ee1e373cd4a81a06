import polars as pl
from factory import CAPITAL, START, Replay, context, place, season

from ntp.backtest import Run
from ntp.backtest.results import EQUITY, FILLS, ORDERS, SETTLEMENTS, ModeOutput
from ntp.backtest.validation.stitching import stitch
from ntp.core import DAY, SECOND


def replay(first, count, days=0):
    """A replay of its own events, some days later."""
    made = Replay()
    for at in range(first, first + count):
        ts = START + (at + days) * DAY
        made.unfilled(ts - 9 * SECOND, ts - 4 * SECOND, where=place(at))
        made.fill(ts, 1, 45, 10, place(at), fee=10)
        made.settle(ts + 900 * SECOND, float(at % 2), place(at))
    return made


def test_parts_of_a_replay_put_together_are_the_whole():
    whole = stitch([replay(0, 40).output()], CAPITAL)
    parts = stitch([replay(0, 15).output(), replay(15, 25).output()], CAPITAL)
    for name in ("fills", "orders", "settlements"):
        one, other = (getattr(each, name).drop("order_id", strict=False) for each in (whole, parts))
        assert one.equals(other), name
    assert parts.equity.equals(whole.equity)
    assert parts.accounts == whole.accounts
    assert parts.counters["events"] == 2_000
    runs = [Run(context(), {"base": each}) for each in (whole, parts)]
    assert dict(runs[0].metrics) == dict(runs[1].metrics)
    assert runs[0].shown.fills_hash == runs[1].shown.fills_hash


def test_orders_keep_their_fills_and_share_no_number():
    found = stitch([replay(0, 3).output(), replay(3, 3).output()], CAPITAL)
    assert found.orders["order_id"].is_unique().all()
    joined = found.fills.join(found.orders.select("order_id", ordered="contract"), on="order_id")
    assert (joined["contract"] == joined["ordered"]).all()
    assert len(joined) == len(found.fills) == 6


def test_overlapping_replays_add_their_gains():
    early, late = season(10).output(), replay(100, 10, days=-100).output()
    found = stitch([early, late], CAPITAL)
    assert found.equity["ts"].is_sorted()
    assert found.fills["ts"].is_sorted()
    gains = sum(each.equity["equity"][-1] - CAPITAL for each in (early, late))
    assert found.equity["equity"][-1] - CAPITAL == gains
    assert found.accounts[0]["pnl"] == gains
    assert found.accounts[0]["start"] == CAPITAL


def test_counts_are_added_by_name():
    one = replay(0, 2).output(absent={"bid": 2}, stamps=["a"], unpriced_samples=[1, 10])
    other = replay(2, 2).output(absent={"bid": 1, "ask": 4}, stamps=["b", "a"], unpriced_samples=[2, 20], wakes=5)
    counters = stitch([one, other], CAPITAL).counters
    assert counters["absent"] == {"bid": 3, "ask": 4}
    assert counters["stamps"] == ["a", "b"]
    assert counters["unpriced_samples"] == [3, 30]
    assert counters["wakes"] == 205


def test_a_part_in_which_nothing_happened_changes_nothing():
    empty = ModeOutput(
        *(pl.DataFrame(schema=schema) for schema in (FILLS, ORDERS, SETTLEMENTS, EQUITY)), counters={"events": 7}
    )
    found = stitch([empty, replay(0, 3).output(), empty], CAPITAL)
    assert found.fills.drop("order_id").equals(replay(0, 3).output().fills.drop("order_id"))
    assert found.equity["equity"][-1] == replay(0, 3).output().equity["equity"][-1]
    assert stitch([empty, empty], CAPITAL).equity.is_empty()
