from decimal import Decimal

import pytest

from ntp.core.config import DEFAULT, Config, load_config, parse_config
from ntp.core.errors import ConfigError


def write(folder, text):
    path = folder / "ntp.toml"
    path.write_text(text)
    return path


def test_an_empty_file_is_all_defaults(tmp_path):
    config = load_config(write(tmp_path, ""))
    assert config == Config()
    assert config.engine.queue == "power:2"
    assert {origin for _, _, origin in config.rows()} == {DEFAULT}


def test_values_are_typed_and_know_their_origin(tmp_path):
    path = write(
        tmp_path,
        '[backtest]\ncapital = 2500.50\n[engine]\nfeed_latency = {default = "20ms", kalshi = "5ms"}\n'
        "seed = 7\n"
        '[rules]\nwaive = ["maker_only"]\n[underlyings]\nBRTI = "coinbase:BTC-USD"\n'
        '[accounts.kalshi]\nprecision = "member"\n',
    )
    config = load_config(path)
    assert config.backtest.capital == Decimal("2500.50")
    assert config.engine.feed_latency == {"default": "20ms", "kalshi": "5ms"}
    assert config.rules.waive == ("maker_only",)
    assert config.underlyings == {"BRTI": "coinbase:BTC-USD"}
    assert config.accounts["kalshi"].precision == "member"
    origins = {key: origin for key, _, origin in config.rows()}
    assert origins["engine.seed"] == str(path)
    assert origins["engine.queue"] == DEFAULT


@pytest.mark.parametrize(
    ("text", "code", "hint"),
    [
        ("[engin]\n", "unknown_key", "did you mean 'engine'?"),
        ("[engine]\nsed = 1\n", "unknown_key", "did you mean 'seed'?"),
        ("[accounts.kalshi]\nprecison = 'direct'\n", "unknown_key", "did you mean 'precision'?"),
        ("[backtest]\nfills = 'bse'\n", "bad_value", "did you mean 'base'?"),
        ("[backtest]\ncapital = 0\n", "bad_value", ""),
        ("[backtest]\ncapital = true\n", "bad_value", ""),
        ("[backtest]\ncapital = inf\n", "bad_value", ""),
        ("[engine]\nseed = -1\n", "bad_value", ""),
        ("[engine]\norder_latency = '5 parsecs'\n", "bad_duration", "units: ns us ms s m h d"),
        ("[rules]\nwaive = 'maker_only'\n", "bad_value", ""),
        ("engine = 3\n", "bad_value", ""),
        ("[engine\n", "bad_toml", ""),
    ],
)
def test_a_wrong_file_is_refused_with_a_hint(tmp_path, text, code, hint):
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert caught.value.code == code
    assert caught.value.hint == hint
    assert caught.value.details["file"] == str(path)


DECLARED = """
[[data_sources]]
name = "crypto_exchange"
type = "websocket"
url = "wss://stream.example.com"
auth_type = "api_key"
message_format = "json"
subscribe = {op = "subscribe", channels = ["ticker"], symbols = "{symbols}"}
emits = "quote"
mappings = {symbol = "$.s", timestamp = "$.ts", price = "$.last_price", volume = "$.24h_volume"}
[[data_sources]]
name = "news_sentiment"
type = "rest_api"
url = "https://api.example.com/sentiment"
poll_interval = 60
auth_type = "bearer_token"
"""


def test_declared_sources_keep_all_their_keys(tmp_path):
    first, second = load_config(write(tmp_path, DECLARED)).data_sources
    assert (first.name, first.type, second.name, second.type) == (
        "crypto_exchange", "websocket", "news_sentiment", "rest_api",
    )  # fmt: skip
    assert first.options["mappings"]["volume"] == "$.24h_volume"
    assert second.options["poll_interval"] == 60


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"type": "csv"}, "bad_value"),
        ({"name": "a", "type": "cvs"}, "bad_value"),
        ({"name": "a", "type": "csv", "emits": "quotes"}, "bad_value"),
        ({"name": "a", "type": "csv", "mapings": {}}, "unknown_key"),
        ("csv", "bad_value"),
    ],
)
def test_a_wrong_source_is_refused(row, code):
    with pytest.raises(ConfigError) as caught:
        parse_config({"data_sources": [row]}, origin="test")
    assert caught.value.code == code


def test_a_source_is_declared_once():
    row = {"name": "a", "type": "csv"}
    with pytest.raises(ConfigError, match="'a' twice"):
        parse_config({"data_sources": [row, row]}, origin="test")
