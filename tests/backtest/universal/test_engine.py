"""The universal engine: names in, a validated run out."""

import asyncio
import json

import pytest

from ntp import (
    Backtest,
    DataSource,
    Param,
    PluginInterface,
    Strategy,
    UnifiedEvent,
    UniversalBacktestEngine,
    ValidationPipeline,
)
from ntp.backtest import ValidationFinding
from ntp.core import ConfigError, NotFound, VerificationFailed
from ntp.core.workspace import create_workspace
from ntp.data import DataSourceRegistry


@pytest.fixture(autouse=True)
def _workspace(tmp_path, monkeypatch):
    create_workspace(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NTP_HOME", str(tmp_path))


def market(seconds=120):
    for second in range(seconds):
        bid = 0.40 + abs(second % 20 - 10) / 100
        yield UnifiedEvent(1_767_225_600 + second, "kalshi", "A", {"bid": bid, "ask": bid + 0.02, "bid_size": 50,
                                                                  "ask_size": 50})


class Feed(DataSource):
    """Two minutes of one market."""

    venue = "kalshi"

    def read(self, start=None, end=None):
        yield from market()

    def transform(self, raw):
        return raw


class Joins(Strategy):
    """Joins the bid."""

    size: float = Param(1.0, gt=0)

    def analyze(self, data):
        self.target(position=self.size)


def engine() -> UniversalBacktestEngine:
    made = UniversalBacktestEngine(store=False, engine={"order_latency": "0s"})
    made.data_sources.register("feed", Feed)
    made.strategies.register("joins", Joins)
    return made


def test_a_backtest_by_names():
    universal = engine()
    results = asyncio.run(universal.backtest({
        "strategy": "joins", "parameters": {"size": 3.0}, "data_source": "feed", "capital": 500,
        "date_range": {"start": "2026-01-01T00:00:30Z", "end": "2026-01-01T00:01:30Z"},
    }))
    direct = Backtest(Joins(size=3.0), Feed(), capital=500, engine={"order_latency": "0s"}, store=False).run(
        "2026-01-01T00:00:30Z", "2026-01-01T00:01:30Z"
    )
    assert results.fills.equals(direct.fills)
    assert results.context.strategy.parameters["size"] == 3.0
    document = universal.generate_report(results, "report.html")
    assert json.loads(json.dumps(document))["report"].endswith("report.html")
    assert {each["check"] for each in document["validation"]} >= {"sample_size"}


def test_a_simulation_of_anything_runs_beside_other_tasks():
    universal = engine()

    async def both():
        data = await universal.data_sources.load("feed", ("2026-01-01", None))
        return await asyncio.gather(
            universal.run_simulation(data, Joins(), 1_000), universal.run_simulation(Feed(), "joins"),
        )

    first, second = asyncio.run(both())
    assert first.context.capital == 1_000 * 10**6
    assert first.fills.drop("fee").equals(second.fills.drop("fee"))


def test_registries_iterate_and_refuse():
    registry = DataSourceRegistry()
    assert list(registry) == []

    @registry.register("mine")
    class Mine(Feed):
        """Mine."""

    assert list(registry) == ["mine"]
    assert registry.find("mine").name == "mine"
    assert registry.describe() == [{"name": "mine", "kind": "source", "origin": "registered", "summary": "Mine."}]
    assert registry.details("mine") == {**registry.describe()[0], "file": None, "settings": {}}
    with pytest.raises(NotFound, match="expected a data source of this workspace, was 'mien'") as unknown:
        registry.details("mien")
    assert unknown.value.hint == "did you mean 'mine'?"
    for name, source, code in (("mine", Feed(), "name_taken"), ("other", Joins, "bad_source")):
        with pytest.raises(ConfigError) as raised:
            registry.register(name, source)
        assert raised.value.code == code
    assert set(engine().strategies) >= {"joins", "maker", "v10"}
    with pytest.raises(NotFound) as missing:
        asyncio.run(registry.load("sampel"))
    assert missing.value.hint == "did you mean 'sample'?"
    assert asyncio.run(registry.load("sample")).name == "sample"


@pytest.mark.parametrize(("change", "code"), [
    ({"strateggy": "joins"}, "unknown_key"), ({"strategy": ""}, "missing_key"), ({"date_range": "2026"}, "bad_range"),
    ({"date_range": {"from": "2026-01-01"}}, "bad_range"), ({"date_range": ("2026-01-02", "2026-01-01")}, "bad_range"),
    ({"capital": -1}, "bad_capital"), ({"parameters": {"siz": 1}}, "unknown_parameter"),
])  # fmt: skip
def test_descriptions_that_cannot_be_are_refused(change, code):
    with pytest.raises(ConfigError) as raised:
        asyncio.run(engine().backtest({"strategy": "joins", "data_source": "feed", **change}))
    assert raised.value.code == code


def test_validators_find_and_refuse():
    run = Backtest(Joins, Feed(), store=False).run()
    pipeline = ValidationPipeline([])

    @pipeline.add
    def few_fills(results):
        if results.metrics.fills < 10**6:
            yield ValidationFinding("few_fills", "error", "expected a million fills")

    assert [each.check for each in pipeline.validate(run)] == ["few_fills"]
    with pytest.raises(VerificationFailed, match="expected a million fills") as raised:
        pipeline.require(run)
    assert raised.value.details["findings"][0]["check"] == "few_fills"
    with pytest.raises(ConfigError, match="expected a callable"):
        pipeline.add("few")
    pipeline.add(lambda results: ["text"])
    with pytest.raises(ConfigError, match="expected findings from"):
        pipeline.validate(run)
    assert [each.__name__ for each in ValidationPipeline()] == ["hashes", "pessimistic", "sample_size", "data"]


def test_plugins_of_both_kinds_work_by_three_methods():
    calls = []

    class Source(DataSource, PluginInterface):
        venue = "kalshi"

        def initialize(self, config):
            calls.append(("source", config["venue"]))

        def read(self, start=None, end=None):
            yield from market()

        def process(self, data):
            return data

        def cleanup(self):
            calls.append(("source", "cleanup"))

    class Trades(Strategy, PluginInterface):
        size: float = Param(2.0)

        def initialize(self, config):
            self.wanted = config["size"]
            calls.append(("strategy", self.wanted))

        def process(self, data):
            self.target(position=self.wanted)

        def cleanup(self):
            calls.append(("strategy", "cleanup"))

    run = Backtest(Trades, Source(), engine={"order_latency": "0s"}, store=False).run(modes=("base",))
    joined = Backtest(Joins(size=2.0), Feed(), engine={"order_latency": "0s"}, store=False).run(modes=("base",))
    assert calls == [("source", "kalshi"), ("source", "cleanup"), ("strategy", 2.0), ("strategy", "cleanup")]
    assert run.orders.drop("tag").equals(joined.orders.drop("tag"))
    with pytest.raises(NotImplementedError, match="does not define process"):
        PluginInterface().process(None)
