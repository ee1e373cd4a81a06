import pytest
from factory import START, Replay, context, run

from ntp.backtest import Run
from ntp.core import SECOND, NotFound


def test_a_maker_fill_tells_its_queue():
    text = str(run().explain(0))
    assert "joined behind 100.00 contracts and waited 2.000 s" in text
    assert "recorded print" in text
    assert "+2.00 cents" in text


@pytest.mark.parametrize(("extra", "cause"), [
    ({"is_maker": False}, "took"), ({"traded_through": True}, "traded_through"),
    ({"inferred": True}, "inferred_print"), ({}, "print"),
])
def test_causes(extra, cause):
    made = Run(context(), {"base": Replay().fill(START, 1, 40, 1, **extra).output()})
    explanation = made.explain(0)
    assert explanation.facts["cause"] == cause
    assert explanation.facts["arrived"] == START - 2 * SECOND


def test_a_row_of_the_frame_finds_its_fill():
    made = run()
    row = made.fills.row(5, named=True)
    assert made.explain(row).facts == made.explain(5).facts
    assert made.explain(-1).facts == made.explain(len(made.fills) - 1).facts


def test_no_such_fill():
    made = run()
    with pytest.raises(NotFound):
        made.explain(10_000)
    with pytest.raises(NotFound, match="none like it"):
        made.explain({"contract": "nowhere"})
