"""Settlement specs of instruments: which source, window and rounding a venue's series settle on."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Final

from ntp.core import HOUR, MINUTE, SECOND, ConfigError, parse_duration
from ntp.markets.dates import day_ns
from ntp.markets.instrument import Instrument
from ntp.markets.kalshi_fees import series_of
from ntp.markets.settlement import (
    Aggregation,
    Comparison,
    DayBoundary,
    Observable,
    SettlementSpec,
    VoidBranch,
    unknown_settlement,
)

STRIKE_TYPES: Final[Mapping[str, Comparison]] = {
    "greater": Comparison.GREATER,
    "greater_or_equal": Comparison.GREATER_OR_EQUAL,
    "less": Comparison.LESS,
    "less_or_equal": Comparison.LESS_OR_EQUAL,
    "between": Comparison.BETWEEN,
    "structured": Comparison.NAMED,
    "custom": Comparison.NAMED,
}
"""Kalshi's strike types; the letter in a ticker is only a label."""

CRYPTO_INDICES: Final[Mapping[str, str]] = {
    "BTC": "BRTI", "ETH": "ETHUSD_RTI", "SOL": "SOLUSD_RTI", "XRP": "XRPUSD_RTI",
    "DOGE": "DOGEUSD_RTI", "BNB": "BNBUSD_RTI",
}  # fmt: skip
STATIONS: Final[Mapping[str, tuple[str, str]]] = {
    "NY": ("NYC", "America/New_York"),
    "CHI": ("MDW", "America/Chicago"),
    "LAX": ("LAX", "America/Los_Angeles"),
    "AUS": ("AUS", "America/Chicago"),
    "DEN": ("DEN", "America/Denver"),
    "PHIL": ("PHL", "America/New_York"),
    "MIA": ("MIA", "America/New_York"),
    "DAL": ("DFW", "America/Chicago"),
    "HOU": ("HOU", "America/Chicago"),
    "TDC": ("DCA", "America/New_York"),
}
"""Climate report and zone by the city in a temperature series' name."""
WEATHER_COMPANY: Final = day_ns(2026, 8, 14)
CHAINLINK_MEAN: Final = day_ns(2026, 8, 7)
FIVE_MINUTE_MINUTE: Final = day_ns(2026, 8, 14)
_CENT: Final = Decimal("0.01")
_FINER: Final = frozenset(("DOGE", "XRP"))
"""Coins of which a cent is too much: their index is compared as it is, the digits it has are not recorded."""


def settlement_of(instrument: Instrument) -> SettlementSpec:
    """Settlement spec of a contract.

    The attribute ``settlement`` (an object with any of `source`, `aggregation`, `window`, `step`,
    `mode`, `day`, `zone`, `trim`, `comparison`, `void`, `outcome`) comes before what the venue's
    series tell.

    Raises
    ------
    DataError
        Code ``unknown_settlement`` if the payoff cannot be told: no strike type, a functional
        strike, a strike that is no number, or rule text whose placeholders were never filled.
    """
    refuse_placeholders(instrument)
    stated = instrument.attributes.get("settlement", {})
    comparison = _comparison(instrument, stated)
    low, high = (_strike(instrument, text) for text in (instrument.strike_low, instrument.strike_high))
    return SettlementSpec(
        observable=_stated(_observable(instrument, comparison), stated),
        comparison=comparison,
        low=low,
        high=high,
        outcome=str(stated.get("outcome", ""))
        or (instrument.symbol if comparison is Comparison.NAMED else ""),
        void=VoidBranch(stated.get("void", _VOID.get(instrument.venue, VoidBranch.UNKNOWN))),
    )


_VOID: Final[Mapping[str, VoidBranch]] = {
    "kalshi": VoidBranch.STATED,
    "polymarket": VoidBranch.HALF,
    "manifold": VoidBranch.REFUND,
    "sim_a": VoidBranch.REFUND,
    "sim_b": VoidBranch.HALF,
}


def asset_of_source(source: str) -> str | None:
    """Code of the crypto asset whose price a source publishes, for example BTC; None for any other source."""
    publisher, _, name = source.partition(":")
    if publisher == "cfbenchmarks":
        return next((asset for asset, index in CRYPTO_INDICES.items() if index == name), None)
    if publisher == "chainlink":
        return name.partition("/")[0].upper() or None
    if publisher == "binance":
        return name.partition("@")[0].removesuffix("USDT").upper() or None
    return None


def opening_of(instrument: Instrument) -> int | None:
    """Moment whose value is the strike of a contract on a change, nanoseconds UTC; None for all others.

    The 15-minute markets of Kalshi and the up or down markets of Polymarket ask whether the price at the end is at
    least that at the beginning of the last minutes or hours before the close, whenever they were listed.
    """
    close = instrument.close_time
    if close is None:
        return None
    if instrument.venue == "kalshi" and series_of(instrument).endswith("15M"):
        return close - 15 * MINUTE
    if instrument.venue != "polymarket":
        return None
    name = instrument.symbol.lower()
    if "-updown-" in name:
        span = name.partition("-updown-")[2].partition("-")[0]
        try:
            return close - parse_duration(span)
        except ConfigError:
            return None
    if "-up-or-down" in name:
        return close - (_DAY if "-up-or-down-on-" in name else HOUR)
    return None


