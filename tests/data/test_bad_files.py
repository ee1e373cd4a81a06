"""Files that must be refused, and what is said of them."""

import pytest

from ntp.data.schema import Kind
from ntp.markets.fees import fee_steps

from .builders import QUOTES, load, refused

REFERENCE = {"kind": "reference"}
CANDLES = (
    "timestamp,open,high,low,close\n2024-01-01T00:00:00Z,0.5,0.5,0.5,0.5\n"
    "2024-01-01T00:01:00Z,0.5,0.6,0.4,0.55\n"
)


@pytest.mark.parametrize(
    ("text", "options", "code", "row", "column"),
    [
        ("time,bid\n2024-01-01,0.4\n", {}, "missing_column", None, "timestamp"),
        ("timestamp,last\n2024-01-01,0.4\n", {}, "missing_column", None, "price"),
        ("timestamp,price\n2024-01-01,0.4\n", {"emits": "trade"}, "missing_column", None, "size"),
        (QUOTES + "2024-01-01T00:00:02Z,nan,0.5\n", {}, "not_a_number", 3, "bid"),
        (QUOTES + "2024-01-01T00:00:02Z,inf,0.5\n", {}, "not_a_number", 3, "bid"),
        (QUOTES + "2024-01-01T00:00:02Z,x,0.5\n", {}, "not_a_number", 3, "bid"),
        (QUOTES + "2024-01-01T00:00:02Z,1.01,0.5\n", {}, "price_range", 3, "bid"),
        (QUOTES + "2024-01-01T00:00:02Z,-0.01,0.5\n", {}, "price_range", 3, "bid"),
        (QUOTES + "2024-01-01T00:00:02Z,0.41234,0.5\n", {}, "off_scale", 3, "bid"),
        (QUOTES + "2023-12-31T00:00:02Z,0.4,0.5\n", {}, "time_backwards", 3, "timestamp"),
        (QUOTES + "yesterday,0.4,0.5\n", {}, "bad_time", 3, "timestamp"),
        (QUOTES + ",0.4,0.5\n", {}, "missing_value", 3, "timestamp"),
        ("timestamp,bid,bid_size\n2024-01-01,0.4,-1\n", {}, "negative_size", 1, "bid_size"),
        ("timestamp,price,final_score\n2024-01-01,0.4,3\n", {}, "future_field", None, "final_score"),
        ("timestamp,price,volume,taker\n2024-01-01,0.4,1,q\n", {"emits": "trade"}, "bad_side", 1, "taker"),
        ("timestamp,price\n1700000000,0.4\n1700000000000,0.4\n", {}, "wrong_unit", 2, "timestamp"),
        (
            "symbol,settlement_time,value\nA,2024-01-01,1\nA,2024-01-02,0\n",
            REFERENCE,
            "two_settlements",
            2,
            "value",
        ),
        ("symbol,settlement_time,value\nA,,1\n", REFERENCE, "missing_value", 1, "value"),
        ("symbol,settlement_time,value\nA,2024-01-01,2\n", REFERENCE, "price_range", 1, "value"),
        ("name,value\nA,1\n", REFERENCE, "missing_column", None, "symbol"),
        ("timestamp,price\n1700000000,123456789.123456\n", {"kind": "asset"}, "off_scale", None, "price"),
        (CANDLES.replace("0.6,0.4", "0.5,0.4"), {}, "candle_range", 2, "high"),
        (CANDLES.replace("0.6,0.4", "0.6,0.56"), {}, "candle_range", 2, "low"),
        ("symbol,strike_type\nA,less\nB,greaterr\n", REFERENCE, "unknown_choice", 2, "strike_type"),
        ("symbol,strike_low\nA,low\n", REFERENCE, "not_a_number", 1, "strike_low"),
        ("symbol,strike_low,strike_high\nA,4,3\n", REFERENCE, "wrong_order", 1, "strike_high"),
        ("symbol,open_time,close_time\nA,2024-01-02,2024-01-01\n", REFERENCE, "wrong_order", 1, "close_time"),
        ("symbol,venue,fee_type\nA,kalshi,quadratik\n", REFERENCE, "unknown_fee", 1, "fee_type"),
        ("symbol,venue,fee_type\nA,manifold,quadratic\n", REFERENCE, "unknown_fee", 1, "fee_type"),
        ("symbol,fee_multiplier\nA,-1\n", REFERENCE, "unknown_fee", 1, "fee_multiplier"),
    ],
)
def test_bad_files_are_refused_with_file_row_and_column(tmp_path, text, options, code, row, column):
    error = refused(tmp_path, text, **options)
    assert error.code == code
    assert error.details["file"].endswith("data.csv")
    assert error.details.get("row") == row
    assert error.details["column"] == column
    assert "data.csv" in error.message
    assert "expected" in error.message


def test_a_price_above_one_comes_with_the_hint(tmp_path):
    error = refused(tmp_path, "timestamp,bid,ask\n2024-01-01,41,43\n")
    assert "cents" in error.hint
    assert "--kind asset" in error.hint


def test_a_declared_unit_that_is_wrong_names_the_right_one(tmp_path):
    mapping = {"mappings": {"timestamp": {"path": "t", "unit": "s"}, "price": "p"}}
    error = refused(tmp_path, "t,p\n1700000000000,0.4\n", mapping=mapping)
    assert error.code == "wrong_unit"
    assert "unit: ms" in error.hint


@pytest.mark.parametrize("text", ["", "timestamp,bid\n", "\n"])
def test_empty_files_are_refused(tmp_path, text):
    assert refused(tmp_path, text).code in ("no_rows", "unreadable_file")


def test_a_ragged_file_is_refused(tmp_path):
    assert refused(tmp_path, "timestamp,bid\n2024-01-01,0.4,9\n").code == "unreadable_file"


def test_dollars_declared_as_cents_are_refused(tmp_path):
    mapping = {"mappings": {"timestamp": "t", "bid": {"path": "b", "unit": "cents"}}}
    error = refused(tmp_path, "t,b\n1700000000,0.4\n1700000001,0.99\n", mapping=mapping)
    assert (error.code, error.details["column"]) == ("wrong_unit", "b")
    _, dataset = load(tmp_path, "t,b\n1700000000,0.4\n1700000001,1\n", mapping=mapping)
    assert dataset.frame(Kind.QUOTE)["bid"].to_list() == [40, 100]


def test_the_stated_fee_type_of_a_contract_decides_its_fee(tmp_path):
    text = "symbol,venue,fee_type,fee_multiplier\nA,kalshi,quadratic_with_maker_fees,0.5\n"
    _, dataset = load(tmp_path, text, kind="reference")
    (instrument,) = dataset.instruments()
    step = fee_steps(instrument)[-1]
    assert (step.taker_rate, step.maker_rate) == (35_000, 8_750)


def test_blank_lines_are_no_rows(tmp_path):
    text = QUOTES.replace("2024-01-01T00:00:01Z", "\n2024-01-01T00:00:01Z") + "\n\n"
    report, dataset = load(tmp_path, text)
    assert report.rows == dataset.rows() == 2
