import json

import pytest
from recording import Recording, at, dataset

from ntp import Param, Strategy
from ntp.backtest import Backtest, RunStore
from ntp.backtest.validation.event_spans import event_spans
from ntp.backtest.validation.walk_forward import WALK_FILE, walk_forward_table
from ntp.core import ConfigError, DataError

HOUR = 3_600


class Sided(Strategy):
    """Rests on one side of every event."""

    side: int = Param(1, ge=-1, le=1)

    def analyze(self, data):
        self.quote(bid=data.bid if self.side > 0 else None, ask=data.ask if self.side < 0 else None, size=10)


def hourly(folder, results, *, length=0.5, settled=True, **attributes):
    """Events, each an hour after the one before, in which either side of the book is filled."""
    made = []
    for number, result in enumerate(results):
        first = number * HOUR
        one = Recording(f"E{number:02}", **attributes).quote(first, 0.48, 0.52)
        one.trade(first + 60, 0.48, 400, -1).trade(first + 61, 0.52, 400, 1).quote(first + 90, 0.48, 0.52)
        one.quote(first + length * HOUR, 0.48, 0.52)
        made.append(one.settle(first + length * HOUR + 1, result) if settled else one)
    return dataset(folder, *made)


@pytest.fixture(scope="module")
def rising(tmp_path_factory):
    """Sixteen events that all settle at one: buying gains 52 cents a contract, selling loses 48."""
    return hourly(tmp_path_factory.mktemp("catalog"), [1.0] * 16)


def sided(data, store=False):
    return Backtest(Sided, data, capital=1_000, store=store)


GRID = {"side": [-1, 1]}


def walked(data, folds=3, store=False, **options):
    options = {"objective": "pnl_net_usd", "workers": 1, **options}
    return sided(data, store).walk_forward(folds, GRID, **options)


def test_what_gains_in_sample_is_chosen_and_gains_the_same_after(rising):
    walk = walked(rising)
    assert [(len(fold.train), len(fold.test)) for fold in walk.folds] == [(4, 4), (8, 4), (12, 4)]
    assert [fold.chosen.parameters["side"] for fold in walk.folds] == [1, 1, 1]
    assert walk.efficiency == pytest.approx(1.0)
    assert walk.run.metrics.pnl_net_usd == pytest.approx(sum(f.run.metrics.pnl_net_usd for f in walk.folds))
    assert walk.run.metrics.pnl_net_usd > 0
    assert set(walk.run.fill_modes) == {"pessimistic", "base", "optimistic"}
    assert "walk_forward" in walk.run.stamps
    assert walk.run.context.strategy.parameters["side"] == [1, 1, 1]
    assert walk.reasons == {}


def test_no_event_is_in_both_and_each_is_tested_once(rising):
    walk = walked(rising)
    tested = [event for fold in walk.folds for event in fold.test]
    assert len(tested) == len(set(tested)) == 12
    for fold in walk.folds:
        assert not fold.train & fold.test
        assert {row["key"] for row in fold.run.by["event"]} <= fold.test
        assert fold.train_window[1] <= fold.test_window[0]
    assert {row["key"] for row in walk.run.by["event"]} == set(tested)


def test_a_regime_that_turns_round_is_told(tmp_path):
    walk = walked(hourly(tmp_path, [1.0] * 8 + [0.0] * 8), 1)
    assert walk.folds[0].chosen.parameters["side"] == 1
    assert walk.efficiency < 0
    assert walk.run.metrics.pnl_net_usd < 0
    rolling = walked(hourly(tmp_path / "more", [1.0] * 8 + [0.0] * 8), 3, anchored=False)
    assert [fold.chosen.parameters["side"] for fold in rolling.folds] == [1, 1, -1]
    assert [len(fold.train) for fold in rolling.folds] == [4, 4, 4]


