"""v15 at single moments: where it quotes, and when it steps aside."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntp.core import Absent
from ntp.strategy.shipped import V15

from .fake_runtime import HOME, bound

MONDAY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class Fair(float):
    """A fair value with its doubt."""

    sd = 0.0


def asked(fair, *, sd=0.01, held=0.0, left=600.0, bid=0.40, ask=0.44, at=MONDAY, tilt=None, **parameters):
    """The quote of v15 at one moment; `tilt` is the lean of the book."""
    strategy = V15(**parameters)
    runtime = bound(strategy)
    view = runtime.view(HOME)
    view.bid, view.ask, view.seconds_to_close, view.position.size = bid, ask, left, held
    view.spread, view.ts = ask - bid, round(at.timestamp()) * 10**9
    view.bid_size, view.ask_size = (None, None) if tilt is None else (50 + 50 * tilt, 50 - 50 * tilt)
    values = {} if tilt is None else {"quick": 0.5, "steady": 0.5, "range": 0.01}
    view.indicators = type("Indicators", (SimpleNamespace,), {"get": lambda self, name: vars(self).get(name)})(**values)
    if fair is None:
        view.fair_value = no_fair_value
    else:
        value = Fair(fair)
        value.sd = sd
        view.fair_value = lambda: value
    strategy.analyze(view)
    (call,) = runtime.called("quote")
    return {key: value for key, value in call.items() if key != "contract"}


def no_fair_value():
    raise Absent("spot")


def test_it_quotes_both_sides_around_the_fair_value():
    quote = asked(0.45, edge=0.03, deviations=1.0, sd=0.01)
    assert quote == {
        "bid": pytest.approx(0.42), "ask": pytest.approx(0.48), "bid_size": 10, "ask_size": 10, "fair": 0.45,
    }  # fmt: skip


def test_it_is_wider_where_the_fair_value_is_unsure():
    quote = asked(0.45, edge=0.03, deviations=2.0, sd=0.05)
    assert (quote["bid"], quote["ask"]) == (pytest.approx(0.35), pytest.approx(0.55))


def test_it_leans_against_its_position_but_never_gives_up_its_edge():
    quote = asked(0.45, edge=0.03, skew=0.001, held=20.0, room=25.0)
    assert (quote["bid"], quote["ask"]) == (pytest.approx(0.40), pytest.approx(0.48))
    assert (quote["bid_size"], quote["ask_size"]) == (5.0, 10)
    quote = asked(0.45, edge=0.03, skew=0.001, held=-25.0, room=25.0)
    assert (quote["bid"], quote["ask"]) == (pytest.approx(0.42), None)
    assert asked(0.45, edge=0.03, skew=0.001, held=-26.0, room=25.0)["bid"] == pytest.approx(0.42)


def test_the_score_moves_its_quotes():
    higher = asked(0.45, tilt=1.0, by_lean=0.2, share=0.5)
    lower = asked(0.45, tilt=-1.0, by_lean=0.2, share=0.5)
    assert lower["fair"] < 0.45 < higher["fair"]
    assert asked(0.45, tilt=1.0, by_lean=0.2, share=0.0)["fair"] == 0.45


@pytest.mark.parametrize(
    "hazard",
    [
        {"left": 119.0}, {"bid": 0.30, "ask": 0.51}, {"at": MONDAY.replace(hour=13, minute=30, second=59)},
        {"at": MONDAY.replace(hour=13, minute=29, second=1)}, {"at": MONDAY.replace(hour=18, minute=0)},
    ],
)  # fmt: skip
def test_it_steps_aside_before_hazards(hazard):
    assert asked(0.45, **hazard) == {}


@pytest.mark.parametrize(
    "calm",
    [
        {"left": 120.0}, {"left": None}, {"at": MONDAY.replace(hour=13, minute=31)},
        {"at": MONDAY.replace(day=4, hour=13, minute=30)}, {"around": 0.0, "at": MONDAY.replace(hour=13, minute=30)},
    ],
)  # fmt: skip
def test_it_quotes_where_there_is_no_hazard(calm):
    assert asked(0.45, **calm)["bid"] is not None


def test_it_quotes_nothing_without_a_fair_value():
    with pytest.raises(Absent):
        asked(None)


@given(st.floats(0, 1), st.floats(0, 0.2), st.integers(-60, 60))
def test_no_quote_is_without_its_edge(fair, sd, held):
    quote = asked(fair, sd=sd, held=float(held), edge=0.02)
    if quote["bid"] is not None:
        assert 0 < quote["bid"] <= quote["fair"] - 0.02 + 1e-12
        assert 0 < quote["bid_size"] <= 10
        assert held + quote["bid_size"] <= 50
    if quote["ask"] is not None:
        assert quote["fair"] + 0.02 - 1e-12 <= quote["ask"] < 1
        assert held - quote["ask_size"] >= -50
