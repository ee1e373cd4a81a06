"""Quoted volatilities of listed options, as Deribit tells them, by expiry."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from ntp.core import DataError, to_ns

_NAME: Final = re.compile(
    r"(?P<asset>[A-Z0-9]+(?:_USDC)?)-(?P<day>\d{1,2})(?P<month>[A-Z]{3})(?P<year>\d{2})-(?P<strike>\d+(?:d\d+)?)-[CP]"
)
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_EXPIRY_HOUR: Final = 8


@dataclass(frozen=True, slots=True)
class OptionQuote:
    """Volatility at which one option is marked.

    Attributes
    ----------
    expiry : int
        Nanoseconds UTC.
    strike, forward : float
        Strike, and price of the underlying for that expiry.
    volatility : float
        Annual, 0.6 for 60 percent.
    """

    expiry: int
    strike: float
    forward: float
    volatility: float


def deribit_quotes(payload: Any) -> list[OptionQuote]:
    """Read option quotes from an answer of ``get_book_summary_by_currency``, or from tickers.

    Options without a mark or with a mark of 0 are left out; a call and a put of one strike are marked alike and the
    first counts.

    Parameters
    ----------
    payload : object
        The answer, its ``result``, or a list of tickers: rows with ``instrument_name``, ``mark_iv`` in percent and
        ``underlying_price``.

    Raises
    ------
    DataError
        ``bad_quotes`` if it holds no option, or one whose name tells no expiry and strike.
    """
    found: dict[tuple[int, float], OptionQuote] = {}
    for row in _rows(payload):
        name, mark, forward = row.get("instrument_name"), row.get("mark_iv"), row.get("underlying_price")
        if not isinstance(name, str) or not name.endswith(("-C", "-P")) or not mark or not forward:
            continue
        expiry, strike = _expiry_and_strike(name)
        quote = OptionQuote(expiry, strike, float(forward), float(mark) / 100.0)
        found.setdefault((expiry, strike), quote)
    if not found:
        raise DataError(
            "expected quotes of options with mark_iv and underlying_price, was none", code="bad_quotes",
            hint="the answer of get_book_summary_by_currency?currency=BTC&kind=option",
        )
    return [found[key] for key in sorted(found)]


def _rows(payload: Any) -> Iterable[Mapping[str, Any]]:
    inside = payload.get("result", payload) if isinstance(payload, Mapping) else payload
    rows = [inside] if isinstance(inside, Mapping) else inside
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise DataError(f"expected a list of quotes, was {type(inside).__name__}", code="bad_quotes")
    return rows


def _expiry_and_strike(name: str) -> tuple[int, float]:
    match = _NAME.fullmatch(name)
    try:
        if match is None:
            raise ValueError(name)  # noqa: TRY301 - told as any other name that cannot be read
        month = _MONTHS.index(match["month"]) + 1
        expiry = datetime(2000 + int(match["year"]), month, int(match["day"]), _EXPIRY_HOUR, tzinfo=UTC)
    except ValueError as error:
        raise DataError(
            f"expected an option such as BTC-27DEC24-100000-C, was {name!r}", code="bad_quotes",
            details={"instrument": name},
        ) from error
    return to_ns(expiry), float(match["strike"].replace("d", "."))
