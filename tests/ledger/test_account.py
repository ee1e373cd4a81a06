import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ntp.core import PRICE_ONE, SIZE_ONE, RuleViolation, VerificationFailed
from ntp.ledger import Account, AccountKey, FillBooked, RebateCredited, SettlementPaid
from ntp.markets import Side

DOLLAR = 1_000_000


def account(nets=True, cash=100 * DOLLAR):
    return Account(AccountKey("kalshi" if nets else "polymarket"), nets, cash)


def test_a_round_trip_and_a_settlement():
    books = account()
    books.fill("A", Side.BUY, 5600, SIZE_ONE, 17_300)
    assert books.cash == 100 * DOLLAR - 577_300
    books.fill("A", Side.SELL, 6000, 3 * SIZE_ONE, 0)
    assert (books.of("A").yes, books.of("A").no) == (0, 2 * SIZE_ONE)
    assert books.cash == 100 * DOLLAR - 577_300 + 600_000 - 800_000
    paid = books.settle("A", 0)
    assert paid == SettlementPaid(contract="A", value=0, yes=0, no=2 * SIZE_ONE, amount=2 * DOLLAR)
    books.check_balance()
    assert books.of("A").flat


def test_pairs_are_merged_and_split_where_the_venue_does_not_net():
    books = account(nets=False)
    books.fill("A", Side.BUY, 4700, SIZE_ONE, 0)
    books.fill("A", Side.SELL, 5100, SIZE_ONE, 0, hold_both=True)
    assert (books.of("A").yes, books.of("A").no) == (SIZE_ONE, SIZE_ONE)
    books.merge("A", SIZE_ONE)
    assert books.cash == 100 * DOLLAR + 40_000
    books.split("A", 2 * SIZE_ONE)
    assert books.equity({"A": 1}) == 100 * DOLLAR + 40_000
    books.check_balance()
    with pytest.raises(VerificationFailed):
        books.merge("A", 3 * SIZE_ONE)


def test_no_of_exclusive_outcomes_is_converted():
    books = account(nets=False)
    for name in ("A", "B"):
        books.fill(name, Side.SELL, 3000, SIZE_ONE, 0)
    books.convert(("A", "B"), ("C",), SIZE_ONE)
    assert (books.of("A").no, books.of("C").yes) == (0, SIZE_ONE)
    assert books.cash == 100 * DOLLAR - 1_400_000 + DOLLAR
    books.check_balance()


def test_a_void_gives_back_cost_and_fees():
    books = account()
    books.fill("A", Side.BUY, 5600, 2 * SIZE_ONE, 34_500)
    books.fill("A", Side.SELL, 7000, SIZE_ONE, 14_700)
    books.void("A")
    assert books.cash == 100 * DOLLAR
    books.check_balance()


def test_reservations_lock_cash_and_shrink_with_fills():
    books = account(cash=DOLLAR)
    books.reserve("1", 600_000)
    with pytest.raises(RuleViolation) as raised:
        books.reserve("2", 500_000)
    assert raised.value.code == "insufficient_funds"
    books.fill("A", Side.BUY, 5600, SIZE_ONE // 2, 0, order="1", released=300_000)
    assert (books.reserved, books.available) == (300_000, DOLLAR - 280_000 - 300_000)
    with pytest.raises(VerificationFailed):
        books.fill("A", Side.BUY, 5600, SIZE_ONE, 0, order="1", released=400_000)
    books.release("1")
    assert books.reserved == 0


def test_a_contract_is_settled_once():
    books = account()
    books.settle("A", PRICE_ONE)
    with pytest.raises(VerificationFailed) as raised:
        books.settle("A", PRICE_ONE)
    assert raised.value.code == "settled_twice"


def test_books_that_were_tampered_with_do_not_close():
    books = account()
    books.fill("A", Side.BUY, 5600, SIZE_ONE, 0)
    books.cash += 1
    with pytest.raises(VerificationFailed) as raised:
        books.check_balance()
    assert raised.value.details == {"cash": ["99440000", "99440001"]}
    books.cash -= 1
    books.holdings["A"].yes += 1
    with pytest.raises(VerificationFailed, match="holdings"):
        books.check_balance()


def test_rebates_and_deposits():
    books = account(cash=0)
    books.deposit(5)
    assert books.credit_rebate(7, contract="A") == RebateCredited(amount=7, contract="A")
    assert books.cash == 12
    books.check_balance()


def test_postings_cannot_be_changed():
    posting = account().fill("A", Side.BUY, 5600, SIZE_ONE, 1)
    assert isinstance(posting, FillBooked)
    with pytest.raises(AttributeError):
        posting.fee = 0


FILLS = st.lists(
    st.tuples(
        st.sampled_from(Side), st.integers(1, PRICE_ONE - 1), st.integers(1, 10**9), st.integers(0, 10**5)
    ),
    max_size=30,
)


@given(FILLS, st.integers(0, PRICE_ONE))
def test_profit_is_the_same_whether_yes_and_no_net_or_not(fills, value):
    netted, held = account(cash=10**12), account(nets=False, cash=10**12)
    for side, price, size, fee in fills:
        netted.fill("A", side, price, size, fee)
        held.fill("A", side, price, size, fee, hold_both=True)
    netted.settle("A", value)
    held.settle("A", value)
    netted.check_balance()
    assert netted.cash == held.cash


@given(FILLS, st.integers(0, PRICE_ONE))
def test_mirrored_fills_make_mirrored_books(fills, value):
    here, there = account(), account()
    for side, price, size, fee in fills:
        here.fill("A", side, price, size, fee)
        there.fill("A", Side(-side), PRICE_ONE - price, size, fee)
        assert (here.of("A").yes, here.of("A").no) == (there.of("A").no, there.of("A").yes)
        assert here.cash == there.cash
    assert here.settle("A", value).amount == there.settle("A", PRICE_ONE - value).amount


class Books(RuleBasedStateMachine):
    """Any sequence of postings leaves books that close."""

    @initialize(nets=st.booleans())
    def open(self, nets):
        self.books = account(nets)
        self.settled = set()

    @rule(
        name=st.sampled_from("ABC"),
        side=st.sampled_from(Side),
        price=st.integers(1, 9999),
        size=st.integers(1, 10**7),
        fee=st.integers(-100, 10**5),
        both=st.booleans(),
    )
    def fill(self, name, side, price, size, fee, both):
        if name not in self.settled:
            self.books.fill(name, side, price, size, fee, hold_both=both)

    @rule(name=st.sampled_from("ABC"))
    def merge(self, name):
        held = self.books.of(name)
        self.books.merge(name, min(held.yes, held.no))

    @rule(name=st.sampled_from("ABC"), value=st.integers(0, PRICE_ONE), void=st.booleans())
    def close(self, name, value, void):
        if name in self.settled:
            return
        self.settled.add(name)
        if void:
            self.books.void(name)
        else:
            self.books.settle(name, value)

    @rule(order=st.sampled_from("12"), amount=st.integers(0, 10**6))
    def reserve(self, order, amount):
        if amount <= self.books.available:
            self.books.reserve(order, amount)

    @rule(order=st.sampled_from("12"))
    def release(self, order):
        self.books.release(order)

    @invariant()
    def the_books_close(self):
        if not hasattr(self, "books"):
            return
        if self.books.available >= 0:
            self.books.check_balance()
        for held in self.books.holdings.values():
            assert held.yes >= 0
            assert held.no >= 0


test_any_sequence_closes = Books.TestCase
