"""Money of whole runs against ledgers made by hand: voids, amendments, rebates, early closes, currencies."""

import json

import pytest
from recording import Recording, at, dataset, play, rest, take

from ntp.backtest import RunStore
from ntp.core import ConfigError

FEE = 0.1748
"""A taker's fee at Kalshi on 10 contracts at 0.52: 0.07 * 10 * 0.52 * 0.48, up to 0.0001 dollar."""


def quoted(symbol, venue="kalshi", **attributes):
    return Recording(symbol, venue, **attributes).quote(0, 0.48, 0.52).quote(5, 0.48, 0.52)


def curve(run, *columns):
    """Columns of the equity by second after the beginning."""
    seconds = run.equity["ts"].cast(int) - at(0)
    return dict(zip((seconds / 1e9).round().to_list(), run.equity.select(columns).rows(), strict=True))


def latest(found, second):
    return found[max(when for when in found if when <= second)]


def test_equity_with_and_without_fees_is_that_of_the_ledger(tmp_path):
    data = dataset(
        tmp_path,
        quoted("VOID").settle(200, None, "voided"),
        quoted("AMENDED").settle(100, 1.0, "determined").settle(150, 0.0, "amended").settle(200, 0.0),
        quoted("EARLY", close_time=at(1_000)).life(60, "closed").settle(250, 0.5),
        quoted("REBATE", "polymarket_us").trade(10, 0.48, 500, -1).settle(300, 1.0),
    )
    run = play(data, [
        *((1, take(f"kalshi:{symbol}", 1, 10, 0.52)) for symbol in ("VOID", "AMENDED", "EARLY")),
        (1, rest("polymarket_us:REBATE", 1, 10, 0.48)),
    ])
    found = curve(run, "equity", "equity_gross")
    marked = -0.4  # 10 contracts bought at 0.52 and worth the bid of 0.48
    for second, net, fees in (
        (0, 0.0, 0.0),
        (5, 3 * marked, 3 * FEE),
        (20, 3 * marked, 3 * FEE - 0.03),  # bought at its mark, for a fee of -0.0125 * 10 * 0.48 * 0.52, up to a cent
        (120, 2 * marked + 4.8, 3 * FEE - 0.03),  # the result is known before it pays
        (170, 2 * marked - 5.2, 3 * FEE - 0.03),  # and is amended
        (220, marked - 5.2, 2 * FEE - 0.03),  # cost and fee of the void come back
        (260, -0.2 - 5.2, 2 * FEE - 0.03),
        (310, -0.2 - 5.2 + 5.2, 2 * FEE - 0.03),
    ):
        net_of_fees, gross = latest(found, second)
        assert net_of_fees == pytest.approx(1_000 + net - fees, abs=1e-6), second
        assert gross == pytest.approx(1_000 + net, abs=1e-6), second
    metrics = run.metrics
    assert metrics.pnl_net_usd == pytest.approx(-0.2 - 2 * FEE + 0.03)
    assert metrics.pnl_gross_usd == pytest.approx(-0.2)
    assert metrics.fees_usd == pytest.approx(2 * FEE - 0.03)
    for rows in (run.by["contract"], run.by["venue"], run.by["event"]):
        assert sum(row["pnl_net_usd"] for row in rows) == pytest.approx(metrics.pnl_net_usd)
        assert sum(row["fees_usd"] for row in rows) == pytest.approx(metrics.fees_usd)
    reasons = {row["contract"]: (row["exit_reason"], row["pnl_net"]) for row in run.trades.iter_rows(named=True)}
    assert reasons["kalshi:VOID"] == ("void", 0.0)
    assert reasons["kalshi:AMENDED"] == ("settled_no", pytest.approx(-5.2 - FEE))
    assert reasons["kalshi:EARLY"] == ("settled_scalar", pytest.approx(-0.2 - FEE))


def test_a_void_refunds_trades_that_were_closed_before(tmp_path):
    data = dataset(tmp_path, quoted("VOID").settle(200, None, "voided"))
    run = play(data, [(1, take("kalshi:VOID", 1, 10, 0.52)), (6, take("kalshi:VOID", -1, 10, 0.48))])
    assert run.metrics.pnl_net_usd == run.metrics.pnl_gross_usd == run.metrics.fees_usd == 0.0
    assert run.by["contract"][0]["pnl_net_usd"] == 0.0
    (trade,) = run.trades.iter_rows(named=True)
    assert (trade["pnl_net"], trade["exit_reason"], trade["fee"]) == (0.0, "void", 0.0)


