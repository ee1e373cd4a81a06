"""Fees and immediate-or-cancel answers of a recorded account (May 2026, precision class 0.01)."""

import pytest

from .live_fees import charged, read_legs, step_of, summarise, whole_contract_explanations
from .live_iocs import confusion, fill_rates, logistic, read_orders, trusted
from .live_pages import DOCS, blocks, measured


@pytest.fixture(scope="module")
def folder(shared_data):
    path = shared_data / "kalshi_btc15m_live_fills"
    if not path.is_dir():
        pytest.skip(f"no recorded fills: expected {path}")
    return path


@pytest.fixture(scope="module")
def orders(folder):
    return read_orders(folder)


def test_every_charged_fee_is_explained(folder):
    summary = summarise(folder)
    assert (summary.legs, summary.one_fill, summary.partitions, summary.unexplained) == (347, 266, 81, ())


def test_fills_of_an_explanation_make_the_leg(folder):
    for explanation in summarise(folder).explanations:
        leg = explanation.leg
        assert sum(size for size, _ in explanation.fills) == leg.size
        assert sum(size * price for size, price in explanation.fills) == leg.notional * 10_000
        one_order = len(leg.moments) == 1
        assert charged(step_of(leg), leg.side, explanation.fills, one_order=one_order) == leg.fee


def test_the_account_is_in_the_cent_class(folder):
    assert {step_of(leg).precision for leg in read_legs(folder)} == {10_000}


def test_what_aligning_the_balance_took_was_kept(folder):
    assert whole_contract_explanations(folder) == (49, 47, 5)


def test_a_fee_fills_the_cash_up_to_the_cent(folder):
    for leg in read_legs(folder):
        assert (leg.notional + leg.side * leg.fee) % 10_000 == 0


def test_the_ladder_alone_promises_too_much(orders):
    cells = confusion(orders, lambda order: order.ladder)
    assert cells == {("fill", "fill"): 500, ("fill", "no fill"): 394, ("fill", "rejected"): 47}


def test_three_reasons_explain_a_part_of_the_misses(orders):
    cells = confusion(orders, lambda order: order.corrected)
    assert cells[("no fill", "no fill")] == 153
    assert cells[("rejected", "rejected")] == 47
    assert cells[("fill", "no fill")] == 241


def test_what_happens_in_flight_explains_the_rest(orders):
    kept = trusted(orders)
    entries = [order for order in kept if order.kind == "entry"]
    rates = [
        fills / number for _, number, fills in fill_rates(entries, lambda o: o.messages, (10, 25, 50, 100))
    ]
    assert rates == sorted(rates, reverse=True)
    assert rates[0] > 0.8
    assert rates[-1] < 0.1
    weights = {name: weight / error for name, weight, error in logistic(kept)}
    assert weights["messages in flight"] < -5
    assert weights["size at the touch"] > 2
    assert abs(weights["book age"]) < 2


def test_the_published_pages_are_these_numbers(shared_data, folder):
    for name, block in blocks(shared_data).items():
        assert measured(DOCS / name) == block
