import pytest

from ntp.core import ConfigError
from ntp.data import Mapping
from ntp.data.mapping_value import Value, split_path
from ntp.data.schema import BOOK_CLEAR, BOOK_DELTA, FLAG_GROUP_END, FLAG_SNAPSHOT, Kind

from .test_importer import load, refused

T = 1_700_000_000


def times(*targets: str) -> dict[str, str]:
    return {"timestamp": "t"} | {name: name for name in targets}


@pytest.mark.parametrize(
    ("path", "column", "within"),
    [
        ("$.s", "s", ""),
        ("$.24h_volume", "24h_volume", ""),
        ("$.a.b", "a.b", ""),
        ("$.a.1b.c", "a.1b.c", ""),
        ("$['a b'].c", "a b.c", ""),
        ("$.a[0].b", "a", "$[0].b"),
        ("plain name", "plain name", ""),
    ],
)
def test_paths(path, column, within):
    assert split_path(path, "x") == (column, within)


@pytest.mark.parametrize("path", ["$", "$.", "", "$.a..b", "$.a["])
def test_paths_that_lead_nowhere(path):
    with pytest.raises(ConfigError):
        split_path(path, "x")


@pytest.mark.parametrize(
    ("raw", "hint"),
    [
        ({"mapings": {}}, "'mappings'"),
        ({"emits": "trad"}, "'trade'"),
        ({"kind": "contrct"}, "'contract'"),
        ({"mappings": {"timestmp": "t"}}, "'timestamp'"),
        ({"mappings": {"price": {"path": "p", "unti": "cents"}}}, "'unit'"),
        ({"mappings": {"price": {"path": "p", "unit": "cent"}}}, "'cents'"),
        ({"csv": {"delimeter": ";"}}, "'delimiter'"),
        ({"unpivot": {"column": "x"}}, "'columns'"),
        ({"book": {"level": 5}}, "'levels'"),
        ({"where": {"a": {"not-in": 3}}}, "'not_in'"),
    ],
)
def test_unknown_keys_get_a_suggestion(raw, hint):
    with pytest.raises(ConfigError) as caught:
        Mapping.from_dict(raw)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    "raw",
    [
        {"mappings": {"price": 5}},
        {"mappings": {"price": {"path": "p", "const": 1}}},
        {"mappings": {"price": {}}},
        {"mappings": {"price": {"path": "p", "scale": "x"}}},
        {"mappings": {"price": {"path": "p", "scale": 0}}},
        {"mappings": {"price": {"path": "p", "complement": 1}}},
        {"mappings": {"price": {"path": "p", "values": []}}},
        {"mappings": {"price": {"path": "p", "absent": 0}}},
        {"mappings": {"timestamp": {"path": "t", "zone": "Mars/Base"}}},
        {"mappings": []},
        {"book": {"levels": 5}},
        {"csv": {"delimiter": ";;"}},
        {"unpivot": {}},
        {"sort": "yes"},
        {"drop": 3},
    ],
)
def test_mappings_that_cannot_be(raw):
    with pytest.raises(ConfigError):
        Mapping.from_dict(raw)


def test_values_are_read_as_they_are_written(tmp_path):
    text = "t;p;q;s;n\n1700000000500;29,0;1.234,5;B;7\n1700000000900;0;;S;8\n"
    mapping = {
        "emits": "trade",
        "csv": {"delimiter": ";", "decimal": ","},
        "mappings": {
            "timestamp": {"path": "t", "unit": "ms"},
            "symbol": {"const": "X"},
            "price": {"path": "p", "unit": "cents", "complement": True},
            "volume": {"path": "q", "scale": 0.01},
            "taker": {"path": "s", "values": {"B": "buy", "S": "sell"}, "complement": True},
            "sequence": "n",
        },
        "where": {"n": 7},
    }
    _, dataset = load(tmp_path, text, mapping=mapping)
    (row,) = dataset.frame(Kind.TRADE).rows(named=True)
    assert row == {
        "ts_event": 1_700_000_000_500_000_000,
        "ts_recv": None,
        "symbol": "X",
        "sequence": 7,
        "flags": 1,
        "price": 7_100,
        "size": 12_345_000,
        "taker": -1,
    }


def test_absent_values_are_null(tmp_path):
    text = "t,bid,ask\n1700000000,0,0.5\n1700000001,0.40,-\n1700000002,0.0,NaN\n"
    mapping = {
        "mappings": {
            "timestamp": "t",
            "bid": {"path": "bid", "absent": [0, None]},
            "ask": {"path": "ask", "absent": ["-", "NaN"]},
        }
    }
    _, dataset = load(tmp_path, text, mapping=mapping)
    frame = dataset.frame(Kind.QUOTE)
    assert frame["bid"].to_list() == [None, 4_000, None]
    assert frame["ask"].to_list() == [5_000, None, None]


