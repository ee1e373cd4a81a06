from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ntp.data.convert import Converter
from ntp.data.convert_time import times
from ntp.data.mapping_value import Value

P = Value(column="p")


def prices(values, **options) -> list[int | None]:
    convert = Converter(pl.DataFrame({"p": values}))
    return convert.prices(Value(column="p", **options), 4, contract=True).to_list()


def test_every_cent_and_every_tenth_of_a_cent_is_exact():
    for digits, step in ((2, 100), (3, 10), (4, 1)):
        texts = [f"{n / 10**digits:.{digits}f}" for n in range(10**digits + 1)]
        expected = [n * step for n in range(10**digits + 1)]
        assert prices(texts) == expected
        assert prices([float(text) for text in texts]) == expected


def test_cents_and_complements():
    assert prices(["29", "57", "58"], unit="cents") == [2_900, 5_700, 5_800]
    assert prices(["0.29"], complement=True) == [7_100]


@settings(deadline=None)
@given(st.integers(0, 10**15))
def test_sizes_are_exact(units):
    text = str(Decimal(units).scaleb(-6))
    convert = Converter(pl.DataFrame({"p": [text]}))
    assert convert.sizes(P).to_list() == [units]
    assert not convert.faults


def test_large_sizes_are_exact_and_finer_ones_are_still_refused():
    convert = Converter(pl.DataFrame({"p": ["272636775.753781", "272636775.7537815"]}))
    assert convert.sizes(P).to_list() == [272_636_775_753_781, None]
    (fault,) = convert.faults
    assert fault.code == "off_scale"


@pytest.mark.parametrize("bad", ["nan", "inf", "x", "1.1", "-0.1", "0.00001", "1e30"])
def test_bad_prices_are_faults_and_null(bad):
    convert = Converter(pl.DataFrame({"p": ["0.5", bad]}))
    assert convert.prices(P, 4, contract=True).to_list() == [5_000, None]
    assert [fault.rows.to_list() for fault in convert.faults] == [[False, True]]


@settings(deadline=None)
@given(st.integers(10**15, 4 * 10**18), st.sampled_from(["s", "ms", "us", "ns"]))
def test_epoch_texts_keep_every_digit(ns, unit):
    digits = {"s": 9, "ms": 6, "us": 3, "ns": 0}[unit]
    text = str(Decimal(ns).scaleb(-digits)) if digits else str(ns)
    if "E" in text:
        return
    stamps, bad, _, _ = times(pl.Series([text]), Value(column="t", unit=unit))
    inside = 315_532_800 * 10**9 <= ns <= 4_102_444_800 * 10**9
    assert bad.to_list() == [not inside]
    assert not inside or stamps.to_list() == [ns]


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-02T03:04:05Z",
        "2024-01-02 03:04:05",
        "2024-01-02T04:04:05+01:00",
        "1704164645",
        "1704164645000",
    ],
)
def test_times_are_detected(text):
    assert times(pl.Series([text]), Value(column="t"))[0].to_list() == [1_704_164_645_000_000_000]


def test_typed_times():
    from datetime import UTC, date, datetime

    moment = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    for column in (pl.Series([moment]), pl.Series([moment.replace(tzinfo=None)])):
        assert times(column, Value(column="t"))[0].to_list() == [1_704_164_645_000_000_000]
    assert times(pl.Series([date(1970, 1, 2)]), Value(column="t"))[0].to_list() == [86_400_000_000_000]
    berlin = times(pl.Series([moment.replace(tzinfo=None)]), Value(column="t", zone="Europe/Berlin"))
    assert berlin[0].to_list() == [1_704_161_045_000_000_000]


def test_sides_and_durations():
    convert = Converter(
        pl.DataFrame({"s": ["buy", "NO", "+1", None, "?"], "d": ["1m", "60", "1.5", None, "1h"]})
    )
    assert convert.sides(Value(column="s")).to_list() == [1, -1, 1, 0, 0]
    assert [fault.rows.to_list() for fault in convert.faults] == [[False] * 4 + [True]]
    assert convert.durations(Value(column="d")).to_list() == [60e9, 60e9, 1.5e9, None, 3600e9]
