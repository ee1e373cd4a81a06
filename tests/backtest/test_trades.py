import polars as pl
import pytest
from factory import CAPITAL, START, Replay, place
from hypothesis import given
from hypothesis import strategies as st

from ntp.backtest import ModeOutput
from ntp.backtest.trades import trades_of
from ntp.core import SECOND, SIZE_ONE


def test_flat_to_flat_is_one_trade():
    replay = Replay().fill(START, 1, 40, 4, fee=100).fill(START + 1, 1, 44, 4, fee=50)
    replay.fill(START + 2, -1, 50, 8, fee=7, exit_reason="take_profit")
    trade = trades_of(replay.output()).row(0, named=True)
    assert trade["side"] == 1
    assert trade["size"] == 8 * SIZE_ONE
    assert trade["entry_price"] == pytest.approx(0.42)
    assert trade["exit_price"] == pytest.approx(0.50)
    assert trade["cash"] == 640_000 - 157
    assert trade["fee"] == 157
    assert trade["exit_reason"] == "take_profit"
    assert (trade["opened"], trade["closed"], trade["fills"]) == (START, START + 2, 3)


@pytest.mark.parametrize(("dollars", "reason", "cash"), [
    (1.0, "settled_yes", 6_000_000), (0.0, "settled_no", -4_000_000), (0.25, "settled_scalar", -1_500_000),
])
def test_settlement_closes_a_trade(dollars, reason, cash):
    trade = trades_of(Replay().fill(START, 1, 40, 10).settle(START + 9, dollars).output()).row(0, named=True)
    assert (trade["exit_reason"], trade["cash"], trade["exit_price"]) == (reason, cash, dollars)


def test_a_void_refunds_and_has_no_exit_price():
    replay = Replay().fill(START, 1, 40, 10, fee=30).settle(START + 9, None, cash=4_000_030)
    trade = trades_of(replay.output()).row(0, named=True)
    assert (trade["exit_reason"], trade["cash"], trade["exit_price"]) == ("void", 0, None)


def test_a_fill_that_turns_the_position_ends_one_trade_and_begins_another():
    replay = Replay().fill(START, 1, 40, 3).fill(START + 1, -1, 50, 10, fee=101).fill(START + 2, 1, 45, 7)
    trades = trades_of(replay.output())
    assert trades["side"].to_list() == [1, -1]
    assert trades["size"].to_list() == [3 * SIZE_ONE, 7 * SIZE_ONE]
    assert trades["fee"].to_list() == [30, 71]
    assert trades["cash"].to_list() == [300_000 - 31, 350_000 - 70]
    assert trades["cash"].sum() == 650_000 - 101


def test_what_is_open_at_the_end_is_no_trade():
    assert trades_of(Replay().fill(START, 1, 40, 3).output()).is_empty()
    assert trades_of(Replay().output()).is_empty()


def test_a_short_that_is_settled():
    trade = trades_of(Replay().fill(START, -1, 40, 10).settle(START + 9, 0.0).output()).row(0, named=True)
    assert (trade["side"], trade["cash"], trade["exit_reason"]) == (-1, 4_000_000, "settled_no")


steps = st.lists(
    st.tuples(
        st.integers(0, 2), st.sampled_from([1, -1]), st.integers(1, 99), st.integers(1, 50),
        st.integers(0, 5_000),
    ),
    max_size=40,
)


@given(steps, st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=3, max_size=3))
def test_trades_add_up_to_the_equity_when_all_is_flat(rows, values):
    replay = Replay()
    for at, (strike, side, cents, contracts, fee) in enumerate(rows):
        replay.fill(START + at * SECOND, side, cents, contracts, place(0, strike), fee)
    for strike, value in enumerate(values):
        replay.settle(START + 3_600 * SECOND, value, place(0, strike))
    output = replay.output()
    trades = trades_of(output)
    assert trades["cash"].sum() == output.equity["equity"][-1] - CAPITAL
    assert trades["fee"].sum() == output.fills["fee"].sum()
    assert (trades["cash"] + trades["fee"]).sum() == output.equity["equity_gross"][-1] - CAPITAL
    assert (trades["size"] > 0).all()
    assert (trades["maker_size"].sum() == output.fills["size"].sum())


@given(steps)
def test_trades_do_not_depend_on_how_contracts_interleave(rows):
    replay = Replay()
    for at, (strike, side, cents, contracts, fee) in enumerate(rows):
        replay.fill(START + at * SECOND, side, cents, contracts, place(0, strike), fee)
    output = replay.output()
    together = trades_of(output)
    apart = [
        trades_of(ModeOutput(
            fills=output.fills.filter(pl.col("contract") == contract), orders=output.orders,
            settlements=output.settlements, equity=output.equity,
        ))
        for contract in output.fills["contract"].unique()
    ]
    joined = pl.concat(apart).sort("closed", "opened", "contract") if apart else together
    assert together.equals(joined)


