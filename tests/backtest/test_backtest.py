"""Backtests on frames and on the sample, through the public class."""

from typing import ClassVar

import polars as pl
import pytest
from queue_models import PowerTwo

from ntp import Strategy
from ntp.backtest import Backtest, RunStore
from ntp.core import ConfigError, DataError, StrategyError
from ntp.core.config import Config
from ntp.core.workspace import create_workspace
from ntp.data import Catalog, CSVDataSource, DataSource, UnifiedEvent
from ntp.data.sample import stored_sample

MINUTE = 60_000_000_000


class Join(Strategy):
    """Joins the first best bid and stays there."""

    def on_start(self):
        self.sent = False

    def on_quote(self, data):
        if not self.sent:
            self.sent = True
            self.buy(price=data.bid, size=10)


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return stored_sample(Catalog(tmp_path_factory.mktemp("catalog")))


def quotes(prices):
    start = 1_767_571_200_000_000_000
    return pl.DataFrame({
        "timestamp": [start + MINUTE * at for at in range(len(prices))],
        "symbol": ["A"] * len(prices),
        "bid": [bid for bid, _ in prices], "ask": [ask for _, ask in prices],
        "bid_size": [100.0] * len(prices), "ask_size": [100.0] * len(prices),
    })


def test_a_copy_of_a_shipped_queue_model_gives_its_fills(sample):
    def run(queue):
        return Backtest("maker", sample, compiled=True, engine={"queue": queue}).run()

    own, shipped = run(PowerTwo()), run("power:2")
    assert own.fill_modes["base"].metrics.fills > 0
    for mode, result in own.fill_modes.items():
        assert result.fills_hash == shipped.fill_modes[mode].fills_hash
    assert own.manifest.hash != shipped.manifest.hash
    assert own.manifest.inputs["engine"]["queue"] == "my_power"
    assert own.manifest.inputs["engine"]["queue_hash"].startswith("sha256:")


def test_a_touch_fills_in_the_optimistic_mode_only_and_is_stamped():
    run = Backtest(Join, quotes([(0.40, 0.42), (0.40, 0.42), (0.38, 0.40), (0.41, 0.43), (0.41, 0.43)])).run()
    stamps = {mode: result.output.counters["stamps"] for mode, result in run.fill_modes.items()}
    assert {mode for mode, found in stamps.items() if "quote_inferred" in found} == {"optimistic"}
    assert run.fill_modes["optimistic"].metrics.fills > 0


def test_unknown_fees_leave_no_net_figure():
    run = Backtest(Join, quotes([(0.40, 0.42), (0.40, 0.42), (0.38, 0.40), (0.41, 0.43)])).run()
    assert "fees unknown" in run.stamps
    for result in run.fill_modes.values():
        metrics = result.metrics
        assert (metrics.pnl_net_usd, metrics.fees_usd, metrics.total_return) == (None, None, None)
        assert metrics.pnl_gross_usd is not None
        assert "unknown" in metrics.reasons["pnl_net_usd"]
    assert run.profitable is None
    assert all(row["pnl_net_usd"] is None for rows in run.by.values() for row in rows)
    assert "–" in repr(run)


def test_what_a_failing_strategy_did_is_kept():
    class Failing(Join):
        def on_quote(self, data):
            super().on_quote(data)
            if data.bid < 0.39:
                raise ValueError("a fault of mine")

    backtest = Backtest(Failing, quotes([(0.40, 0.42), (0.40, 0.42), (0.38, 0.40), (0.41, 0.43)]))
    assert backtest.salvage("failed", "nothing ran") is None
    with pytest.raises(StrategyError, match="a fault of mine"):
        backtest.run()
    assert list(backtest.partial) == ["pessimistic"]
    run = backtest.salvage("failed", "a fault of mine")
    assert run is not None
    assert run.context.status == "failed"
    assert len(run.orders) == 1


def test_a_run_is_kept_in_the_workspace_around_the_folder(tmp_path, monkeypatch):
    outside, _ = tmp_path / "outside", create_workspace(tmp_path / "desk")
    outside.mkdir()
    data = quotes([(0.40, 0.42), (0.40, 0.42)])
    monkeypatch.chdir(outside)
    monkeypatch.delenv("NTP_HOME", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "user"))
    assert Backtest(Join, data).run().context.trials == 0
    assert not (tmp_path / "user").exists()
    monkeypatch.chdir(tmp_path / "desk")
    first = Backtest(Join, data).run()
    other = Backtest(Join, data, capital=500).run()
    Backtest(Join, data, capital=700, store=False).run()
    store = RunStore(tmp_path / "desk" / ".ntp")
    assert [row.run_id for row in store.list()] == [other.run_id, first.run_id]
    assert (first.context.trials, other.context.trials) == (1, 2)
    assert store.load("last").fills.equals(other.fills)
    monkeypatch.chdir(outside)
    monkeypatch.setenv("NTP_HOME", str(tmp_path / "home"))
    Backtest(Join, data).run()
    assert len(RunStore(tmp_path / "home" / ".ntp").list()) == 1


def test_what_a_failing_strategy_did_is_kept_in_the_workspace(tmp_path, monkeypatch):
    class Failing(Join):
        def on_quote(self, data):
            super().on_quote(data)
            raise ValueError("a fault of mine")

    create_workspace(tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StrategyError, match="a fault of mine") as caught:
        Backtest(Failing, quotes([(0.40, 0.42), (0.40, 0.42)])).run()
    (row,) = RunStore(tmp_path / ".ntp").list()
    assert (row.run_id, row.status) == (caught.value.details["run_id"], "failed")
    assert (row.pnl_net_usd, row.trades, row.fills, row.profitable) == (None, None, None, None)
    assert row.run_id in caught.value.hint


