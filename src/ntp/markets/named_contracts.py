"""Contracts on the price of a coin from their names alone, where no record of the venue is at hand.

A ticker tells when a contract closes, and for thresholds the strike. It does not tell the ends of a range (its label is
the middle) nor what an opening mean was: these have to be said.
"""

import re
from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise
from typing import Final

from ntp.core import HOUR, MINUTE, DataError, to_datetime, to_ns
from ntp.markets.instrument import Instrument
from ntp.markets.settlement_sources import CRYPTO_INDICES
from ntp.markets.symbols import EASTERN, KalshiTicker, PolymarketSlug, parse_kalshi, parse_polymarket

_SERIES: Final = re.compile(rf"KX(?P<asset>{'|'.join(CRYPTO_INDICES)})(?P<kind>15M|D|)")
_CENT: Final = Decimal("0.01")
_QUARTER: Final = 15 * MINUTE
_ABOVE: Final = re.compile(r"(?P<asset>[a-z]+)-above-(?P<whole>\d+)(?:pt(?P<part>\d+))?(?P<thousand>k?)")
_NOON: Final = 12


def named_contracts(
    name: str, *, strikes: Sequence[Decimal] = (), low: Decimal | None = None, high: Decimal | None = None,
    close: int | None = None, at: int | None = None,
) -> list[Instrument]:
    """Build the contract that a ticker or slug names, or the contracts of an event.

    Parameters
    ----------
    name : str
        With or without the venue: ``kalshi:KXBTCD-26AUG2017-T73749.99``, ``KXBTC-26SEP2901``,
        ``btc-updown-15m-1771633800``.
    strikes : sequence of Decimal
        Of a threshold contract the strike, of a 15-minute contract the opening mean; of an event several: thresholds,
        or the edges between ranges.
    low, high : Decimal, optional
        Ends of a range, both included; one of them alone is a tail: above `low`, or below `high`.
    close : int, optional
        Close time, where the name has none.
    at : int, optional
        A moment near the contract's life, for the year of slugs that have none.

    Returns
    -------
    list of Instrument
        Without a strike where it is an opening price that nobody has told.

    Raises
    ------
    DataError
        ``unknown_contract`` if the name is of no known form, ``no_price`` if it lacks what only the venue's record
        tells.
    """
    venue, _, bare = name.rpartition(":")
    if venue not in ("", "kalshi", "polymarket"):
        raise _unknown(name)
    if bare.isupper() and venue != "polymarket":
        return _kalshi(bare, strikes, low, high, close)
    if venue == "kalshi":
        raise _unknown(name)
    year = None if at is None else to_datetime(at).astimezone(EASTERN).year
    return [_polymarket(bare, parse_polymarket(bare, year=year), strikes, close)]


def _kalshi(
    ticker: str, strikes: Sequence[Decimal], low: Decimal | None, high: Decimal | None, close: int | None
) -> list[Instrument]:
    said = parse_kalshi(ticker)
    series = _SERIES.fullmatch(said.series)
    if series is None:
        raise _unknown(ticker)
    end = close if close is not None else said.moment
    if end is None:
        raise _lacking(ticker, "a close time", "say it with its close")
    if series["kind"] == "15M":
        return [_quarter(ticker, said, end, _single(ticker, strikes, low))]
    if series["kind"] == "D":
        given = strikes or [each for each in (low if low is not None else said.label,) if each is not None]
        if not given:
            raise _lacking(ticker, "a strike", "name the contract, as in ...-T73749.99, or say the strikes")
        return [_made(said, end, f"T{strike:f}", "greater", low=strike) for strike in _rising(ticker, given)]
    if len(strikes) > 1:
        return _ranges(ticker, said, end, strikes)
    if low is None and high is None:
        raise _lacking(
            ticker, "the ends of the range",
            "the label of a ticker is the middle of a range of unknown width: say low and high",
        )
    return [_range(said, end, low, high)]


def _quarter(ticker: str, said: KalshiTicker, end: int, strike: Decimal | None) -> Instrument:
    suffix = said.suffix or f"{to_datetime(end).minute:02d}"
    return _made(said, end, suffix, "greater_or_equal", low=strike, start=end - _QUARTER)


