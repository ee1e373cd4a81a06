"""Sources written in Python, from the file to the stored data set."""

import pytest

from ntp.core import ConfigError, DataError, NotFound, NtpError
from ntp.core.workspace import create_workspace, open_workspace
from ntp.data import (
    Catalog,
    DataSource,
    DataSourceRegistry,
    DeclaredSource,
    UnifiedEvent,
    create_source_file,
    find_data,
    import_source,
    load_source,
    stored_scratch,
)
from ntp.data.schema import Kind

from .builders import T0, write

QUOTES = """
from ntp import DataSource, UnifiedEvent


class Feed(DataSource):
    '''Tells of quotes.

    And more.
    '''

    def read(self, start, end):
        yield from range(3)

    def transform(self, raw):
        return UnifiedEvent(1_700_000_000 + raw, "kalshi", "A", {"bid": 0.40, "ask": 0.42})
"""
PATH = """
from ntp import DataSource, UnifiedEvent


class Lines(DataSource):
    venue = "kalshi"

    def __init__(self, path):
        self.path = path

    def read(self, start, end):
        yield from self.path.read_text().splitlines()

    def transform(self, raw):
        time, bid = raw.split()
        return UnifiedEvent(int(time), self.name, "A", {"bid": float(bid)})
"""


class Spot(DataSource):
    """An observed index beside a traded contract."""

    venue = "kalshi"

    def read(self, start=None, end=None):
        yield from range(2)

    def transform(self, raw):
        return [
            UnifiedEvent(T0 + raw, "coinbase", "BTC-USD", {"value": 67_000.5}, kind="index"),
            UnifiedEvent(T0 + raw, "coinbase", "KXBTC-1", {"bid": 0.4}),
        ]


class Asset(DataSource):
    kind = "asset"
    venue = "cash"
    price_scale = 2

    def read(self, start=None, end=None):
        yield 187.25

    def transform(self, raw):
        return UnifiedEvent(T0, self.name, "GOOG", {"bid": raw, "ask": raw + 0.01})


@pytest.fixture
def workspace(tmp_path):
    return create_workspace(tmp_path / "desk")[0]


@pytest.fixture
def catalog(tmp_path):
    return Catalog(tmp_path / "catalog")


def test_a_file_is_a_source_of_its_name(workspace, catalog):
    source = load_source(write(workspace.sources, "feed.py", QUOTES))
    report = import_source(catalog, source, name="mine")
    assert (source.name, report.rows, report.events, report.contracts) == ("feed", 3, 3, 1)
    dataset = catalog.dataset("mine")
    assert dataset.sources() == ["feed"]
    assert [each.id for each in dataset.instruments()] == ["kalshi:A"]


def test_a_source_is_told_its_path(workspace, catalog, tmp_path):
    file = write(workspace.sources, "lines.py", PATH)
    told = write(tmp_path, "told.txt", "1700000000 0.4\n1700000001 0.41\n")
    assert import_source(catalog, load_source(file, argument=told), name="mine").rows == 2
    with pytest.raises(DataError, match="made of nothing but a path"):
        load_source(file)
    other = write(workspace.sources, "feed.py", QUOTES)
    with pytest.raises(DataError, match="to take a path"):
        load_source(other, argument=told)


def test_what_is_wrong_with_a_file_is_told_with_its_place(workspace):
    with pytest.raises(DataError) as caught:
        load_source(write(workspace.sources, "broken.py", "import nothing_there\n"))
    assert (caught.value.code, caught.value.details["line"]) == ("import_failed", 1)
    with pytest.raises(DataError, match="was none"):
        load_source(write(workspace.sources, "empty.py", "x = 1\n"))
    both = write(workspace.sources, "both.py", QUOTES + "\n\nclass Other(Feed):\n    pass\n")
    with pytest.raises(DataError) as several:
        load_source(both)
    assert several.value.hint == "name it: both:Feed"
    assert load_source(both, "Other").name == "both"
    with pytest.raises(NotFound) as missing:
        load_source(both, "Othre")
    assert missing.value.hint == "did you mean 'Other'?"
    with pytest.raises(NotFound):
        load_source(workspace.sources / "none.py")


@pytest.mark.parametrize(("line", "place"), [("raw['x']", "TypeError"), ("1 / 0", "ZeroDivisionError")])
def test_what_its_code_raises_is_told_with_its_line(workspace, catalog, line, place):
    text = QUOTES.replace("return UnifiedEvent(", f"{line}\n        return UnifiedEvent(")
    source = load_source(write(workspace.sources, "feed.py", text))
    with pytest.raises(DataError, match=f"raised {place}.*feed.py:15") as caught:
        import_source(catalog, source, name="mine")
    assert caught.value.code == "source_raised"
    assert line in caught.value.details["traceback"]
    assert catalog.names() == []


def test_a_bad_value_names_the_source_and_the_record(workspace, catalog):
    text = QUOTES.replace('"bid": 0.40', '"bid": 0.40 + raw')
    with pytest.raises(DataError) as caught:
        import_source(catalog, load_source(write(workspace.sources, "feed.py", text)), name="mine")
    assert "source 'feed'" in caught.value.message
    assert caught.value.details["row"] == 2
    assert catalog.names() == []


