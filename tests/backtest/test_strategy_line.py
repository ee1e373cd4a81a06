"""The line of strategies on the market simulator, where the true probability of every contract is known."""

import polars as pl
import pytest

from ntp import Backtest
from ntp.data import Catalog
from ntp.data.simulator import SimulatorConfig, simulate


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    """A simulated recording as a data set, and the true value of each contract over time."""
    recording = simulate(SimulatorConfig(seed=12, events=8, brackets=3))
    catalog = Catalog(tmp_path_factory.mktemp("line"))
    homes = {each.symbol: each.venue for each in recording.instruments}
    for source in sorted(set(homes.values())):
        symbols = [symbol for symbol, home in homes.items() if home == source]
        with catalog.writer("line", source=source) as writer:
            writer.add_instruments(each for each in recording.instruments if each.venue == source)
            for kind, frame in recording.frames.items():
                writer.add(kind, frame.filter(frame["symbol"].is_in(symbols)))
    truth = recording.truth["fair"].select(
        "ts", pl.concat_str("venue", "symbol", separator=":").alias("contract"), pl.col("fair").alias("truth")
    )
    return catalog.dataset("line"), truth.sort("ts")


def true_gain(run, truth):
    """Dollars that the fills of a run are worth at the true values of their moments, after fees, by slot of time."""
    fills = run.fills.select(
        pl.col("ts").cast(pl.Int64), pl.col("contract").cast(pl.String), "side", "price", "size", "fee"
    ).sort("ts")
    seen = pl.concat([
        own.join_asof(truth.filter(pl.col("contract") == name).drop("contract"), on="ts", strategy="backward")
        for (name,), own in fills.group_by("contract", maintain_order=True)
    ])
    sign = pl.when(pl.col("side") == "BUY").then(1.0).otherwise(-1.0)
    gain = seen.select("ts", gain=(pl.col("truth") - pl.col("price")) * sign * pl.col("size") - pl.col("fee"))
    return gain.group_by(pl.col("ts") // (900 * 10**9)).agg(pl.col("gain").sum())["gain"]


def test_the_fair_value_earns_and_the_baseline_does_not(market):
    dataset, truth = market
    runs = {name: Backtest(name, dataset, compiled=True).run() for name in ("v10", "v15")}
    gains = {name: true_gain(run, truth) for name, run in runs.items()}
    assert gains["v15"].mean() > 2 * gains["v15"].std() / len(gains["v15"]) ** 0.5 > 0
    assert gains["v10"].mean() < -2 * gains["v10"].std() / len(gains["v10"]) ** 0.5 < 0
    assert runs["v15"].to_dict()["edge"]["within_band"]
    assert runs["v10"].to_dict()["rules"]["breaches"]["fair_value_absent"] > 0
    broken = runs["v15"].to_dict()["rules"]["breaches"].keys()
    assert broken.isdisjoint({"fair_value_absent", "ev_unknown", "ev_not_positive", "could_take"})
