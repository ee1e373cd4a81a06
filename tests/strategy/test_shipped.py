"""The shipped strategies against the arithmetic their documentation states."""

import math
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntp import Backtest
from ntp.core import Absent
from ntp.strategy import Signal, StrategyRegistry, apply_analysis, declaration_of
from ntp.strategy.shipped import V10, V11, V12, V14, Maker

from .fake_runtime import HOME, bound

cents = st.integers(1, 97).flatmap(lambda bid: st.tuples(st.just(bid), st.integers(bid + 1, 99)))


def quote_of(maker, bid, ask, held, left=None):
    runtime = bound(maker)
    view = runtime.view(HOME)
    view.bid, view.ask, view.position.size, view.seconds_to_close = bid, ask, held, left
    maker.on_quote(view)
    (call,) = runtime.called("quote")
    return {key: value for key, value in call.items() if key != "contract"}


def test_they_need_neither_book_nor_waivers():
    for name in ("maker", "v10", "v11", "v12", "v14"):
        declaration = StrategyRegistry().resolve(name).declaration
        assert not declaration.uses_book
        assert declaration.wake.tokens == {"best"}
    assert declaration_of(Maker).callbacks == {"on_quote"}
    assert declaration_of(V10).callbacks == {"analyze"}


@given(cents, st.integers(-100, 100))
def test_maker_follows_its_documentation(prices, held):
    maker = Maker(half_spread=0.03, skew=0.0005, size=10, max_position=50)
    bid, ask = prices[0] / 100, prices[1] / 100
    centre = (bid + ask) / 2 - 0.0005 * held
    quote = quote_of(maker, bid, ask, float(held))
    assert quote["bid"] == (centre - 0.03 if held < 50 else None)
    assert quote["ask"] == (centre + 0.03 if held > -50 else None)
    if quote["bid"] is not None:
        assert quote["bid_size"] == min(10, 50 - held)
        assert held + quote["bid_size"] <= 50
    if quote["ask"] is not None:
        assert quote["ask_size"] == min(10, 50 + held)


@given(cents, st.integers(-100, 100))
def test_maker_quotes_the_mirrored_market_mirrored(prices, held):
    maker = Maker()
    quote = quote_of(maker, prices[0] / 100, prices[1] / 100, float(held))
    mirrored = quote_of(maker, 1 - prices[1] / 100, 1 - prices[0] / 100, float(-held))
    for side, other in (("bid", "ask"), ("ask", "bid")):
        if quote[side] is None:
            assert mirrored[other] is None
        else:
            assert mirrored[other] == pytest.approx(1 - quote[side], abs=1e-12)
            assert mirrored[f"{other}_size"] == quote[f"{side}_size"]


def test_maker_without_a_limit_quotes_both_sides():
    quote = quote_of(Maker(max_position=None), 0.40, 0.44, 1_000.0)
    assert quote == {"bid": pytest.approx(0.20), "ask": pytest.approx(0.24), "size": 10.0}


def test_maker_stops_before_the_close():
    maker = Maker(stop_before=60)
    assert quote_of(maker, 0.40, 0.44, 0.0, left=59.9) == {}
    assert quote_of(maker, 0.40, 0.44, 0.0, left=60.0)["bid"] is not None
    assert quote_of(maker, 0.40, 0.44, 0.0, left=None)["bid"] is not None


def test_maker_quotes_nothing_around_an_absent_price():
    maker = Maker()
    runtime = bound(maker)
    runtime.view(HOME).bid = None
    with pytest.raises(Absent):
        maker.on_quote(runtime.view(HOME))
    assert not runtime.called("quote")


def run_v10(mids, **parameters):
    """Actions of v10 over a path of mids, filled at once."""
    strategy = V10(**parameters)
    runtime = bound(strategy, fill_targets=True)
    view = runtime.view(HOME)
    view.state = V10.State()
    actions, positions = [], []
    for mid in mids:
        view.bid, view.ask = mid - 0.01, mid + 0.01
        signal = strategy.analyze(view)
        actions.append(signal.action if isinstance(signal, Signal) else None)
        apply_analysis(strategy, view, signal)
        positions.append(view.position.size)
    return actions, positions


def test_v10_waits_then_follows_then_leaves():
    rising = [0.50, 0.52, 0.54, 0.56, 0.56]
    actions, positions = run_v10([*rising, 0.52], lookback=3, threshold=0.01, size=5)
    assert actions == [None, None, None, "BUY", "BUY", "SELL"]
    assert positions == [0, 0, 0, 5, 5, -5]
    actions, positions = run_v10([*rising, 0.55, 0.545], lookback=3, threshold=0.015, size=5)
    assert actions[-1] == "CLOSE"
    assert positions[-1] == 0


