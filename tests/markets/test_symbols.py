from datetime import date
from decimal import Decimal

import pytest

from ntp.core import DataError, format_ns
from ntp.markets.symbols import canonical_kalshi, kalshi_aliases, parse_kalshi, parse_polymarket


@pytest.mark.parametrize(
    ("ticker", "series", "day", "moment", "letter", "label"),
    [
        ("KXBTCD-26AUG2017-T73749.99", "KXBTCD", date(2026, 8, 20), "2026-08-20T21:00:00Z", "T", "73749.99"),
        ("KXBTC-26SEP2901-B73250", "KXBTC", date(2026, 9, 29), "2026-09-29T05:00:00Z", "B", "73250"),
        ("KXBTC15M-26SEP131715-15", "KXBTC15M", date(2026, 9, 13), "2026-09-13T21:15:00Z", "", None),
        ("KXBTC15M-26JAN131715-15", "KXBTC15M", date(2026, 1, 13), "2026-01-13T22:15:00Z", "", None),
        ("HIGHNY-21AUG06-T86", "KXHIGHNY", date(2021, 8, 6), None, "T", "86"),
        ("KXHIGHLAX-26SEP05-B79.5", "KXHIGHLAX", date(2026, 9, 5), None, "B", "79.5"),
        ("KXFED-26OCT-T3.25", "KXFED", date(2026, 10, 1), None, "T", "3.25"),
        ("FED-25MAY-T4.25", "KXFED", date(2025, 5, 1), None, "T", "4.25"),
        ("KXCPI-26SEP-T-0.1", "KXCPI", date(2026, 9, 1), None, "T", "-0.1"),
        ("KXGREENLAND-29", "KXGREENLAND", None, None, "", None),
    ],
)
def test_kalshi_tickers(ticker, series, day, moment, letter, label):
    got = parse_kalshi(ticker)
    assert (got.series, got.day, got.letter) == (series, day, letter)
    assert (None if got.moment is None else format_ns(got.moment)) == moment
    assert got.label == (None if label is None else Decimal(label))


def test_games_keep_their_teams_unsplit():
    nfl = parse_kalshi("KXNFLGAME-26SEP20PHITEN-PHI")
    assert (nfl.teams, nfl.suffix, nfl.day, nfl.moment) == ("PHITEN", "PHI", date(2026, 9, 20), None)
    mlb = parse_kalshi("KXMLBGAME-26OCT051905BOSBAL-BOS")
    assert (mlb.teams, mlb.event) == ("BOSBAL", "KXMLBGAME-26OCT051905BOSBAL")
    assert format_ns(mlb.moment) == "2026-10-05T23:05:00Z"


def test_old_tickers_are_aliases():
    assert canonical_kalshi("HIGHNY-21AUG06-T86") == "KXHIGHNY-21AUG06-T86"
    assert kalshi_aliases("KXHIGHNY") == kalshi_aliases("HIGHNY") == ("KXHIGHNY", "HIGHNY")


@pytest.mark.parametrize("ticker", ["", "btc up", "KXBTC--T5", "-26AUG"])
def test_what_is_no_ticker(ticker):
    with pytest.raises(DataError) as raised:
        parse_kalshi(ticker)
    assert raised.value.code == "bad_symbol"


def test_a_date_that_does_not_exist_is_no_date():
    assert parse_kalshi("KXA-26FEB31").day is None
    assert parse_kalshi("KXA-26XYZ01").day is None


@pytest.mark.parametrize(("unit", "minutes"), [("5m", 5), ("15m", 15), ("4h", 240)])
def test_windows(unit, minutes):
    got = parse_polymarket(f"btc-updown-{unit}-1771633800")
    assert (got.kind, got.subject, got.day) == ("updown", "btc", date(2026, 2, 21))
    assert got.start_ns == 1_771_633_800 * 10**9
    assert got.end_ns - got.start_ns == minutes * 60 * 10**9


@pytest.mark.parametrize(
    ("slug", "start"),
    [
        ("bitcoin-up-or-down-november-25-6pm-et", "2025-11-25T23:00:00Z"),
        ("bitcoin-up-or-down-july-4-12am-et", "2025-07-04T04:00:00Z"),
        ("bitcoin-up-or-down-july-4-12pm-et", "2025-07-04T16:00:00Z"),
        ("bitcoin-up-or-down-november-25-2026-6pm-et", "2026-11-25T23:00:00Z"),
    ],
)
def test_hours(slug, start):
    got = parse_polymarket(slug, year=2025)
    assert (got.kind, got.subject) == ("hourly", "bitcoin")
    assert format_ns(got.start_ns) == start


def test_days_and_games():
    assert parse_polymarket("bitcoin-up-or-down-november-25-6pm-et").start_ns is None
    above = parse_polymarket("bitcoin-above-on-october-10")
    assert (above.kind, above.subject, above.day) == ("day", "bitcoin-above", None)
    heat = parse_polymarket("highest-temperature-in-nyc-on-october-10-2026")
    assert (heat.subject, heat.day) == ("highest-temperature-in-nyc", date(2026, 10, 10))
    game = parse_polymarket("nfl-car-atl-2026-09-20")
    assert (game.kind, game.subject, game.away, game.home) == ("game", "nfl", "car", "atl")
    assert parse_polymarket("will-it-rain").kind == ""
    with pytest.raises(DataError):
        parse_polymarket("x-on-february-31-2026")
    with pytest.raises(DataError):
        parse_polymarket("nfl-car-atl-2026-13-20")
