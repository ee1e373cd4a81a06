import pytest

from ntp.data import Catalog

QUOTES = """timestamp,symbol,bid,ask,bid_size,ask_size
2026-01-01T00:00:00Z,A,0.40,0.42,10,20
2026-01-01T00:00:01Z,A,0.41,0.43,10,20
"""
DECLARED = """
data_sources:
  - name: mine
    type: csv
    venue: kalshi
    emits: quote
    mappings: {symbol: market, timestamp: when, bid: best_bid, ask: best_ask}
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "quotes.csv"
    path.write_text(QUOTES)
    return path


def test_a_file_becomes_a_data_set(ntp, workspace, file):
    found = ntp("data", "import", str(file), "--as", "mine", "--venue", "kalshi", "--json")
    assert found.code == 0, found.out
    row = found.document
    assert (row["name"], row["rows"], row["events"], row["contracts"], row["quarantined"]) == (
        "mine",
        2,
        2,
        1,
        0,
    )
    assert (row["from"], row["to"]) == ("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z")
    assert Catalog(workspace.catalog).dataset("mine").rows() == 2


def test_a_declared_source_says_what_columns_mean(ntp, workspace, file):
    (workspace.sources / "mine.yaml").write_text(DECLARED)
    file.write_text("market,when,best_bid,best_ask\nA,2026-01-01T00:00:00Z,0.4,0.42\n")
    found = ntp("data", "import", str(file), "--as", "own", "--source", "mine", "--json")
    assert found.code == 0, found.out
    assert found.document["events"] == 1
    missing = ntp("data", "import", str(file), "--as", "own", "--source", "mien", "--json")
    assert (missing.code, missing.error["hint"]) == (3, "did you mean 'mine'?")
    both = ntp(
        "data", "import", str(file), "--as", "own", "--source", "mine", "--mapping", "m.yaml", "--json"
    )
    assert both.code == 2


def test_a_refused_file_leaves_nothing(ntp, workspace, file):
    file.write_text(QUOTES.replace("0.42", "42").replace("0.43", "43"))
    found = ntp("data", "import", str(file), "--as", "mine", "--json")
    assert found.code == 4
    assert Catalog(workspace.catalog).names() == []
    assert ntp("data", "import", str(file.parent / "none.csv"), "--as", "mine").code == 3


def test_doctor_reads_the_declared_sources(ntp, workspace):
    (workspace.sources / "mine.yaml").write_text(DECLARED.replace("venue", "vemue"))
    found = ntp("doctor", "--json")
    assert found.code == 4
    row = next(row for row in found.document["checks"] if row["check"] == "data sources")
    assert row["hint"] == "did you mean 'venue'?"


def test_a_misspelt_venue_is_refused(ntp, workspace, file):
    found = ntp("data", "import", str(file), "--as", "mine", "--venue", "kalhsi", "--json")
    assert (found.code, found.error["code"], found.error["hint"]) == (4, "unknown_venue", "did you mean 'kalshi'?")
    assert Catalog(workspace.catalog).names() == []


def test_a_second_import_of_a_file_says_that_nothing_is_new(ntp, workspace, file):
    ntp("data", "import", str(file), "--as", "mine")
    found = ntp("data", "import", str(file), "--as", "mine")
    assert "mine: nothing new" in found.out
    assert "None" not in found.out


def test_a_tape_read_as_observations_is_told_of(ntp, workspace, file):
    file.write_text("timestamp,price,volume\n2026-01-01T00:00:00Z,0.4,3\n")
    found = ntp("data", "import", str(file), "--as", "mine")
    assert "1 row became 2 events (1 custom, 1 index) of 1 contract" in found.out
    assert "--emits trade" in found.out
    file.write_text("timestamp,price\n2026-01-01T00:00:00Z,0.4\n")
    assert "--emits" not in ntp("data", "import", str(file), "--as", "other").out


def test_the_mapping_names_a_venue_that_nobody_knows(ntp, workspace, file, tmp_path):
    rules = tmp_path / "m.yaml"
    rules.write_text("venue: kalhsi\nmappings: {symbol: symbol, timestamp: timestamp, bid: bid, ask: ask}\n")
    found = ntp("data", "import", str(file), "--as", "mine", "--mapping", str(rules), "--json")
    assert found.document["warnings"] == ["the fees of venue 'kalhsi' are unknown; did you mean 'kalshi'?"]