def test_a_repeated_import_goes_on_after_what_is_stored(workspace, catalog):
    file = write(workspace.sources, "feed.py", QUOTES)
    import_source(catalog, load_source(file), name="mine")
    again = import_source(catalog, load_source(file), name="mine")
    assert (again.rows, catalog.dataset("mine").rows()) == (0, 3)
    assert "imported before" in again.warnings[0]
    file.write_text(QUOTES.replace("range(3)", "range(5)"))
    assert import_source(catalog, load_source(file), name="mine").rows == 2
    assert import_source(catalog, load_source(file), name="mine", start=1_700_000_004 * 10**9).rows == 1
    assert catalog.dataset("mine").warnings == []


def test_what_is_only_observed_is_no_contract(catalog):
    report = import_source(catalog, Spot(), name="mine")
    kinds = {each.id: each.kind.value for each in catalog.dataset("mine").instruments()}
    assert kinds == {"coinbase:BTC-USD": "reference", "kalshi:KXBTC-1": "contract"}
    assert report.contracts == 1


def test_assets_have_a_price_scale_of_their_own(catalog):
    import_source(catalog, Asset(), name="mine")
    (asset,) = catalog.dataset("mine").instruments()
    assert (asset.id, asset.kind, asset.price_scale) == ("cash:GOOG", "asset", 2)
    assert catalog.dataset("mine").frame(Kind.QUOTE)["bid"].to_list() == [18_725]
    Asset.kind, before = "aset", Asset.kind
    try:
        with pytest.raises(ConfigError) as caught:
            import_source(catalog, Asset(), name="mine")
    finally:
        Asset.kind = before
    assert caught.value.hint == "did you mean 'asset'?"


DECLARED = "data_sources:\n  - {name: table, type: csv, path: t.csv, mappings: {timestamp: t, bid: b}}\n"


def test_the_registry_knows_declared_and_written_sources(workspace):
    write(workspace.sources, "feed.py", QUOTES)
    write(workspace.sources, "bad.py", "1 / 0\n")
    write(workspace.sources, "all.yaml", DECLARED)
    registry = DataSourceRegistry(workspace)
    assert list(registry) == ["bad", "feed", "table"]
    assert "feed" in registry
    assert len(registry) == 3
    assert isinstance(registry.find("feed:Feed"), DataSource)
    declared = registry.find("table")
    assert isinstance(declared, DeclaredSource)
    assert declared.path == str(workspace.root / "t.csv")
    rows = {row["name"]: row for row in registry.describe()}
    assert rows["feed"]["summary"] == "Tells of quotes."
    assert rows["table"]["summary"] == "csv source"
    assert "ZeroDivisionError" in rows["bad"]["error"]
    with pytest.raises(NotFound) as caught:
        registry.find("tabel")
    assert caught.value.hint == "did you mean 'table'?"


def test_one_name_means_one_source(workspace):
    write(workspace.sources, "table.py", QUOTES)
    write(workspace.sources, "all.yaml", DECLARED)
    with pytest.raises(ConfigError, match="each data source once"):
        DataSourceRegistry(workspace).names()


def test_a_declared_source_without_a_path_asks_for_one(workspace):
    write(workspace.sources, "all.yaml", DECLARED.replace("path: t.csv, ", ""))
    with pytest.raises(ConfigError, match="expected a path of data source 'table'"):
        DataSourceRegistry(workspace).find("table")


def test_data_is_stored_sets_then_sources_then_venues(workspace, tmp_path):
    write(workspace.sources, "feed.py", QUOTES)
    write(workspace.root, "t.csv", "t,b\n1700000000,0.4\n")
    write(workspace.sources, "all.yaml", DECLARED)
    catalog = Catalog(workspace.catalog)
    import_source(catalog, Spot(), name="mine")
    (stored,) = find_data(workspace, "mine")
    assert stored.name == "mine"
    (source,) = find_data(workspace, "feed")
    assert stored_scratch(source, tmp_path / "a", None, None).rows() == 3
    (declared,) = find_data(workspace, "table")
    assert stored_scratch(declared, tmp_path / "b", None, None).rows() == 1
    (of_venue,) = find_data(workspace, "kalshi")
    assert [each.id for each in of_venue.instruments()] == ["coinbase:BTC-USD", "kalshi:KXBTC-1"]
    with pytest.raises(NotFound) as caught:
        find_data(workspace, "kalhsi")
    assert caught.value.hint == "did you mean 'kalshi'?"


def test_a_created_source_can_be_imported_as_it_is(workspace, catalog):
    path = create_source_file("my_feed", folder=workspace.sources)
    source = load_source(path)
    assert type(source).__name__ == "MyFeed"
    assert import_source(catalog, source, name="mine").rows == 60
    for name in ("my_feed", "My Feed"):
        with pytest.raises(NtpError):
            create_source_file(name, folder=workspace.sources)
    assert open_workspace(workspace.root).sources == workspace.sources
