import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntp.core import PRICE_ONE, SIZE_ONE, VerificationFailed
from ntp.ledger import Account, AccountKey, audit
from ntp.markets import Side

START = 100_000_000
FILLS = [(0, 1, 5600, SIZE_ONE, 17_300), (0, -1, 6000, 3 * SIZE_ONE, 50_400), (1, 1, 2500, SIZE_ONE, 0)]
SETTLED = [(0, 0, -2 * SIZE_ONE, 2_000_000)]
END = START - 577_300 + 600_000 - 800_000 - 50_400 - 250_000 + 2_000_000


def test_a_run_whose_books_close():
    got = audit(FILLS, SETTLED, START, END, reserved=5, marks={1: 3000}, end_equity=END + 300_000)
    assert got.positions == {1: SIZE_ONE}
    assert (got.fees, got.payouts, got.cash) == (67_700, 2_000_000, END)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"end_cash": END + 1}, "cash at the end"),
        ({"settlements": [(0, 0, -SIZE_ONE, SIZE_ONE)]}, "settled position"),
        ({"settlements": [(0, 0, -2 * SIZE_ONE, 1_999_999)]}, "payout"),
        ({"settlements": SETTLED * 2}, "one settlement"),
        ({"settlements": [(0, 10_001, 0, 0)]}, "value"),
        ({"fills": [*FILLS, (0, 0, 1, 1, 1)]}, "side"),
        ({"fills": FILLS[:2]}, "cash at the end"),
        ({"reserved": END + 1}, "reserved"),
        ({"rebates": 1}, "cash at the end"),
        ({"refunds": {1: 249_999}}, "refund"),
        ({"end_equity": END}, "mark"),
        ({"end_equity": END, "marks": {1: 3000}}, "equity"),
    ],
)
def test_one_unit_out_of_place_is_found(change, message):
    call = {"fills": FILLS, "settlements": SETTLED, "start_cash": START, "end_cash": END} | change
    with pytest.raises(VerificationFailed, match=message) as raised:
        audit(**call)
    assert raised.value.code == "books"


def test_a_refund_closes_a_contract():
    got = audit(FILLS, SETTLED, START, END + 250_000 + 9, refunds={1: 250_000}, rebates=9)
    assert got.positions == {}


def test_assets_have_no_other_side():
    fills = [(7, -1, 12_345, 2 * SIZE_ONE, 0), (7, 1, 12_000, SIZE_ONE, 3)]
    got = audit(
        fills, [], 0, 246_900_000 - 120_000_003, asset_scales={7: 2}, marks={7: 12_000}, end_equity=6_899_997
    )
    assert got.positions == {7: -SIZE_ONE}
    with pytest.raises(VerificationFailed):
        audit(fills, [(7, 0, -SIZE_ONE, 0)], 0, 0, asset_scales={7: 2})


ROWS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from([1, -1]),
        st.integers(1, PRICE_ONE - 1),
        st.integers(1, 10**9),
        st.integers(-50, 10**5),
    ),
    max_size=25,
)


@given(ROWS, st.lists(st.integers(0, PRICE_ONE), min_size=3, max_size=3))
def test_the_audit_agrees_with_the_ledger(rows, values):
    books = Account(AccountKey("kalshi"), True, START)
    for contract, side, price, size, fee in rows:
        books.fill(str(contract), Side(side), price, size, fee)
    settled = []
    for contract, value in enumerate(values):
        position = books.of(str(contract)).position
        settled.append((contract, value, position, books.settle(str(contract), value).amount))
    got = audit(rows, settled, START, books.cash)
    assert got.fees == sum(row[4] for row in rows)
    assert got.positions == {}
