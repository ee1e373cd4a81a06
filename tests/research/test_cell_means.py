"""Means by cell and their errors against the same sums written out in Polars."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ntp.research.cell_means import MAKER, TAKER, YES, Observations, cell_means


def trades(seed, count, events=7, contracts_each=3):
    random = np.random.default_rng(seed)
    contract = np.sort(random.integers(0, events * contracts_each, count)).astype(np.int32)
    return Observations(
        contract,
        random.integers(0, 10_001, count).astype(np.int16),
        random.integers(-1, 2, count).astype(np.int8),
        random.integers(1, 10**9, count),
        random.random(events * contracts_each).round(2),
        np.repeat(np.arange(events, dtype=np.int32), contracts_each),
    )


def written_out(seen, codes, role):
    """Positions of a role as rows, the plain way."""
    side = np.ones(len(codes), np.int8) if role == YES else seen.taker if role == TAKER else -seen.taker
    price = np.where(side > 0, seen.price, 10_000 - seen.price) / 1e4
    value = seen.value[seen.contract]
    won = np.where(side > 0, value, 1 - value)
    return pl.DataFrame({
        "cell": codes, "event": seen.event[seen.contract], "contract": seen.contract, "quantity": seen.size / 1e6,
        "price": price, "gain": won - price, "side": side,
    }).filter(pl.col("side") != 0)  # fmt: skip


def ratio(weights, gains):
    """Mean and clustered error of event sums."""
    mean = gains.sum() / weights.sum()
    many = len(weights)
    return mean, np.sqrt(((gains - mean * weights) ** 2).sum() * many / (many - 1)) / weights.sum()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 300), st.sampled_from([TAKER, MAKER, YES]))
def test_the_four_weightings_equal_their_definitions(seed, count, role):
    seen = trades(seed, count)
    codes = np.random.default_rng(seed + 1).integers(0, 4, count).astype(np.uint16)
    found = cell_means(seen, codes, role, cells=4)
    rows = written_out(seen, codes, role)
    for cell in range(4):
        part = rows.filter(pl.col("cell") == cell)
        assert found.trades[cell] == part.height
        assert found.contracts[cell] == part["contract"].n_unique()
        assert found.events[cell] == part["event"].n_unique()
        assert found.pnl[cell] == pytest.approx((part["quantity"] * part["gain"]).sum(), abs=1e-6)
        if found.events[cell] < 2:
            assert np.isnan(found.error[cell]).all()
            continue
        each = part.group_by("contract", "event").agg(pl.col("gain").mean(), n=pl.lit(1.0))
        by_event = part.group_by("event").agg(pl.col("gain").mean(), n=pl.lit(1.0))
        sums = (
            part.group_by("event").agg(n=pl.len().cast(pl.Float64), gain=pl.col("gain").sum()),
            part.group_by("event").agg(n=pl.col("quantity").sum(), gain=(pl.col("quantity") * pl.col("gain")).sum()),
            each.group_by("event").agg(pl.col("n").sum(), pl.col("gain").sum()),
            by_event,
        )
        for at, frame in enumerate(sums):
            mean, error = ratio(frame["n"].to_numpy(), frame["gain"].to_numpy())
            assert found.excess[cell, at] == pytest.approx(mean, abs=1e-9)
            assert found.error[cell, at] == pytest.approx(error, abs=1e-7)


def test_makers_earn_what_takers_lose():
    seen = trades(3, 5_000)
    codes = np.zeros(5_000, np.uint16)
    taker, maker = (cell_means(seen, codes, role) for role in (TAKER, MAKER))
    assert maker.excess == pytest.approx(-taker.excess)
    assert maker.error == pytest.approx(taker.error)
    assert maker.pnl == pytest.approx(-taker.pnl)


def test_a_price_belongs_to_the_first_bound_it_does_not_exceed():
    seen = Observations(
        np.zeros(4, np.int32), np.array([149, 150, 151, 10_000], np.int16), np.ones(4, np.int8),
        np.full(4, 10**6), np.array([1.0]), np.zeros(1, np.int32),
    )  # fmt: skip
    found = cell_means(seen, np.zeros(4, np.uint16), YES, (50, 150, 250, 10_000))
    assert found.trades.tolist() == [0, 2, 1, 1]