def test_v10_counts_changes_not_wakes():
    actions, _ = run_v10([0.50] * 20 + [0.55] * 20, lookback=2, threshold=0.01)
    assert set(actions) == {None}


def test_v10_only_leaves_before_the_close():
    strategy = V10(lookback=2, threshold=0.0, stop_before=30)
    view = bound(strategy).view(HOME)
    view.state = V10.State()
    for bid in (0.40, 0.41):
        view.bid = bid
        assert strategy.analyze(view) is None
    view.bid = 0.42
    view.seconds_to_close = 29.0
    assert strategy.analyze(view).action == "CLOSE"
    view.seconds_to_close = 31.0
    assert strategy.analyze(view).action == "BUY"


@given(st.lists(st.integers(2, 98), min_size=1, max_size=60))
def test_v10_trades_the_mirrored_market_mirrored(path):
    forward = run_v10([mid / 100 for mid in path], lookback=2, threshold=0.01)
    mirrored = run_v10([1 - mid / 100 for mid in path], lookback=2, threshold=0.01)
    turned = {"BUY": "SELL", "SELL": "BUY"}
    assert [turned.get(action, action) for action in forward[0]] == mirrored[0]
    assert [-size for size in forward[1]] == mirrored[1]


@given(st.lists(st.integers(2, 98), min_size=1, max_size=60))
def test_v10_follows_its_documentation(path):
    mids = [mid / 100 for mid in path]
    actions, positions = run_v10(mids, lookback=4, threshold=0.015, size=3)
    average = last = None
    changes = held = 0
    for mid, action, position in zip(mids, actions, positions, strict=True):
        mid = (mid - 0.01 + (mid + 0.01)) / 2
        if average is None:
            average = last = mid
            assert action is None
            continue
        if abs(mid - last) > 1e-9:
            average, last, changes = average + 2 / 5 * (mid - average), mid, changes + 1
        momentum = mid - average
        expected = None
        if changes >= 4:
            if abs(momentum) > 0.015 + 1e-9:
                expected = "BUY" if momentum > 0 else "SELL"
            elif (held > 0 and momentum < 1e-9) or (held < 0 and momentum > -1e-9):
                expected = "CLOSE"
        assert action == expected
        held = position


class Values(dict):
    """Indicators by name."""


def asked(strategy, mids, *, values=(), held=(), seconds=1.0):
    """Signals of a strategy over a path of mids, each with the indicators and the position of that moment."""
    view = bound(strategy).view(HOME)
    view.state, answers = type(strategy).State(), []
    for number, mid in enumerate(mids):
        view.bid, view.ask, view.ts = mid - 0.01, mid + 0.01, int(number * seconds * 1e9)
        view.indicators = Values(values[number] if number < len(values) else {})
        view.position.size = held[number] if number < len(held) else 0.0
        answers.append(strategy.analyze(view))
    return answers


RISE = (0.50, 0.52, 0.54, 0.56)


@pytest.mark.parametrize(
    ("quick", "steady", "action"),
    [(0.53, 0.51, "BUY"), (0.51, 0.53, "HOLD"), (0.512, 0.51, "HOLD"), (None, 0.51, "HOLD"), (0.53, None, "HOLD")],
)
def test_v11_enters_only_with_the_trend(quick, steady, action):
    values = {name: value for name, value in (("quick", quick), ("steady", steady)) if value is not None}
    strategy = V11(lookback=3, threshold=0.01, strength=0.005)
    assert asked(strategy, RISE, values=[values] * 4)[-1].action == action


def test_v11_sells_with_a_falling_trend_and_leaves_as_the_baseline_does():
    falling = [1 - mid for mid in RISE]
    assert asked(V11(lookback=3), falling, values=[{"quick": 0.47, "steady": 0.49}] * 4)[-1].action == "SELL"
    assert asked(V11(lookback=3), falling, values=[{"quick": 0.49, "steady": 0.47}] * 4)[-1].action == "HOLD"
    left = asked(V11(lookback=3, threshold=0.02), [*RISE[:3], 0.525], held=[5.0] * 4)
    assert left[-1].action == "CLOSE"


def test_v12_leaves_where_the_mid_has_come_back_by_some_ranges():
    calm = [{"range": 0.01}] * 9
    path = [0.50, 0.55, 0.60, 0.575, 0.565]
    stops = asked(V12(lookback=50, stops=3.0, least=0.01), path, values=calm, held=[5.0] * 5)
    assert [answer.tag if answer else None for answer in stops] == [None, None, None, None, "atr_stop"]
    wider = asked(V12(lookback=50, stops=6.0, least=0.01), path, values=calm, held=[5.0] * 5)
    assert wider == [None] * 5
    warming = asked(V12(lookback=50, least=0.02), path, held=[5.0] * 5)
    assert warming[3].tag == "atr_stop"
    short = asked(V12(lookback=50, least=0.01), [1 - mid for mid in path], values=calm, held=[-5.0] * 5)
    assert short[-1].tag == "atr_stop"


