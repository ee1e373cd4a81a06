"""Experiments on markets where the answer is known."""

import json
from contextlib import nullcontext

import pytest
from recording import T0, Recording, dataset
from variants import OneSide, backtests, clock, markets, question

from ntp.backtest import Backtest, RunStore
from ntp.backtest.experiment import Experiments, ExperimentStore, promoted, write_experiment_page
from ntp.core import SECOND, ConfigError, DataError, NotFound, StrategyError, VerificationFailed


def test_a_planted_improvement_is_found_and_promoted(experiments, paying):
    found = experiments.start("sides", backtests(paying, "sell", "buy"), question())
    document = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    (row,) = document["comparisons"]
    assert (row["variant"], row["verdict"], document["status"]) == ("OneSide-2", "better", "running")
    assert row["fill_modes"]["pessimistic"]["low"] > 0
    assert row["fill_modes"]["pessimistic"]["p_value"] < 0.05
    control, challenger = document["variants"]
    earned = [each["fill_modes"]["pessimistic"]["pnl_net_usd"] for each in (control, challenger)]
    assert earned[0] < 0 < earned[1]
    assert document["events"]["settled"] == sum(document["events"]["by_variant"].values()) == 80
    assert document["events"]["balance_e_value"] < 10
    identity, loser = (
        (each["strategy"], each["code_hash"], each["parameters"]) for each in (challenger, control)
    )
    assert not experiments.store.promoted(*identity)
    assert experiments.promote("sides").document["promotions"][0]["variant"] == "OneSide-2"
    assert experiments.store.promoted(*identity)
    assert promoted(*identity, experiments.store.root)
    assert not promoted(identity[0], "sha256:other", identity[2], experiments.store.root)
    assert not promoted(*loser, experiments.store.root)  # the same code: only what was shown to be better passed
    again = experiments.promote("sides", "OneSide-2").document
    assert len(again["promotions"]) == 1


def test_better_is_not_profitable(experiments, tmp_path):
    losing = markets(tmp_path / "losing", 0, 60, share=0.0)
    found = experiments.start("least", [*backtests(losing, "buy"), *less(losing)], question(paired=True, metric="pnl"))
    (row,) = found.document["comparisons"]
    assert row["verdict"] == "better"
    assert any("earns nothing: -$" in note for note in found.document["notes"])


def less(data):
    """Make the backtest of a buyer that loses less."""
    class Small(OneSide):
        def on_quote(self, data):
            self.quote(bid=data.bid, size=1 + int(data.contract.id[-1]) % 2)

    return [Backtest(Small(), data, capital=1_000, store=False)]


