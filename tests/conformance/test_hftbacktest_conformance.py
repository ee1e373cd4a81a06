"""The queue against hftbacktest 2.4, and the conditions under which the comparison is fair."""

from __future__ import annotations

import functools
import importlib
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from .hftbacktest_oracle import Case, Model, oracle_run, oracle_runs, probes_for
from .reference import below_zero, reference_run
from .tapes import (
    BID,
    CONTRACT,
    LEVEL,
    TAPE_DTYPE,
    TICK,
    TRADE,
    Fill,
    OwnOrder,
    QueuePosition,
    make_orders,
    make_tape,
)

Answer = tuple[list[Fill], list[QueuePosition]]

MODELS = [
    Model("risk_averse"),
    Model("risk_averse", entry_ns=50_000_000, response_ns=20_000_000),
    Model("power", 1),
    Model("power", 2, entry_ns=50_000_000),
    Model("power", 3),
    Model("log", entry_ns=7_000_000),
    Model("power_front", 2),
]
LEFT_OUT_AT_MOST = 0.1  # share of orders for which the peer's queue falls below nobody ahead
TAPES = [(seed, strict) for seed in range(6) for strict in (True, False)]


def case_of(seed: int, *, strict: bool, model: Model) -> Case:
    tape = make_tape(seed, strict=strict)
    orders = make_orders(tape, seed, entry_latency=model.entry_ns)
    return Case(tape, orders, model, probes_for(orders, model))


@functools.cache
def all_cases() -> list[Case]:
    return [case_of(seed, strict=strict, model=model) for seed, strict in TAPES for model in MODELS]


@functools.cache
def oracle_answers() -> list[Answer]:
    return oracle_runs(all_cases())


def engine_run() -> Callable[[np.ndarray, Sequence[OwnOrder], Model, Sequence[tuple[int, int]]], Answer]:
    """Return the adapter of our engine or skip: it is wired in `engine_adapter.py`."""
    try:
        adapter: Any = importlib.import_module(f"{__package__}.engine_adapter")
    except ModuleNotFoundError:
        pytest.skip("the engine is not wired: tests/conformance/engine_adapter.py is absent")
    run: Callable[..., Answer] = adapter.engine_run
    return run


def merged(fills: Sequence[Fill]) -> list[Fill]:
    """Add up the fills of an order at one instant: the peer reports them as one."""
    sizes: dict[tuple[int, int, int], int] = {}
    for fill in fills:
        key = (fill.ts, fill.order_id, fill.price)
        sizes[key] = sizes.get(key, 0) + fill.size
    return [Fill(order_id, ts, price, size) for (ts, order_id, price), size in sorted(sizes.items())]


def only(answer: Answer, ids: set[int]) -> Answer:
    """Leave out the orders for which the peer's queue falls below zero."""
    return [f for f in answer[0] if f.order_id in ids], [p for p in answer[1] if p.order_id in ids]


def assert_same(ours: Answer, theirs: Answer, *, lots: int = 1) -> None:
    mine, other = merged(ours[0]), merged(theirs[0])
    assert [(f.order_id, f.ts, f.price) for f in mine] == [(f.order_id, f.ts, f.price) for f in other]
    assert all(abs(a.size - b.size) <= lots for a, b in zip(mine, other, strict=True))
    ahead = {(p.order_id, p.ts): p.ahead for p in ours[1]}
    for place in theirs[1]:
        assert ahead[place.order_id, place.ts] == pytest.approx(place.ahead, abs=1e-5)


PUBLISHED = {  # contracts ahead without and with a print of 15 before the level's last row
    ("power", 1): (48.0, 42.75),
    ("power", 2): (46.153846, 42.995050),
    ("power", 3): (44.571429, 43.230583),
    ("log", None): (49.492230, 42.562615),
    ("power_front", 2): (52.8, 43.9875),
    ("risk_averse", None): (60.0, 45.0),
}


def published_cases() -> list[Case]:
    rows = [(1000, 1, 50, 60, LEVEL), (1000, -1, 52, 100, LEVEL), (3000, 1, 50, 100, LEVEL)]
    after_print = [*rows, (4000, -1, 50, 15, TRADE), (5000, 1, 50, 80, LEVEL), (10**9, 1, 1, 1, LEVEL)]
    without = [row for row in after_print if row[4] != TRADE]
    order = OwnOrder(1, BID, 50 * TICK, 4 * CONTRACT, 2000, 8000)
    return [
        Case(tape_of(part), [order], Model(*model), [(1, 6000)])
        for model in PUBLISHED
        for part in (without, after_print)
    ]


def published_places() -> Any:
    return pytest.approx([value for pair in PUBLISHED.values() for value in pair], abs=1e-6)