def _ranges(ticker: str, said: KalshiTicker, end: int, edges: Sequence[Decimal]) -> list[Instrument]:
    """All ranges between edges, with both tails: a value belongs to the range that it begins."""
    inner = [_range(said, end, low, high - _CENT) for low, high in pairwise(_rising(ticker, edges))]
    return [_range(said, end, None, edges[0]), *inner, _range(said, end, edges[-1] - _CENT, None)]


def _range(said: KalshiTicker, end: int, low: Decimal | None, high: Decimal | None) -> Instrument:
    if low is None or high is None:
        return _made(said, end, f"T{high if low is None else low}", "less" if low is None else "greater",
                     low=low, high=high)  # fmt: skip
    middle = ((low + high) / 2).quantize(_CENT, ROUND_CEILING).normalize()
    return _made(said, end, f"B{middle:f}", "between", low=low, high=high)


def _made(
    said: KalshiTicker, end: int, suffix: str, strike_type: str, *, low: Decimal | None = None,
    high: Decimal | None = None, start: int | None = None,
) -> Instrument:  # fmt: skip
    return Instrument(
        symbol=f"{said.event}-{said.suffix or suffix}", venue="kalshi", series=said.series, event=said.event,
        category="crypto", open_time=start, close_time=end, strike_type=strike_type,
        strike_low=None if low is None else f"{low:f}", strike_high=None if high is None else f"{high:f}",
    )


def _polymarket(slug: str, said: PolymarketSlug, strikes: Sequence[Decimal], close: int | None) -> Instrument:
    strike = _single(slug, strikes, None)
    if said.kind in ("updown", "hourly"):
        end = close if close is not None else said.end_ns
        if end is None:
            raise _lacking(slug, "a close time", "the slug names no year: say the close")
        length = HOUR if said.start_ns is None or said.end_ns is None else said.end_ns - said.start_ns
        return _slugged(slug, end, "greater_or_equal", strike, end - length)
    if (above := _ABOVE.fullmatch(said.subject)) and said.kind == "day":
        if close is None and said.day is None:
            raise _lacking(slug, "a close time", "the slug names no year: say the close")
        if close is None and said.day is not None:
            midnight = to_datetime(0).replace(year=said.day.year, month=said.day.month, day=said.day.day)
            close = to_ns(midnight.replace(hour=_NOON, tzinfo=EASTERN))
        level = Decimal(f"{above['whole']}.{above['part'] or 0}") * (1_000 if above["thousand"] else 1)
        return _slugged(slug, close, "greater", strike if strike is not None else level, None)
    raise _unknown(slug)


def _slugged(slug: str, close: int | None, strike_type: str, strike: Decimal | None, start: int | None) -> Instrument:
    return Instrument(
        symbol=slug, venue="polymarket", event=slug, series=slug.rsplit("-", 1)[0], category="crypto",
        open_time=start, close_time=close, strike_type=strike_type,
        strike_low=None if strike is None else f"{strike:f}",
    )  # fmt: skip


def _single(name: str, strikes: Sequence[Decimal], low: Decimal | None) -> Decimal | None:
    if len(strikes) > 1:
        raise DataError(
            f"expected one strike of {name}, was {len(strikes)}", code="no_price", details={"input": "strikes"}
        )
    return strikes[0] if strikes else low


def _rising(name: str, strikes: Sequence[Decimal]) -> Sequence[Decimal]:
    for before, after in pairwise(strikes):
        if after <= before:
            raise DataError(
                f"expected strikes of {name} in ascending order, was {after} after {before}", code="no_price",
                details={"input": "strikes"},
            )
    return strikes


def _lacking(name: str, what: str, hint: str) -> DataError:
    return DataError(f"expected {what} of {name}, was none", code="no_price", hint=hint, details={"contract": name})


def _unknown(name: str) -> DataError:
    return DataError(
        f"expected a contract on the price of a coin, was {name!r}", code="unknown_contract",
        hint="a ticker such as KXBTCD-26AUG2017-T73749.99, a slug such as btc-updown-15m-1771633800, or --data",
        details={"contract": name},
    )
