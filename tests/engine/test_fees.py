"""The kernel's fees are those of ``ntp.markets``, fill by fill, to the last digit."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ntp.engine import records as r
from ntp.markets import FeeModel, FeeRounding, FeeStep, Role, Side, fill_fee

from .build import BUY, ONE, SELL, Market, order, play, take

_ACCUMULATES = {FeeRounding.KALSHI_ACCUMULATOR, FeeRounding.CENTICENT_CEIL_REBATE}


@st.composite
def fee_steps(draw: st.DrawFn) -> FeeStep:
    rounding = draw(st.sampled_from(FeeRounding))
    least = 0 if rounding in _ACCUMULATES else -100_000
    rates = st.integers(least, 300_000)
    return FeeStep(
        model=draw(st.sampled_from(FeeModel)), taker_rate=draw(rates), maker_rate=draw(rates),
        exponent=draw(st.sampled_from([1, 2])), rounding=rounding, precision=draw(st.sampled_from([100, 10_000])),
        rebate_rate=draw(st.sampled_from([0, 200_000, 250_000])),
    )  # fmt: skip


def fields(step: FeeStep) -> dict[str, int]:
    names = r.STEP.names or ()
    return {name: int(getattr(step, name)) for name in names}


SIZES = st.one_of(
    st.integers(1, 300_000 * ONE), st.integers(1, 300_000).map(lambda n: n * ONE),
    st.integers(1, 5_000).map(lambda n: n * 10_000),
)  # fmt: skip


@given(
    fee_steps(), st.integers(1, 99), st.sampled_from([BUY, SELL]), st.lists(SIZES, min_size=1, max_size=6),
    st.lists(SIZES, max_size=3),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_every_fill_costs_what_the_reference_says(
    step: FeeStep, cents: int, side: int, prints: list[int], takes: list[int]
) -> None:
    price, market = cents * 100, Market()
    for number, size in enumerate(takes):  # levels that the order takes on arrival, best first
        level = price - side * 100 * (len(takes) - 1 - number)
        if 0 < level < 10_000:
            market.level(0, -side, level, size / ONE)
    taken = sum(row["size"] for rows in market.rows.values() for row in rows)
    market.level(0, side, 9_900 if side < 0 else 100, 0)
    for number, size in enumerate(prints):
        market.trade(10 + number, price, size / ONE, -side)
    whole = taken + sum(prints)
    played = play(market, [(1, order(side, whole / ONE, price, post_only=False))], fees=[fields(step)], cash=1e12)
    fills = played.table("fills")
    assert int(fills["size"].sum()) == whole
    acc: Any = 0
    fills = played.table("fills")
    assert len(fills) >= len(prints)
    for fill in fills:
        role = Role.MAKER if fill["flags"] & r.F_MAKER else Role.TAKER
        expected = fill_fee(
            step, price=int(fill["price"]), size=int(fill["size"]), side=Side(side), role=role, acc=acc
        )
        assert (int(fill["fee"]), int(fill["rebate"])) == (expected.fee, expected.rebate)
        acc = expected.acc


def test_a_new_schedule_holds_from_its_date() -> None:
    flat = {"model": r.MODEL_FLAT, "taker_rate": 10_000}
    steps = [flat, {**flat, "taker_rate": 20_000, "from_ns": 1_760_000_005 * ONE * 1_000}]
    market = Market().book(0, {4_800: 50}, {5_200: 100}).level(9, BUY, 100, 1)
    played = play(market, [(1, take(BUY, 1, 5_200)), (6, take(BUY, 1, 5_200, "b"))], fees=steps)
    assert list(played.table("fills")["fee"]) == [10_000, 20_000]