def test_an_event_that_is_not_over_is_left_out(tmp_path):
    data = hourly(tmp_path, [1.0] * 8, length=1.5)
    walk = walked(data, 1)
    assert (len(walk.folds[0].train), walk.folds[0].left_out) == (3, 1)
    late = walked(data, 1, embargo="1h")
    assert (len(late.folds[0].train), late.folds[0].left_out) == (2, 2)
    assert late.to_dict()["embargo_s"] == 3_600


def test_nothing_gained_in_sample_has_no_efficiency(tmp_path):
    walk = sided(hourly(tmp_path, [1.0] * 8)).walk_forward(
        1, {"side": [-1]}, objective="pnl_net_usd", workers=1
    )
    assert walk.efficiency is None
    assert walk.to_dict()["absent"] == {"efficiency": "nothing was gained in sample"}


def test_it_is_kept_found_again_and_counted(rising, tmp_path):
    store = RunStore(tmp_path / ".ntp")
    walk = walked(rising, store=store)
    document = json.loads((store.path(walk.run.run_id) / WALK_FILE).read_text())
    assert document["out_of_sample"]["run_id"] == walk.run.run_id
    assert document["folds"][0]["in_sample"]["pnl_per_event_usd"] == walk.folds[0].gains[0]
    kept = store.load(walk.run.run_id)
    assert kept.metrics.pnl_net_usd == walk.run.metrics.pnl_net_usd
    assert kept.verify().verified
    assert kept.context.trials == 2 * 3 + 3 + 1  # points of each window, the tests, and the whole
    again = walked(rising, store=store)
    assert again.run.run_id == walk.run.run_id
    assert len(store.list()) == 4
    assert store.ledger.trials(kept.context.data.content_hash).count == 10


def test_people_see_a_row_for_each_fold(rising):
    table = walk_forward_table(walked(rising))
    assert table.row_count == 4
    told = []
    walked(rising, progress=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1] == (3_000, 3_000)


def test_the_times_of_an_event_hold_its_result(rising):
    data = Backtest(Sided, rising, store=False)
    loaded, _, _ = data._load(None, None)
    spans = event_spans(loaded, {each.id for each in loaded.instruments})
    assert spans.names[:2] == ("EVENT-E00", "EVENT-E01")
    assert (spans.starts[0], spans.ends[0]) == (at(0), at(HOUR / 2 + 1))
    assert spans.window(spans.starts.argsort()[:2]) == (at(0), at(HOUR * 1.5 + 1) + 1)


@pytest.mark.parametrize(("folds", "options", "code"), [
    (16, {}, "bad_folds"),
    (0, {}, "bad_folds"),
    ("two", {}, "bad_folds"),
    (3, {"objective": None}, "unknown_metric"),
    (3, {"workers": "two"}, "bad_workers"),
    (3, {"embargo": "900h"}, "empty_fold"),
    (3, {"embargo": "-1h"}, "bad_duration"),
    (3, {"objective": "deflated_sharpe"}, "no_objective"),
    (3, {"objective": "nonsense"}, "unknown_metric"),
])
def test_impossible_tests_are_refused(rising, folds, options, code):
    with pytest.raises((ConfigError, DataError)) as refused:
        walked(rising, folds, **options)
    assert refused.value.code == code


def test_without_results_marks_count_and_without_events_nothing_is_cut(tmp_path):
    walk = walked(hourly(tmp_path / "open", [1.0] * 8, settled=False), 1)
    assert walk.run.metrics.realised_edge_per_trade_cents is None
    assert "settled" in walk.run.metrics.reasons["realised_edge_per_trade_cents"]
    with pytest.raises(ConfigError) as refused:
        walked(hourly(tmp_path / "bare", [1.0] * 8, event=""), 1)
    assert refused.value.code == "no_events_named"


def test_a_varied_backtest_trades_its_events_only(rising):
    run = sided(rising).varied(events={"EVENT-E03"}, parameters={"side": -1}).run()
    assert [row["key"] for row in run.by["event"]] == ["EVENT-E03"]
    assert run.context.strategy.parameters["side"] == -1
    other = sided(rising).varied(events={"EVENT-E04"}, parameters={"side": -1}).run()
    assert run.manifest.trial != other.manifest.trial
