import pytest
from factory import CAPITAL, START, Replay, context, place, run, season

from ntp.backtest.breakdown import GROUPS, PLACES, breakdown
from ntp.backtest.facts import Facts
from ntp.core import CASH_ONE, NotFound


def test_tables_by_place_add_up_to_the_whole():
    replay = season()
    replay.fill(START + 10, 1, 40, 3, place("open"), fee=77)
    facts = Facts(replay.output(), context())
    tables = breakdown(facts)
    assert tuple(tables) == GROUPS
    whole = (replay.value() - CAPITAL) / CASH_ONE
    for key in PLACES:
        assert sum(row["pnl_net_usd"] for row in tables[key]) == pytest.approx(whole)
        assert sum(row["fees_usd"] for row in tables[key]) == pytest.approx(replay.fees / CASH_ONE)
        assert sum(row["trades"] for row in tables[key]) == len(facts.trades)


def test_an_event_without_a_closed_trade_has_no_win_rate():
    replay = Replay().fill(START, 1, 40, 1)
    row = breakdown(Facts(replay.output(), context()))["event"][0]
    assert row["trades"] == 0
    assert row["win_rate"] is None
    assert row["maker_fill_rate"] == 1.0


def test_tags_and_exit_reasons():
    replay = Replay().fill(START, 1, 40, 1, tag="join").fill(START + 1, -1, 42, 1, exit_reason="stop_loss")
    replay.fill(START, 1, 40, 1, place(1)).settle(START + 2, 0.0, place(1))
    tables = breakdown(Facts(replay.output(), context()))
    assert [(row["key"], row["pnl_net_usd"]) for row in tables["tag"]] == [("join", 0.02), (None, -0.4)]
    reasons = {row["key"]: row for row in tables["exit_reason"]}
    assert set(reasons) == {"stop_loss", "settled_no"}
    assert reasons["stop_loss"]["maker_fill_rate"] is None


def test_nothing_happened():
    assert all(rows == [] for rows in breakdown(Facts(Replay().output(), context())).values())


def test_a_grouping_or_a_fill_mode_that_is_none_gets_a_suggestion():
    found = run()
    with pytest.raises(NotFound, match="expected a grouping, was 'events'; did you mean 'event'"):
        found.by["events"]
    with pytest.raises(KeyError, match="did you mean 'base'"):
        found.fill_modes["bases"]
