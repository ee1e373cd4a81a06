"""Layout of the records: what the kernel fetches together begins with a line of memory."""

from itertools import pairwise

import pytest

from ntp.engine import records as r
from ntp.engine.memory import LINE, Log


@pytest.mark.parametrize("name", ["CONTRACT", "ORDER"])
def test_a_record_of_which_there_are_many_fills_whole_lines(name: str) -> None:
    assert getattr(r, name).itemsize % LINE == 0  # add or use up a spare field


@pytest.mark.parametrize("name", ["bid", "bid_prices", "view_ask", "first_order", "last_price", "account", "nets"])
def test_what_is_fetched_for_a_row_a_wake_or_a_fill_stays_on_its_lines(name: str) -> None:
    line = {"bid": 0, "bid_prices": 1, "view_ask": 2, "first_order": 3, "last_price": 4, "account": 6, "nets": 9}
    assert r.field(r.CONTRACT, name) * 8 // LINE == line[name]


def test_a_log_grows_by_as_much_as_it_holds() -> None:
    log = Log(r.FILL, 1 << 17)
    seen = [log.rows]
    while seen[-1] < len(log.table):
        log.more()
        seen.append(log.rows)
    steps = [after - before for before, after in pairwise(seen[:-1])]
    assert steps[0] == pytest.approx(seen[0], abs=1)
    assert max(steps) * r.FILL.itemsize <= (1 << 22) + r.FILL.itemsize
    log.table["ts"][-1] = 7
    assert log.table["ts"][-1] == 7
