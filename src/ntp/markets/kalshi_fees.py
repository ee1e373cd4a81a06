"""Kalshi's fee schedule: rounding eras, series settings and overrides, by date.

Sources: the venue's fee schedules and fee rounding page as captured in 2026, its log of fee
changes since October 2025, and public studies built from its API. What is inferred is marked.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from ntp.core import CASH_ONE, DataError, parse_time, suggest, to_units
from ntp.markets.dates import day_ns
from ntp.markets.fee_model import CENT, CENTICENT, FeeModel, FeeRounding, FeeStep
from ntp.markets.instrument import Instrument

TAKER_RATE: Final = Decimal("0.07")
FLAT_MAKER: Final = 2_500
"""Cash units per contract that makers of listed series paid before July 2025."""

MAKER_SHARES: Final[Mapping[str, Decimal]] = {
    "quadratic": Decimal(0),
    "quadratic_with_maker_fees": Decimal("0.25"),
    "quadratic_with_combo_maker_fees": Decimal("0.5"),
}
"""Maker rate as a share of the taker rate, by fee type. That the multiplier also scales the maker's
fee is inferred from the index series."""

PRECISION_CLASSES: Final[Mapping[str, int]] = {"direct": CENTICENT, "non_direct": CENT}

MAKER_ERA: Final = day_ns(2025, 7, 1)
CENTICENT_ERA: Final = day_ns(2026, 3, 9)
DIRECT_BALANCES: Final = day_ns(2026, 5, 28)
"""Since then balances of direct members have four decimals; before it everybody's had two."""
THREE_PART_ERA: Final = day_ns(2026, 7, 7)
"""The true day lies between April and 18 September 2026; for direct members the rules on both sides
of it agree to 0.0001 dollar per fill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeChange:
    """Entry of a venue's log of fee changes.

    Attributes
    ----------
    scope : str
        ``series`` or ``event``.
    ticker : str
        Series or event it concerns.
    from_ns : int
        Effective time.
    fee_type : str or None
    multiplier : Decimal or None
        None on an event leaves the series' value in force; both None removes its override.
    """

    scope: str
    ticker: str
    from_ns: int
    fee_type: str | None = None
    multiplier: Decimal | None = None


def fee_changes(rows: Iterable[Mapping[str, Any]]) -> tuple[FeeChange, ...]:
    """Read rows of ``/series/fee_changes`` and ``/events/fee_changes``.

    Raises
    ------
    DataError
        If a row lacks a key, or names a fee type or a multiplier that is not known.
    """
    changes = []
    for number, row in enumerate(rows):
        event = "fee_type_override" in row or "fee_multiplier_override" in row
        try:
            kind = row.get("fee_type_override") if event else row["fee_type"]
            factor = row.get("fee_multiplier_override") if event else row["fee_multiplier"]
            changes.append(
                FeeChange(
                    scope="event" if event else "series",
                    ticker=row["event_ticker" if event else "series_ticker"],
                    from_ns=parse_time(row["scheduled_ts"]),
                    fee_type=kind,
                    multiplier=None if factor is None else Decimal(str(factor)),
                )
            )
        except KeyError as error:
            raise DataError(
                f"expected {error} in a fee change", code="missing_column", details={"row": number}
            ) from error
        if kind is not None:
            maker_share(kind)
    return tuple(changes)


def maker_share(fee_type: str) -> Decimal:
    """Maker rate over taker rate of a fee type.

    Raises
    ------
    DataError
        If the type is unknown; the legacy type ``flat`` is, too, because its table is not.
    """
    share = MAKER_SHARES.get(fee_type)
    if share is None:
        raise DataError(
            f"expected a known fee type, was {fee_type!r}",
            code="unknown_fee",
            hint=suggest(fee_type, MAKER_SHARES),
            details={"fee_type": fee_type},
        )
    return share


MAKER: Final = "quadratic_with_maker_fees"
_ONE, _HALF, _NONE = Decimal(1), Decimal("0.5"), Decimal(0)
_INDEX_DAY: Final = day_ns(2026, 7, 3, 17)

Setting = tuple[int, str, Decimal]
"""(from, fee type, multiplier)"""


def _table() -> dict[str, tuple[Setting, ...]]:
    table: dict[str, tuple[Setting, ...]] = {}
    for name in ("KXINX", "KXINXU", "KXNASDAQ100", "KXNASDAQ100U", "KXINXPOS", "KXINXMINY", "KXINXMAXY"):
        table[name] = ((0, "quadratic", _HALF), (_INDEX_DAY, "quadratic", _ONE))
    for name in ("KXINXY", "KXNASDAQ100Y"):
        table[name] = ((0, MAKER, _HALF), (_INDEX_DAY, MAKER, _ONE))
    for name in ("KXFED", "KXFEDDECISION", "KXCPI", "KXCPIYOY", "KXGDP", "KXPAYROLLS", "KXU3"):
        table[name] = ((0, MAKER, _ONE),)
    for name, day in (
        ("KXWNBAGAME", day_ns(2025, 10, 4)),
        ("KXNBA", day_ns(2025, 11, 15)),
        ("KXNFLGAME", day_ns(2026, 1, 1)),
        ("KXNCAAFGAME", day_ns(2026, 1, 1)),
        ("KXWCGAME", day_ns(2026, 6, 5)),
    ):
        table[name] = ((0, "quadratic", _ONE), (day, MAKER, _ONE))
    table["KXMLBGAME"] = (
        (0, "quadratic", _ONE),
        (day_ns(2025, 10, 4), MAKER, _ONE),
        (day_ns(2026, 9, 1), MAKER, _HALF),
    )
    political = (
        "KXDOED",
        "KXELECTIRAN",
        "KXGAMBLINGREPEAL",
        "KXGREENLAND",
        "KXIRANDEMOCRACY",
        "KXPAHLAVIHEAD",
    )
    for name in political:
        table[name] = ((0, "quadratic", _ONE), (day_ns(2026, 3, 3), "quadratic", _NONE))
    for name in ("KXBTCY", "KXETHY", "KXCITRINI", "KXLAYOFFSYINFO"):
        table[name] = ((0, "quadratic", _ONE), (day_ns(2026, 7, 1), "quadratic", _NONE))
    return table


SERIES: Final[Mapping[str, tuple[Setting, ...]]] = _table()
"""Series whose settings differ from plain `quadratic` with multiplier 1, as far as they are known.
Where only a snapshot names a setting, it holds from the snapshot's date: fees are rather too high."""


