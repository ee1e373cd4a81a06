"""The metrics of one small replay against numbers worked out by hand."""

import pytest
from recording import Recording, dataset, play, rest, take

from ntp.backtest import METRICS

BUY, SELL = 1, -1


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Five contracts quoted 0.48 to 0.52 with 100 at each side: two fill at rest, two are taken, one never."""

    def quoted(symbol):
        return Recording(symbol).quote(0, 0.48, 0.52)

    data = dataset(
        tmp_path_factory.mktemp("catalog"),
        quoted("REST").trade(10, 0.48, 200, SELL).quote(15, 0.50, 0.54).settle(100, 1.0),
        quoted("TAKEN").quote(5, 0.48, 0.52).settle(100, 0.0),
        quoted("SOLD").trade(12, 0.52, 300, BUY).quote(16, 0.46, 0.50).settle(100, 0.25),
        quoted("NEVER").quote(40, 0.48, 0.52).settle(100, 1.0),
        quoted("VOID").quote(5, 0.48, 0.52).settle(100, None, "voided"),
    )
    return play(data, [
        (1, rest("kalshi:REST", BUY, 10, 0.48, fair=0.55)),
        (1, take("kalshi:TAKEN", BUY, 20, 0.52, fair=0.50)),
        (1, take("kalshi:VOID", BUY, 10, 0.52, fair=0.60)),
        (1, rest("kalshi:NEVER", BUY, 10, 0.48)),
        (2, rest("kalshi:SOLD", SELL, 30, 0.52, fair=0.47)),
        (5, rest("kalshi:REST", BUY, 10, 0.47, fair=0.58)),  # never filled, but the last word before the first fill
        (30, lambda strategy: strategy.cancel("kalshi:NEVER")),
    ])  # fmt: skip


FEE = 0.3495
"""0.07 * 20 * 0.52 * 0.48, up to 0.0001 dollar; the fee on the void is refunded, makers pay none."""
NET = 10 * 0.52 - 20 * 0.52 + 30 * 0.27 - FEE


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fills", 4),
        ("trades", 4),
        ("win_rate", 2 / 4),  # REST and SOLD; what a void gives back is no win
        ("maker_share", 40 / 70),
        ("maker_fill_rate", 2 / 4),  # orders at rest: two on REST, SOLD and NEVER
        ("time_to_fill_median_s", 10.0),  # 9 s of REST leave 3/4, 10 s of SOLD leave 1/2
        ("queue_ahead_median", 100.0),
        ("edge_per_trade_cents", (10 * 7 - 20 * 2 + 30 * 5 + 10 * 8) / 70),
        ("realised_edge_per_trade_cents", (10 * 52 - 20 * 52 + 30 * 27) / 60),  # without the void
        ("markout_10s_cents", (10 * 4 - 20 * 2 + 30 * 4 - 10 * 2) / 70),
        ("brier", ((0.58 - 1) ** 2 + (0.50 - 0) ** 2) / 2),  # a scalar result and a void have no score
        ("brier_market", ((0.50 - 1) ** 2 + (0.50 - 0) ** 2) / 2),
        ("fees_usd", FEE),
        ("rebates_usd", 0.0),
        ("pnl_gross_usd", NET + FEE),
        ("pnl_net_usd", NET),
        ("total_return", NET / 1_000),
    ],
)
def test_a_metric_is_the_number_worked_out_by_hand(made, name, value):
    assert made.metrics[name] == pytest.approx(value, rel=1e-9)


def test_the_rest_is_null_with_its_reason(made):
    null = {name for name, value in made.metrics.items() if value is None}
    assert null == {
        "sharpe_ratio", "sharpe_ci90", "win_rate_ci90", "pnl_net_ci90_usd", "cross_venue_spread_cents",
        *(metric.id for metric in METRICS if {"luck", "risk"} & set(metric.tags)), "annual_return",
    }
    assert all(made.to_dict()["absent"][name] for name in null)


def test_drawdown_and_locked_capital_follow_the_marks(made):
    # taken at 0.52 and marked at the bid of 0.48: 20 and 10 contracts, with both fees
    low = 1_000 - 30 * 0.04 - FEE - 0.1748
    # then REST is worth 0.50 (+0.20) and SOLD, bought as NO at 0.48, is marked at 1 - 0.50 (+0.60)
    assert made.metrics.max_drawdown == pytest.approx(low / 1_000 - 1)
    # NO at 0.48 for 30, YES at 0.52 for 30 and at 0.48 for 10 are held; one order of 10 at 0.47 and one at 0.48 rest
    held = 30 * 0.48 + 30 * 0.52 + 10 * 0.48
    at_rest = 10 * 0.47 + 10 * 0.48
    worst_fees = made.metrics.locked_capital_max_usd - held - at_rest
    assert 0 <= worst_fees < 2.0
    assert made.metrics.return_on_locked_capital == pytest.approx(NET / made.metrics.locked_capital_max_usd)


def test_rows_of_by_are_those_of_the_contracts(made):
    rows = {row["key"].partition(":")[2]: row for row in made.by["contract"]}
    assert {name: (row["trades"], row["win_rate"], row["maker_fill_rate"]) for name, row in rows.items()} == {
        "REST": (1, 1.0, 0.5), "TAKEN": (1, 0.0, None), "SOLD": (1, 1.0, 1.0), "NEVER": (0, None, 0.0),
        "VOID": (1, 0.0, None),
    }  # fmt: skip
    assert {name: round(row["pnl_net_usd"], 6) for name, row in rows.items()} == {
        "REST": 5.2, "TAKEN": round(-10.4 - FEE, 6), "SOLD": 8.1, "NEVER": 0.0, "VOID": 0.0,
    }  # fmt: skip
    reasons = {row["key"]: row["trades"] for row in made.by["exit_reason"]}
    assert reasons == {"settled_yes": 1, "settled_no": 1, "settled_scalar": 1, "void": 1}
    assert all(row["maker_fill_rate"] is None for row in made.by["exit_reason"])