def test_v12_enters_nothing_for_a_while_after_a_stop():
    with_trend = {"quick": 0.55, "steady": 0.50, "range": 0.001}
    path, held = [*RISE, 0.60, 0.50, 0.62, 0.64, 0.66], [0, 0, 0, 5, 5, 5, 0, 0, 0]
    answers = asked(V12(lookback=3, pause=2.0, least=0.03), path, values=[with_trend] * 9, held=held)
    assert [answer.tag if answer else None for answer in answers[5:]] == ["atr_stop", "pause", None, None]
    assert answers[-1].action == "BUY"


def scored(bid, ask, *, bid_size=None, ask_size=None, held=0.0, left=None, drift=0.0, **parameters):
    """What v14 answers at one moment, with its trend at some ranges."""
    strategy = V14(**parameters)
    view = bound(strategy).view(HOME)
    view.bid, view.ask, view.bid_size, view.ask_size, view.seconds_to_close = bid, ask, bid_size, ask_size, left
    view.position.size = held
    view.indicators = SimpleNamespace(quick=0.5 + 0.01 * drift, steady=0.5, range=0.01)
    return strategy.analyze(view)


def test_v14_scores_as_documented():
    signal = scored(0.44, 0.48, bid_size=300, ask_size=100, drift=2.0, by_drift=0.1, by_lean=0.2, edge=0.02)
    odds = 0.46 / 0.54 * math.exp(0.1 * 2 + 0.2 * 0.5)
    assert signal.action == "BUY"
    assert signal.fair == pytest.approx(odds / (1 + odds))
    capped = scored(0.44, 0.48, drift=50.0, by_drift=0.1, most=3.0, edge=0.02)
    odds = 0.46 / 0.54 * math.exp(0.3)
    assert capped.fair == pytest.approx(odds / (1 + odds))


def test_v14_enters_nothing_without_an_edge():
    assert scored(0.44, 0.48, edge=0.03).action == "HOLD"
    assert scored(0.44, 0.48, edge=0.03, drift=3.0, by_drift=0.2).action == "BUY"
    assert scored(0.44, 0.48, edge=0.03, drift=-3.0, by_drift=0.2).action == "SELL"
    assert scored(0.44, 0.48, edge=0.03, drift=3.0, by_drift=0.2, size=4).size <= 4


def test_v14_has_no_order_whose_expectation_the_fee_eats():
    strategy = V14(edge=0.01)
    runtime = bound(strategy, fee=0.15)
    view = runtime.view(HOME)
    view.bid_size = view.ask_size = None
    view.indicators = SimpleNamespace(quick=0.53, steady=0.5, range=0.01)
    assert strategy.score(view) - view.bid > 0.01
    assert strategy.analyze(view).action == "HOLD"


def test_v14_leaves_what_its_score_speaks_against():
    assert scored(0.44, 0.45, held=5.0, drift=-3.0, by_drift=0.2, edge=0.03, size=10).action == "SELL"
    assert scored(0.52, 0.70, held=5.0, drift=-3.0, by_drift=0.2, edge=0.25).action == "HOLD"
    assert scored(0.44, 0.48, held=5.0, left=59.0).action == "CLOSE"


@given(cents, st.floats(-5, 5), st.integers(1, 500), st.integers(1, 500))
def test_v14_scores_the_mirrored_market_mirrored(prices, drift, bids, asks):
    bid, ask = prices[0] / 100, prices[1] / 100
    forward = scored(bid, ask, bid_size=bids, ask_size=asks, drift=drift, edge=0.0)
    mirrored = scored(1 - ask, 1 - bid, bid_size=asks, ask_size=bids, drift=-drift, edge=0.0)
    if None not in (forward.fair, mirrored.fair):
        assert mirrored.fair == pytest.approx(1 - forward.fair, abs=1e-9)


@pytest.mark.parametrize("name", ["v11", "v12", "v14"])
def test_the_line_gives_the_same_fills_compiled(name):
    window = {"start": "2026-01-05T00:00", "end": "2026-01-05T00:12"}
    python, machine = (
        Backtest(name, "sample", contracts="*:SIMBTC15M-*", compiled=form).run(**window) for form in (False, True)
    )
    assert python.metrics.fills > 0
    assert python.to_dict()["fills_hash"] == machine.to_dict()["fills_hash"]
