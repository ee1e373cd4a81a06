import asyncio

import pytest

from ntp.core import ConfigError
from ntp.data import CSVDataSource, DataSource, UnifiedEvent
from ntp.data.schema import Kind

from .builders import T0, write


class Generator(DataSource):
    async def subscribe(self, symbols):
        for symbol in symbols:
            yield symbol

    def transform(self, raw):
        return UnifiedEvent(T0, self.name, raw, {"price": 0.4})


class Emitter(DataSource):
    async def subscribe(self, symbols):
        for symbol in symbols:
            self.emit(symbol)

    def transform(self, raw):
        return [UnifiedEvent(T0, self.name, raw, {}), UnifiedEvent(T0, self.name, raw, {})]


async def first(source: DataSource, count: int) -> list[str]:
    found = []
    async for event in source.stream(["A", "B"]):
        found.append(event.symbol)
        if len(found) == count:
            break
    return found


def test_live_messages_arrive_either_way():
    assert asyncio.run(first(Generator(), 2)) == ["A", "B"]
    assert asyncio.run(first(Emitter(), 4)) == ["A", "A", "B", "B"]


def test_what_a_source_does_not_define_is_named():
    source = DataSource()
    for call in (source.read, lambda: source.subscribe([]), lambda: source.transform(1)):
        with pytest.raises(ConfigError, match="DataSource"):
            call()


def test_a_transform_must_return_events():
    class Wrong(DataSource):
        def read(self, start=None, end=None):
            yield 1

        def transform(self, raw):
            return raw

    with pytest.raises(ConfigError, match="UnifiedEvent"):
        list(Wrong().events())


def test_rows_of_a_csv_source_are_dictionaries_of_strings(tmp_path):
    file = write(tmp_path, "goog.csv", "timestamp;bid;ask;mood\n2024-01-01;0,41;0,43;7\n2024-01-02;0,4;;\n")
    source = CSVDataSource(file, delimiter=";", decimal=",")
    row, _ = source.read()
    assert row == {"timestamp": "2024-01-01", "bid": "0,41", "ask": "0,43", "mood": "7"}
    quote, custom = source.transform(row)
    assert (quote.kind, quote.symbol, quote.data.bid, custom.data.mood) == (Kind.QUOTE, "goog", 0.41, 7)
    assert [event.kind for event in source.events(start=1_704_153_600 * 10**9)] == [Kind.QUOTE]


def test_a_csv_source_takes_a_mapping(tmp_path):
    file = write(tmp_path, "a.csv", "t,p\n1700000000,29\n")
    mapping = {"mappings": {"timestamp": "t", "price": {"path": "p", "unit": "cents"}}}
    (event,) = CSVDataSource(file, name="x", symbol="A", mapping=mapping).events()
    assert (event.source, event.symbol, event.data.get("value")) == ("x", "A", 0.29)
