"""The main job, from words to a stored run, on the embedded sample."""

import polars as pl
import pytest

from ntp.backtest import RunStore

RAISING = """
from ntp import Strategy


class Raising(Strategy):
    def on_quote(self, data):
        raise ValueError("a fault of mine")
"""
KEYS = (
    "absent by capital_usd data engine fidelity fill_mode fill_modes fills_hash manifest_hash metrics orders "
    "performance report rules run_id schema stamps status strategy tape trials"
)


@pytest.fixture
def backtest(ntp):
    """Run the shipped maker, compiled, on the sample."""

    def run(*words):
        return ntp("backtest", "maker", "--data", "sample", "--compiled", *words)

    return run


def test_a_run_is_shown_stored_and_repeatable(ntp, backtest, workspace, tmp_path):
    found = backtest("--json", "--report", str(tmp_path / "report.html"))
    assert found.code == 0, found.out
    first = found.document
    assert first.keys() >= set(KEYS.split())
    assert first["status"] == "done"
    assert first["fill_modes"].keys() == {"pessimistic", "base", "optimistic"}
    assert first["metrics"]["fills"] > 0
    assert first["performance"]["events_per_s"] > 0
    assert first["report"] == str(tmp_path / "report.html")
    assert "<html" in (tmp_path / "report.html").read_text()

    second = backtest("--json").document
    assert second["fills_hash"] == first["fills_hash"]
    assert second["manifest_hash"] == first["manifest_hash"]
    assert (first["trials"], second["trials"]) == (1, 1)  # a repetition is no new trial
    assert ntp("diff", first["run_id"], second["run_id"], "--strict").code == 0

    other = backtest("--set", "half_spread=0.03", "--json").document
    assert other["trials"] == 2
    assert other["strategy"]["parameters"]["half_spread"] == 0.03
    difference = ntp("diff", "last", first["run_id"], "--strict", "--json")
    assert difference.code == 7
    assert not difference.document["equal"]

    rows = ntp("runs", "--json").document["runs"]
    assert [row["run_id"] for row in rows] == [run["run_id"] for run in (other, second, first)]
    report = ntp("report", first["run_id"][:6], "--json").document
    assert report["run_id"] == first["run_id"]
    assert str(workspace.runs) in report["report"]


def test_the_books_of_a_run_balance_to_the_micro_dollar(backtest, workspace):
    run = RunStore(workspace.state).load(backtest("--json").document["run_id"])
    for result in run.fill_modes.values():
        output = result.output
        assert not output.open_positions
        cash = {account["venue"]: account["start"] for account in output.accounts}
        for moved in (output.fills, output.settlements):
            for venue, amount in moved.group_by("venue").agg(pl.col("cash").sum()).iter_rows():
                cash[venue] += amount
        assert cash == {account["venue"]: account["cash"] for account in output.accounts}


def test_people_get_a_table_and_the_place_of_the_report(ntp, backtest):
    found = backtest(
        "--fills", "pessimistic", "--capital", "500", "--from", "2026-01-05T01:00", "--to", "2026-01-05"
    )
    assert found.code == 0, found.err
    assert "headline pessimistic fills" in found.out
    assert "events/s" in found.out
    assert "report.html" in found.out
    assert "maker" in ntp("runs").out


def test_the_compiled_and_the_plain_form_give_the_same_fills(ntp, backtest):
    words = ("--to", "2026-01-05T01:00", "--json")
    plain = ntp("backtest", "--strategy", "maker", "--data", "sample", *words).document
    assert plain["fills_hash"] == backtest(*words).document["fills_hash"]


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        (("--from", "2027-01-01"), 4, "ntp data info"),
        (("--from", "yesterday"), 2, ""),
        (("--waive", "maker_onyl"), 4, "did you mean 'maker_only'?"),
        (("--allocate", "sim_c=1"), 4, "did you mean 'sim_"),
        (("--engine", "queue=lifo"), 4, ""),
        (("--contracts", "kalshi:*"), 4, "for example 'sim_a:"),
        (("--contracts", "simbtc-26*"), 4, "did you mean '*SIMBTC-26*'?"),
        (("--engine", "feed_latency.sim_aa=1ms"), 4, "did you mean 'sim_a'?"),
        (("--engine", "order_latency.sim_aa=1ms"), 4, "did you mean 'sim_a'?"),
    ],
)
def test_wrong_words_end_the_run_before_it_starts(ntp, backtest, words, code, hint):
    found = backtest(*words, "--json")
    assert found.code == code, found.out
    assert hint in found.error["hint"]
    assert ntp("runs", "--json").document["runs"] == []


def test_a_strategy_that_raises_is_told_with_its_place(ntp, workspace):
    (workspace.strategies / "raising.py").write_text(RAISING)
    found = ntp("backtest", "raising", "--data", "sample", "--json")
    assert found.code == 4
    assert "a fault of mine" in found.out
    assert "raising.py" in str(found.error["details"]["traceback"])
    assert found.error["details"]["contract"]
    assert found.error["details"]["time"]
    assert "raising.py" in ntp("backtest", "raising", "--data", "sample").err


ENDING = """
from ntp import Strategy


class Ending(Strategy):
    def on_start(self):
        self.quotes = 0

    def on_quote(self, data):
        self.quotes += 1
        self.buy(price=data.ask, size=1, post_only=False)
        if self.quotes == 50:
            raise {error}
"""


@pytest.mark.parametrize(
    ("error", "code", "status"), [("ValueError('mine')", 4, "failed"), ("KeyboardInterrupt", 130, "interrupted")]
)
def test_what_happened_before_a_run_ended_early_is_kept(ntp, workspace, error, code, status):
    (workspace.strategies / "ending.py").write_text(ENDING.format(error=error))
    found = ntp("backtest", "ending", "--data", "sample", "--waive", "maker_only", "--json")
    assert found.code == code, found.out
    details = found.error["details"]
    assert details["status"] == status
    assert details["run_id"] in found.error["hint"]
    (row,) = ntp("runs", "--json").document["runs"]
    assert (row["run_id"], row["status"], row["profitable"]) == (details["run_id"], status, None)
    store = RunStore(workspace.state)
    run = store.load("last")
    assert list(run.fill_modes) == ["pessimistic"]
    assert run.context.fill_mode == "pessimistic"
    assert 0 < len(run.orders) <= 50
    assert run.verify().verified
    assert run.to_dict()["status"] == status
    assert any("only what happened before" in warning for warning in run.warnings)
    assert ntp("report", details["run_id"]).code == 0
    assert store.find(run.manifest.hash) is None
    assert store.ledger.trials(run.context.data.content_hash).count == int(len(run.fills) > 0)