def canonical_series(series: str) -> str:
    """Series name with the KX prefix that old tickers lack."""
    return series if not series or series.startswith("KX") else "KX" + series


def series_of(instrument: Instrument) -> str:
    """Canonical series of a Kalshi contract, read from its ticker where the series is not given."""
    return canonical_series(instrument.series or instrument.symbol.partition("-")[0])


def _series_settings(instrument: Instrument, changes: Sequence[FeeChange]) -> list[Setting]:
    series = series_of(instrument)
    stated = instrument.fee_schedule
    default: tuple[Setting, ...] = ((0, "quadratic", _ONE),)
    if "fee_type" in stated:
        default = ((0, str(stated["fee_type"]), Decimal(str(stated.get("fee_multiplier", 1)))),)
    settings = list(SERIES.get(series, default))
    log = sorted(
        (
            change
            for change in changes
            if change.scope == "series" and canonical_series(change.ticker) == series
        ),
        key=lambda change: change.from_ns,
    )
    if log:
        settings = [setting for setting in settings if setting[0] < log[0].from_ns]
    for change in log:
        if change.fee_type is None or change.multiplier is None:
            raise DataError(
                f"expected type and multiplier in the fee change of {change.ticker}", code="unknown_fee"
            )
        settings.append((change.from_ns, change.fee_type, change.multiplier))
    return settings


