"""Exclusive groups return what their NO holdings pay in the worst state, where the venue's rule is known."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ntp.markets import group_of, group_return

from .build import BUY, ONE, SELL, Market, Played, order, play, source_of

KNOWN = {"collateral_return_type": "MECNET", "mutually_exclusive": True}
NAMES = ("A", "B", "C")


def outcomes(attributes: dict[str, Any], *, winner: str | None = None, names: tuple[str, ...] = NAMES) -> list[Market]:
    """Outcomes of one event, asked for at 0.20; they settle one after another, first name first."""
    made = []
    for number, name in enumerate(names):
        market = Market(name, attributes=attributes, strike_type="structured").book(0, {1_000: 5}, {2_000: 1})
        market.trade(5 + number, 2_100, 1_000, BUY)
        if winner is not None:
            market.settle(40 + number, 1.0 if name == winner else 0.0)
        made.append(market.level(60, BUY, 100, 1))
    return made


def sold(attributes: dict[str, Any], *, winner: str | None = None, cash: float = 200) -> Played:
    """Buy 100 NO of each outcome at 0.80, one after another."""
    steps = [
        (1, order(SELL, 100, 2_000, "A", contract="A")), (5.5, order(SELL, 100, 2_000, "B", contract="B")),
        (6.5, order(SELL, 100, 2_000, "C", contract="C")),
    ]  # fmt: skip
    return play([source_of(outcomes(attributes, winner=winner))], steps, cash=cash)


def account(played: Played, name: str) -> int:
    return int(played.replay.state.accounts[name][0])


def test_what_the_worst_state_pays_may_be_bound_again() -> None:
    played = sold(KNOWN)
    assert len(played.fills) == 3
    assert played.cash() == -40 * ONE
    assert account(played, "returned") == account(played, "returned_seen") == 200 * ONE
    assert played.runtime.available == 160


@pytest.mark.parametrize(
    "attributes",
    [
        {}, {"mutually_exclusive": True}, {"collateral_return_type": "DIRECNET", "mutually_exclusive": True},
        {"collateral_return_type": "MECNET"}, {"collateral_return_type": "", "mutually_exclusive": True},
    ],
)  # fmt: skip
def test_a_rule_that_is_unknown_or_a_group_that_is_not_exclusive_returns_nothing(attributes: dict[str, Any]) -> None:
    played = sold(attributes)
    assert len(played.fills) == 2
    assert played.ends[-1] == "insufficient_funds"
    assert account(played, "returned") == 0


@pytest.mark.parametrize("winner", ["A", "B", "C", "none"])
def test_settlement_gives_back_what_was_returned_and_never_overdraws(winner: str) -> None:
    played = sold(KNOWN, winner=winner)
    paid = 300 if winner == "none" else 200
    assert played.cash() == (200 - 240 + paid) * ONE
    assert account(played, "returned") == account(played, "returned_seen") == 0


def test_closing_a_holding_takes_its_return_back() -> None:
    steps = [
        (1, order(SELL, 100, 2_000, "A", contract="A")), (1, order(SELL, 100, 2_000, "B", contract="B")),
        (20, order(BUY, 60, 2_000, "back", contract="A", post_only=False, tif="ioc")),
    ]  # fmt: skip
    markets = outcomes(KNOWN)
    markets[0].level(15, SELL, 2_000, 60)
    played = play([source_of(markets)], steps, cash=1_000)
    assert account(played, "returned") == 40 * ONE


@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from([BUY, SELL]), st.integers(1, 60)), max_size=8),
    st.sampled_from([*NAMES, "none"]),
)
@settings(max_examples=30, deadline=None)
def test_it_is_what_the_rules_of_the_market_say_and_cash_never_exceeds_it(
    wishes: list[tuple[str, int, int]], winner: str
) -> None:
    def markets(end: str | None) -> list[Market]:
        made = outcomes(KNOWN, winner=end)
        for number, (name, side, size) in enumerate(wishes):
            market = made[NAMES.index(name)]
            market.level(10 + number, -side, 2_000 if side > 0 else 1_000, size)
        return made

    steps = [
        (10.5 + number, order(side, size, 2_000 if side > 0 else 1_000, str(number), contract=name, post_only=False,
                              tif="ioc"))
        for number, (name, side, size) in enumerate(wishes)
    ]  # fmt: skip
    played = play([source_of(markets(None))], steps, cash=60)
    instruments = played.replay.tape.instruments
    held = {
        instrument.symbol: (max(int(row["position"]), 0), max(-int(row["position"]), 0))
        for instrument, row in zip(instruments, played.replay.state.contracts, strict=True)
    }
    assert account(played, "returned") == group_return("MECNET", group_of("E", instruments), held)
    assert played.cash() + account(played, "returned") >= 0
    ended = play([source_of(markets(winner))], steps, cash=60)
    assert account(ended, "returned") == 0
    assert ended.cash() >= 0
