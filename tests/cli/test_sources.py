"""Sources of a workspace on the command line."""

from ntp.data import Catalog

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
    assert names == ["maker", "v10", "feed"]


def test_indicators_come_later(ntp):
    found = ntp("create", "indicator", "x", "--json")
    assert (found.code, found.error["code"]) == (4, "not_available_yet")
