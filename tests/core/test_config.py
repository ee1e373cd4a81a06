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
        ("[backtest]\ncapital = nan\n", "bad_value", ""),
        ("[engine]\nseed = -1\n", "bad_value", ""),
        ("[engine]\norder_latency = '5 parsecs'\n", "bad_duration", "units: ns us ms s m h d"),
        ("[rules]\nwaive = 'maker_only'\n", "bad_value", ""),
        ("[rules]\nmax_event_loss = 0\n", "bad_value", ""),
        ("[rules]\nmax_positon = 5\n", "unknown_key", "did you mean 'max_position'?"),
        ("[edge]\nscale_sizes = 1\n", "bad_value", ""),
        ("[edge]\nthreshhold = 0.05\n", "unknown_key", "did you mean 'threshold'?"),
        ("[edge]\nthreshold = 5\n", "bad_value", ""),
        ("[edge]\nuncertainty = -1\n", "bad_value", ""),
        ("[edge]\nsmallest_fill = 0\n", "bad_value", ""),
        ("[edge]\nscale = 'variants'\n", "bad_value", "did you mean 'variance'?"),
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
    assert str(path) in caught.value.message


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


def test_declared_sources_are_kept_as_written(tmp_path):
    config = load_config(write(tmp_path, DECLARED))
    first, second = config.data_sources
    assert (first["name"], first["type"]) == ("crypto_exchange", "websocket")
    assert first["mappings"]["volume"] == "$.24h_volume"
    assert second["poll_interval"] == 60
    assert ("data_sources.news_sentiment", "rest_api", str(tmp_path / "ntp.toml")) in config.rows()


@pytest.mark.parametrize("rows", [[{"type": "csv"}], [{"name": 3}], ["csv"], {"name": "a"}])
def test_a_source_needs_a_name(rows):
    with pytest.raises(ConfigError) as caught:
        parse_config({"data_sources": rows}, origin="test")
    assert caught.value.code == "bad_value"


def test_a_source_is_declared_once():
    row = {"name": "a", "type": "csv"}
    with pytest.raises(ConfigError, match="'a' twice"):
        parse_config({"data_sources": [row, row]}, origin="test")


def test_a_limit_below_nothing_is_told_what_would_do(tmp_path):
    with pytest.raises(ConfigError, match=r"a number above 0 for rules\.max_event_loss, was -3"):
        load_config(write(tmp_path, "[rules]\nmax_event_loss = -3\n"))
