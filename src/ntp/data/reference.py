"""Reference files: what instruments are, and how they settled."""

import json
from typing import Any, Final

import polars as pl

from ntp.data.convert import Converter
from ntp.data.custom import payloads
from ntp.data.defaults import REFERENCE
from ntp.data.faults import Quarantine, refuse
from ntp.data.future import refuse_future
from ntp.data.mapping import Mapping
from ntp.data.reference_rules import check_facts
from ntp.data.reshape import matching
from ntp.data.schema import FLAG_GROUP_END, SCHEMAS, Kind
from ntp.markets.instrument import Instrument

_TEXTS: Final = (
    "symbol",
    "venue",
    "event",
    "series",
    "title",
    "category",
    "group",
    "strike_type",
    "strike_low",
    "strike_high",
    "fee_type",
)


def read_reference(
    raw: pl.DataFrame, numbers: pl.Series, mapping: Mapping, quarantine: Quarantine
) -> tuple[list[Instrument], pl.DataFrame, pl.Series]:
    """Instruments and settlements of a batch of reference rows.

    Returns
    -------
    instruments : list of Instrument
        With `known_at` None: a reference file is a final row.
    settlements : polars.DataFrame
        One ``settled`` row per row with a value, at its ``settlement_time``.
    rows : polars.Series
        Row numbers of the settlements.

    Raises
    ------
    DataError
        If a column is missing or the batch breaks the rules.
    """
    targets = {
        name: value for name, value in mapping.mappings.items() if name in REFERENCE or name == "result"
    }
    if "symbol" not in targets or targets["symbol"].column not in raw.columns:
        refuse(
            quarantine.file,
            "symbol",
            "missing_column",
            f"expected a column 'symbol' in the reference file {quarantine.file}, "
            f"columns are {', '.join(raw.columns)}",
        )
    keep = matching(raw, mapping.where, quarantine.file)
    if keep is not None:
        raw, numbers = raw.filter(keep), numbers.filter(keep)
    raw = raw.drop([name for name in raw.columns if mapping.drops(name)])
    others = [name for name in raw.columns if name not in mapping.columns]
    refuse_future(sorted(others), quarantine.file)
    convert = Converter(raw, decimal=mapping.csv.decimal)
    columns: dict[str, pl.Series] = {}
    for name, value in targets.items():
        if name in _TEXTS:
            columns[name] = convert.texts(value)
        elif name in ("value", "result"):
            columns["value"] = convert.payouts(value)
        elif name == "fee_multiplier":
            columns[name] = convert.floats(value)
        else:
            columns[name] = convert.times(value, label=name)
    _check(convert, columns, mapping)
    check_facts(convert, columns, targets, mapping.venue)
    columns["attributes"] = payloads({name: raw[name] for name in others}, raw.height)
    wide = pl.DataFrame([series.alias(name) for name, series in columns.items()])
    good = quarantine.sift(convert.faults, numbers)
    if good is not None:
        wide, numbers = wide.filter(good), numbers.filter(good)
    instruments = [_instrument(row, mapping) for row in wide.iter_rows(named=True)]
    if "value" not in wide.columns:
        return instruments, pl.DataFrame(schema=SCHEMAS[Kind.SETTLEMENT]), numbers.head(0)
    told = wide["value"].is_not_null()
    return instruments, _settlements(wide.filter(told)), numbers.filter(told)


def _check(convert: Converter, columns: dict[str, pl.Series], mapping: Mapping) -> None:
    symbol = mapping.mappings["symbol"]
    convert.fault(symbol, "missing_value", "a symbol", columns["symbol"].is_null(), columns["symbol"])
    value = mapping.mappings.get("value") or mapping.mappings.get("result")
    if value is None:
        return
    settled = columns.get("settlement_time")
    undated = columns["value"].is_not_null() & (settled.is_null() if settled is not None else True)
    convert.fault(
        value,
        "missing_value",
        "a settlement_time beside each settlement value",
        undated,
        columns["value"],
        "a result must not be visible before it was determined",
    )


def _settlements(wide: pl.DataFrame) -> pl.DataFrame:
    rows = wide.with_columns(
        ts_event=pl.col("settlement_time"), state=pl.lit("settled"), flags=pl.lit(FLAG_GROUP_END)
    )
    return rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in SCHEMAS[Kind.SETTLEMENT].items()
    )


def _instrument(row: dict[str, Any], mapping: Mapping) -> Instrument:
    texts: dict[str, Any] = {
        name: row[name] or ""
        for name in _TEXTS
        if name in row and not name.startswith(("strike_", "fee_"))
    }
    attributes = json.loads(row["attributes"]) if row["attributes"] else {}
    if row.get("settlement_time") is not None:
        attributes["settlement_time"] = row["settlement_time"]
    fees = {name: row[name] for name in ("fee_type", "fee_multiplier") if row.get(name) is not None}
    return Instrument(
        **(texts | {"venue": texts.get("venue") or mapping.venue}),
        fee_schedule=fees,
        open_time=row.get("open_time"),
        close_time=row.get("close_time"),
        strike_type=row.get("strike_type") or "",
        strike_low=row.get("strike_low"),
        strike_high=row.get("strike_high"),
        attributes=attributes,
    )
