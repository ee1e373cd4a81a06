"""Which points searches propose."""

import pytest
from swept import Fader

from ntp import Param, Strategy
from ntp.backtest.sweep.axes import read_axes
from ntp.backtest.sweep.search import read_search
from ntp.core import ConfigError


class Hill(Strategy):
    x: float = Param(0.0, ge=0, le=1, sweep=(0.0, 1.0))
    n: int = Param(0, ge=0, le=1000, sweep=(0, 1000))
    kind: str = Param("a", choices=("a", "b"))

    def on_quote(self, data):
        pass


def height(point):
    return -((point["x"] - 0.3) ** 2) - ((point["n"] - 700) / 1000) ** 2 + (point["kind"] == "b")


def explored(strategy, search, score=height, seed=0):
    """Points of all generations, scored as they come."""
    _, made = read_search(search, read_axes(strategy, None), seed=seed)
    generations, found = made.points(), []
    points = next(generations)
    while True:
        found.append(points)
        try:
            points = generations.send([score(point) for point in points])
        except StopIteration:
            return [point for generation in found for point in generation]


def test_a_grid_is_tried_whole_the_last_axis_fastest():
    points = explored(Fader(), None, score=lambda point: 0.0)
    assert len(points) == 4 * 2 * 3
    assert points[0] == {"offset": 0.0, "size": 5, "side": "both"}
    assert points[1] == {"offset": 0.0, "size": 5, "side": "buy"}


@pytest.mark.parametrize("search", ["random:40", "bayes:40"])
def test_searches_are_seeded_and_propose_no_point_twice(search):
    once, again, other = (explored(Hill(), search, seed=seed) for seed in (1, 1, 2))
    assert once == again
    assert once != other
    assert len({tuple(point.values()) for point in once}) == len(once) == 40
    assert all(0 <= point["x"] <= 1 and isinstance(point["n"], int) for point in once)


@pytest.mark.parametrize("search", ["random:100", "bayes:100"])
def test_a_search_ends_where_a_small_grid_does(search):
    points = explored(Fader(), search, score=lambda point: point["offset"])
    assert len({tuple(point.values()) for point in points}) == len(points) <= 24
    assert len(points) == 24 or search.startswith("bayes")


def test_a_bayesian_search_learns():
    blind = max(height(point) for point in explored(Hill(), "random:60"))
    learnt = sorted((height(point) for point in explored(Hill(), 60)), reverse=True)
    assert learnt[0] > 0.99
    assert learnt[0] >= blind
    assert sum(value > 0.9 for value in learnt) > 20  # most of what it tries is near the top


def test_points_without_a_score_do_not_stop_a_search():
    points = explored(Hill(), 30, score=lambda point: None if point["x"] > 0.5 else point["x"])
    assert len(points) == 30
    assert len(explored(Hill(), 20, score=lambda point: None)) == 20


@pytest.mark.parametrize("search", ["0", "-3", "random", "bayes:x", "anneal:5", True, "random:0"])
def test_impossible_searches_are_refused(search):
    with pytest.raises(ConfigError) as refused:
        read_search(search, read_axes(Hill(), None))
    assert refused.value.code == "bad_search"


def test_too_many_points_need_consent():
    axes = read_axes(Fader(), {"offset": "0:0.1:0.00001", "size": "1:50:1"})
    with pytest.raises(ConfigError) as refused:
        read_search(None, axes)
    assert refused.value.code == "too_many_points"
    assert refused.value.details == {"points": 500_050, "max_points": 10_000}
    assert read_search(None, axes, max_points=500_050)[1].total == 500_050
    assert read_search("random:50", axes)[1].total == 50
