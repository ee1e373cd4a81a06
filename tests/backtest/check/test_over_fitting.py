"""A profit that the best of many worthless tries would make too is found, by everything that the data has seen."""

import numpy as np
import pytest
from tests.backtest.check.market import fair

from ntp import Strategy
from ntp.backtest import Backtest, RunStore
from ntp.backtest.loader import load_data
from ntp.backtest.validation import Trial

EVENTS = 60
ALONE, MANY = 1, 2_000


class Buyer(Strategy):
    """Buys every contract."""

    def analyze(self, data):
        self.quote(bid=data.bid, size=10)


def judged(folder, share, trials, content=None):
    """Check on data that others were tried on; they differ by next to nothing, as near copies do."""
    true = set(np.random.default_rng(3).permutation(EVENTS)[: round(share * EVENTS)].tolist())
    data, store = fair(folder, EVENTS, true), RunStore(folder / ".ntp")
    loaded = load_data([data], None, None)
    store.ledger.describe(content or loaded.content_hash, loaded.parts)
    store.ledger.record([
        Trial(str(number), content or loaded.content_hash, "other", 0.1 + number * 1e-9) for number in range(trials)
    ])  # fmt: skip
    result = Backtest(Buyer, data, store=store).check(quick=True)
    return result, [finding for finding in result.findings if finding.check == "over_fitting"]


@pytest.mark.parametrize(("trials", "severity"), [(ALONE, "warning"), (MANY, "error")])
def test_a_small_profit_may_be_luck_and_after_many_trials_is(trials, severity, tmp_path):
    result, (finding,) = judged(tmp_path, 0.58, trials)
    assert finding.severity == severity
    assert f"after {trials:,} trial" in finding.message
    assert f"{EVENTS} events" in finding.message
    assert result.passed == (severity == "warning")


def test_trials_of_data_that_shares_its_days_count(tmp_path):
    _, (finding,) = judged(tmp_path, 0.58, MANY, content="sha256:a day more")
    assert finding.severity == "error"


def test_a_profit_that_no_luck_of_many_trials_makes_is_left_alone(tmp_path):
    result, findings = judged(tmp_path, 0.97, MANY)
    assert not findings
    assert not next(each for each in result.examined if each.check == "over_fitting").unchecked
