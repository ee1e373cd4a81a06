from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ntp.core import Absent, ConfigError, DataError
from ntp.data import EventData, UnifiedEvent, UnifiedMarketEvent, events_to_frames, frame_to_events
from ntp.data.schema import SCHEMAS, Kind

from .builders import T0, quotes


def event(data, **options) -> UnifiedMarketEvent:
    return UnifiedMarketEvent(T0, "mine", "A", data, **options)


@pytest.mark.parametrize(
    ("data", "kinds"),
    [
        ({"bid": 0.4}, (Kind.QUOTE,)),
        ({"ask": 0.4, "volume": 3}, (Kind.QUOTE,)),
        ({"price": 0.4}, (Kind.TRADE,)),
        ({"price": 0.4, "bid": 0.3}, (Kind.QUOTE, Kind.TRADE)),
        ({"mood": 3}, (Kind.CUSTOM,)),
        ({"price": None, "mood": 3}, (Kind.CUSTOM,)),
        ({}, (Kind.CUSTOM,)),
    ],
)
def test_the_kind_follows_from_the_data(data, kinds):
    assert event(data).kinds == kinds
    assert event(data).kind == kinds[0]


def test_an_explicit_kind_holds():
    assert event({"value": 3.5}, kind="index").kinds == (Kind.INDEX,)
    with pytest.raises(ConfigError):
        event({}, kind="quotes")


def test_what_is_absent_raises():
    data = event({"bid": 0.4, "ask": None, "mood": "up"}).data
    assert data.bid == 0.4
    assert data.mood == "up"
    assert data.custom_fields == {"mood": "up"}
    assert data.get("ask") is None
    with pytest.raises(Absent):
        _ = data.ask
    with pytest.raises(AttributeError):
        _ = data.nonsense


def test_custom_fields_may_be_given_as_a_table():
    assert EventData({"custom_fields": {"x": 1}, "y": 2}).custom_fields == {"x": 1, "y": 2}


def test_times_may_be_anything_that_is_a_time():
    moment = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    for stamp in (T0, T0 // 10**9, moment, "2023-11-14T22:13:20Z"):
        made = UnifiedEvent(stamp, "mine", "A", {}, received=moment)
        assert (made.ts, made.timestamp, made.received) == (T0, moment, T0)


def test_rows_of_events():
    frames = events_to_frames(
        [
            event({"bid": 0.29, "price": 0.57, "volume": 2.5, "mood": "up"}, received=T0 + 5),
            event({"price": 0.3}),
            event({"value": 67_000.5}, kind="index"),
        ]
    )
    assert {kind: frame.schema == SCHEMAS[kind] for kind, frame in frames.items()} == dict.fromkeys(
        frames, True
    )
    assert frames[Kind.QUOTE].select("bid", "ask", "ts_recv").rows() == [(2_900, None, T0 + 5)]
    assert frames[Kind.TRADE].select("price", "size").rows() == [(5_700, 2_500_000)]
    assert sorted(frames[Kind.INDEX]["value"].to_list()) == [0.3, 67_000.5]
    assert frames[Kind.CUSTOM]["payload"].to_list() == ['{"mood":"up"}']


def test_an_event_out_of_range_is_named_by_its_number():
    with pytest.raises(DataError) as caught:
        events_to_frames([event({"bid": 0.3}), event({"bid": 3})])
    assert caught.value.details["row"] == 2


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 10**9)), min_size=1, max_size=10))
def test_rows_and_objects_are_the_same(ticks):
    events = [event({"price": price / 10_000, "volume": size / 10**6}) for price, size in ticks]
    frame = events_to_frames(events)[Kind.TRADE]
    assert frame.select("price", "size").rows() == ticks
    back = list(frame_to_events(Kind.TRADE, frame, source="mine"))
    assert events_to_frames(back)[Kind.TRADE].drop("taker").equals(frame.drop("taker"))


def test_objects_of_rows():
    (first, *_) = frame_to_events(Kind.QUOTE, quotes(2), source="mine")
    assert (first.kind, first.symbol, first.data.bid, first.data.get("volume")) == (
        Kind.QUOTE,
        "A",
        0.4,
        None,
    )