def refuse_placeholders(instrument: Instrument) -> None:
    """Refuse rule text such as ``||Date||`` that a template left unfilled.

    Raises
    ------
    DataError
        Code ``unknown_settlement``.
    """
    for name in ("rules_primary", "rules_secondary", "rules", "description", "title"):
        text = instrument.title if name == "title" else str(instrument.attributes.get(name, ""))
        if text.count("||") >= 2 or ("{{" in text and "}}" in text):
            raise unknown_settlement(
                f"expected complete rules of {instrument.id}, was a template with unfilled placeholders",
                details={"instrument": instrument.id, "field": name, "text": text[:200]},
            )


def _comparison(instrument: Instrument, stated: Mapping[str, Any]) -> Comparison:
    kind = str(stated.get("comparison", instrument.strike_type))
    if kind in set(Comparison):
        return Comparison(kind)
    if kind in STRIKE_TYPES:
        return STRIKE_TYPES[kind]
    raise unknown_settlement(
        f"expected a strike type that can be executed for {instrument.id}, was {kind!r}",
        details={"instrument": instrument.id, "strike_type": kind},
    )


def _strike(instrument: Instrument, text: str | None) -> Decimal | None:
    if text is None or text == "":
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise unknown_settlement(f"expected a number as strike of {instrument.id}, was {text!r}")
    return value


def _stated(observable: Observable, stated: Mapping[str, Any]) -> Observable:
    changes: dict[str, Any] = {}
    for key, read in (
        ("source", str),
        ("aggregation", Aggregation),
        ("day", DayBoundary),
        ("zone", str),
        ("mode", str),
        ("trim", lambda value: Fraction(str(value))),
        ("step", lambda value: Decimal(str(value))),
    ):
        if key in stated:
            changes[key] = read(stated[key])
    if "window" in stated:
        changes["window_ns"] = parse_duration(stated["window"])
    return replace(observable, **changes)


def _observable(instrument: Instrument, comparison: Comparison) -> Observable:
    if comparison is Comparison.NAMED:
        source = f"{instrument.venue}:{instrument.event or instrument.symbol}"
        return Observable(source=source, aggregation=Aggregation.NAMED, at_ns=instrument.close_time)
    if instrument.venue == "kalshi":
        return _kalshi(instrument)
    if instrument.venue == "polymarket":
        return _polymarket(instrument)
    source = f"{instrument.venue or 'unknown'}:{instrument.series or instrument.event or instrument.symbol}"
    return Observable(source=source, at_ns=instrument.close_time)


def _kalshi(instrument: Instrument) -> Observable:
    series = series_of(instrument)
    close = instrument.close_time
    for asset, index in CRYPTO_INDICES.items():
        if series in (f"KX{asset}", f"KX{asset}D", f"KX{asset}15M"):
            kind = Aggregation.MEAN_AGAINST_MEAN if series.endswith("15M") else Aggregation.MEAN
            return Observable(
                source=f"cfbenchmarks:{index}",
                aggregation=kind,
                window_ns=60 * SECOND,
                at_ns=close,
                step=None if asset in _FINER else _CENT,
            )
    for prefix, kind in (("KXHIGHT", Aggregation.MAXIMUM), ("KXHIGH", Aggregation.MAXIMUM),
                         ("KXLOWT", Aggregation.MINIMUM)):  # fmt: skip
        city = series.removeprefix(prefix)
        if city != series and city in STATIONS:
            station, zone = STATIONS[city]
            publisher = "weather.com" if close is not None and close > WEATHER_COMPANY + _DAY else "nws"
            return Observable(
                source=f"{publisher}:CLI{station}", aggregation=kind, window_ns=_DAY, at_ns=close,
                step=Decimal(1), day=DayBoundary.LOCAL_STANDARD, zone=zone,
            )  # fmt: skip
    return Observable(source=f"kalshi:{series or instrument.symbol}", at_ns=close)


_DAY: Final = 86_400 * SECOND


def _polymarket(instrument: Instrument) -> Observable:
    name, close = instrument.symbol.lower(), instrument.close_time
    if "-updown-" in name:
        asset, _, rest = name.partition("-updown-")
        window = 0
        if close is not None and close >= CHAINLINK_MEAN:
            half = rest.startswith("5m") and close < FIVE_MINUTE_MINUTE
            window = (30 if half else 60) * SECOND
        kind = Aggregation.MEAN_AGAINST_MEAN if window else Aggregation.LAST
        return Observable(
            source=f"chainlink:{asset.upper()}/USD", aggregation=kind, window_ns=window, at_ns=close
        )
    for asset, code in (("bitcoin", "BTC"), ("ethereum", "ETH"), ("solana", "SOL"), ("xrp", "XRP")):
        if name.startswith((f"{asset}-up-or-down", f"{asset}-above")):
            candle = "1h" if "up-or-down" in name else "1m"
            return Observable(source=f"binance:{code}USDT@kline_{candle}.close", at_ns=close)
    return Observable(source=f"polymarket:{instrument.event or instrument.symbol}", at_ns=close)
