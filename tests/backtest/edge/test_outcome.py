"""Predicted beside realised edges, against numbers worked out by hand and planted ones."""

import numpy as np
import polars as pl
import pytest
from factory import START, Replay, context, place, run, season

from ntp.backtest import Run
from ntp.backtest.edge import edge_outcome
from ntp.backtest.facts import Facts
from ntp.backtest.formulas import Null
from ntp.backtest.report.report import report_html
from ntp.core import HOUR


def outcome_of(replay):
    return edge_outcome(Facts(replay.output(), context()))


def with_parts(replay):
    """Facts of a replay whose orders carry parts of their edges, a cent of fee and two of adverse selection."""
    output = replay.output()
    cents = {"edge_fee_cents": 1.0, "edge_adverse_selection_cents": 2.0, "edge_uncertainty_cents": 0.5,
             "edge_lock_up_cents": 0.25}
    columns = [pl.lit(value).alias(name) for name, value in cents.items()]
    object.__setattr__(output, "orders", output.orders.with_columns(columns))
    return Facts(output, context())


def test_an_outcome_by_hand():
    """10 bought at 40 worth 46, paid 100; 30 sold at 60 worth 50, paid 0; 5 bought at 50 worth 52, open still."""
    replay = Replay()
    replay.fill(START, 1, 40, 10, place(1), fee=50_000, fair=0.46, mid=0.41, mid_10s=0.40).settle(
        START + HOUR, 1.0, place(1)
    )
    replay.fill(START, -1, 60, 30, place(2), fee=300_000, fair=0.50, mid=0.60, mid_10s=0.62).settle(
        START + HOUR, 0.0, place(2)
    )
    replay.fill(START, 1, 50, 5, place(3), fair=0.52).fill(START, 1, 50, 7, place(4))
    found = edge_outcome(with_parts(replay))
    assert found.predicted["gross"] == pytest.approx((10 * 6 + 30 * 10 + 5 * 2) / 45)
    assert found.settled["gross"] == pytest.approx((10 * 6 + 30 * 10) / 40)
    assert found.settled["net"] == pytest.approx(9.0 - 3.75)
    assert found.realised["gross"] == pytest.approx((10 * 60 + 30 * 60) / 40)
    assert found.realised["fee"] == pytest.approx(35 / 40)
    assert found.realised["net"] == pytest.approx(60 - 35 / 40)
    assert found.realised["adverse_selection"] == pytest.approx((10 * 1 + 30 * 2) / 40)
    assert (found.contracts, found.events) == (40.0, 2)
    assert isinstance(found.band, Null)
    assert found.through_origin is None
    assert found.factor == 1.0


def test_without_fair_values_there_is_no_outcome():
    assert outcome_of(Replay().fill(START, 1, 40, 1).settle(START + 1, 1.0)) is None
    assert Run(context(), {"base": Replay().fill(START, 1, 40, 1).output()}).to_dict()["edge"] is None


def truth(events, share, seed=0):
    """Bets at 50 cents whose stated edge of 2 to 20 cents is right, or too large by the inverse of `share`."""
    rng = np.random.default_rng(seed)
    replay = Replay()
    for at in range(events):
        edge = float(rng.uniform(0.02, 0.20))
        replay.fill(START + at * HOUR, 1, 50, 10, place(at), fair=0.50 + edge)
        replay.settle(START + at * HOUR + 1, float(rng.random() < 0.50 + share * edge), place(at))
    return outcome_of(replay)


@pytest.mark.parametrize("seed", range(3))
def test_honest_edges_are_within_their_band_and_leave_sizes_alone(seed):
    found = truth(1_500, 1.0, seed)
    assert found.band.holds
    low, high = found.through_origin.slope_interval(0.99)
    assert low < 1.0 < high
    assert found.factor == 1.0


def test_edges_that_are_half_invention_are_found_and_halve_sizes():
    found = truth(4_000, 0.4)
    assert not found.band.holds
    assert found.band.realised < found.band.low
    assert found.through_origin.slope == pytest.approx(0.4, abs=0.15)
    assert 0.25 <= found.factor <= 0.65


def test_the_band_of_honest_edges_holds_nine_times_of_ten():
    held = sum(truth(60, 1.0, seed).band.holds for seed in range(150))
    assert 0.82 <= held / 150 <= 0.97


def test_document_and_report_tell_it():
    made = run()
    document = made.to_dict()["edge"]
    assert document["events"] == 45
    assert document["within_band"] in (True, False)
    assert document["regression"]["slope_ci90"][0] < document["regression"]["slope"]
    assert document["realised_cents"]["gross"] == pytest.approx(made.metrics.realised_edge_per_trade_cents)
    assert document["predicted_cents"]["gross"] == pytest.approx(made.metrics.edge_per_trade_cents)
    page = report_html(made)
    for part in ("Where the edge goes", "Lock-up", "Realised on predicted edge", "with an intercept"):
        assert part in page
    silent = report_html(Run(context(), {"base": Replay().fill(START, 1, 40, 1).output()}))
    assert "so no edge was predicted" in silent


def test_unknown_fees_leave_nothing_net():
    output = season().output(stamps=["fees unknown"])
    document = Run(context(), {"base": output}).to_dict()["edge"]
    assert document["realised_cents"]["net"] is document["realised_cents"]["fee"] is None
