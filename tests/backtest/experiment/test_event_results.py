"""What was at stake in an event, worked out by hand and held against the engine's own account of it."""

import pytest
from recording import Recording, dataset, play, rest, take
from swept import Fader

from ntp.backtest import Backtest
from ntp.backtest.experiment.event_results import EventResult, event_results


def market(symbol="A", event="E", result=1.0):
    """A contract with quotes at 0.40 and 0.60 and prints on both sides after 20 s."""
    made = Recording(symbol, event=event)
    made.quote(0, 0.40, 0.60, size=0.5).quote(10, 0.40, 0.60, size=0.5)
    made.trade(20, 0.40, 50, -1).trade(20.5, 0.60, 50, 1).quote(25, 0.42, 0.62, size=0.5).quote(60, 0.42, 0.62)
    return made.settle(100, result)


def results(data, *steps, mode="pessimistic"):
    return event_results(play(data, steps).fill_modes[mode].facts)


@pytest.fixture
def data(tmp_path):
    return dataset(tmp_path, market())


def test_a_bid_locks_its_cost_filled_or_not(data):
    (found,) = results(data, (5, rest("kalshi:A", 1, 10, 0.40))).values()
    assert found.stake_usd == pytest.approx(4.0)
    assert found.pnl_usd == pytest.approx(6.0)
    assert found.fills == 1
    (idle,) = results(data, (5, rest("kalshi:A", 1, 10, 0.30))).values()
    assert idle == EventResult(0.0, pytest.approx(3.0), None, 0)


def test_an_ask_locks_what_the_claim_could_cost(data):
    (found,) = results(data, (5, rest("kalshi:A", -1, 10, 0.60))).values()
    assert found.stake_usd == pytest.approx(4.0)
    assert found.pnl_usd == pytest.approx(-4.0)


def test_both_sides_lock_the_worse_one(data):
    both = ((5, rest("kalshi:A", 1, 10, 0.40)), (5, rest("kalshi:A", -1, 5, 0.60)))
    (found,) = results(data, *both).values()
    assert found.stake_usd == pytest.approx(4.0)
    assert found.pnl_usd == pytest.approx(5 * 0.2 + 5 * 0.6)


def test_what_was_earned_before_is_at_stake_no_more(data):
    steps = ((5, rest("kalshi:A", 1, 10, 0.40)), (22, rest("kalshi:A", -1, 10, 0.62)))
    (found,) = results(data, *steps).values()
    assert found.stake_usd == pytest.approx(4.0)  # the exit rests behind what it would close


def test_a_taker_stakes_price_and_fee(data):
    (found,) = results(data, (5, take("kalshi:A", 1, 0.5, 0.60))).values()
    run = play(data, ((5, take("kalshi:A", 1, 0.5, 0.60)),)).fill_modes["pessimistic"]
    assert run.fills["fee"][0] > 0
    assert found.stake_usd == pytest.approx(0.5 * 0.60 + run.fills["fee"][0])


def test_contracts_of_an_event_add_up_and_events_stay_apart(tmp_path):
    data = dataset(tmp_path, market("A", "E"), market("B", "E", 0.0), market("C", "F"))
    steps = [(5, rest(f"kalshi:{name}", 1, 10, 0.40)) for name in "ABC"]
    found = results(data, *steps)
    assert {event: each.stake_usd for event, each in found.items()} == {
        "E": pytest.approx(8.0), "F": pytest.approx(4.0),
    }  # fmt: skip
    assert found["E"].pnl_usd == pytest.approx(10 - 8)


def test_markout_is_weighted_by_contracts(data):
    (found,) = results(data, (5, rest("kalshi:A", 1, 10, 0.40))).values()
    assert found.markout_cents == pytest.approx(12.0)  # ten seconds later the mid is 0.52


@pytest.mark.parametrize("event", ["E03", "E20"])
def test_the_stake_is_what_the_engine_locks_and_what_was_lost_before(recorded, event):
    """The engine samples what is locked once a second, between the peaks, and forgets what is lost or won already."""
    run = Backtest(Fader(offset=0.01), recorded, capital=1_000, store=False).varied(events=[event]).run()
    for mode, result in run.fill_modes.items():
        found = event_results(result.facts)[event]
        locked = float(result.output.equity["locked"].max()) / 1e6
        cash = result.facts.trades["cash"].to_numpy() / 1e6
        assert found.pnl_usd == pytest.approx(float(result.facts.events["pnl"].sum())), mode
        assert locked - cash.clip(0).sum() <= found.stake_usd + 1e-6, mode
        assert found.stake_usd <= 1.5 * locked - cash.clip(None, 0).sum(), mode
        assert -found.stake_usd - 1e-6 <= found.pnl_usd, mode


def test_nothing_ordered_is_no_result(data):
    assert results(data) == {}