def test_a_name_is_looked_up_in_the_workspace(tmp_path, monkeypatch):
    workspace, _ = create_workspace(tmp_path)
    code = "from ntp import Strategy\n\n\nclass Mine(Strategy):\n    def analyze(self, data):\n        return None\n"
    (workspace.strategies / "mine.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    assert Backtest("mine", quotes([(0.40, 0.42)])).run().context.strategy.name == "mine"


class Keeping(Join):
    """Keeps things where they are shared."""

    seen: ClassVar[list[float]] = []
    count = 0

    def on_quote(self, data):
        self.seen.append(data.bid)
        type(self).count += 1
        self.record(seen=len(self.seen), count=self.count)
        super().on_quote(data)


def test_what_is_kept_on_a_class_is_not_seen_by_another_fill_mode():
    run = Backtest(Keeping, quotes([(0.40, 0.42), (0.41, 0.42), (0.42, 0.44)])).run()
    modes = [result.records for result in run.fill_modes.values()]
    assert modes[0].equals(modes[1])
    assert modes[0].equals(modes[2])
    assert (Keeping.seen, Keeping.count) == ([], 0)
    assert not any("share" in warning for warning in run.warnings)


def test_what_code_changes_by_the_name_of_its_class_is_told():
    class Named(Join):
        count = 0

        def on_quote(self, data):
            Named.count += 1

    run = Backtest(Named, quotes([(0.40, 0.42), (0.41, 0.42)])).run()
    assert any(warning.startswith("Named.count changed") for warning in run.warnings)


def test_a_misspelt_field_of_a_view_gets_a_suggestion():
    class Misspelt(Join):
        def on_quote(self, data):
            return data.bdi

    with pytest.raises(StrategyError, match="data has no 'bdi'; did you mean 'bid'"):
        Backtest(Misspelt, quotes([(0.40, 0.42)])).run()


def test_a_csv_source_is_read_as_its_file(tmp_path):
    file = tmp_path / "goog.csv"
    lines = [f"2026-01-0{day},140.25,149,139,{141 + day},100" for day in range(1, 6)]
    file.write_text("timestamp,open,high,low,close,volume\n" + "\n".join(lines))
    run = Backtest(Candles, CSVDataSource(file, kind="asset", venue="cash")).run()
    assert run.fidelity == "candles"
    assert run.records["value"].to_list() == [142, 143, 144, 145, 146]
    part = Backtest(Candles, CSVDataSource(file, kind="asset", venue="cash")).run(start="2026-01-04")
    assert part.records["value"].to_list() == [144, 145, 146]


class Candles(Strategy):
    """Writes down closes."""

    def analyze(self, data):
        self.record(close=data.price)


def test_a_range_before_the_data_says_so(sample):
    with pytest.raises(DataError) as caught:
        Backtest("maker", sample).run(end="2020-01-01")
    assert caught.value.code == "no_events"
    assert "before 2020-01-02T00:00:00Z" in caught.value.message
    assert "sample holds 2026-01-0" in caught.value.hint


def test_a_range_that_ends_before_it_begins_is_told_in_times(sample):
    with pytest.raises(ConfigError, match="was 2026-02-02T00:00:00Z to 2026-01-03T00:00:00Z"):
        Backtest("maker", sample).run(start=1_769_990_400_000_000_000, end="2026-01-02")


SETTINGS = """
[engine]
seed = 3
order_latency = "9ms"
[rules]
waive = ["maker_only"]
[accounts.kalshi]
precision = "member"
[underlyings]
BRTI = "coinbase:BTC-USD"
"""


def test_the_settings_of_the_workspace_hold_from_python_too(tmp_path, monkeypatch):
    workspace, _ = create_workspace(tmp_path)
    workspace.file.write_text(SETTINGS)
    monkeypatch.chdir(tmp_path)
    data = quotes([(0.40, 0.42), (0.40, 0.42)])
    context = Backtest(Join, data, engine={"order_latency": "5ms"}, underlyings={"X": "y"}).run().context
    assert (context.engine.seed, context.engine.order_latency) == (3, "5ms")
    assert context.waived == ("maker_only",)
    assert context.configuration["precision"] == {"kalshi": "non_direct"}
    assert context.configuration["underlyings"] == {"BRTI": "coinbase:BTC-USD", "X": "y"}
    assert Backtest(Join, data, config=Config()).run().context.waived == ()


class Moody(DataSource):
    """Quotes with a field of their own, which the first does not have yet."""

    def read(self, start=None, end=None):
        yield from range(3)

    def transform(self, raw):
        mood = {"mood": raw * 10} if raw else {}
        return UnifiedEvent(1_767_571_200 + raw, self.name, "A", {"bid": 0.40 + raw / 100, "ask": 0.45} | mood)


class Feeling(Strategy):
    """Writes down the field."""

    def analyze(self, data):
        self.record(mood=data.custom_fields["mood"])


def test_custom_fields_are_seen_with_their_quote_and_absent_before():
    run = Backtest(Feeling, Moody()).run()
    assert run.records["value"].to_list() == [10, 20]
    assert run.shown.output.counters["absent"] == {"custom_fields['mood']": 1}
