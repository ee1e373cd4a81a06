"""Times of raw columns: epoch numbers, ISO 8601 texts, other patterns, zones."""

from typing import Final

import polars as pl

from ntp.core import SECOND, DataError
from ntp.data.mapping_value import TIME_UNITS, Value

_FIRST: Final = 315_532_800 * SECOND  # 1980
_LAST: Final = 4_102_444_800 * SECOND  # 2100
_ISO_FIRST: Final = -2_208_988_800 * SECOND  # 1900
_EPOCH: Final = r"^[+-]?\d+(\.\d*)?$"
_ZONED: Final = "%Y-%m-%dT%H:%M:%S%.f%:z"
_NAIVE: Final = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d")
_DATE: Final = r"^\d{4}-\d{2}-\d{2}$"

Times = tuple[pl.Series, pl.Series, str, str]


def times(raw: pl.Series, value: Value) -> Times:
    """Nanoseconds UTC of a raw column.

    Parameters
    ----------
    raw : polars.Series
        Texts, numbers, dates or datetimes.
    value : Value
        With `unit`, `format` and `zone`.

    Returns
    -------
    stamps : polars.Series
        Int64, null where absent or bad.
    bad : polars.Series
        Which rows cannot be read.
    expected, hint : str
        Words for the error.
    """
    if raw.dtype == pl.Date or raw.dtype == pl.Datetime:
        return _typed(raw, value)
    if raw.dtype.is_numeric():
        return _epoch(raw, value)
    sample = raw.drop_nulls().head(1)
    looks_epoch = bool(len(sample)) and bool(sample.str.contains(_EPOCH).item())
    if not value.format and (value.unit or looks_epoch):
        return _epoch(raw, value)
    return _texts(raw, value)


def bare_dates(raw: pl.Series) -> bool:
    """Whether a column names whole days: dates, texts such as 2024-01-31, datetimes all at midnight."""
    if raw.dtype == pl.Date:
        return True
    if raw.dtype == pl.Datetime:
        naive = getattr(raw.dtype, "time_zone", None) is None
        return naive and _midnights(raw)
    texts = raw.drop_nulls()
    return raw.dtype == pl.String and bool(len(texts)) and bool(texts.str.contains(_DATE).all())


def _midnights(raw: pl.Series) -> bool:
    days = raw.drop_nulls().dt.epoch("us")
    return bool(len(days)) and bool((days % 86_400_000_000 == 0).all())


def _typed(raw: pl.Series, value: Value) -> Times:
    stamps = raw.cast(pl.Datetime("ns")) if raw.dtype == pl.Date else raw.dt.cast_time_unit("ns")
    if getattr(raw.dtype, "time_zone", None) is None and value.zone != "UTC":
        stamps = _localised(stamps, value.zone)
    result = stamps.dt.epoch("ns")
    bad = result.is_null() & raw.is_not_null()
    return result, bad, f"a time that exists once in {value.zone}", ""


def _localised(stamps: pl.Series, zone: str) -> pl.Series:
    return stamps.dt.replace_time_zone(zone, ambiguous="null", non_existent="null").dt.convert_time_zone(
        "UTC"
    )


def _texts(raw: pl.Series, value: Value) -> Times:
    if value.format:
        zoned = "%z" in value.format or "%:z" in value.format
        try:
            parsed = raw.str.to_datetime(value.format, time_unit="ns", strict=False)
        except pl.exceptions.PolarsError as error:
            raise DataError(
                f"expected a pattern of times, was {value.format!r}: {error}",
                code="bad_time_format",
                details={"column": value.column},
            ) from error
        stamps = parsed.dt.epoch("ns") if zoned else _localised(parsed, value.zone).dt.epoch("ns")
        expected = f"a time like {value.format!r}"
    else:
        texts = raw.str.replace(" ", "T", literal=True).str.replace(r"[Zz]$", "+00:00")
        stamps = texts.str.to_datetime(_ZONED, time_unit="ns", strict=False).dt.epoch("ns")
        for pattern in _NAIVE:
            if stamps.null_count() == raw.null_count():
                break
            found = texts.str.to_datetime(pattern, time_unit="ns", strict=False)
            found = found if value.zone == "UTC" else _localised(found, value.zone).dt.replace_time_zone(None)
            stamps = stamps.zip_with(stamps.is_not_null(), found.dt.epoch("ns"))
        expected = "an ISO 8601 time, a date or an epoch number"
    bad = (stamps.is_null() & raw.is_not_null()) | ((stamps < _ISO_FIRST) | (stamps > _LAST)).fill_null(
        value=False
    )
    return stamps, bad, expected, "name another pattern with format: '%d.%m.%Y %H:%M'"


def _epoch(raw: pl.Series, value: Value) -> Times:
    unit = value.unit if value.unit in TIME_UNITS else _unit_of(raw)
    one = TIME_UNITS[unit]
    if raw.dtype.is_float():
        micros = (raw * (one / 1_000)).round() if one >= 1_000 else raw / (1_000 // one)
        stamps = micros.cast(pl.Int64, strict=False) * 1_000
    elif raw.dtype.is_integer():
        stamps = _times(raw.cast(pl.Int64, strict=False), one)
    else:
        digits = len(str(one)) - 1
        whole = raw.str.extract(r"^([+-]?\d+)(?:\.\d*)?$", 1).cast(pl.Int64, strict=False)
        part = raw.str.extract(r"\.(\d+)$", 1).fill_null("").str.pad_end(digits, "0").str.slice(0, digits)
        below = (
            part.cast(pl.Int64, strict=False).fill_null(0) if digits else pl.repeat(0, len(raw), eager=True)
        )
        stamps = _times(whole, one) + below
    bad = (stamps.is_null() & raw.is_not_null()) | ((stamps < _FIRST) | (stamps > _LAST)).fill_null(
        value=False
    )
    better = _unit_of(raw)
    hint = f"the first value looks like {better}; declare unit: {better}" if better != unit else ""
    return stamps, bad, f"an epoch time in {unit} between 1980 and 2100", hint


def _times(whole: pl.Series, one: int) -> pl.Series:
    """Product that is null where it would overflow."""
    limit = (2**63 - 1) // one
    return whole.set((whole.abs() > limit).fill_null(value=False), _LAST // one + one) * one


def _unit_of(raw: pl.Series) -> str:
    """Guess the unit of epoch numbers by the size of the first one."""
    numbers = raw.drop_nulls().head(1).cast(pl.Float64, strict=False).drop_nulls()
    size = abs(float(numbers.item())) if len(numbers) else 0.0
    return "s" if size < 1e11 else "ms" if size < 1e14 else "us" if size < 1e17 else "ns"
