"""Settings of a run: the engine's, the account's and a queue model of one's own."""

from types import SimpleNamespace

import pytest
from queue_models import Nameless, PowerTwo, Reader, Steeper

from ntp.backtest.settings import check_sources, read_engine, read_precision, spots_of
from ntp.core import ConfigError
from ntp.engine import records as r
from ntp.markets import Instrument, InstrumentKind


def test_the_defaults_are_told_in_words():
    engine = read_engine({})
    assert (engine.feed_text, engine.order_text, engine.queue, engine.seed) == ("20ms", "50ms", "power:2", 0)
    assert engine.extra == {}


def test_latencies_are_by_source_or_drawn():
    feed = {"default": "1ms", "kalshi": "2ms"}
    engine = read_engine({"feed_latency": feed, "order_latency": ["3ms", "1ms", "2ms"]})
    assert engine.feed_text == "default 1ms, kalshi 2ms"
    assert engine.order_text == "drawn from 3, median 2ms"
    assert engine.of_mode("base", 1).order_latencies == [3_000_000, 1_000_000, 2_000_000]


def test_the_workspace_gives_latencies_that_the_run_overrides():
    usual = {"feed_latency": {"default": "9ms", "coinbase": "1ms"}, "queue": "power:3"}
    engine = read_engine({"feed_latency": {"kalshi": "2ms"}}, usual)
    assert engine.feed_text == "coinbase 1ms, default 9ms, kalshi 2ms"
    assert (engine.queue, engine.named) == ("power:3", {"kalshi"})
    assert read_engine({"feed_latency": "3ms"}, usual).feed_text == "3ms"
    assert read_engine({"feed_latency": {"kalshi": "2ms"}}).feed_text == "default 20ms, kalshi 2ms"


def test_a_venue_has_an_order_latency_of_its_own():
    engine = read_engine({"order_latency": {"kalshi": "2ms", "default": "9ms"}}, {"order_latency": {"manifold": "1s"}})
    assert engine.order_text == "default 9ms, kalshi 2ms, manifold 1s"
    made = engine.of_mode("base", 1)
    assert (made.order_latency, made.venue_latencies) == (9_000_000, {"kalshi": 2_000_000, "manifold": 1_000_000_000})
    assert (engine.named_venues, engine.named) == ({"kalshi"}, set()), "only what the run names must be in its data"
    drawn = read_engine({"order_latency": {"kalshi": "2ms", "default": ["1ms", "3ms", "4ms"]}})
    assert drawn.order_text == "default drawn from 3, median 3ms, kalshi 2ms"
    with pytest.raises(ConfigError, match="expected a venue of this data for order_latency, was 'kalhsi'"):
        check_sources({"kalhsi"}, {"kalshi"}, "order_latency")


def test_a_misspelt_source_gets_a_suggestion():
    check_sources({"kalshi"}, {"kalshi", "sample"})
    with pytest.raises(ConfigError) as caught:
        check_sources({"kalhsi"}, {"kalshi", "sample"})
    assert (caught.value.code, caught.value.hint) == ("unknown_source", "did you mean 'kalshi'?")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"order_latency": {"kalshi": ["1ms"]}}, "bad_latency"),
        ({"queu": "power:2"}, "unknown_key"),
        ({"queue": "lifo"}, "unknown_queue_model"),
        ({"queue": "power:0"}, "bad_queue_model"),
        ({"queue": 3}, "bad_queue_model"),
        ({"queue": Nameless()}, "bad_queue_model"),
        ({"queue": Reader()}, "bad_queue_model"),
        ({"seed": True}, "bad_seed"),
    ],
)
def test_wrong_settings_are_refused(given, code):
    with pytest.raises(ConfigError) as caught:
        read_engine(given)
    assert caught.value.code == code


def test_a_queue_model_of_ones_own_serves_the_base_mode_only():
    engine = read_engine({"queue": PowerTwo()})
    assert engine.queue == "my_power"
    base = engine.of_mode("base", 1)
    assert base.queue_model == r.Q_USER
    assert base.queue_function != 0
    assert engine.of_mode("pessimistic", 1).queue_model == r.Q_RISK_AVERSE
    assert engine.of_mode("optimistic", 1).queue_model == r.Q_POWER


def test_the_hash_of_a_queue_model_covers_its_source_and_its_numbers():
    def digest(model):
        return read_engine({"queue": model}).extra["queue_hash"]

    assert digest(PowerTwo()) == digest(PowerTwo())
    assert digest(PowerTwo()) != digest(Steeper())


def test_the_precision_class_is_translated_for_the_fee_schedules():
    found = read_precision({"kalshi": "member", "other": "direct"})
    assert found == {"kalshi": "non_direct", "other": "direct"}
    with pytest.raises(ConfigError, match="expected direct or member"):
        read_precision({"kalshi": "broker"})


@pytest.mark.parametrize(
    ("feed", "underlying", "mapped", "expected"),
    [
        ("BRTI", "BRTI", {}, {0: 1}),
        ("BTC-USD", "BRTI", {}, {0: 1}),
        ("AAPL", "BRTI", {}, {}),
        ("AAPL", "BRTI", {"BRTI": "feed:AAPL"}, {0: 1}),
        ("AAPL", "OTHER", {}, {}),
        ("AAPL", "", {}, {0: 1}),
    ],
)
def test_the_only_index_there_is_stands_for_none_that_is_known(feed, underlying, mapped, expected):
    instruments = (
        Instrument(symbol="C", venue="plain", attributes={"underlying": underlying} if underlying else {}),
        Instrument(symbol=feed, venue="feed", kind=InstrumentKind.REFERENCE),
    )
    assert spots_of([0], SimpleNamespace(instruments=instruments), mapped) == expected