def test_nothing_is_promoted_where_there_is_no_workspace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert not promoted("maker", "sha256:any", {})
    assert not promoted("maker", "sha256:any", {}, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_each_variant_trades_its_events_and_no_others(experiments, paying):
    experiments.start("sides", backtests(paying, "sell", "buy"), question())
    given = {event.event: event.variant for event in experiments.store.events("sides")}
    assert set(given.values()) == {"OneSide", "OneSide-2"}
    for (variant, _), results in experiments.store.results("sides").items():
        assert {event for event, name in given.items() if name == variant} == set(results)
    traded = [{row["key"] for row in run.by["event"]} for run in _runs(experiments)]
    assert traded[0].isdisjoint(traded[1])
    assert traded[0] | traded[1] == set(given)


def _runs(experiments):
    store = RunStore(experiments.store.root)
    return [store.load(summary.run_id) for summary in store.list()]


def test_harm_stops_a_variant_and_says_when(experiments, paying):
    found = experiments.start("sides", backtests(paying, "buy", "sell"), question())
    (row,) = found.document["comparisons"]
    stopped = found.document["variants"][1]["stopped"]
    assert (row["verdict"], found.document["status"]) == ("stopped_for_harm", "stopped_for_harm")
    used = row["fill_modes"]["pessimistic"]["events"]
    assert 20 <= used < 80
    assert row["fill_modes"]["base"]["events"] == used
    assert found.document["comparisons"][0]["fill_modes"]["pessimistic"]["high"] < 0
    events = [event.event for event in found.events]
    assert events.index(stopped["event"]) + 1 == used
    assert f"stopped after event {used}" in row["reason"]
    assert experiments.store.stopped_variants("sides").keys() == {"OneSide-2"}
    with pytest.raises(VerificationFailed, match="worse than the control"):
        experiments.promote("sides", "OneSide-2")
    with pytest.raises(ConfigError, match="no variant left that did no harm"):
        experiments.start("sides", backtests(paying, "buy", "sell"), question())


def test_a_variant_that_harms_gets_no_events_of_new_data(experiments, paying, tmp_path):
    class Idle(OneSide):
        def on_quote(self, data):
            return None

    def three(data):
        idle = Backtest(Idle(), data, capital=1_000, store=False)
        return [*backtests(data, "buy", "sell"), idle]

    first = experiments.start("three", three(paying), question(minimum=10, seed=3))
    verdicts = {row["variant"]: row["verdict"] for row in first.document["comparisons"]}
    assert verdicts["OneSide-2"] == "stopped_for_harm"
    before = {event.event for event in experiments.store.events("three")}
    assert first.plan.level == pytest.approx(0.025)
    if first.document["status"] == "running":
        experiments.start("three", three(markets(tmp_path / "more", 100, 120)), question(minimum=10, seed=3))
        new = [event for event in experiments.store.events("three") if event.event not in before]
        assert {event.variant for event in new} == {"OneSide", "Idle"}


def test_the_same_twice_is_an_a_a_test_and_promotes_nothing(experiments, paying):
    found = experiments.start("aa", backtests(paying, "buy", "buy"), question(paired=True))
    (row,) = found.document["comparisons"]
    assert row["a_a_test"]
    assert row["verdict"] == "not_enough_evidence"
    assert row["fill_modes"]["pessimistic"]["p_value"] == 1.0
    assert row["reason"] == "not enough evidence: 0 of 80 events tell a difference, and 20 that do are needed to look"
    assert "A/A test" in found.document["notes"][0]
    with pytest.raises(VerificationFailed, match="A/A test") as refused:
        experiments.promote("aa", "OneSide-2")
    assert refused.value.code == "not_promoted"


def test_pairs_need_fewer_events_than_a_lot(experiments, paying):
    def width(name, *, paired):
        found = experiments.start(name, backtests(paying, "sell", "buy"), question(paired=paired))
        row = found.document["comparisons"][0]["fill_modes"]["pessimistic"]
        return row["events"], row["e_value"]

    (pairs, sure), (lots, less) = width("pairs", paired=True), width("lots", paired=False)
    assert (pairs, lots) == (80, 80)
    assert sure > less


def test_it_goes_on_with_new_data_and_keeps_what_it_knows(experiments, paying, tmp_path):
    early = markets(tmp_path / "early", 0, 30, waiting=4)
    first = experiments.start("grows", backtests(early, "sell", "buy"), question())
    assert first.document["events"] | {"by_variant": 0, "balance_e_value": 0} == {
        "settled": 30, "unfinished": 0, "open": 4, "by_variant": 0, "balance_e_value": 0,
    }  # fmt: skip
    assert any("4 events of the last data are not settled" in note for note in first.document["notes"])
    seen = first.comparisons[0].deciding.sequence.estimates
    second = experiments.start("grows", backtests(paying, "sell", "buy"), question())
    assert second.document["events"]["settled"] == 80
    assert [batch["batch"] for batch in second.document["data"]] == [1, 2]
    assert second.comparisons[0].deciding.sequence.estimates[:30] == pytest.approx(seen, nan_ok=True)
    assert second.plan.planned == 30
    third = experiments.start("grows", backtests(paying, "sell", "buy"), question())
    assert third.document["events"]["settled"] == 80
    assert len(third.document["data"]) == 2
    assert [look["events"] for look in third.looks if look["mode"] == "base"] == [30, 80, 80]


@pytest.mark.parametrize(
    ("changes", "sides", "options", "what"),
    [
        ({"metric": "markout"}, ("sell", "buy"), {}, "the metric"),
        ({"paired": True}, ("sell", "buy"), {}, "the pairing"),
        ({"seed": 1}, ("sell", "buy"), {}, "the seed"),
        ({"minimum": 30}, ("sell", "buy"), {}, "the minimum of events"),
        ({}, ("sell", "sell"), {}, "the parameters of variant 'OneSide-2'"),
        ({}, ("sell", "buy", "buy"), {}, "the variants"),
        ({}, ("sell", "buy"), {"waive": ("maker_only",)}, "the settings"),
        ({}, ("sell", "buy"), {"enforce": ("ab_tested",)}, "the settings"),
    ],
)
def test_what_was_asked_first_cannot_change(experiments, paying, changes, sides, options, what):
    experiments.start("fixed", backtests(paying, "sell", "buy"), question())
    with pytest.raises(ConfigError, match=what) as refused:
        experiments.start("fixed", backtests(paying, *sides, **options), question(**changes))
    assert refused.value.code == "experiment_frozen"


def test_until_something_was_seen_another_plan_may_take_the_name(experiments, paying):
    class Raising(OneSide):
        def on_quote(self, data):
            raise ValueError("mine")

    failing = [*backtests(paying, "sell"), Backtest(Raising(), paying, capital=1_000, store=False)]
    with pytest.raises(StrategyError, match="mine"):
        experiments.start("fixed", failing, question())
    assert experiments.store.names() == ["fixed"]
    found = experiments.start("fixed", backtests(paying, "sell", "buy"), question())
    assert found.document["events"]["settled"] == found.document["added_events"] == 80


def test_an_event_settled_after_the_range_waits(experiments, paying):
    end = T0 + 30 * 40 * SECOND + 10 * SECOND  # in the middle of the event
    found = experiments.start("cut", backtests(paying, "sell", "buy"), question(), end=end)
    assert (found.document["events"]["settled"], found.document["events"]["open"]) == (40, 1)
    whole = experiments.start("cut", backtests(paying, "sell", "buy"), question())
    assert (whole.document["events"]["settled"], whole.document["added_events"]) == (80, 40)


def test_a_stopped_experiment_takes_no_more_data_but_can_be_judged(experiments, paying):
    experiments.start("ended", backtests(paying, "sell", "buy"), question())
    assert experiments.stop("ended").document["status"] == "stopped"
    with pytest.raises(ConfigError, match="was stopped by a person"):
        experiments.start("ended", backtests(paying, "sell", "buy"), question())
    assert experiments.promote("ended").document["promotions"]


def test_what_was_interrupted_goes_on_and_is_not_compared_before(experiments, paying):
    def bar(label):
        if label.startswith("OneSide-2"):
            raise KeyboardInterrupt
        return nullcontext()

    with pytest.raises(KeyboardInterrupt):
        experiments.start("cut", backtests(paying, "sell", "buy"), question(), bar=bar)
    between = experiments.status("cut")
    assert between.document["events"]["unfinished"] == 80
    assert between.document["comparisons"][0]["fill_modes"]["base"]["events"] == 0
    assert len(_runs(experiments)) == 1
    whole = experiments.start("cut", backtests(paying, "sell", "buy"), question())
    assert whole.document["events"]["unfinished"] == 0
    assert len(_runs(experiments)) == 2
    other = Experiments(RunStore(experiments.store.root.parent / "other"), clock())
    straight = other.start("cut", backtests(paying, "sell", "buy"), question())
    assert straight.document["comparisons"] == whole.document["comparisons"]


def test_every_variant_is_a_trial(experiments, paying):
    found = experiments.start("counted", backtests(paying, "sell", "buy"), question())
    assert found.document["trials"] == 2


def test_too_little_is_refused_and_leaves_nothing(experiments, paying, tmp_path):
    with pytest.raises(ConfigError, match="two strategies or more") as one:
        experiments.start("bad", backtests(paying, "buy"), question())
    assert one.value.code == "one_variant"
    unsettled = markets(tmp_path / "open", 0, 0, waiting=3)
    with pytest.raises(DataError, match="settled, was none of 3") as none:
        experiments.start("bad", backtests(unsettled, "sell", "buy"), question())
    assert none.value.code == "no_settlements"
    single = markets(tmp_path / "single", 0, 1)
    with pytest.raises(DataError, match="each of 2 variants, was 1 settled") as few:
        experiments.start("bad", backtests(single, "sell", "buy"), question())
    assert few.value.code == "too_few_events"
    with pytest.raises(DataError) as nowhere:
        experiments.start("bad", backtests(paying, "sell", "buy", contracts="kalshi:X*"), question())
    assert nowhere.value.code == "no_contracts"
    with pytest.raises(ConfigError) as metric:
        experiments.start("bad", backtests(paying, "sell", "buy"), question(metric="markuot"))
    assert metric.value.hint == "did you mean 'markout'?"
    with pytest.raises(ConfigError, match="name of letters"):
        experiments.start("bad/name", backtests(paying, "sell", "buy"), question())
    assert experiments.store.names() == []


def test_a_venue_without_known_fees_is_judged_by_markout_only(experiments, paying, tmp_path):
    made = []
    for number in range(3):
        one = Recording(f"N{number}", venue="nowhere", event=f"N{number}")
        one.quote(30.0 * number, 0.48, 0.52).trade(30.0 * number + 1, 0.48, 30, -1).settle(30.0 * number + 9, 1.0)
        made.append(one)
    data = dataset(tmp_path / "unknown", *made)
    with pytest.raises(DataError, match="fees are known") as refused:
        experiments.start("unknown", backtests(data, "sell", "buy"), question())
    assert refused.value.code == "fees_unknown"
    found = experiments.start("moves", backtests(data, "sell", "buy"), question(metric="markout"))
    assert found.document["metric"] == "markout_10s_cents"


def test_unknown_names_get_a_suggestion(experiments, paying):
    experiments.start("sides", backtests(paying, "sell", "buy"), question())
    with pytest.raises(NotFound, match="'side'") as wrong:
        experiments.status("side")
    assert "sides" in wrong.value.hint
    with pytest.raises(NotFound) as variant:
        experiments.promote("sides", "OneSide-3")
    assert "OneSide-2" in variant.value.hint
    with pytest.raises(VerificationFailed, match="is the control"):
        experiments.promote("sides", "OneSide")


def test_several_that_are_better_must_be_named(experiments, paying):
    experiments.start("many", backtests(paying, "sell", "buy", "buy"), question(paired=True))
    with pytest.raises(ConfigError, match="several are better"):
        experiments.promote("many")
    assert experiments.promote("many", "OneSide-3").document["promotions"][0]["variant"] == "OneSide-3"


def test_the_page_shows_sequences_and_looks(experiments, paying, tmp_path):
    found = experiments.start("page", backtests(paying, "sell", "buy"), question())
    text = write_experiment_page(found, tmp_path / "page.html").read_text()
    assert "prefers-color-scheme: dark" in text
    assert "<svg" in text
    assert "better than the control: after 80 events" in text
    assert text.count("pessimistic lower end") >= 1
    assert "http://" not in text.replace("http://www.w3.org", "")
    empty = experiments.start("little", backtests(paying, "buy", "buy"), question(paired=True))
    assert "0 of 80 events tell a difference" in write_experiment_page(empty, tmp_path / "two.html").read_text()


def test_the_store_is_there_for_the_next_process(experiments, paying):
    experiments.start("sides", backtests(paying, "sell", "buy"), question())
    opened = ExperimentStore(experiments.store.root)
    assert opened.names() == ["sides"]
    assert opened.plan("sides") == experiments.store.plan("sides")
