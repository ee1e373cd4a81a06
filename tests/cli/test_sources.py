"""Sources of a workspace on the command line."""

from ntp.data import Catalog
from ntp.strategy.registry import SHIPPED

TOLD = "market,when,best_bid,best_ask\nA,2026-01-01T00:00:00Z,0.4,0.42\n"
DECLARED = """
data_sources:
  - name: table
    type: csv
    path: data/table.csv
    venue: kalshi
    mappings: {symbol: market, timestamp: when, bid: best_bid, ask: best_ask}
"""


def test_a_created_source_is_imported_and_replayed(ntp, workspace):
    assert ntp("create", "source", "feed").code == 0
    found = ntp("data", "import", "--source", "feed", "--as", "mine", "--json")
    assert (found.code, found.document["rows"]) == (0, 60)
    part = ntp("data", "import", "--source", "feed", "--as", "part", "--from", "2026-01-01T00:00:30Z", "--json")
    assert part.document["rows"] == 30
    run = ntp("backtest", "maker", "--data", "feed", "--json")
    assert (run.code, run.document["data"]["sources"]) == (0, ["feed"])
    assert Catalog(workspace.catalog).names() == ["mine", "part"]


def test_a_declared_source_knows_its_file(ntp, workspace):
    (workspace.sources / "all.yaml").write_text(DECLARED)
    (workspace.root / "data").mkdir()
    (workspace.root / "data" / "table.csv").write_text(TOLD)
    assert ntp("data", "import", "--source", "table", "--as", "mine", "--json").document["rows"] == 1
    assert ntp("backtest", "maker", "--data", "table", "--json").code == 0


def test_all_that_is_stored_of_a_venue_is_data(ntp, workspace):
    ntp("create", "source", "feed")
    ntp("data", "import", "--source", "feed", "--as", "mine")
    run = ntp("backtest", "maker", "--data", "kalshi", "--json")
    assert (run.code, run.document["data"]["sources"]) == (0, ["mine"])


def test_words_that_do_not_go_together_are_refused(ntp, workspace, tmp_path):
    ntp("create", "source", "feed")
    file = tmp_path / "a.csv"
    file.write_text("timestamp,bid\n2026-01-01,0.4\n")
    for words, code in (
        (("--as", "x"), 2),
        (("--as", "x", "--source", "feed", "--venue", "kalshi"), 2),
        ((str(file), "--as", "x", "--from", "2026-01-01"), 2),
        ((str(file), "--as", "x", "--source", "feed"), 4),
        (("--as", "x", "--source", "fed"), 3),
    ):
        assert ntp("data", "import", *words).code == code, words
    assert Catalog(workspace.catalog).names() == []


def test_sources_are_plugins_too(ntp, workspace):
    ntp("create", "source", "feed")
    rows = ntp("plugins", "list", "--kind", "source", "--json").document["plugins"]
    assert [(row["name"], row["kind"]) for row in rows] == [("feed", "source")]
    names = [row["name"] for row in ntp("plugins", "list", "--json").document["plugins"]]
    assert names == [*sorted(SHIPPED), "feed"]


def test_a_new_indicator_is_live_at_once(ntp, workspace):
    made = ntp("create", "indicator", "my_trend", "--json")
    assert (made.code, made.document["path"]) == (0, str(workspace.indicators / "my_trend.py"))
    rows = {row["name"]: row for row in ntp("plugins", "list", "--kind", "indicator", "--json").document["plugins"]}
    assert rows["my_trend"]["origin"] == "workspace"
    assert rows["MACD"]["origin"] == "shipped"
    names = [row["name"] for row in ntp("plugins", "list", "--json").document["plugins"]]
    assert names == [*sorted(SHIPPED), "my_trend"]
    told = ntp("plugins", "info", "my_trend", "--json").document
    assert [(each["name"], each["default"]) for each in told["parameters"]] == [("n", 10)]
    told = ntp("plugins", "info", "macd", "--kind", "indicator", "--json").document
    assert told["outputs"] == ["line", "signal", "histogram"]
    assert "a whole number from 1" in ntp("plugins", "info", "RSI").out
    assert ntp("plugins", "info", "RSJ", "--kind", "indicator", "--json").error["hint"] == "did you mean 'RSI'?"
    assert ntp("create", "indicator", "rsi", "--json").error["code"] == "name_taken"
    (workspace.indicators / "bad.py").write_text("1 / 0")
    assert ntp("plugins", "doctor", "--kind", "indicator").code == 4


def test_a_strategy_with_a_new_indicator_runs(ntp, workspace):
    assert ntp("create", "indicator", "my_trend").code == 0
    (workspace.strategies / "trends.py").write_text(
        "from ntp import Indicator, Strategy\n"
        "class Trends(Strategy):\n"
        "    trend = Indicator('my_trend', 5, bar='1m')\n"
        "    def analyze(self, data):\n"
        "        return data.indicators.trend.get_signal()\n"
    )
    found = ntp("backtest", "trends", "--data", "sample", "--json")
    assert found.code == 0, found.err
    assert found.document["metrics"]["fills"] > 0


TICKS = """
data_sources:
  - name: ticks
    type: csv
    path: ticks.csv
    emits: quote
    venue: kalshi
    mappings: {timestamp: when, bid: b, ask: a}
"""
DIARY = '''
"""Reads a diary."""
from ntp import DataSource


class Diary(DataSource):
    """Reads a diary."""

    def read(self, start, end):
        yield from ()
'''


def test_info_of_a_declared_and_of_a_written_source(ntp, workspace):
    (workspace.root / "sources").mkdir(exist_ok=True)
    (workspace.root / "sources" / "mine.yaml").write_text(TICKS)
    (workspace.root / "sources" / "diary.py").write_text(DIARY)
    row = ntp("plugins", "info", "ticks", "--json").document
    assert (row["kind"], row["origin"]) == ("source", "declared")
    assert row["file"].endswith("mine.yaml")
    assert row["settings"]["emits"] == "quote"
    assert row["settings"]["columns"] == ["a", "b", "when"]
    shown = ntp("plugins", "info", "ticks").out
    assert "ticks.csv" in shown
    assert "poll_interval_s" not in shown, "what is not set is not shown"
    assert "Reads a diary" in ntp("plugins", "info", "diary").out
    missing = ntp("plugins", "info", "tick", "--json")
    assert (missing.code, missing.error["hint"]) == (3, "did you mean 'ticks'?")
    assert ntp("plugins", "info", "makr", "--json").error["hint"] == "did you mean 'maker'?"
