"""The settlement rules give every official result again whose settlement value is recorded."""

from decimal import Decimal

import polars as pl

from ntp.data import Catalog, import_path
from ntp.markets import Observed, named_contracts, settlement_of
from ntp.research.forecast_study import recomputed_results


def chain(strikes, results):
    """Official results and those of the rule, where the next contract's strike tells what was settled on."""
    opening = {}
    for ticker, strike in strikes.items():
        [contract] = named_contracts(ticker, strikes=[Decimal(repr(strike))])
        opening[contract.open_time] = (ticker, contract)
    found = {}
    for ticker, contract in opening.values():
        after = opening.get(contract.close_time)
        if after is not None and ticker in results:
            value = Decimal(after[1].strike_low)
            found[ticker] = (results[ticker], float(settlement_of(contract).payoff(Observed(value))))
    return found


def test_the_order_book_recording(shared_data):
    markets = pl.read_parquet(shared_data / "kalshi_btc15m_l2" / "markets.parquet")
    results = {ticker: float(result == "yes") for ticker, result in markets.select("market_ticker", "result").rows()}
    found = chain(dict(markets.select("market_ticker", "strike").rows()), results)
    assert len(found) == 33, "of 48 contracts the next one's strike is there"
    assert all(official == by_rule for official, by_rule in found.values())
    assert {official for official, _ in found.values()} == {0.0, 1.0}


def test_official_results_and_the_strikes_that_a_trader_logged(shared_data):
    """Results of one set; strikes, where they are known at all, of another recording of those days."""
    results = pl.read_parquet(shared_data / "kalshi_btc15m_settlements" / "settlements.parquet")
    official = {ticker: float(result == "yes") for ticker, result in results.select("market_ticker", "result").rows()}
    fills = shared_data / "kalshi_btc15m_live_fills"
    told = pl.read_parquet(fills / "round_trips.parquet").filter(pl.col("market_result").is_in(["yes", "no"]))
    official |= {ticker: float(result == "yes") for ticker, result in told.select("market", "market_result").rows()}
    events = pl.read_parquet(fills / "order_events.parquet").filter(pl.col("strike").is_not_null())
    found = chain(dict(events.select("market", "strike").unique().rows()), official)
    assert len(found) == 39
    assert all(one == other for one, other in found.values())


def test_five_minute_markets_by_their_own_feed(shared_data, tmp_path):
    catalog = Catalog(tmp_path)
    import_path(catalog, shared_data / "polymarket_btc5m_settlement", name="set")
    found = recomputed_results(catalog.dataset("set"))
    assert (found.recomputed, found.wrong) == (280, ())