def _overrides(instrument: Instrument, changes: Sequence[FeeChange]) -> list[FeeChange]:
    own = [c for c in changes if c.scope == "event" and c.ticker == instrument.event]
    attributes = instrument.attributes
    kind, factor = attributes.get("fee_type_override"), attributes.get("fee_multiplier_override")
    if not own and (kind is not None or factor is not None):
        multiplier = None if factor is None else Decimal(str(factor))
        own = [
            FeeChange(scope="event", ticker=instrument.event, from_ns=0, fee_type=kind, multiplier=multiplier)
        ]
    return sorted(own, key=lambda change: change.from_ns)


def _era(ts: int, precision: int) -> FeeStep:
    if ts >= THREE_PART_ERA:
        return FeeStep(from_ns=ts, rounding=FeeRounding.KALSHI_ACCUMULATOR, precision=precision)
    if ts >= CENTICENT_ERA:
        balances = precision if ts >= DIRECT_BALANCES else CENT
        return FeeStep(from_ns=ts, rounding=FeeRounding.CENTICENT_CEIL_REBATE, precision=balances)
    return FeeStep(from_ns=ts, rounding=FeeRounding.CENT_CEIL, precision=CENT)


def kalshi_fee_steps(
    instrument: Instrument, *, precision_class: str = "direct", changes: Sequence[FeeChange] = ()
) -> tuple[FeeStep, ...]:
    """Fee steps of a Kalshi contract.

    A series follows the log of fee changes from the log's first entry on and the built-in table
    before it; an event's override wins over its series while it stands.

    Raises
    ------
    DataError
        If a fee type or the precision class is unknown.
    """
    precision = PRECISION_CLASSES.get(precision_class)
    if precision is None:
        raise DataError(
            f"expected a precision class, was {precision_class!r}",
            code="unknown_fee",
            hint=suggest(precision_class, PRECISION_CLASSES),
        )
    settings = tuple(_series_settings(instrument, changes))
    return _steps_of(settings, tuple(_overrides(instrument, changes)), precision)


@lru_cache(maxsize=4096)  # half a million contracts have a few dozen settings
def _steps_of(settings: tuple[Setting, ...], overrides: tuple[FeeChange, ...], precision: int) -> tuple[FeeStep, ...]:
    moments = {0, MAKER_ERA, CENTICENT_ERA, DIRECT_BALANCES, THREE_PART_ERA}
    moments |= {at for at, _, _ in settings} | {change.from_ns for change in overrides}
    steps: list[FeeStep] = []
    for ts in sorted(moments):
        _, kind, factor = next(s for s in reversed(settings) if s[0] <= ts)
        override = next((c for c in reversed(overrides) if c.from_ns <= ts), None)
        if override is not None:
            kind = override.fee_type or kind
            factor = factor if override.multiplier is None else override.multiplier
        step = _with_rates(_era(ts, precision), kind, factor)
        if not steps or replace(step, from_ns=steps[-1].from_ns) != steps[-1]:
            steps.append(step)
    return tuple(steps)


def _with_rates(step: FeeStep, fee_type: str, multiplier: Decimal) -> FeeStep:
    share = maker_share(fee_type)
    if not multiplier.is_finite() or multiplier < 0:
        raise DataError(f"expected a fee multiplier of 0 or more, was {multiplier}", code="unknown_fee")
    taker = TAKER_RATE * multiplier
    if step.from_ns < MAKER_ERA and share and multiplier:
        return replace(
            step, model=FeeModel.QUADRATIC_FLAT_MAKER, taker_rate=_rate(taker), maker_rate=FLAT_MAKER
        )
    return replace(step, model=FeeModel.QUADRATIC, taker_rate=_rate(taker), maker_rate=_rate(taker * share))


def _rate(value: Decimal) -> int:
    return to_units(value, len(str(CASH_ONE)) - 1, what="fee rate")
