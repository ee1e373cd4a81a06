import json

from factory import START, Replay, context, run

from ntp.backtest import Run

KEYS = {
    "": "schema status run_id manifest_hash fills_hash strategy capital_usd fidelity tape fill_mode stamps "
    "trials engine data metrics fill_modes orders rules absent by performance report assumptions accounts",
    "strategy": "name version code_hash parameters",
    "engine": "version queue feed_latency order_latency seed compiled",
    "data": "sources from to events contracts coverage warnings",
    "metrics": "sharpe_ratio sharpe_ci90 deflated_sharpe total_return return_on_locked_capital max_drawdown "
    "win_rate win_rate_ci90 pnl_net_usd pnl_gross_usd fees_usd rebates_usd trades fills maker_share "
    "maker_fill_rate time_to_fill_median_s queue_ahead_median edge_per_trade_cents "
    "realised_edge_per_trade_cents cross_venue_spread_cents brier brier_market markout_10s_cents "
    "locked_capital_max_usd",
    "fill_modes": "pessimistic base optimistic",
    "orders": "placed filled cancelled rejected expired refused",
    "rules": "waived refused breaches",
    "by": "event series contract venue tag exit_reason",
    "performance": "wall_s events_per_s peak_rss_mb",
}


def test_the_document_has_every_key_of_the_contract():
    document = run().to_dict()
    for part, keys in KEYS.items():
        assert set(keys.split()) <= set(document[part] if part else document), part
    for mode in document["fill_modes"].values():
        assert set(mode) == {
            "pnl_net_usd", "pnl_net_ci90_usd", "sharpe_ratio", "deflated_sharpe", "fills", "maker_fill_rate",
            "fills_hash",
        }
    row = document["by"]["event"][0]
    assert set(row) == {"key", "trades", "win_rate", "pnl_net_usd", "fees_usd", "maker_fill_rate"}


def test_the_document_is_json_without_nan():
    text = json.dumps(run().to_dict(), allow_nan=False)
    assert json.loads(text)["orders"]["placed"] == 105
    json.dumps(Run(context(), {"base": Replay().output()}).to_dict(), allow_nan=False)


def test_the_headline_is_the_mode_asked_for():
    careful = run(fill_mode="pessimistic").to_dict()
    assert careful["fill_mode"] == "pessimistic"
    assert careful["metrics"]["pnl_net_usd"] == careful["fill_modes"]["pessimistic"]["pnl_net_usd"]
    assert careful["fills_hash"] == careful["fill_modes"]["pessimistic"]["fills_hash"]


def test_counters_and_open_positions():
    output = Replay().fill(START, 1, 40, 3).output(absent={"bid": 2}, breaches={"max_position": 1})
    document = Run(context(waived=["maker_only"]), {"base": output}).to_dict()
    assert document["absent"]["bid"] == 2
    null = {name for name, value in document["metrics"].items() if value is None}
    assert set(document["absent"]) == {"bid"} | null
    assert document["rules"] == {"waived": ["maker_only"], "refused": {}, "breaches": {"max_position": 1}}
    assert document["stamps"] == ["waived:maker_only"]
    assert document["open_positions"] == [{
        "contract": "kalshi:KXBTC15M-0-0", "position": 3.0, "value_usd": 1.2, "marked": "touch",
    }]
    assert document["profitable"] is None
