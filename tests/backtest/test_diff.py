import json

import pytest
from factory import START, Replay, context, place, run, season

from ntp.backtest import Run, StrategyInfo
from ntp.backtest.diff import first_difference
from ntp.core import SECOND


def test_equal_runs_are_equal():
    diff = run().compare(run(run_id="other"))
    assert diff.equal
    assert diff.runs == ("abc123", "other")


def test_configuration_code_and_metrics():
    changed = StrategyInfo("maker", "1.1", "sha256:new", {"edge": 0.05, "size": 10})
    diff = run().compare(Run(context(strategy=changed), {"base": season(lucky=0.5).output()}))
    assert [(c.name, c.before, c.after) for c in diff.configuration] == [
        ("strategy.parameters.edge", 0.03, 0.05)
    ]
    assert {c.name for c in diff.code} == {"strategy.version", "strategy.code_hash"}
    assert "base.pnl_net_usd" in {c.name for c in diff.metrics}
    assert all(c.name.startswith("base.") for c in diff.metrics)
    json.dumps(diff.to_dict(), allow_nan=False)


def test_first_fill_that_differs():
    def replay(cents):
        return Replay().fill(START, 1, 40, 1).fill(START + SECOND, 1, cents, 1, place(1)).output().fills

    at = first_difference(replay(41), replay(42))
    assert at["number"] == 1
    assert at["ts"] == START + SECOND
    assert (at["before"]["price"], at["after"]["price"]) == (0.41, 0.42)
    assert first_difference(replay(41), replay(41)) is None


def test_one_run_goes_on():
    longer = Replay().fill(START, 1, 40, 1).fill(START + SECOND, 1, 41, 1)
    shorter = Replay().fill(START, 1, 40, 1)
    at = first_difference(longer.output().fills, shorter.output().fills)
    assert (at["number"], at["after"]) == (1, None)
    assert at["before"]["size"] == 1.0
    assert first_difference(Replay().output().fills, Replay().output().fills) is None


@pytest.mark.parametrize("names", [("pessimistic",), ("base", "optimistic")])
def test_only_modes_of_both_are_compared(names):
    left = Run(context(fill_mode=names[0]), {name: season(3).output() for name in names})
    right = Run(context(fill_mode="base"), {"base": season(4).output()})
    assert set(left.compare(right).parts_at) <= {"base"}


def test_values_are_in_dollars_and_times():
    diff = run().compare(run(run_id="other", capital=20_000_000_000, days=41))
    told = {change.name: (change.before, change.after) for change in diff.configuration}
    assert told["configuration.capital_usd"] == (10_000.0, 20_000.0)
    assert told["configuration.end"] == ("2024-11-13T00:00:00Z", "2024-11-14T00:00:00Z")
    assert diff.to_dict()["fill_mode"] == "base"