def test_oracle_gives_the_published_queue_positions() -> None:
    cases = published_cases()
    answers = [answer[1][0].ahead for answer in oracle_runs(cases)]
    assert answers == published_places()
    plain = [reference_run(c.tape, c.orders, c.model, c.probes)[1][0].ahead for c in cases]
    assert plain == pytest.approx(answers, abs=1e-9)


def test_engine_gives_the_published_queue_positions() -> None:
    run = engine_run()
    answers = [run(c.tape, c.orders, c.model, c.probes)[1][0].ahead for c in published_cases()]
    assert answers == published_places()


def tape_of(rows: list[tuple[int, int, int, int, int]]) -> np.ndarray:
    return np.array(
        [(ts, ts, 0, kind, side, price * TICK, size * CONTRACT) for ts, side, price, size, kind in rows],
        dtype=TAPE_DTYPE,
    )


@pytest.mark.parametrize(("seed", "strict"), TAPES)
def test_tapes_keep_the_conditions(seed: int, strict: bool) -> None:
    case = case_of(seed, strict=strict, model=MODELS[0])
    prints = case.tape[case.tape["kind"] == TRADE]
    assert len(prints) > 50
    assert prints["size"].min() > max(order.size for order in case.orders)
    for side in (BID, -BID):
        lives = [(o.sent, o.cancel_sent) for o in case.orders if o.side == side]
        assert len(lives) > 3
        assert all(a[1] < b[0] for a, b in itertools.pairwise(lives))
    assert not crossed_rows(case.tape)


def crossed_rows(tape: np.ndarray) -> list[int]:
    """Return the rows after which the best bid is at or above the best ask."""
    levels: dict[int, dict[int, int]] = {1: {}, -1: {}}
    found = []
    for number, row in enumerate(tape):
        if row["kind"] == LEVEL:
            levels[int(row["side"])][int(row["price"])] = int(row["size"])
        bids = [p for p, size in levels[1].items() if size]
        asks = [p for p, size in levels[-1].items() if size]
        if bids and asks and max(bids) >= min(asks):
            found.append(number)
    return found


@pytest.mark.parametrize("number", range(len(TAPES) * len(MODELS)))
def test_reference_agrees_with_hftbacktest(number: int) -> None:
    case = all_cases()[number]
    ours = reference_run(case.tape, case.orders, case.model, case.probes, literal=True)
    assert_same(ours, oracle_answers()[number])


def test_tapes_tell_the_models_apart() -> None:
    places: dict[str, list[float]] = {}
    for case in all_cases():
        if case.model.entry_ns == 0:
            ahead = reference_run(case.tape, case.orders, case.model, case.probes)[1]
            places.setdefault(f"{case.model.name} {case.model.n}", []).extend(p.ahead for p in ahead)
    sums = {name: round(sum(found), 6) for name, found in places.items()}
    assert len(set(sums.values())) == len(sums) > 3


def test_few_orders_are_left_out() -> None:
    orders = [(case, order) for case in all_cases() for order in case.orders]
    left_out = sum(below_zero(case.tape, order, case.model) for case, order in orders)
    assert len(orders) > 1_000
    assert left_out < len(orders) * LEFT_OUT_AT_MOST


@pytest.mark.parametrize("number", range(len(TAPES) * len(MODELS)))
def test_engine_agrees_with_hftbacktest(number: int) -> None:
    run = engine_run()
    case = all_cases()[number]
    ours = run(case.tape, case.orders, case.model, case.probes)
    kept = {o.order_id for o in case.orders if not below_zero(case.tape, o, case.model)}
    assert_same(only(ours, kept), only(oracle_answers()[number], kept))


@pytest.mark.parametrize("number", range(0, len(TAPES) * len(MODELS), 5))
def test_engine_agrees_with_the_plain_rules(number: int) -> None:
    run = engine_run()
    case = all_cases()[number]
    ours = run(case.tape, case.orders, case.model, case.probes)
    assert_same(ours, reference_run(case.tape, case.orders, case.model, case.probes))


def test_one_print_fills_two_own_orders_only_in_the_peer() -> None:
    rows = [(1000, 1, 50, 60, LEVEL), (1000, -1, 52, 100, LEVEL), (3000, -1, 50, 65, TRADE)]
    orders = [OwnOrder(i, BID, 50 * TICK, 4 * CONTRACT, 1900 + i, 10**8) for i in (1, 2)]
    fills, _ = oracle_run(tape_of([*rows, (10**9, 1, 1, 1, LEVEL)]), orders, Model("risk_averse"))
    assert [f.size for f in fills] == [4 * CONTRACT, 4 * CONTRACT]
