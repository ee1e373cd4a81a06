from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntp.core import DataError
from ntp.markets.settlement import (
    Comparison,
    Named,
    Observable,
    Observed,
    Scalar,
    SettlementSpec,
    Void,
    VoidBranch,
)

SOURCE = Observable(source="test")
WHOLE = Observable(source="test", step=Decimal(1))


def spec(comparison, low=None, high=None, observable=SOURCE, **more):
    return SettlementSpec(
        observable=observable,
        comparison=Comparison(comparison),
        low=None if low is None else Decimal(low),
        high=None if high is None else Decimal(high),
        **more,
    )


def pays(contract, value):
    return contract.payoff(Observed(Decimal(value)))


@pytest.mark.parametrize(
    ("contract", "yes", "no"),
    [
        (spec("greater", "77999.99"), ["78000", "78000.01"], ["77999.99", "77999.98"]),
        (spec("greater", "80", observable=WHOLE), ["81", "80.5"], ["80", "80.4"]),
        (spec("greater_or_equal", "64000.12"), ["64000.12", "64001"], ["64000.11"]),
        (spec("less", high="73"), ["72"], ["73", "74"]),
        (spec("less_or_equal", high="73"), ["73"], ["74"]),
        (spec("between", "79", "80"), ["79", "80", "79.5"], ["78.99", "80.01"]),
        (spec("between", "79", "80", observable=WHOLE), ["78.5", "80.4"], ["78.4", "80.5"]),
        (spec("between", "73200", "73299.99"), ["73200", "73299.99"], ["73199.99", "73300"]),
    ],
)
def test_strike_types(contract, yes, no):
    assert [pays(contract, value) for value in yes] == [1] * len(yes)
    assert [pays(contract, value) for value in no] == [0] * len(no)


def test_a_scalar_payout_is_exact():
    linear = spec("linear", "0", "3")
    assert pays(linear, "1") == Fraction(1, 3)
    assert pays(linear, "-5") == 0
    assert pays(linear, "5") == 1


def test_a_determined_scalar_stands_for_any_contract():
    # Recorded: a walkover in tennis paid 0.11 to one side and 0.89 to the other.
    assert spec("greater", "1").payoff(Scalar(Fraction(11, 100))) == Fraction(11, 100)
    with pytest.raises(DataError):
        spec("greater", "1").payoff(Scalar(Fraction(11, 10)))


def test_names():
    winner = spec("named", outcome="PIT")
    assert winner.payoff(Named("PIT")) == 1
    assert winner.payoff(Named("CLE")) == 0
    with pytest.raises(DataError):
        winner.payoff(Observed(Decimal(1)))
    with pytest.raises(DataError):
        spec("greater", "1").payoff(Named("PIT"))


def test_void_branches():
    assert spec("greater", "1", void=VoidBranch.HALF).payoff(Void()) == Fraction(1, 2)
    assert spec("greater", "1", void=VoidBranch.REFUND).payoff(Void()) is None
    for branch in (VoidBranch.STATED, VoidBranch.UNKNOWN):
        with pytest.raises(DataError, match="void branch"):
            spec("greater", "1", void=branch).payoff(Void())


@pytest.mark.parametrize(
    ("comparison", "low", "high"),
    [
        ("greater", None, "1"),
        ("less", "1", None),
        ("between", "1", None),
        ("between", "2", "1"),
        ("linear", "1", "1"),
        ("named", None, None),
    ],
)
def test_a_spec_without_its_strikes_is_refused(comparison, low, high):
    with pytest.raises(DataError) as raised:
        spec(comparison, low, high)
    assert raised.value.code == "unknown_settlement"


@given(st.decimals(-1000, 1000, places=2), st.decimals(-1000, 1000, places=2))
def test_complementary_comparisons_share_every_value(strike, value):
    state = Observed(value)
    above = spec("greater", strike).payoff(state)
    assert above + spec("less_or_equal", high=strike).payoff(state) == 1
    assert spec("greater_or_equal", strike).payoff(state) + spec("less", high=strike).payoff(state) == 1


def test_rounding_modes():
    assert Observable(source="x", step=Decimal(1)).rounded(Decimal("80.5")) == 81
    assert Observable(source="x", step=Decimal(1), mode="half_even").rounded(Decimal("80.5")) == 80
    assert Observable(source="x", step=Decimal(1), mode="floor").rounded(Decimal("80.9")) == 80
    assert SOURCE.rounded(Decimal("80.9")) == Decimal("80.9")
