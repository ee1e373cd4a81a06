"""Matches of a workspace: what a file may say, which pairs it means, and what is refused."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ntp.core import ConfigError
from ntp.markets import Comparison, Instrument, Observable, SettlementSpec
from ntp.rules import matches
from ntp.rules.matches import match_instruments, parse_matches, read_matches

MINUTE = 60_000_000_000
ROW = {"a": "one:UP-*", "b": "two:up-*", "on": ["close_time"], "relation": "identity"}


def _contracts(venue: str, symbol: str, count: int = 3, **attributes: Any) -> list[Instrument]:
    return [
        Instrument(
            symbol=f"{symbol}{number}", venue=venue, event=f"E{number}", close_time=(number + 1) * MINUTE, **attributes
        )
        for number in range(count)
    ]


def _pairs(rows: Any, instruments: list[Instrument]) -> list[tuple[str, str]]:
    found, _ = match_instruments(parse_matches(rows, "matches.yaml"), instruments)
    return [(instruments[match.a].symbol, instruments[match.b].symbol) for match in found]


def test_pairs_share_the_attributes_named() -> None:
    instruments = _contracts("two", "up-")[::-1] + _contracts("one", "UP-") + _contracts("one", "OTHER-")
    assert sorted(_pairs([ROW], instruments)) == [("UP-0", "up-0"), ("UP-1", "up-1"), ("UP-2", "up-2")]


def test_a_missing_attribute_equals_nothing() -> None:
    instruments = [Instrument(symbol="UP-0", venue="one"), Instrument(symbol="up-0", venue="two")]
    assert _pairs([ROW], instruments) == []
    assert _pairs([{"a": "one:UP-0", "b": "two:up-0"}], instruments) == [("UP-0", "up-0")]


def test_strikes_are_numbers_and_may_lack_an_end() -> None:
    def contract(venue: str, number: int, low: str | None, high: str | None, kind: str) -> Instrument:
        return Instrument(symbol=f"{venue}{number}", venue=venue, strike_type=kind, strike_low=low, strike_high=high)

    ones = [contract("one", 1, "100.00", None, "greater"), contract("one", 2, None, "100.00", "less")]
    twos = [contract("two", 1, "100", None, "greater"), contract("two", 2, None, "100", "less")]
    rows = [{"a": "one:*", "b": "two:*", "on": ["strike_low", "strike_high"]}]
    assert _pairs(rows, ones + twos) == [("one1", "two1"), ("one2", "two2")]
    unknown = [contract("one", 3, None, None, ""), contract("two", 3, None, None, "")]
    assert _pairs(rows, unknown) == []


def test_the_file_of_a_workspace(tmp_path: Path) -> None:
    path = tmp_path / "matches.yaml"
    assert read_matches(path) == ()
    path.write_text('- {a: "kalshi:KXBTC15M-*", b: "polymarket:btc-updown-15m-*", on: [open_time, close_time], '
                    "relation: identity}\n- {a: 'one:A', b: 'two:B', relation: complement, adjudicated: equal}\n")
    rows = read_matches(path)
    assert [(row.relation, row.equal, row.on) for row in rows] == [
        ("identity", False, ("open_time", "close_time")), ("complement", True, ()),
    ]
    assert rows[1].place == f"row 2 of {path}"
    for text in ("- {a: [", 20_000 * "["):
        path.write_text(text)
        with pytest.raises(ConfigError) as caught:
            read_matches(path)
        assert caught.value.code == "bad_matches"


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        ({"relatoin": "identity"}, "unknown_key", "relation"),
        ({"a": "UP-*"}, "bad_pattern", "venue:symbol"),
        ({"a": "*:UP"}, "bad_pattern", "venue:symbol"),
        ({"a": 5}, "bad_pattern", "5"),
        ({"a": "one:UP-?"}, "bad_pattern", "venue:symbol"),
        ({"a": "one:UP-[01]"}, "bad_pattern", "venue:symbol"),
        ({"b": "one:up"}, "bad_matches", "two venues"),
        ({"relation": "identical"}, "bad_matches", "identity"),
        ({"on": ["close"]}, "bad_matches", "close_time"),
        ({"on": "close_time"}, "bad_matches", "list"),
        ({"adjudicated": "yes"}, "bad_matches", "equal"),
        ({"relation": "overlap", "adjudicated": "equal"}, "bad_matches", "identity or complement"),
    ],
)
def test_what_cannot_be_meant_names_file_and_row(change: dict[str, Any], code: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_matches([ROW, {**ROW, **change}], "matches.yaml")
    assert caught.value.code == code
    assert "row 2 of matches.yaml" in caught.value.message
    assert says in caught.value.message + caught.value.hint


def test_only_a_list_is_a_file_of_matches() -> None:
    for rows in ({"a": "one:A"}, "text", 5, [5]):
        with pytest.raises(ConfigError) as caught:
            parse_matches(rows, "matches.yaml")
        assert caught.value.code == "bad_matches"
    assert parse_matches(None, "matches.yaml") == ()


def test_one_contract_has_one_match_at_a_venue() -> None:
    instruments = _contracts("one", "UP-") + _contracts("two", "up-") + _contracts("three", "up-")
    with pytest.raises(ConfigError) as caught:
        _pairs([{**ROW, "on": []}], instruments)
    assert caught.value.code == "matched_twice"
    assert "row 1 of matches.yaml" in caught.value.message
    both = [ROW, {**ROW, "b": "three:up-*"}]
    assert len(_pairs(both, instruments)) == 6


def test_a_relation_the_wrong_way_round_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """p + q of these is 1: taken for the same claim, each would be hedged with itself."""
    def spec(instrument: Instrument) -> SettlementSpec:
        above = instrument.strike_type == "greater"
        return SettlementSpec(
            observable=Observable(source=instrument.category or "x:1"),
            comparison=Comparison.GREATER if above else Comparison.LESS_OR_EQUAL,
            low=None if instrument.strike_low is None else Decimal(instrument.strike_low),
            high=None if instrument.strike_high is None else Decimal(instrument.strike_high),
        )

    monkeypatch.setattr(matches, "settlement_of", spec)
    above = Instrument(symbol="A", venue="one", strike_type="greater", strike_low="100")
    below = Instrument(symbol="B", venue="two", strike_type="less", strike_high="100")
    row = {"a": "one:A", "b": "two:B"}
    with pytest.raises(ConfigError) as caught:
        _pairs([row], [above, below])
    assert caught.value.code == "polarity"
    assert "complement" in caught.value.hint
    assert _pairs([{**row, "relation": "complement"}], [above, below])
    same = Instrument(symbol="B", venue="two", strike_type="greater", strike_low="100")
    with pytest.raises(ConfigError) as caught:
        _pairs([{**row, "relation": "complement"}], [above, same])
    assert caught.value.code == "polarity"
    higher = Instrument(symbol="B", venue="two", strike_type="greater", strike_low="101")
    with pytest.raises(ConfigError) as caught:
        _pairs([row], [above, higher])
    assert caught.value.code == "not_identical"
    assert _pairs([{**row, "relation": "overlap"}], [above, higher])
    elsewhere = Instrument(symbol="B", venue="two", strike_type="greater", strike_low="100", category="y:2")
    _, warnings = match_instruments(parse_matches([row], "matches.yaml"), [above, elsewhere])
    assert warnings == ["row 1 of matches.yaml matches contracts that settle on x:1 and on y:2: they can differ"]
    with pytest.raises(ConfigError) as caught:
        _pairs([{**row, "adjudicated": "equal"}], [above, elsewhere])
    assert caught.value.code == "not_identical"


def test_contracts_that_settle_at_different_times_are_not_the_same_claim() -> None:
    def up(venue: str, close: int) -> Instrument:
        return Instrument(
            symbol="UP", venue=venue, strike_type="greater", strike_low="100", close_time=close * MINUTE,
            attributes={"settlement": {"source": "x:1", "aggregation": "last"}},
        )

    row = {"a": "one:UP", "b": "two:UP", "adjudicated": "equal"}
    assert _pairs([row], [up("one", 15), up("two", 15)]) == [("UP", "UP")]
    for relation in ({}, {"adjudicated": None}):
        with pytest.raises(ConfigError) as caught:
            _pairs([{**row, **relation}], [up("one", 15), up("two", 30)])
        assert caught.value.code == "not_identical"
        assert "00:30:00" in caught.value.message
    assert _pairs([{**row, "adjudicated": None, "relation": "overlap"}], [up("one", 15), up("two", 30)])
