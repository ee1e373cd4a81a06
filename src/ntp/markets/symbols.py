"""Names of contracts at the venues: what a ticker or a slug says, and what it does not."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from ntp.core import HOUR, MINUTE, SECOND, DataError, to_datetime, to_ns

EASTERN: Final = ZoneInfo("America/New_York")
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_EVENT: Final = re.compile(
    r"(?P<year>\d{2})(?P<month>[A-Z]{3})(?P<day>\d{2})?(?P<hour>\d{2})?(?P<minute>\d{2})?(?P<rest>[A-Z][A-Z0-9]*)?"
)
_STRIKE: Final = re.compile(r"(?P<letter>[TB])(?P<number>-?\d+(?:\.\d+)?)")
_WINDOW: Final = re.compile(r"(?P<asset>[a-z]+)-updown-(?P<length>\d+)(?P<unit>[mh])-(?P<start>\d{9,11})")
_HOURLY: Final = re.compile(
    r"(?P<asset>[a-z]+)-up-or-down-(?P<month>[a-z]+)-(?P<day>\d{1,2})(?:-(?P<year>\d{4}))?-(?P<hour>\d{1,2})(?P<half>am|pm)-et"
)
_ON_DAY: Final = re.compile(
    r"(?P<what>[a-z0-9-]+?)-on-(?P<month>[a-z]+)-(?P<day>\d{1,2})(?:-(?P<year>\d{4}))?"
)
_GAME: Final = re.compile(
    r"(?P<league>[a-z0-9]+)-(?P<away>[a-z0-9]+)-(?P<home>[a-z0-9]+)-(?P<date>\d{4}-\d{2}-\d{2})"
)
_LONG_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class KalshiTicker:
    """Parts of a Kalshi ticker.

    Attributes
    ----------
    series : str
        With the KX prefix, whether the ticker has it or not.
    event : str
        Event ticker as written.
    day : date or None
        Day of the event; the first of the month where only a month is given.
    moment : int or None
        Nanoseconds of the hour or minute that the ticker names, in US Eastern time as in force.
    teams : str
        Team codes run together; they cannot be split by the ticker alone.
    letter : str
        ``T`` or ``B`` of a strike label. A label is not the rule: T stands for both tails.
    label : Decimal or None
        Number of the strike label.
    suffix : str
        Last part, as written.
    """

    series: str
    event: str
    day: date | None = None
    moment: int | None = None
    teams: str = ""
    letter: str = ""
    label: Decimal | None = None
    suffix: str = ""


def parse_kalshi(ticker: str) -> KalshiTicker:
    """Read a Kalshi ticker ``SERIES-EVENTDATE[-STRIKE]``.

    Raises
    ------
    DataError
        Code ``bad_symbol`` if it has not that form.
    """
    series, _, rest = ticker.partition("-")
    event, _, suffix = rest.partition("-")
    if not re.fullmatch(r"[A-Z0-9]+", series) or (rest and not event):
        raise _bad_symbol(ticker, "a ticker such as KXBTCD-26AUG2017-T73749.99")
    day, moment, teams = _event_time(event)
    strike = _STRIKE.fullmatch(suffix)
    return KalshiTicker(
        series=series if series.startswith("KX") else f"KX{series}",
        event=f"{series}-{event}" if event else series,
        day=day,
        moment=moment,
        teams=teams,
        letter=strike["letter"] if strike else "",
        label=Decimal(strike["number"]) if strike else None,
        suffix=suffix,
    )


def _event_time(text: str) -> tuple[date | None, int | None, str]:
    match = _EVENT.fullmatch(text)
    if match is None or match["month"] not in _MONTHS:
        return None, None, ""
    year, month = 2000 + int(match["year"]), _MONTHS.index(match["month"]) + 1
    try:
        day = date(year, month, int(match["day"] or 1))
        moment = None
        if match["hour"]:
            wall = datetime(
                year, month, day.day, int(match["hour"]), int(match["minute"] or 0), tzinfo=EASTERN
            )
            moment = to_ns(wall)
    except ValueError:
        return None, None, ""
    return day, moment, match["rest"] or ""


def kalshi_aliases(ticker: str) -> tuple[str, ...]:
    """Names under which a ticker may be stored: with the KX prefix, and without it."""
    bare = ticker.removeprefix("KX")
    return f"KX{bare}", bare


def canonical_kalshi(ticker: str) -> str:
    """Ticker with the KX prefix: HIGHNY-21AUG06-T86 is KXHIGHNY-21AUG06-T86."""
    return kalshi_aliases(ticker)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolymarketSlug:
    """Parts of a Polymarket slug.

    Attributes
    ----------
    kind : str
        ``updown`` (a window), ``hourly``, ``day`` or ``game``; empty for anything else.
    subject : str
        Asset, question or league.
    start_ns, end_ns : int or None
        Window, where the slug names one.
    day : date or None
        Day that it names.
    away, home : str
        Teams of a game, in the order of the slug.
    """

    kind: str = ""
    subject: str = ""
    start_ns: int | None = None
    end_ns: int | None = None
    day: date | None = None
    away: str = ""
    home: str = ""


def parse_polymarket(slug: str, *, year: int | None = None) -> PolymarketSlug:
    """Read a Polymarket slug.

    Parameters
    ----------
    slug : str
        Market or event slug.
    year : int, optional
        Year of slugs that name only month and day; without it their day stays None.

    Returns
    -------
    PolymarketSlug
        With an empty `kind` where the slug has none of the known forms.
    """
    if match := _WINDOW.fullmatch(slug):
        start = int(match["start"]) * SECOND
        length = int(match["length"]) * (HOUR if match["unit"] == "h" else MINUTE)
        return PolymarketSlug(
            kind="updown",
            subject=match["asset"],
            start_ns=start,
            end_ns=start + length,
            day=to_datetime(start).date(),
        )
    if match := _HOURLY.fullmatch(slug):
        return _hourly(match, year)
    if match := _GAME.fullmatch(slug):
        try:
            day = date.fromisoformat(match["date"])
        except ValueError as error:
            raise _bad_symbol(slug, "a date of the calendar") from error
        return PolymarketSlug(
            kind="game", subject=match["league"], day=day, away=match["away"], home=match["home"]
        )
    if (match := _ON_DAY.fullmatch(slug)) and match["month"] in _LONG_MONTHS:
        return PolymarketSlug(kind="day", subject=match["what"], day=_named_day(match, year))
    return PolymarketSlug()


def _named_day(match: re.Match[str], year: int | None) -> date | None:
    known = int(match["year"]) if match["year"] else year
    if known is None or match["month"] not in _LONG_MONTHS:
        return None
    try:
        return date(known, _LONG_MONTHS.index(match["month"]) + 1, int(match["day"]))
    except ValueError as error:
        raise _bad_symbol(match.string, "a date of the calendar") from error


def _hourly(match: re.Match[str], year: int | None) -> PolymarketSlug:
    day = _named_day(match, year)
    if day is None:
        return PolymarketSlug(kind="hourly", subject=match["asset"])
    hour = int(match["hour"]) % 12 + (12 if match["half"] == "pm" else 0)
    wall = datetime(day.year, day.month, day.day, hour, tzinfo=EASTERN)
    start = to_ns(wall)
    end = to_ns(wall.astimezone(ZoneInfo("UTC")) + timedelta(hours=1))
    return PolymarketSlug(kind="hourly", subject=match["asset"], start_ns=start, end_ns=end, day=day)


def _bad_symbol(symbol: str, expected: str) -> DataError:
    return DataError(f"expected {expected}, was {symbol!r}", code="bad_symbol", details={"symbol": symbol})
