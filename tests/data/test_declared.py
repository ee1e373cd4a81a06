from pathlib import Path

import pytest
import yaml

from ntp.core import ConfigError
from ntp.data import load_mapping, load_sources, parse_sources
from ntp.data.schema import Kind

from .test_importer import load

EXAMPLE = """
data_sources:
  - name: "crypto_exchange"
    type: "websocket"
    url: "wss://stream.example.com"
    auth_type: "api_key"
    message_format: "json"
    subscribe: {op: "subscribe", channels: ["ticker"], symbols: "{symbols}"}
    emits: "quote"
    mappings: {symbol: "$.s", timestamp: "$.ts", price: "$.last_price", volume: "$.24h_volume"}
  - name: "news_sentiment"
    type: "rest_api"
    url: "https://api.example.com/sentiment"
    poll_interval: 60
    auth_type: "bearer_token"
"""


def test_the_documented_example(tmp_path):
    file = tmp_path / "sources.yaml"
    file.write_text(EXAMPLE)
    exchange, news = load_sources(file)
    assert exchange.mapping.mappings["volume"].column == "24h_volume"
    assert exchange.subscribe["channels"] == ["ticker"]
    assert news.poll_interval == 60 * 10**9
    with pytest.raises(ConfigError, match="not available yet"):
        exchange.require_file(tmp_path)


def test_a_path_whose_name_begins_with_a_digit_is_read(tmp_path):
    mapping = parse_sources(yaml.safe_load(EXAMPLE))[0].mapping
    text = '{"s": "A", "ts": 1700000000, "last_price": 0.29, "24h_volume": 12.5}\n'
    _, dataset = load(tmp_path, text, file="a.jsonl", mapping=mapping)
    assert dataset.frame(Kind.INDEX)["value"].to_list() == [0.29]
    assert dataset.frame(Kind.CUSTOM)["payload"].to_list() == ['{"volume":12.5}']
    assert dataset.sources() == ["crypto_exchange"]


def test_files_are_sources():
    (source,) = parse_sources(
        [{"name": "x", "type": "csv", "path": "data/x.csv", "mappings": {"timestamp": "t"}}]
    )
    assert source.require_file(Path("/base")) == Path("/base/data/x.csv")


@pytest.mark.parametrize(
    ("raw", "hint"),
    [
        ([{"name": "x", "type": "web_socket"}], "websocket"),
        ([{"name": "x", "type": "csv", "mapings": {}}], "mappings"),
        ([{"name": "x", "type": "csv", "message_format": "jsn"}], "json"),
        ([{"name": "x", "type": "csv", "emits": "quotes"}], "quote"),
        ([{"type": "csv"}], ""),
        ([{"name": "x", "type": "csv"}, {"name": "x", "type": "csv"}], ""),
        ([{"name": "x", "type": "csv", "subscribe": []}], ""),
        ({"data_sources": 3}, ""),
        (["x"], ""),
    ],
)
def test_declarations_that_cannot_be(raw, hint):
    with pytest.raises(ConfigError) as caught:
        parse_sources(raw)
    assert hint in caught.value.hint


def test_a_mapping_file_may_declare_one_source():
    one = {"data_sources": [{"name": "x", "type": "csv", "mappings": {"timestamp": "t"}}]}
    assert load_mapping(one).name == "x"
    with pytest.raises(ConfigError, match="one data source"):
        load_mapping(yaml.safe_load(EXAMPLE))
