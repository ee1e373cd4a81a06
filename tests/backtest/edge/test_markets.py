"""Key metrics of each market are those of a run that traded it alone."""

import polars as pl
import pytest
from factory import START, Replay, context, place, run, season

from ntp.backtest import Run, RunStore
from ntp.backtest.edge import KEY_METRICS, market_rows
from ntp.backtest.facts import Facts


def test_one_market_is_the_whole_run():
    made = run()
    (row,) = made.shown.markets
    assert (row["venue"], row["series"], row["events"]) == ("kalshi", "KXBTC15M", 45)
    for name in KEY_METRICS:
        assert row[name] == pytest.approx(made.metrics[name]), name


def test_two_markets_by_hand():
    other = {**place(9), "series": "KXETH", "venue": "polymarket"}
    replay = Replay().fill(START, 1, 40, 10, fair=0.46, fee=100_000).settle(START + 9, 1.0)
    replay.fill(START, -1, 60, 30, other, fair=0.50).settle(START + 9, 1.0, other)
    replay.unfilled(START, START + 1, where=other)
    output = replay.output()
    fills = output.fills.with_columns(match_mid=pl.Series([0.45, 0.58]))
    object.__setattr__(output, "fills", fills)
    rows = {row["series"]: row for row in market_rows(Facts(output, context()))}
    assert rows["KXBTC15M"] == {
        "venue": "kalshi", "series": "KXBTC15M", "trades": 1, "events": 1, "edge_per_trade_cents": pytest.approx(6.0),
        "realised_edge_per_trade_cents": pytest.approx(60.0), "maker_fill_rate": 1.0,
        "cross_venue_spread_cents": pytest.approx(5.0), "win_rate": 1.0, "win_rate_ci90": None, "pnl_net_usd": 5.9,
    }  # fmt: skip
    eth = rows["KXETH"]
    assert eth["edge_per_trade_cents"] == pytest.approx(10.0)
    assert eth["realised_edge_per_trade_cents"] == pytest.approx(-40.0)
    assert (eth["maker_fill_rate"], eth["win_rate"], eth["pnl_net_usd"]) == (0.5, 0.0, -12.0)
    assert eth["cross_venue_spread_cents"] == pytest.approx(2.0)


def test_unknown_fees_hide_what_they_decide():
    (row,) = Run(context(), {"base": season().output(stamps=["fees unknown"])}).shown.markets
    assert row["win_rate"] is row["win_rate_ci90"] is row["pnl_net_usd"] is None
    assert row["edge_per_trade_cents"] is not None


def test_nothing_traded_is_no_market():
    assert market_rows(Facts(Replay().output(), context())) == []


def test_the_list_of_runs_tells_them(tmp_path):
    store = RunStore(tmp_path)
    made = run()
    store.save(made)
    (line,) = store.list()
    for name in KEY_METRICS:
        assert getattr(line, name) == pytest.approx(made.metrics[name]), name
