import pytest

from ntp.backtest import Backtest, RunStore

QUIET = """
from ntp import Strategy


class Quiet(Strategy):
    def analyze(self, data):
        return None
"""
BROKEN = QUIET.replace("Quiet", "Broken").replace("return None", "raise ValueError('mine')")
ONE_SIDED = """
from ntp import Param, Strategy


class OneSided(Strategy):
    size: int = Param(5, ge=1)

    def analyze(self, data):
        self.quote(bid=data.bid, size=self.size)
"""


@pytest.fixture
def strategies(workspace):
    for name, text in {"quiet": QUIET, "broken": BROKEN, "one_sided": ONE_SIDED}.items():
        (workspace.strategies / f"{name}.py").write_text(text)
    return workspace


def test_each_strategy_runs_on_each_data_set_and_is_not_run_again(ntp, strategies):
    found = ntp("compare", "quiet", "one_sided", "--data", "sample", "--json")
    assert found.code == 0, found.out
    document = found.document
    assert set(document) == {"schema", "runs", "failed", "reused"}
    pnl = [run["fill_modes"]["pessimistic"]["pnl_net_usd"] for run in document["runs"]]
    assert [run["strategy"]["name"] for run in document["runs"]] == ["quiet", "one_sided"]
    assert pnl[0] == 0.0 > pnl[1]
    assert [(run["trials"], run["family_trials"]) for run in document["runs"]] == [(2, 1), (2, 1)]
    again = ntp("compare", "--strategy", "one_sided", "quiet", "--data", "sample", "--json").document
    assert again["reused"] == 2
    assert [run["run_id"] for run in again["runs"]] == [run["run_id"] for run in document["runs"]]
    assert len(RunStore(strategies.state).list()) == 2


def test_all_rows_count_all_trials_and_shared_options_hold(ntp, strategies):
    words = ("--data", "sample", "--capital", "500", "--set", "size=3", "--fills", "pessimistic", "--seed", "4")
    found = ntp("compare", "one_sided", "quiet", *words, "--json")
    assert found.code == 4  # quiet has no such parameter
    (run,), (failed,) = found.document["runs"], found.document["failed"]
    assert (run["capital_usd"], run["strategy"]["parameters"]["size"], run["fill_mode"]) == (500.0, 3, "pessimistic")
    assert run["engine"]["seed"] == 4
    assert (failed["strategy"], failed["data"], failed["error"]["code"]) == ("quiet", "sample", "unknown_parameter")


def test_a_parameter_can_be_set_for_one_strategy(ntp, strategies):
    words = ("one_sided", "quiet", "--data", "sample", "--json")
    found = ntp("compare", *words, "--set", "one_sided.size=3", "--set", "size=4", "--set", "quite.size=3")
    assert (found.code, found.error["hint"]) == (2, "did you mean 'quiet'?")
    found = ntp("compare", *words, "--set", "one_sided.size=3", "--set", "max_position=9", "--set", "size=4")
    assert [each["strategy"] for each in found.document["failed"]] == ["quiet"]  # which has no size
    parameters = found.document["runs"][0]["strategy"]["parameters"]
    assert (parameters["size"], parameters["max_position"]) == (3, 9)
    assert ntp("compare", *words, "--set", "one_sided.size=3").code == 0


def test_a_strategy_that_fails_does_not_lose_the_others(ntp, strategies):
    found = ntp("compare", "broken", "quiet", "--data", "sample", "--json")
    assert found.code == 4
    assert [run["strategy"]["name"] for run in found.document["runs"]] == ["quiet"]
    assert "ValueError: mine" in found.document["failed"][0]["error"]["message"]
    told = ntp("compare", "broken", "quiet", "--data", "sample")
    assert told.code == 4
    assert "ValueError: mine" in told.out
    assert "1 run of these had been made before" in told.out


def test_what_is_misspelt_ends_it_before_anything_runs(ntp, strategies):
    for words in (("quiet", "quite", "--data", "sample"), ("quiet", "--data", "sample", "--data", "sampel")):
        found = ntp("compare", *words, "--json")
        assert found.code == 3
        assert "did you mean" in found.error["hint"]
    assert RunStore(strategies.state).list() == []
    assert ntp("compare", "quiet", "--json").code == 2
    assert ntp("compare", "--data", "sample", "--json").code == 2


def test_an_interrupted_comparison_goes_on(ntp, strategies, monkeypatch):
    whole = Backtest.run

    def stopped(self, *args, **options):
        if self._declared.name == "one_sided":
            raise KeyboardInterrupt
        return whole(self, *args, **options)

    monkeypatch.setattr(Backtest, "run", stopped)
    found = ntp("compare", "quiet", "one_sided", "--data", "sample", "--json")
    assert found.code == 130
    assert "1 of 2 runs are kept" in found.error["hint"]
    monkeypatch.undo()
    monkeypatch.chdir(strategies.root)
    again = ntp("compare", "quiet", "one_sided", "--data", "sample", "--json").document
    assert (len(again["runs"]), again["reused"]) == (2, 1)


def test_people_see_one_table(ntp, strategies):
    told = ntp("compare", "quiet", "one_sided", "--data", "sample").out
    assert "pessimistic" in told
    assert "deflated" in told
    lines = [line for line in told.splitlines() if line.split()[:1] in (["quiet"], ["one_sided"])]
    assert [line.split()[0] for line in lines] == ["quiet", "one_sided"]
    assert lines[1].rstrip().endswith("no")
    assert "cross-venue" in told
    assert "no orders placed: quiet; ntp backtest says why" in told