def test_times_with_format_and_zone(tmp_path):
    text = "when,known,p\n02.01.2024 09:30,2024-01-02T15:00:00Z,0.5\n"
    mapping = {
        "mappings": {
            "timestamp": {"path": "when", "format": "%d.%m.%Y %H:%M", "zone": "America/New_York"},
            "price": "p",
        },
        "received": "known",
    }
    _, dataset = load(tmp_path, text, mapping=mapping)
    row = dataset.frame(Kind.INDEX).row(0, named=True)
    assert row["ts_event"] == 1_704_205_800 * 10**9
    assert row["ts_recv"] == 1_704_207_600 * 10**9


def test_an_hour_that_does_not_exist_is_refused(tmp_path):
    mapping = {"mappings": {"timestamp": {"path": "t", "zone": "America/New_York"}, "price": "p"}}
    assert refused(tmp_path, "t,p\n2024-03-10 02:30:00,0.5\n", mapping=mapping).code == "bad_time"


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ({"k": "a"}, [0]),
        ({"k": ["a", "b"]}, [0, 1]),
        ({"k": {"ne": "a"}}, [1, 2]),
        ({"v": {"gt": 1, "le": 3}}, [1, 2]),
        ({"v": {"not_in": [2]}}, [0, 2]),
        ({"$.v": 3, "k": "c"}, [2]),
    ],
)
def test_where_filters(tmp_path, where, kept):
    text = "".join(f"170000000{n},0.{n + 1},{'abc'[n]},{n + 1}\n" for n in range(3))
    mapping = {"mappings": times("p") | {"price": "p"}, "where": where}
    mapping["mappings"].pop("p")
    _, dataset = load(tmp_path, "t,p,k,v\n" + text, mapping=mapping)
    assert [round(value * 10) - 1 for value in dataset.frame(Kind.INDEX)["value"]] == kept


def test_wide_tables_become_long(tmp_path):
    text = "day,gfs_tmax_f,nam_tmax_f\n2024-01-01,40.5,41\n2024-01-02,,42\n"
    mapping = {
        "emits": "forecast",
        "unpivot": {"columns": "*_tmax_f", "name": "model"},
        "mappings": {
            "timestamp": "day",
            "valid_at": "day",
            "model": "$.model",
            "value": "$.value",
            "station": {"const": "KNYC"},
        },
    }
    _, dataset = load(tmp_path, text, mapping=mapping)
    frame = dataset.frame(Kind.FORECAST)
    assert frame.select("symbol", "value").rows() == [
        ("KNYC:gfs", 40.5),
        ("KNYC:nam", 41.0),
        ("KNYC:nam", 42.0),
    ]
    assert frame["issued_at"].to_list() == frame["ts_event"].to_list()


def test_levels_become_book_images(tmp_path):
    text = "t,b1,bs1,a1,as1,b2,bs2,a2,as2\n1700000000,0.4,10,0.5,5,0.3,4,,\n1700000001,0.4,12,,,,,,\n"
    book = {"levels": 2, "bid": "b{n}", "bid_size": "bs{n}", "ask": "a{n}", "ask_size": "as{n}"}
    _, dataset = load(tmp_path, text, mapping={"mappings": {"timestamp": "t"}, "book": book})
    frame = dataset.frame(Kind.BOOK)
    assert frame.select("side", "action", "price", "size").rows() == [
        (0, BOOK_CLEAR, 0, 0),
        (1, 0, 4_000, 10_000_000),
        (1, 0, 3_000, 4_000_000),
        (-1, 0, 5_000, 5_000_000),
        (0, BOOK_CLEAR, 0, 0),
        (1, 0, 4_000, 12_000_000),
    ]
    assert [flag & FLAG_GROUP_END for flag in frame["flags"]] == [0, 0, 0, 1, 0, 1]
    assert all(flag & FLAG_SNAPSHOT for flag in frame["flags"])


def test_lists_of_levels_become_book_images(tmp_path):
    text = (
        '{"t": 1700000000, "m": {"bids": [["0.29", "10"]], "asks": [[0.3, 2.5], [0.4, 1]]}}\n'
        '{"t": 1700000001, "m": {"bids": [], "asks": [{"price": "0.57", "size": 1}]}}\n'
    )
    mapping = {"mappings": {"timestamp": "$.t"}, "book": {"bids": "$.m.bids", "asks": "$.m.asks"}}
    _, dataset = load(tmp_path, text, file="a.jsonl", mapping=mapping)
    levels = dataset.frame(Kind.BOOK).filter(side=-1)
    assert levels.select("price", "size").rows() == [
        (3_000, 2_500_000),
        (4_000, 1_000_000),
        (5_700, 1_000_000),
    ]


