"""No event ever loses more than its limit, whatever fills and however it settles."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recording import Recording, at, dataset, rest

from ntp import Backtest, Strategy
from ntp.backtest.rule_rows import missing_words
from ntp.core.config import Config, RulesConfig
from ntp.rules import event_states, worst_loss

BUY, SELL = 1, -1
LIMIT = 5.0
ENGINE = {"feed_latency": "20ms", "order_latency": "50ms"}
RUNGS = (("T73", "less", None, "73"), ("B73.5", "between", "73", "74"), ("T74", "greater", "74", None))


def rungs(outcome, seed):
    """Three rungs of a temperature, quoted and traded at random; one pays, or the event is void."""
    draw = np.random.default_rng(seed)
    for place, (symbol, kind, low, high) in enumerate(RUNGS):
        made = Recording(
            symbol, series="KXHIGHNY", event="KXHIGHNY-26", strike_type=kind, strike_low=low, strike_high=high,
            open_time=at(-10), close_time=at(1_000),
        )  # fmt: skip
        for when in range(0, 200, 5):
            bid = float(draw.integers(30, 33)) / 100
            made.quote(when, bid, bid + 0.04, 50).trade(when + 2, bid, 200, SELL).trade(when + 3, bid + 0.04, 200, BUY)
        if outcome == "void":
            made.settle(1_000, None, "voided")
        else:
            made.settle(1_000, float(outcome == place))
        yield made


class Wild(Strategy):
    """Quotes, aims and orders at random, far more than the limit allows."""

    seed: int = 0

    def on_start(self):
        self.draw = np.random.default_rng(self.seed)

    def analyze(self, data):
        size = float(self.draw.integers(1, 60))
        match int(self.draw.integers(0, 6)):
            case 0 | 1:
                self.quote(bid=data.bid, ask=data.ask, size=size)
            case 2:
                self.target(position=size * float(self.draw.choice([-1, 1])))
            case 3:
                self.buy(size=size, price=data.bid)
            case 4:
                self.sell(size=size, price=data.ask)
            case _:
                self.cancel(data.contract)


def wild(number):
    """A class per seed: what runs is made anew from it."""
    return type("Wilder", (Wild,), {"seed": number, "__module__": __name__, "__annotations__": {}})


def lost(run, mode):
    """Dollars that the event lost, fees included."""
    facts = run.fill_modes[mode].facts
    return -float(facts.events["pnl"].sum()) if len(facts.events) else 0.0


def play(data, strategy, *, loss=LIMIT, position=None, **options):
    config = Config(rules=RulesConfig(max_event_loss=loss, max_position=position))
    return Backtest(strategy, data, engine=ENGINE, config=config, capital=10_000, store=False, **options).run()


def worst_after_each_fill(run, mode, states):
    """Most that the event could lose, after each fill."""
    flows, positions, found = dict.fromkeys(states.members, 0.0), dict.fromkeys(states.members, 0.0), [0.0]
    for row in run.fill_modes[mode].output.fills.iter_rows(named=True):
        flows[row["contract"]] += row["cash"] / 1e6
        positions[row["contract"]] = row["position"] / 1e6
        found.append(worst_loss(states, list(flows.values()), list(positions.values())))
    return max(found)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0, 1, 2, "void"]))
def test_no_event_can_lose_more_than_its_limit_after_any_fill(tmp_path_factory, seed, outcome):
    made = list(rungs(outcome, seed))
    limited = play(dataset(tmp_path_factory.mktemp("catalog"), *made), wild(seed))
    (states,) = event_states(each.instrument for each in made)
    for mode in limited.fill_modes:
        assert limited.fill_modes[mode].metrics.fills > 0
        assert worst_after_each_fill(limited, mode, states) <= LIMIT + 1e-4
        assert lost(limited, mode) <= LIMIT + 1e-4, mode


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return dataset(tmp_path_factory.mktemp("catalog"), *rungs(0, 3))


def test_without_the_limit_more_is_lost_and_with_it_orders_are_refused_with_the_reason(tmp_path_factory):
    worst = 0.0
    for outcome in (0, 1, 2):
        made = dataset(tmp_path_factory.mktemp("catalog"), *rungs(outcome, 3))
        worst = max(worst, lost(play(made, wild(3), loss=None), "optimistic"))
        limited = play(made, wild(3))
        assert limited.to_dict()["rules"]["refused"]["limit"] > 0
        refused = limited.orders.filter(pl.col("reason") == "limit")
        assert set(refused["status"]) == {"refused"}
        assert missing_words(limited)[0].endswith("refused or cut by max_event_loss or max_position of [rules]")
        assert limited.context.configuration["limits"] == {"max_event_loss": LIMIT}
    assert worst > 2 * LIMIT


def steps(*made):
    from recording import Steps

    return type("Made", (Steps,), {"steps": list(made), "__module__": __name__})


def sizes(run):
    return [(row["status"] == "refused", row["size"]) for row in run.orders.sort("order_id").iter_rows(named=True)]


def test_a_single_order_beyond_the_limit_is_refused_and_a_quote_is_cut(data):
    """Ten at 10 cents cost a dollar; fifty more at that price would make six, of which four still fit."""
    run = play(data, steps(
        (1.0, rest("kalshi:T73", BUY, 10, 0.10)), (1.1, rest("kalshi:B73.5", BUY, 50, 0.10)),
        (1.2, lambda strategy: strategy.quote("kalshi:B73.5", bid=0.10, size=50)),
    ))  # fmt: skip
    (first, second, third) = sizes(run)
    assert first == (False, 10.0)
    assert second == (True, 50.0)
    assert third[0] is False
    # one dollar and the highest fees are lost in all states but that of T73
    assert 36.0 <= third[1] < 40.0


def test_what_pays_in_the_worst_state_makes_room(data):
    """NO of one rung and YES of another pay where the other loses; both orders may not fill, so both count."""
    both = [(1.0 + 0.1 * place, rest(f"kalshi:{name}", SELL, 8, 0.62)) for place, (name, *_) in enumerate(RUNGS)]
    run = play(data, steps(*both))
    # each NO costs 38 cents and loses it in one state: eight of each are 9.12 dollars, of which only a third is lost
    assert [refused for refused, _ in sizes(run)] == [False, False, False]


def test_the_largest_position_holds_over_all_orders(data):
    run = play(data, wild(5), loss=None, position=20)
    for mode in run.fill_modes.values():
        held = mode.fills.with_columns(held=pl.col("position").abs())
        assert len(held)
        assert held["held"].max() <= 20
    assert run.to_dict()["rules"]["refused"]["limit"] > 0


def test_the_compiled_form_is_limited_alike(data):
    class Both(Strategy):
        def analyze(self, data):
            self.quote(bid=data.bid, ask=data.ask, size=30)

    found = [play(data, Both, compiled=compiled) for compiled in (False, True)]
    assert found[0].manifest.fills_hash("base") == found[1].manifest.fills_hash("base")
    assert found[0].metrics.fills > 0
    assert lost(found[1], "optimistic") <= LIMIT + 1e-3


def test_the_worst_case_of_an_event_counts_the_hedge_at_another_venue(tmp_path):
    """YES at 40 cents here and NO at 45 there on one observable: a void of either leaves the other leg alone."""
    told = {"settlement": {"source": "made:index", "step": "1"}}

    def above(symbol, venue, bid):
        return (
            Recording(symbol, venue, event=f"EVENT-{venue}", strike_type="greater", strike_low="73", attributes=told,
                      open_time=at(-10), close_time=at(1_000))
            .quote(0, bid, bid + 0.04).trade(5, bid, 500, SELL).trade(6, bid + 0.04, 500, BUY)
            .quote(20, bid, bid + 0.04)
        )  # fmt: skip

    noted = []

    class Hedged(Strategy):
        wake = ("best", "fill")
        sent = False

        def analyze(self, data):
            if not self.sent:
                self.sent = True
                self.buy("sim_a:HERE", 10, 0.40)
                self.sell("sim_b:THERE", 10, 0.55)
            noted.append((self.position("sim_a:HERE").size, self.position("sim_b:THERE").size,
                          data.event.worst_case_usd))

    made = dataset(tmp_path, above("HERE", "sim_a", 0.40), above("THERE", "sim_b", 0.51))
    Backtest(Hedged, made, engine=ENGINE, config=Config(), store=False).run(modes=("base",))
    assert noted[-1][:2] == (10.0, -10.0)
    # the cost comes back here and YES pays there; with a result, one leg or the other pays ten
    assert noted[-1][2] == pytest.approx(4.5)
