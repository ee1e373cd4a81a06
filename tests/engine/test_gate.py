"""The gate in the kernel: what it finds of an order, that nothing reaches the venue past it, and that it counts all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ntp.engine
from ntp.core import StrategyError
from ntp.engine import records as r
from ntp.pricing.edge import EdgeCosts
from ntp.rules import RULES

from .build import BUY, SELL, Market, Played, cancel, order, play, replace

ENTRY = {"ev_unknown": 1, "fair_value_absent": 1, "not_ab_tested": 1, "unmatched": 1}
FEE = {"model": r.MODEL_QUADRATIC, "maker_rate": 17_500, "taker_rate": 70_000, "rounding": r.ROUND_EXACT6}
Act = Callable[[Any], Any]
_USUAL = EdgeCosts()
COSTS = 0.0175 * 0.24 + _USUAL.adverse_selection * 4 * 0.24 + _USUAL.lock_up_rate * (0.40 + 0.0175 * 0.24) * 30 / 365
"""What a fill at 40 or 60 cents costs beside its price, in dollars: fee, adverse selection, lock-up."""


def _market() -> Market:
    market = Market(symbol="C").book(0, {4000: 100}, {6000: 100})
    for second in range(1, 40):
        market.level(second, BUY, 3900 - 100 * (second % 3), 50)
        market.trade(second + 0.5, 4000 if second % 2 else 6000, 7, SELL if second % 2 else BUY)
    return market


def _rules(played: Played) -> dict[str, Any]:
    return played.runtime.gate.to_dict()


def _one(act: Act, **options: Any) -> dict[str, Any]:
    return _rules(play(_market(), [(1, act)], waive=options.pop("waive", ()), fees=[FEE], **options))


def _left(played: Played) -> tuple[int, int]:
    """Orders that were sent to the venue, and those that were refused."""
    done, live = played.table("done"), played.replay.state.tables["orders"]
    refused = int((done["reason"] >= r.R_RULE).sum())
    resting = int(((live["id"] > 0) & (live["state"] != r.DONE)).sum())
    return len(done) - refused + resting, refused + len(played.runtime.refused_orders)


@pytest.mark.parametrize(
    ("act", "breaches"),
    [
        (order(BUY, 5, 4000), ENTRY),
        (lambda s: s.quote("C", bid=0.40, size=5), ENTRY),
        (lambda s: s.target("C", 5, price=0.40), ENTRY),
        (order(BUY, 5, 4000, fair=0.50), {"not_ab_tested": 1, "unmatched": 1}),
        (order(BUY, 5, 4000, fair=0.40 + COSTS - 1e-5), {"ev_not_positive": 1, "not_ab_tested": 1, "unmatched": 1}),
        (order(BUY, 5, 4000, fair=0.40 + COSTS + 1e-5), {"not_ab_tested": 1, "unmatched": 1}),
        (order(SELL, 5, 6000, fair=0.60 - COSTS + 1e-5), {"ev_not_positive": 1, "not_ab_tested": 1, "unmatched": 1}),
        (order(SELL, 5, 6000, fair=0.60 - COSTS - 1e-5), {"not_ab_tested": 1, "unmatched": 1}),
        (order(SELL, 5, 6000, fair=0.50), {"not_ab_tested": 1, "unmatched": 1}),
        (order(SELL, 5, 6000, fair=0.70), {"ev_not_positive": 1, "not_ab_tested": 1, "unmatched": 1}),
        (lambda s: s.quote("C", bid=0.40, ask=0.60, size=5, fair=0.50), {"not_ab_tested": 2, "unmatched": 2}),
        (lambda s: s.target("C", 5, price=0.40, fair=0.30), {"ev_not_positive": 1, "not_ab_tested": 1, "unmatched": 1}),
        (lambda s: s.buy("C", 5, 0.60, outcome="NO", fair=0.30), {"not_ab_tested": 1, "unmatched": 1}),
    ],
)
def test_what_an_order_breaks(act: Act, breaches: dict[str, int]) -> None:
    assert _one(act) == {"waived": [], "refused": {}, "breaches": breaches}


def test_unknown_fees_leave_the_expectation_unknown() -> None:
    played = play(_market(), [(1, order(BUY, 5, 4000, fair=0.50))], fees=[{**FEE, "model": r.MODEL_UNKNOWN}])
    assert _rules(played)["breaches"] == {"ev_unknown": 1, "not_ab_tested": 1, "unmatched": 1}


def test_taking_is_refused_unless_waived_and_then_pays_the_takers_fee() -> None:
    act = order(BUY, 5, 6000, post_only=False, tif="ioc", fair=0.65)
    refused = play(_market(), [(1, act)], waive=(), fees=[FEE])
    assert _rules(refused) == {"waived": [], "refused": {"maker_only": 1}, "breaches": {}}
    assert refused.strategy.sent["a"].status == "refused"
    assert refused.strategy.sent["a"].reason == "maker_only"
    assert refused.fills == []
    waived = play(_market(), [(1, act)], waive=("maker_only",), fees=[FEE])
    assert _rules(waived) == {"waived": ["maker_only"], "refused": {}, "breaches": {"not_ab_tested": 1, "unmatched": 1}}
    assert waived.runtime.gate.waiver_uses() == {"maker_only": 1}
    fill = waived.table("fills")[0]
    assert fill["fee"] == 5 * 70_000 * 6 * 4 // 100  # 0.07 * 5 * 0.6 * 0.4
    # the same fair value leaves a taker nothing where a maker would have had something
    taken = order(BUY, 5, 6000, post_only=False, tif="ioc", fair=0.61)
    assert _rules(play(_market(), [(1, taken)], fees=[FEE]))["breaches"]["ev_not_positive"] == 1


def test_enforced_rules_refuse_and_leave_the_side_empty() -> None:
    act = lambda s: s.quote("C", bid=0.40, ask=0.60, size=5, fair=0.42)  # noqa: E731
    played = play(_market(), [(1, act)], enforce=("positive_ev",), waive=(), fees=[FEE])
    assert played.runtime.gate.refused() == {}
    act = lambda s: s.quote("C", bid=0.40, ask=0.60, size=5, fair=0.39)  # noqa: E731
    played = play(_market(), [(1, act)], enforce=("positive_ev",), waive=(), fees=[FEE])
    assert played.runtime.gate.refused() == {"positive_ev": 1}
    done = played.table("done")
    assert [(int(row["side"]), r.REASONS[row["reason"]]) for row in done if row["reason"] >= r.R_RULE] == [
        (BUY, "positive_ev")
    ]
    assert {int(row["side"]) for row in done if row["reason"] < r.R_RULE} <= {SELL}


def test_what_rests_is_judged_again_at_each_wish() -> None:
    def quote(fair: float) -> Act:
        return lambda s: s.quote("C", bid=0.39, size=5, fair=fair)

    played = play(
        _market(), [(1, quote(0.50)), (2, quote(0.30)), (3, quote(0.50))], enforce=("positive_ev",), waive=(),
        fees=[FEE],
    )
    assert [r.REASONS[row["reason"]] for row in played.table("done")][:2] == ["positive_ev", "cancelled"]
    assert played.runtime.gate.admitted() == 2


def test_an_exit_is_counted_and_let_through() -> None:
    steps = [
        (1, order(BUY, 5, 6000, post_only=False, tif="ioc", fair=0.90)),
        (2, lambda s: s.target("C", 0, price=0.65, fair=0.90)),
        (4, lambda s: s.target("C", 0, price=0.66, fair=0.90)),
        (6, lambda s: s.target("C", -5, price=0.66, fair=0.90)),
    ]
    played = play(_market(), steps, enforce=("positive_ev", "fair_value"), fees=[FEE])
    gate = played.runtime.gate
    assert gate.breach_reasons()["ev_not_positive"] == 2  # both exits sell below what the holding is worth
    assert gate.refused() == {"positive_ev": 1}  # what goes on through 0 is an entry
    assert gate.waived() == ["maker_only"]


def test_exits_obey_maker_only() -> None:
    steps = [(1, order(BUY, 7, 4000)), (38, order(SELL, 2, 4000, post_only=False, tif="ioc"))]
    played = play(_market(), steps, waive=(), fees=[FEE], patch={"min_size": 1})
    assert played.runtime.gate.refused() == {"maker_only": 1}


def test_a_refused_replacement_is_told() -> None:
    steps = [(1, order(BUY, 5, 3700, fair=0.39)), (2, replace(price=0.39)), (3, lambda s: None)]
    told: list[Any] = []
    played = play(_market(), steps, enforce=("positive_ev",), waive=(), fees=[FEE])
    told.append(played.strategy.sent["a"])
    assert (told[0].status, told[0].reason) == ("refused", "positive_ev")
    assert _left(played) == (1, 1)


def test_the_costs_of_a_position_are_charged_to_what_opens_one() -> None:
    """Where locked cash is dear, buying is not worth it, and a sale of what is held spares it."""

    def costly(strategy: Any) -> None:
        strategy._runtime.set_edge_costs(EdgeCosts(lock_up_rate=1.0))

    sale = order(SELL, 2, 6000, "b", fair=0.58)
    played = play(_market(), [(1, costly), (2, order(BUY, 7, 4000, fair=0.42)), (38, sale)], fees=[FEE])
    assert played.fills
    assert _rules(played)["breaches"]["ev_not_positive"] == 1
    opened = play(_market(), [(1, costly), (2, sale)], fees=[FEE])
    assert _rules(opened)["breaches"]["ev_not_positive"] == 1


@pytest.mark.parametrize("fair", [1.2, -0.1, float("nan"), float("inf")])
def test_a_fair_value_that_cannot_be_is_an_error(fair: float) -> None:
    for act in (order(BUY, 5, 4000, fair=fair), lambda s: s.quote("C", bid=0.4, size=1, fair=fair)):
        with pytest.raises(StrategyError) as caught:
            play(_market(), [(1, act)])
        assert caught.value.code == "bad_fair"


@pytest.mark.parametrize("size", [-1_000.0, 0.0, float("nan"), float("inf")])
def test_a_size_that_cannot_be_is_an_error(size: float) -> None:
    """An order of less than nothing would make room for an exit of more than is held."""
    resting = order(BUY, 5, 3700)
    for steps in ([(1, order(BUY, size, 3700))], [(1, resting), (2, replace(size=size))]):
        with pytest.raises(StrategyError) as caught:
            play(_market(), steps, patch={"can_amend": 1, "keeps_priority": 1})
        assert caught.value.code == "bad_size"


def test_only_one_place_sends_new_orders() -> None:
    here = Path(ntp.engine.__file__).parent
    senders = {path.name for path in here.rglob("*.py") if "M_NEW," in path.read_text() and path.name != "records.py"}
    assert senders == {"desk.py"}
    desk = (here / "desk.py").read_text()
    assert desk.count("M_NEW, slot") == 1
    assert sum(path.read_text().count("take_slot(ctx") for path in here.rglob("*.py")) == 2  # its own line and one call


prices = st.integers(30, 70)
fairs = st.none() | st.sampled_from([0.2, 0.45, 0.5, 0.55, 0.8])
sizes = st.integers(1, 9)


@st.composite
def acts(draw: Any) -> Act:
    kind = draw(st.sampled_from(["buy", "sell", "quote", "target", "replace", "cancel", "signal", "raw"]))
    price, size, fair, taking = draw(prices) / 100, draw(sizes), draw(fairs), draw(st.booleans())
    side = draw(st.sampled_from([BUY, SELL]))
    if kind in ("buy", "sell"):
        return order(side, size, round(price * 10_000), fair=fair, post_only=not taking, tif="ioc" if taking else "gtc")
    if kind == "quote":
        return lambda s: s.quote("C", bid=price, ask=price + 0.05, size=size, fair=fair)
    if kind == "target":
        return lambda s: s.target("C", side * size, price=price, fair=fair)
    if kind == "signal":
        return lambda s: s.target("C", side * size, fair=fair, tag="signal")
    if kind == "replace":
        return lambda s: replace(price=price, size=size)(s) if "a" in s.sent else None
    if kind == "cancel":
        return lambda s: cancel()(s) if "a" in s.sent else None

    def raw(strategy: Any) -> None:
        port = strategy._runtime
        port._send(
            r.C_NEW, 0, side, round(price * 10_000), size * 1_000_000, order_id=port._commands.new_order(), watched=1,
            post_only=0 if taking else 1, fair=fair,
        )  # fmt: skip

    return raw


@given(
    st.lists(acts(), min_size=1, max_size=12), st.sets(st.sampled_from(RULES)), st.sets(st.sampled_from(RULES)),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_nothing_reaches_the_venue_past_the_gate(
    todo: list[Act], enforced: set[str], waived: set[str], slow: bool
) -> None:
    steps = [(1 + 2 * place, act) for place, act in enumerate(todo)]
    options: dict[str, Any] = {
        "enforce": tuple(sorted({*enforced, "maker_only"})), "waive": tuple(sorted(waived)), "fees": [FEE],
        "latency": 0.3 if slow else 0.0,
    }
    bulk, single = (play(_market(), steps, fed=fed, **options) for fed in (False, True))
    gate = bulk.runtime.gate
    sent, refused = _left(bulk)
    assert sent == gate.admitted()
    assert refused == sum(gate.refused().values())
    assert list(gate.counts) == list(single.runtime.gate.counts)
    assert repr(bulk.table("fills").tolist()) == repr(single.table("fills").tolist())  # NaN equals NaN
    done = bulk.table("done")
    passed = done[done["reason"] < r.R_RULE]
    if "maker_only" not in waived:
        assert (passed["post_only"] == 1).all()
    if "ab_tested" in enforced - waived:
        assert gate.refusing
        assert not len(bulk.table("fills"))  # nothing was ever held, so that nothing could be an exit