def test_book_changes(tmp_path):
    text = (
        "t,n,side,price,size,do\n1700000000,1,bid,0.4,5,delta\n"
        "1700000000,1,ask,0.5,-2,delta\n1700000001,2,ask,0.5,0,set\n"
    )
    mapping = {
        "emits": "book",
        "mappings": {
            "timestamp": "t",
            "sequence": "n",
            "side": "side",
            "price": "price",
            "size": "size",
            "action": "do",
        },
    }
    wrong = text.replace("-2,delta", "-2,set"), text.replace("0,set", "0,put")
    codes = [refused(tmp_path / str(n), bad, mapping=mapping).code for n, bad in enumerate(wrong)]
    assert codes == ["negative_size", "bad_action"]
    _, dataset = load(tmp_path, text, mapping=mapping)
    frame = dataset.frame(Kind.BOOK)
    assert frame["size"].to_list() == [5_000_000, -2_000_000, 0]
    assert frame["action"].to_list() == [BOOK_DELTA, BOOK_DELTA, 0]
    assert frame["flags"].to_list() == [0, FLAG_GROUP_END, FLAG_GROUP_END]


def test_future_fields_are_mapped_dropped_or_dated(tmp_path):
    text = "t,p,result,settled\n1700000000,0.4,yes,1700000900\n1700000001,0.5,yes,1700000900\n"
    base = {"mappings": {"timestamp": "t", "price": "p"}}
    assert refused(tmp_path / "a", text, mapping=base).code == "future_field"
    _, dropped = load(tmp_path, text, name="dropped", mapping=base | {"drop": ["result", "settl*"]})
    assert dropped.kinds() == {Kind.INDEX}
    _, dated = load(tmp_path, text, name="dated", mapping=base | {"later": {"result": "settled"}})
    assert dated.frame(Kind.CUSTOM)["ts_event"].unique().to_list() == [1_700_000_900 * 10**9]
    assert dated.frame(Kind.CUSTOM)["payload"].unique().to_list() == ['{"result":"yes"}']
    settled = {
        "emits": "settlement",
        "mappings": {"timestamp": "settled", "result": "result"},
        "drop": ["p", "t"],
    }
    _, mapped = load(tmp_path, text, name="mapped", mapping=settled)
    assert mapped.frame(Kind.SETTLEMENT)["value"].to_list() == [1_000_000, 1_000_000]


@pytest.mark.parametrize(
    "name", ["result", "finalScore", "actual_high", "Outcome", "is_settled", "settlementValue"]
)
def test_names_of_the_future(tmp_path, name):
    assert refused(tmp_path, f"timestamp,price,{name}\n1700000000,.4,1\n").code == "future_field"


@pytest.mark.parametrize("name", ["factual", "semifinal", "unsettling", "consult"])
def test_names_that_only_contain_such_words(tmp_path, name):
    load(tmp_path, f"timestamp,price,{name}\n1700000000,.4,1\n")


def test_custom_fields_are_named(tmp_path):
    text = '{"t": 1700000000, "p": 0.4, "deep": {"x": [1, 2]}, "say": "\\"hi\\""}\n'
    mapping = {"mappings": {"timestamp": "$.t", "price": "$.p"}, "custom_fields": {"second": "$.deep.x[1]"}}
    _, dataset = load(tmp_path, text, file="a.jsonl", mapping=mapping)
    assert dataset.frame(Kind.CUSTOM)["payload"].to_list() == ['{"say":"\\"hi\\"","second":2}']


def test_a_missing_column_gets_a_suggestion(tmp_path):
    error = refused(
        tmp_path, "time,price\n1700000000,.4\n", mapping={"mappings": {"timestamp": "time", "price": "prize"}}
    )
    assert error.code == "missing_column"
    assert "'price'" in error.hint


def test_mappings_come_from_yaml(tmp_path):
    file = tmp_path / "m.yaml"
    file.write_text("emits: quote\nmappings: {timestamp: $.t, bid: {path: $.b, unit: cents}}\n")
    assert Mapping.load(file).mappings["bid"] == Value(column="b", unit="cents")
    file.write_text("[1]")
    with pytest.raises(ConfigError, match="table"):
        Mapping.load(file)
    file.write_text("{")
    with pytest.raises(ConfigError, match="YAML"):
        Mapping.load(file)