def test_locked_capital_of_two_contracts_and_the_return_on_it(tmp_path):
    first = Recording("ONE", "polymarket_us").quote(0, 0.38, 0.42).quote(8, 0.38, 0.42)
    second = Recording("TWO", "polymarket_us").quote(0, 0.68, 0.72).quote(60, 0.68, 0.72)
    data = dataset(
        tmp_path,
        first.trade(10, 0.38, 500, -1).settle(100, 1.0),
        second.trade(20, 0.72, 500, 1).settle(40, 1.0),
    )
    run = play(data, [
        (1, rest("polymarket_us:ONE", 1, 100, 0.38)),  # locks 38.00, and for a maker no fee
        (2, rest("polymarket_us:TWO", -1, 50, 0.72)),  # sells YES at 0.72, that is 50 NO for 14.00
    ])
    rebate = 0.0125 * (100 * 0.38 * 0.62 + 50 * 0.72 * 0.28)
    fees = -run.fills["fee"].sum()
    assert fees == pytest.approx(rebate, abs=0.011)
    # at rest each also reserves the highest fee it could be charged: 0.06 * p * (1 - p) a contract, and a cent
    reserve = 0.06 * (100 * 0.38 * 0.62 + 50 * 0.72 * 0.28) + 0.02
    assert run.metrics.locked_capital_max_usd == pytest.approx(52.0 + reserve)
    locked = curve(run, "locked")
    assert [latest(locked, second) for second in (30, 50, 90, 110)] == [(52.0,), (38.0,), (38.0,), (0.0,)]
    pnl = 62.0 - 14.0 + fees
    assert run.metrics.pnl_net_usd == pytest.approx(pnl)
    assert run.metrics.return_on_locked_capital == pytest.approx(pnl / run.metrics.locked_capital_max_usd)


def test_accounts_are_kept_by_venue_and_currency_and_mana_is_in_no_dollar_figure(tmp_path):
    data = dataset(
        tmp_path / "catalog",
        quoted("K").settle(100, 1.0),
        quoted("P", "polymarket", category="crypto", open_time=at(-100)).settle(100, 0.0),
        quoted("M", "manifold", attributes={"mechanism": "book"}).quote(100, 0.50, 0.54),
    )
    run = play(data, [(1, take(name, 1, 10, 0.52)) for name in ("kalshi:K", "polymarket:P", "manifold:M")])
    accounts = {row["venue"]: row for row in run.to_dict()["accounts"]}
    assert {venue: row["currency"] for venue, row in accounts.items()} == {
        "kalshi": "USD", "polymarket": "pUSD", "manifold": "MANA",
    }
    assert (accounts["kalshi"]["start"], accounts["polymarket"]["start"], accounts["manifold"]["start"]) == (
        500.0, 500.0, 1_000.0,
    )
    assert accounts["kalshi"]["pnl_net"] == pytest.approx(4.8 - FEE)
    assert accounts["manifold"]["pnl_net"] == pytest.approx(-0.2)
    assert not accounts["manifold"]["in_equity"]
    dollars = accounts["kalshi"]["pnl_net"] + accounts["polymarket"]["pnl_net"]
    assert run.metrics.pnl_net_usd == pytest.approx(dollars)
    assert run.metrics.fees_usd == pytest.approx(accounts["kalshi"]["fees"] + accounts["polymarket"]["fees"])
    assert run.equity["equity"][0] == run.to_dict()["capital_usd"] == 1_000.0
    rows = {row["key"]: row["pnl_net_usd"] for row in run.by["venue"]}
    assert rows["manifold"] is None
    assert rows["kalshi"] + rows["polymarket"] == pytest.approx(dollars)
    assert {"pUSD at 1 dollar", "play money apart"} <= set(run.stamps)
    told = " ".join(run.to_dict()["assumptions"])
    assert "pUSD" in told
    assert "1,000.00 MANA" in told
    store = RunStore(tmp_path)
    store.save(run)
    assert store.load(run.run_id).to_dict()["accounts"] == run.to_dict()["accounts"]


def test_only_mana_traded_leaves_every_dollar_figure_null(tmp_path):
    data = dataset(tmp_path, quoted("M", "manifold", attributes={"mechanism": "book"}).settle(100, 1.0))
    run = play(data, [(1, take("manifold:M", 1, 10, 0.52))])
    document = run.to_dict()
    assert document["capital_usd"] is None
    for name, value in document["metrics"].items():
        if name.endswith(("_usd", "_cents")):
            assert value is None, name
            assert "MANA" in document["absent"][name]
    assert document["metrics"]["total_return"] == pytest.approx(4.8 / 1_000)
    assert document["accounts"][0]["pnl_net"] == pytest.approx(4.8)
    assert all(row["pnl_net_usd"] is None for rows in run.by.values() for row in rows)
    json.dumps(document, allow_nan=False)


def test_a_holding_without_any_price_counts_at_its_cost_and_the_run_says_so(tmp_path):
    data = dataset(tmp_path, Recording("N").quote(0, 0.48, 0.52).quote(5, 0.48, None).quote(300, None, None))
    run = play(data, [(1, take("kalshi:N", 1, 10, 0.52))])
    (held,) = run.to_dict()["open_positions"]
    assert (held["marked"], held["value_usd"]) == ("cost", 5.2)
    assert run.metrics.pnl_gross_usd == 0.0
    assert run.metrics.pnl_net_usd == pytest.approx(-FEE)
    assert sum(row["pnl_net_usd"] for row in run.by["contract"]) == pytest.approx(-FEE)
    assert any("without any price counts at its cost" in line for line in run.assumptions)
    assert any("1 without any price count at their cost" in line for line in run.warnings)


def test_what_trades_against_a_market_maker_is_refused_by_name(tmp_path):
    data = dataset(tmp_path, quoted("K").settle(100, 1.0), quoted("M", "manifold").settle(100, 1.0))
    with pytest.raises(ConfigError, match="manifold:M trades against an automated market maker") as caught:
        play(data, [])
    assert caught.value.code == "amm_not_simulated"
