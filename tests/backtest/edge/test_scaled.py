"""Sizes follow what predicted edges earned: weekly, from results seen by then, alike in every form of a strategy."""

import numpy as np
import polars as pl
import pytest
from recording import Recording, at, dataset

from ntp import Backtest, Param, Signal, Strategy
from ntp.core.config import Config, EdgeConfig
from ntp.engine.earned import WEEK
from ntp.pricing.edge import size_factor
from ntp.statistics import clustered_regression

DAY_S = 86_400
SELL = -1
COUNT = 60
ENGINE = {"feed_latency": "0s", "order_latency": "0s"}


class Believes(Strategy):
    """Bids 48 cents for what it takes to be worth 70."""

    size_of: str = Param("default", choices=("default", "kelly"))

    def analyze(self, data):
        if data.position.size == 0:
            size = self.kelly_sizing(0.7, 0.48) if self.size_of == "kelly" else None
            return Signal("BUY", price=0.48, size=size, fair=0.70)
        return None


def recordings(won):
    """One contract every half day that is filled at 48 cents and settles a minute later."""
    for number, value in enumerate(won):
        begin = number * DAY_S / 2
        yield (
            Recording(f"E{number:03d}", open_time=at(begin), close_time=at(begin + 100)).quote(begin, 0.48, 0.52)
            .trade(begin + 20, 0.48, 10_000, SELL).quote(begin + 30, 0.48, 0.52).settle(begin + 60, value)
        )  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    won = [float(number % 10 < 6) for number in range(COUNT)]
    return dataset(tmp_path_factory.mktemp("catalog"), *recordings(won))


def play(data, **options):
    config = Config(edge=EdgeConfig(scale_sizes=options.pop("scale_sizes", True)))
    run = Backtest(Believes, data, engine=ENGINE, config=config, store=False, **options).run(modes=("base",))
    first = run.fills.group_by("contract", maintain_order=True).agg(pl.col("ts", "size").first())
    # the capital moves with results; what is left of a size is how it was scaled
    return run, first


def test_sizes_shrink_from_the_week_in_which_enough_results_say_so(data):
    run, fills = play(data, parameters={"position_size": 1e-3})
    plain, unscaled = play(data, parameters={"position_size": 1e-3}, scale_sizes=False)
    assert "sizes scaled" in run.stamps
    assert "sizes scaled" not in plain.stamps
    share = (fills["size"] / unscaled["size"]).to_numpy()
    weeks = ((fills["ts"].dt.timestamp("ns").to_numpy() + 3 * DAY_S * 10**9) // WEEK).tolist()
    told = run.to_dict()["edge"]["sizes_scaled"]
    assert len(told) >= 1
    assert told[0]["events"] >= 30
    for week in sorted(set(weeks)):
        rows = [number for number, each in enumerate(weeks) if each == week]
        before = [number for number, each in enumerate(weeks) if each < week]
        expected = 1.0
        if len(before) >= 30:
            predicted = np.full(len(before), 0.22)
            came = np.array([float(number % 10 < 6) - 0.48 for number in before])
            line = clustered_regression(predicted, came, before, fills["size"].to_numpy()[before], intercept=False)
            expected = size_factor(line.slope, line.slope_error, line.clusters)
            assert 0.3 < expected < 0.7
        assert share[rows] == pytest.approx(expected, abs=4e-3), week


def test_no_size_knows_a_later_result(data, tmp_path):
    """The results of the last weeks are turned round: sizes until they are seen stay as they were."""
    _, fills = play(data)
    turned = [float(number % 10 < 6) if number < 40 else float(number % 10 >= 6) for number in range(COUNT)]
    _, others = play(dataset(tmp_path, *recordings(turned)))
    assert fills["size"][:41].to_list() == others["size"][:41].to_list()
    assert fills["size"][45:].to_list() != others["size"][45:].to_list()


@pytest.mark.parametrize("size_of", ["default", "kelly"])
def test_the_compiled_form_scales_alike(data, size_of):
    run, _ = play(data, parameters={"size_of": size_of})
    compiled, _ = play(data, parameters={"size_of": size_of}, compiled=True)
    assert run.manifest.fills_hash("base") == compiled.manifest.fills_hash("base")
    assert run.to_dict()["edge"]["sizes_scaled"] == compiled.to_dict()["edge"]["sizes_scaled"] != []


def test_whole_columns_scale_alike(data):
    class Columns(Strategy):
        def signals(self, frame):
            return frame.select("ts", "contract", signal=pl.lit(1.0), limit=pl.lit(0.48), fair=pl.lit(0.70))

    class Rows(Strategy):
        def analyze(self, data):
            return Signal("BUY", price=0.48, fair=0.70)

    found = [
        Backtest(each, data, engine=ENGINE, config=Config(), store=False).run(modes=("base",))
        for each in (Columns, Rows)
    ]
    assert found[0].manifest.fills_hash("base") == found[1].manifest.fills_hash("base")
    assert found[0].stamps.count("sizes scaled") == found[1].stamps.count("sizes scaled") == 1


def test_the_report_tells_it(data):
    from ntp.backtest.report.report import report_html

    run, _ = play(data)
    assert "Sizes scaled in this run" in report_html(run)


def test_without_fair_values_sizes_stay(data):
    class Silent(Believes):
        def analyze(self, data):
            return Signal("BUY", price=0.48)

    found = [
        Backtest(Silent, data, engine=ENGINE, config=Config(edge=EdgeConfig(scale_sizes=on)), store=False)
        .run(modes=("base",)).manifest.fills_hash("base") for on in (True, False)
    ]
    assert found[0] == found[1]
