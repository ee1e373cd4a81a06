"""What the corrections are for: luck is not discovered, an edge is."""

import numpy as np
import pytest
from recording import Recording, dataset

from ntp import Param, Strategy
from ntp.backtest import Backtest
from ntp.statistics import benjamini_hochberg, expected_maximum_sharpe, holm, probability_of_overfitting, return_moments

STRATEGIES, EVENTS, LEVEL = 200, 120, 0.05
INFORMED = STRATEGIES


class Guesser(Strategy):
    """Takes a side of each event by lot; the last of them reads it from the sizes of the book."""

    lot: int = Param(0, ge=0, le=INFORMED)

    def on_start(self):
        self.sides = np.random.default_rng(self.lot).integers(0, 2, EVENTS) * 2 - 1

    def analyze(self, data):
        side = self.sides[int(data.symbol)] if self.lot < INFORMED else np.sign(data.bid_size - data.ask_size)
        self.quote(bid=data.bid if side > 0 else None, ask=data.ask if side < 0 else None, size=10)


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    """Fair events one after another; the larger side of the book is right three times in four."""
    rng, made = np.random.default_rng(11), []
    for number in range(EVENTS):
        first, result = number * 600, float(rng.integers(0, 2))
        bigger = result if rng.random() < 0.75 else 1.0 - result
        one = Recording(f"{number:03}").quote(first, 0.49, 0.51, 100 + 100 * bigger)
        sizes = one.rows[next(iter(one.rows))][0]
        sizes["ask_size"] = 300_000_000 - sizes["bid_size"]
        one.trade(first + 60, 0.49, 900, -1).trade(first + 61, 0.51, 900, 1)
        made.append(one.settle(first + 300, result))
    return dataset(tmp_path_factory.mktemp("catalog"), *made)


def swept(market, lots):
    backtest = Backtest(Guesser, market, capital=1_000, store=False)
    return backtest.sweep({"lot": lots}, workers=1, objective="deflated_sharpe")


@pytest.fixture(scope="module")
def guesses(market):
    """Two hundred strategies that know nothing, and one that knows something."""
    return swept(market, list(range(INFORMED + 1)))


def test_two_hundred_random_strategies_give_no_discovery(guesses):
    lucky = [point for point in guesses if point.parameters["lot"] < INFORMED]
    p_values = [point.metrics.p_value for point in lucky]
    assert sum(value < LEVEL for value in p_values) >= 3  # luck looks like skill where nobody counts
    assert min(holm(p_values)) > LEVEL
    assert min(benjamini_hochberg(p_values)) > LEVEL
    assert min(point.metrics.p_value_corrected for point in lucky) > LEVEL
    assert max(point.metrics.deflated_sharpe for point in lucky) < 1 - LEVEL
    assert max(point.metrics.probabilistic_sharpe for point in lucky) > 1 - LEVEL


def test_a_planted_edge_is_found_among_them(guesses, market):
    best = guesses.best()
    assert best.parameters["lot"] == INFORMED
    assert best.metrics.deflated_sharpe > 1 - LEVEL
    p_values = [point.metrics.p_value for point in guesses]
    assert [place for place, value in enumerate(holm(p_values)) if value < LEVEL] == [INFORMED]
    run = Backtest(Guesser, market, capital=1_000, parameters={"lot": INFORMED}, store=False).run()
    assert run.profitable
    assert run.metrics.random_entry_p_value == pytest.approx(1 / 1_001)
    assert run.metrics.pnl_net_ci90_usd[0] > 0
    assert run.metrics.min_track_record_events < EVENTS


def test_choosing_among_guessers_over_fits_and_choosing_the_informed_does_not(guesses, market):
    among_luck = swept(market, list(range(40)))
    assert among_luck.overfitting.probability > 0.2
    assert guesses.overfitting.probability < 0.02
    document = guesses.to_dict()
    assert (document["overfitting_probability"], document["absent"]) == (guesses.overfitting.probability, {})
    alone = swept(market, [3])
    assert alone.overfitting is None
    assert alone.to_dict()["absent"] == {"overfitting_probability": "needs two points with known fees"}


def test_blocks_say_the_same_as_the_returns_of_all_events(market):
    found = swept(market, list(range(6)))
    runs = [
        Backtest(Guesser, market, capital=1_000, parameters={"lot": lot}, store=False).run(modes=("base",))
        for lot in range(6)
    ]
    returns = np.zeros((EVENTS, 6))
    for column, run in enumerate(runs):
        for row in run.by["event"]:
            returns[int(row["key"].removeprefix("EVENT-")), column] = row["pnl_net_usd"]
    whole = probability_of_overfitting(returns)
    assert np.allclose(found.overfitting.logits, whole.logits)
    assert found.overfitting.probability == whole.probability


def best_of_noise(seed, planted=0.0):
    """Corrected figures of two hundred random strategies on the same events, which move them alike in part."""
    rng = np.random.default_rng(seed)
    returns = 0.5 * rng.standard_t(5, (300, 1)) + rng.standard_t(5, (300, STRATEGIES))
    returns[:, 0] += planted * returns[:, 0].std()
    moments = [return_moments(column) for column in returns.T]
    variance = max(np.var([each.ratio for each in moments], ddof=1), 1 / 300)
    deflated = [each.deflated(STRATEGIES, variance) for each in moments]
    return np.array(deflated), holm([1 - each.probabilistic() for each in moments])


def test_false_discoveries_are_as_rare_as_said():
    """In 60 markets of 200 worthless strategies no more than 5 % discover anything, but for three standard errors."""
    found = [best_of_noise(seed) for seed in range(60)]
    most = 60 * LEVEL + 3 * np.sqrt(60 * LEVEL * (1 - LEVEL))
    assert sum(deflated.max() > 1 - LEVEL for deflated, _ in found) <= most
    assert sum(corrected.min() < LEVEL for _, corrected in found) <= most


def test_an_edge_of_a_third_of_a_deviation_is_found_in_three_hundred_events():
    found = [best_of_noise(seed, 1 / 3) for seed in range(20)]
    assert np.mean([corrected[0] < LEVEL for _, corrected in found]) > 0.9
    assert np.mean([deflated[0] > 1 - LEVEL for deflated, _ in found]) > 0.8


def test_the_best_of_noise_is_as_good_as_expected():
    """The benchmark of the deflated ratio: the mean best of two hundred ratios of noise."""
    rng = np.random.default_rng(5)
    best = [
        max(column.mean() / column.std(ddof=1) for column in rng.normal(size=(200, STRATEGIES)).T) for _ in range(40)
    ]
    assert np.mean(best) == pytest.approx(expected_maximum_sharpe(STRATEGIES, 1 / 200), rel=0.05)
