"""`ntp ab`, as a person uses it."""

import pytest

ONE_SIDED = """
from ntp import Param, Strategy


class OneSided(Strategy):
    side: str = Param("buy", choices=("buy", "sell"))
    size: float = Param(5, ge=0)

    def analyze(self, data):
        if self.size > 0:
            self.quote(**({"bid": data.bid} if self.side == "buy" else {"ask": data.ask}), size=self.size)
"""


@pytest.fixture
def strategy(workspace):
    (workspace.strategies / "one_sided.py").write_text(ONE_SIDED)
    return ("--strategy", "one_sided", "--strategy", "one_sided", "--data", "sample", "--to", "2026-01-05T01:00:00Z")


def test_an_experiment_from_start_to_refusal(ntp, workspace, strategy):
    words = ("--set", "size=3", "--set", "one_sided-2.side=sell", "--min-events", "4", "--seed", "5")
    words += ("--capital", "900")
    begun = ntp("ab", "start", "sides", *strategy, *words, "--json")
    assert begun.code == 0, begun.out
    document = begun.document
    assert document["seed"] == 5
    assert document["settings"]["capital_usd"] == 900
    parameters = [(each["parameters"]["side"], each["parameters"]["size"]) for each in document["variants"]]
    assert parameters == [("buy", 3.0), ("sell", 3.0)]
    assert (document["events"]["settled"], document["added_events"]) == (8, 8)
    assert document["comparisons"][0]["verdict"] == "not_enough_evidence"
    assert (workspace.state / "experiments" / "sides.html").is_file()
    assert document["report"].endswith("sides.html")
    assert ntp("runs", "--json").document["runs"]

    again = ntp("ab", "start", "sides", *strategy, *words)
    assert "nothing new" in again.err

    looked = ntp("ab", "status", "sides", "--json").document
    assert (looked["looks"], looked["trials"]) == (3, 2)
    assert looked["comparisons"] == document["comparisons"]
    listed = ntp("ab", "status")
    assert "one_sided-2: not_enough_evidence" in listed.out

    refused = ntp("ab", "promote", "sides", "--json")
    assert (refused.code, refused.error["code"]) == (7, "not_promoted")
    assert "not enough evidence" in refused.error["message"]
    changed = ntp("ab", "start", "sides", *strategy, *words, "--metric", "markout", "--json")
    assert (changed.code, changed.error["code"]) == (4, "experiment_frozen")
    assert ntp("ab", "stop", "sides", "--json").document["status"] == "stopped"
    assert ntp("ab", "start", "sides", *strategy, *words, "--json").error["code"] == "experiment_ended"
    table = ntp("ab", "status", "sides")
    assert "not enough evidence" in table.out
    assert "side=sell" in table.out


@pytest.mark.parametrize("word", ["--paper", "--live"])
def test_live_experiments_come_later(ntp, workspace, word):
    found = ntp("ab", "start", "x", "--strategy", "maker", "--strategy", "v10", word, "--json")
    assert (found.code, found.error["code"]) == (4, "not_available_yet")
    assert word in found.error["message"]


@pytest.mark.parametrize(
    ("words", "code", "name"),
    [
        (("start", "x", "--strategy", "maker", "--data", "sample"), 4, "one_variant"),
        (("start", "x", "--data", "sample"), 4, "one_variant"),
        (("start", "x", "--strategy", "maker", "--strategy", "maker"), 2, "usage"),
        (("start", "x", "--strategy", "maker", "--strategy", "makr", "--data", "sample"), 3, "not_found"),
        (("start", "x", "--strategy", "maker", "--strategy", "v10", "--data", "samle"), 3, None),
        (("start", "x", "--strategy", "maker", "--strategy", "v10", "--data", "sample", "--metric", "sharp"), 4,
         "unknown_metric"),
        (("start", "x", "--strategy", "maker", "--strategy", "v10", "--data", "sample", "--set", "v11.size=1"), 2,
         "usage"),
        (("start", "x", "--strategy", "maker", "--strategy", "v10", "--data", "sample", "--min-events", "1"), 4,
         "bad_minimum"),
        (("status", "x"), 3, "no_such_experiment"),
        (("stop", "x"), 3, "no_such_experiment"),
        (("promote", "x"), 3, "no_such_experiment"),
        (("promote", "x", "--force"), 2, "usage"),
    ],
)  # fmt: skip
def test_bad_input_is_told_clearly(ntp, workspace, words, code, name):
    found = ntp("ab", *words, "--json")
    assert found.code == code, found.out
    assert name in (None, found.error["code"])


def test_no_experiments_is_an_empty_list(ntp):
    assert ntp("ab", "status", "--json").document == {"experiments": []}
