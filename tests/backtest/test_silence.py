"""Why a run has no fills."""

from factory import START, Replay, context, run

from ntp.backtest import Run
from ntp.backtest.silence import why_no_fills
from ntp.core import DAY, SECOND


def quiet(tape="none", status="cancelled", optimistic=False, orders=1, **counters):
    replay = Replay()
    for _ in range(orders):
        replay.unfilled(START, START + SECOND, status)
    outputs = {"base": replay.output(**counters)}
    if optimistic:
        outputs["optimistic"] = Replay().fill(START + DAY, 1, 40, 1).output()
    return Run(context(data={"fidelity": "quotes", "tape": tape}), outputs)


def test_with_fills_there_is_nothing_to_explain():
    assert why_no_fills(run()) == []


def test_without_prints_only_a_trade_through_fills():
    first, *rest = why_no_fills(quiet(optimistic=True))
    assert "no prints (tape none)" in first
    assert any("optimistic replay also fills at a touch" in line for line in rest)
    assert "no print reached the orders" in why_no_fills(quiet(tape="recorded"))[0]


def test_orders_that_never_rested_cannot_fill():
    assert "every order was rejected or refused" in why_no_fills(quiet(status="refused"))[0]


def test_without_orders_the_wakes_or_the_absent_values_are_named():
    assert "never woken" in why_no_fills(quiet(orders=0, wakes=0))[0]
    told = why_no_fills(quiet(orders=0, absent={"bid": 2, "ask": 3}))[0]
    assert told.endswith("absent: ask (3 times), bid (2 times)")
    assert "asked for nothing" in why_no_fills(quiet(orders=0))[0]
