"""Rules for the facts of a reference file: strikes, lives and fee types that nothing could be made of."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from ntp.core import suggest
from ntp.data.convert import Converter
from ntp.data.mapping_value import Value
from ntp.markets.kalshi_fees import MAKER_SHARES
from ntp.markets.settlement_sources import STRIKE_TYPES

_STRIKE_TYPES: Final = (*STRIKE_TYPES, "functional")
_FEE_VENUE: Final = "kalshi"
"""Other venues state their fees as a schedule, not as a type."""


def check_facts(
    convert: Converter, columns: Mapping[str, pl.Series], targets: Mapping[str, Value], venue: str
) -> None:
    """Note rows whose strike, life or fee type cannot be meant.

    Parameters
    ----------
    convert : Converter
        Where faults are noted.
    columns : Mapping
        Converted columns by target.
    targets : Mapping
        Value of each target.
    venue : str
        Venue of rows that name none.
    """
    if "strike_type" in columns:
        _one_of(convert, targets["strike_type"], columns["strike_type"], _STRIKE_TYPES, "a strike type")
    for name in ("strike_low", "strike_high"):
        if name in columns:
            bad = ~_numbers(columns[name]).is_finite().fill_null(value=False) & columns[name].is_not_null()
            hint = "an empty field means none"
            convert.fault(targets[name], "not_a_number", "a strike that is a number", bad, columns[name], hint)
    _in_order(convert, columns, targets, ("strike_low", "strike_high"), "a cap not below the floor")
    _in_order(convert, columns, targets, ("open_time", "close_time"), "a close after the open")
    if "fee_type" in columns:
        venues = columns["venue"].fill_null(venue) if "venue" in columns else pl.Series([venue])
        fees = columns["fee_type"]
        _one_of(convert, targets["fee_type"], fees, tuple(MAKER_SHARES), "a known fee type", "unknown_fee")
        other = fees.is_not_null() & (venues != _FEE_VENUE)
        convert.fault(targets["fee_type"], "unknown_fee", f"a fee type of {_FEE_VENUE} alone", other, fees)
    if "fee_multiplier" in columns:
        factor = columns["fee_multiplier"]
        below = (factor < 0).fill_null(value=False)
        convert.fault(targets["fee_multiplier"], "unknown_fee", "a multiplier of 0 or more", below, factor)


def _one_of(
    convert: Converter,
    value: Value,
    words: pl.Series,
    known: tuple[str, ...],
    what: str,
    code: str = "unknown_choice",
) -> None:
    bad = ~words.is_in(known).fill_null(value=True)
    first = str(words.filter(bad).first()) if bad.any() else ""
    convert.fault(value, code, what, bad, words, suggest(first, known))


def _in_order(
    convert: Converter,
    columns: Mapping[str, pl.Series],
    targets: Mapping[str, Value],
    names: tuple[str, str],
    what: str,
) -> None:
    if not all(name in columns for name in names):
        return
    low, high = (_numbers(columns[name]) for name in names)
    later = targets[names[1]]
    convert.fault(later, "wrong_order", what, high < low, convert.raw(later))


def _numbers(column: pl.Series) -> pl.Series:
    return column if column.dtype.is_numeric() else column.cast(pl.Float64, strict=False)
