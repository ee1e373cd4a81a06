"""Columns of raw texts and numbers become exact integers, times and words."""

from fractions import Fraction
from typing import Final

import polars as pl

from ntp.core import CASH_SCALE, SIZE_SCALE, parse_duration
from ntp.data.convert_time import times
from ntp.data.faults import Fault
from ntp.data.mapping_value import MONEY_UNITS, Value, as_text

__all__ = ["INT32_MAX", "Converter", "dollars", "times"]

INT32_MAX: Final = 2**31 - 1
_EXACT: Final = 2**52
_NEAR: Final = 1e-9
_FLOAT_STEP: Final = 2.0**-52  # what reading and scaling a float may add to it, as a part of it
_SIDES: Final = {
    "buy": 1,
    "sell": -1,
    "b": 1,
    "s": -1,
    "yes": 1,
    "no": -1,
    "bid": 1,
    "ask": -1,
    "bids": 1,
    "asks": -1,
    "1": 1,
    "+1": 1,
    "-1": -1,
    "0": 0,
    "unknown": 0,
}


class Converter:
    """Reads mapped values of one batch of raw rows and collects what is wrong with them.

    Parameters
    ----------
    frame : polars.DataFrame
        Raw rows: texts, or the types of a Parquet file.
    decimal : str
        Decimal separator of texts.
    """

    def __init__(self, frame: pl.DataFrame, *, decimal: str = ".") -> None:
        self.frame = frame
        self.decimal = decimal
        self.faults: list[Fault] = []

    def raw(self, value: Value) -> pl.Series:
        """Raw column of a value, with `values` and `absent` applied."""
        height = self.frame.height
        if value.is_const:
            return pl.repeat(as_text(value.const), height, dtype=pl.String, eager=True)
        if value.column not in self.frame.columns:
            return pl.repeat(None, height, dtype=pl.String, eager=True)
        column = self.frame[value.column]
        if value.within:
            column = column.cast(pl.String).str.json_path_match(value.within)
        if column.dtype == pl.String:
            column = column.str.strip_chars()
            column = column.set(column == "", None)
        if value.absent:
            column = _blank(column, value.absent)
        if value.values:
            texts = _plain_text(column)
            column = texts.replace(dict(value.values))
        return column

    def fault(
        self, value: Value, code: str, expected: str, rows: pl.Series, raw: pl.Series, hint: str = ""
    ) -> None:
        """Note rows that break a rule."""
        if rows.any():
            name = value.column or "const"
            self.faults.append(Fault(name, code, expected, hint, rows.fill_null(value=False), raw))

    def number(self, value: Value) -> pl.Series:
        """Finite Float64 numbers; null where absent."""
        raw = self.raw(value)
        texts = raw
        if raw.dtype == pl.String and self.decimal == ",":
            texts = raw.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
        numbers = texts.cast(pl.Float64, strict=False)
        bad = (numbers.is_null() & raw.is_not_null()) | (~numbers.is_finite()).fill_null(value=False)
        self.fault(value, "not_a_number", "a finite number", bad, raw, "an empty field means absent")
        return numbers.set(bad, None) if bad.any() else numbers

    def floats(self, value: Value) -> pl.Series:
        """Finite Float64 numbers with `scale` applied."""
        numbers = self.number(value)
        return numbers if value.scale == 1 else numbers * float(value.scale)

    def units(self, value: Value, scale: int, *, what: str) -> pl.Series:
        """Exact Int64 multiples of ``10**-scale``.

        A number within 1e-9 of a multiple is that multiple, because no shorter decimal was meant, and so
        is a large one as near as floats of its size can be; anything else is off scale.
        """
        numbers = self.number(value)
        factor = Fraction(10) ** scale * MONEY_UNITS.get(value.unit, Fraction(1)) * value.scale
        scaled = (
            numbers * factor.numerator / factor.denominator
            if factor.denominator > 1
            else (numbers * float(factor))
        )
        whole = scaled.round(mode="half_to_even")
        near = scaled.abs() * _FLOAT_STEP + max(_NEAR * 10.0**scale, 1e-9)
        off = ((scaled - whole).abs() > near) | (scaled.abs() > _EXACT)
        self.fault(
            value, "off_scale", f"{what} in steps of 1e-{scale}", off.fill_null(value=False), self.raw(value)
        )
        return whole.set(off.fill_null(value=False), None).cast(pl.Int64)

    def prices(self, value: Value, scale: int, *, contract: bool) -> pl.Series:
        """Prices in ``10**-scale`` dollar; those of contracts lie between 0 and 1 dollar."""
        units = self.units(value, scale, what="a price")
        one = 10**scale
        if contract:
            outside = ((units < 0) | (units > one)).fill_null(value=False)
            self.fault(
                value,
                "price_range",
                "a contract price from 0 to 1 dollar",
                outside,
                self.raw(value),
                "use unit: cents in a mapping if prices are in cents, --kind asset if this is no contract",
            )
        else:
            outside = (units.abs() > INT32_MAX).fill_null(value=False)
            self.fault(value, "off_scale", f"a price that fits steps of 1e-{scale}", outside, self.raw(value))
        if value.complement:
            units = one - units
        return units.set(outside, None).cast(pl.Int32)

    def sizes(self, value: Value) -> pl.Series:
        """Quantities in 0.000001 contract, not negative."""
        units = self.units(value, SIZE_SCALE, what="a size")
        bad = (units < 0).fill_null(value=False)
        self.fault(value, "negative_size", "a size of 0 or more", bad, self.raw(value))
        return units

    def changes(self, value: Value, action: Value) -> pl.Series:
        """Quantities of book rows: new totals where `action` says ``set``, signed ones with ``delta``."""
        units, actions = self.units(value, SIZE_SCALE, what="a size"), self.texts(action)
        unknown = ~actions.is_in(["set", "delta"]).fill_null(value=False)
        self.fault(action, "bad_action", "set or delta", unknown, actions, "translate words with values: {}")
        bad = ((units < 0) & (actions == "set")).fill_null(value=False)
        self.fault(value, "negative_size", "a size of 0 or more", bad, self.raw(value))
        return units

    def payouts(self, value: Value) -> pl.Series:
        """Settlement values in 0.000001 dollar per YES, 0 to 1 dollar."""
        raw = self.raw(value)
        if raw.dtype == pl.String:  # the words that venues use for a result
            words = raw.str.to_lowercase()
            raw = raw.set(words == "yes", "1").set(words == "no", "0")
        inner = Converter(pl.DataFrame({"value": raw}), decimal=self.decimal)
        plain = Value(column="value", unit=value.unit, scale=value.scale)
        units = inner.units(plain, CASH_SCALE, what="a settlement value")
        outside = ((units < 0) | (units > 10**CASH_SCALE)).fill_null(value=False)
        for fault in inner.faults:
            self.fault(value, fault.code, fault.expected, fault.rows, raw)
        self.fault(value, "price_range", "a settlement value from 0 to 1 dollar", outside, raw)
        return 10**CASH_SCALE - units if value.complement else units

    def sides(self, value: Value) -> pl.Series:
        """+1 for buyers of YES, -1 for sellers, 0 for unknown or absent, as Int8."""
        raw = self.raw(value)
        words = _plain_text(raw).str.to_lowercase()
        sides = words.replace_strict(_SIDES, default=None, return_dtype=pl.Int8)
        bad = sides.is_null() & raw.is_not_null()
        self.fault(value, "bad_side", "buy or sell", bad, raw, "translate other words with values: {B: buy}")
        sides = sides.fill_null(0)
        return -sides if value.complement else sides

    def whole(self, value: Value) -> pl.Series:
        """Int64 numbers."""
        raw = self.raw(value)
        numbers = raw.cast(pl.Int64, strict=False)
        bad = numbers.is_null() & raw.is_not_null()
        self.fault(value, "not_a_number", "a whole number", bad, raw)
        return numbers

    def texts(self, value: Value) -> pl.Series:
        """Words; null where absent."""
        return _plain_text(self.raw(value))

    def durations(self, value: Value) -> pl.Series:
        """Nanoseconds of texts such as ``1m``, or of numbers in `unit` (seconds unless given)."""
        raw = _plain_text(self.raw(value))
        unit = value.unit or "s"
        table = {
            text: parse_duration(text if not text.replace(".", "", 1).isdigit() else f"{text}{unit}")
            for text in raw.drop_nulls().unique().to_list()
        }
        return raw.replace_strict(table, default=None, return_dtype=pl.Int64)

    def times(self, value: Value, *, label: str) -> pl.Series:
        """Nanoseconds UTC; null where absent."""
        raw = self.raw(value)
        stamps, bad, expected, hint = times(raw, value)
        code = "wrong_unit" if "between" in expected else "bad_time"
        self.fault(value, code, f"{expected} for {label}", bad, raw, hint)
        return stamps.set(bad, None) if bad.any() else stamps


def dollars(units: pl.Series, scale: int) -> pl.Series:
    """Nearest floats of integer prices; Polars would multiply by a rounded reciprocal."""
    floats = pl.Series(units.name, units.fill_null(0).to_numpy() / 10.0**scale)
    return floats.set(units.is_null(), None)


def _plain_text(column: pl.Series) -> pl.Series:
    """Texts of a column as a person would write them: 100, not 100.0."""
    if column.dtype == pl.String:
        return column
    if column.dtype.is_float():
        return column.cast(pl.String).str.replace(r"\.0$", "")
    return column.cast(pl.String)


def _blank(column: pl.Series, absent: tuple[str, ...]) -> pl.Series:
    gone = _plain_text(column).is_in(list(absent)).fill_null(value=False)
    numbers = [number for text in absent if (number := _float(text)) is not None]
    if numbers:
        as_numbers = column.cast(pl.Float64, strict=False)
        gone = gone | as_numbers.is_in([x for x in numbers if x == x]).fill_null(value=False)
        if any(x != x for x in numbers):
            gone = gone | as_numbers.is_nan().fill_null(value=False)
    return pl.select(pl.when(gone).then(None).otherwise(column)).to_series()


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
