from factory import context, run, season

from ntp.backtest import Run, RunStore
from ntp.backtest.validation import Comparison
from ntp.core import DataError, StrategyError


class Made:
    """Stands in for a backtest: gives a stored run."""

    def __init__(self, store, made):
        self.store, self.made = store, made

    def run(self, start, end, *, reuse, progress):
        assert reuse
        if isinstance(self.made, Exception):
            raise self.made
        self.store.save(self.made)
        return self.made


def test_no_choice_of_headline_or_luck_moves_a_run_up(tmp_path):
    store = RunStore(tmp_path)
    modes = {"optimistic": season(lucky=1.6).output()}

    def with_pessimistic(name, lucky, events=45):
        outputs = {"pessimistic": season(events, lucky=lucky).output(), **modes}
        return Run(context(run_id=name, fill_mode="optimistic", capital=10_000_000_000 + events), outputs)

    given = {
        "loses": with_pessimistic("loses", 0.2), "few": with_pessimistic("few", 1.6, 20),
        "gains": with_pessimistic("gains", 1.2), "gains_more": with_pessimistic("gains_more", 1.6),
        "without": Run(context(run_id="without", fill_mode="optimistic"), modes),
    }
    comparison = Comparison(store)
    for name, made in given.items():
        comparison.add(name, "data", lambda made=made: Made(store, made))
    documents = comparison.documents()
    assert [each["run_id"] for each in documents] == ["gains_more", "gains", "few", "without", "loses"]
    assert [each["profitable"] for each in documents] == [True, True, None, None, False]
    trials = {each["trials"] for each in documents}
    assert trials == {store.ledger.trials("sha256:data").count}
    assert min(trials) > 1


def test_a_failure_is_kept_beside_the_others(tmp_path):
    store, comparison = RunStore(tmp_path), Comparison(RunStore(tmp_path))
    problems = [StrategyError("expected peace, was war"), DataError("expected rows, was none")]
    for problem in problems:
        comparison.add("bad", "data", lambda problem=problem: Made(store, problem))
    comparison.add("good", "data", lambda: Made(store, run()))
    comparison.add("good", "data", lambda: Made(store, run()))
    assert [each.error for each in comparison.failures] == problems
    assert (len(comparison.documents()), comparison.reused) == (1, 1)
