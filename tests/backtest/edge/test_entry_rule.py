"""What a strategy is told by the entry rule of the workspace."""

import pytest

from ntp import Backtest, Strategy
from ntp.core import Absent
from ntp.core.config import Config, EdgeConfig
from ntp.strategy import Pricing

NOTED = []


class Asks(Strategy):
    """Notes what the rule says of both sides, beside the edges."""

    pricing = Pricing()

    def analyze(self, data):
        for side in ("BUY", "SELL"):
            try:
                NOTED.append((data.edge(side), data.net_edge(side), data.touch(side), data.admits(side)))
            except Absent:
                continue


@pytest.mark.parametrize(("threshold", "scale"), [(0.05, "flat"), (0.02, "variance"), (0.0, "flat")])
def test_it_admits_what_reaches_the_threshold_of_the_workspace_and_leaves_something(threshold, scale):
    NOTED.clear()
    config = Config(edge=EdgeConfig(threshold=threshold, scale=scale))
    Backtest(Asks, "sample", contracts="sim_a:*", config=config, store=False).run(modes=("base",))
    admitted = [row for row in NOTED if row[3]]
    assert admitted
    assert len(admitted) < len(NOTED)
    for gross, net, price, admits in NOTED:
        needed = threshold * (4 * price * (1 - price) if scale == "variance" else 1)
        if abs(gross - needed) > 1e-6:
            assert admits == (gross > needed and net > 0)
