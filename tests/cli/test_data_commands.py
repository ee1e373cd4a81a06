import polars as pl
import pytest

from ntp.data import SCHEMAS, Catalog, Kind
from ntp.markets.instrument import Instrument

START = 1_767_225_600_000_000_000  # 2026-01-01


@pytest.fixture
def stored(workspace):
    """A small data set of quotes in the catalog of the workspace."""
    values = {
        "ts_event": [START, START + 10**9], "ts_recv": [None, None], "symbol": ["A", "A"], "sequence": [1, 2],
        "flags": [1, 1], "bid": [4000, 4100], "ask": [4200, 4300], "bid_size": [10**7] * 2,
        "ask_size": [10**7] * 2, "volume": [None, None],
    }  # fmt: skip
    catalog = Catalog(workspace.catalog)
    with catalog.writer("mine", source="kalshi") as writer:
        writer.add(Kind.QUOTE, pl.DataFrame(values, schema=SCHEMAS[Kind.QUOTE]))
        writer.add_instruments([Instrument(symbol="A", venue="kalshi")])
    return catalog


def test_a_stored_set_is_listed_and_described(ntp, stored):
    row = next(row for row in ntp("data", "list", "--json").document["data"] if row["name"] == "mine")
    assert row == ntp("data", "info", "mine", "--json").document
    assert row["rows"] == {"quote": 2}
    assert (row["events"], row["contracts"], row["sources"]) == (2, 1, ["kalshi"])
    assert (row["from"], row["to"]) == ("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z")
    assert "mine: 1 contract, 2 events" in ntp("data", "info", "mine").out


def test_the_sample_always_exists(ntp):
    assert "sample" in [row["name"] for row in ntp("data", "list", "--json").document["data"]]
    row = ntp("data", "sample", "--json").document
    assert row["events"] > 0
    assert row["contracts"] > 0


def test_a_misspelt_set_gets_a_suggestion(ntp, stored):
    found = ntp("data", "info", "mien", "--json")
    assert found.code == 3
    assert found.error["code"] == "unknown_dataset"
    assert found.error["hint"] == "did you mean 'mine'?"
    assert ntp("data", "remove", "mien").code == 3


def test_a_set_is_exported_as_parquet(ntp, stored, tmp_path):
    found = ntp("data", "export", "mine", "--to", str(tmp_path / "out"), "--json")
    assert found.code == 0
    assert pl.read_parquet(tmp_path / "out" / "quote.parquet")["bid"].to_list() == [4000, 4100]


def test_a_set_is_removed(ntp, stored):
    assert ntp("data", "remove", "mine", "--json").document == {"removed": "mine", "events": 2}
    assert stored.names() == []


def test_a_person_who_says_no_keeps_the_set(ntp, stored, monkeypatch):
    monkeypatch.setattr("ntp.cli.commands.data_remove.ask", lambda question: False)
    found = ntp("data", "remove", "mine")
    assert found.code == 130
    assert stored.names() == ["mine"]
    assert ntp("data", "remove", "mine", "--yes").code == 0


def test_a_sound_set_passes_its_check(ntp):
    found = ntp("data", "check", "sample", "--strict", "--json")
    assert found.code == 0
    assert found.document["defective"] is False
    told = " ".join(ntp("data", "check", "sample").out.split())
    assert "sample is usable: 0 findings, 0 of 64 contracts and 0 of 1 feed not to be trusted" in told


def test_a_defective_set_fails_only_if_strict(ntp, workspace):
    values = {
        "ts_event": [START + number for number in range(40)], "ts_recv": [None] * 40, "symbol": ["A"] * 40,
        "sequence": list(range(40)), "flags": [1] * 40, "bid": [6000] * 40, "ask": [4000] * 40,
        "bid_size": [10**7] * 40, "ask_size": [10**7] * 40, "volume": [None] * 40,
    }  # fmt: skip
    with Catalog(workspace.catalog).writer("crossed", source="kalshi") as writer:
        writer.add(Kind.QUOTE, pl.DataFrame(values, schema=SCHEMAS[Kind.QUOTE]))
    assert ntp("data", "check", "crossed").code == 0
    found = ntp("data", "check", "crossed", "--strict", "--json")
    assert found.code == 7
    assert found.document["defective"] is True
    assert found.document["findings"]


def test_of_many_findings_people_see_the_worst_with_their_trust(ntp, workspace):
    values = {
        "ts_event": [START + number for number in range(1000)], "ts_recv": [None] * 1000,
        "symbol": [f"A{number // 40:02}" for number in range(1000)], "sequence": list(range(1000)), "flags": [1] * 1000,
        "bid": [6000] * 1000, "ask": [4000] * 1000, "bid_size": [10**7] * 1000, "ask_size": [10**7] * 1000,
        "volume": [None] * 1000,
    }  # fmt: skip
    with Catalog(workspace.catalog).writer("crossed", source="kalshi") as writer:
        writer.add(Kind.QUOTE, pl.DataFrame(values, schema=SCHEMAS[Kind.QUOTE]))
    shown = ntp("data", "check", "crossed").out
    assert shown.count("crossed   A") == 10
    assert "15 more findings, all with --json" in shown
    assert "0.00" in shown
    assert len(ntp("data", "check", "crossed", "--json").document["findings"]) >= 25


def test_an_unfinished_sample_is_made_again(ntp, workspace):
    whole = ntp("data", "sample", "--json").document
    catalog = Catalog(workspace.catalog)
    catalog.remove("sample")
    with catalog.writer("sample", source="sim_a") as writer:
        writer.add_meta({"generator": "of an earlier version", "sources": ["sim_a"]})
    assert ntp("data", "sample", "--json").document == whole


def test_the_name_of_the_sample_is_reserved(ntp, tmp_path):
    assert ntp("data", "import", str(tmp_path), "--as", "sample").code == 4
