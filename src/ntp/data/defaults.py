"""Rules for files without a mapping: what the names of their columns make them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ntp.data.faults import refuse
from ntp.data.mapping import CANDLE_PRICES, Mapping
from ntp.data.mapping_value import Value

_COMMON: Final = ("timestamp", "symbol", "sequence")
_BY_EMITS: Final[dict[str, tuple[str, ...]]] = {
    "candle": (*CANDLE_PRICES, "volume", "interval"),
    "quote": ("bid", "ask", "bid_size", "ask_size", "volume", "price"),
    "index": ("price", "value"),
    "trade": ("price", "volume", "size", "taker", "side"),
    "book": ("side", "price", "size", "action"),
    "forecast": ("issued_at", "valid_at", "value", "sd", "station", "variable", "model"),
    "settlement": ("value", "result", "settlement_time"),
    "custom": (),
    "game": (),
}
REFERENCE: Final = (
    "symbol",
    "venue",
    "event",
    "series",
    "title",
    "category",
    "group",
    "open_time",
    "close_time",
    "strike_type",
    "strike_low",
    "strike_high",
    "settlement_time",
    "value",
    "fee_type",
    "fee_multiplier",
)


def default_mapping(columns: Sequence[str], base: Mapping, *, file: str) -> Mapping:
    """Choose the mapping of a file with default columns.

    It is a candle file with ``open, high, low, close``, a quote file with ``bid`` or ``ask``, else
    price observations with ``price``; prints of trades it has only if `base` says so.

    Parameters
    ----------
    columns : sequence of str
        Names of its columns; upper case does not matter.
    base : Mapping
        Emitted kind, instrument kind, venue and symbol where they were given.
    file : str
        For errors.

    Returns
    -------
    Mapping
        Strict: one bad row refuses the file.

    Raises
    ------
    DataError
        ``missing_column`` if it is none of these.
    """
    names = {name.lower(): name for name in reversed(columns)}
    if base.kind == "reference" or base.emits == "reference":
        return _with(base, "reference", [name for name in REFERENCE if name in names], names)
    emits = base.emits or ("forecast" if base.kind == "forecast" else _kind_of(names, columns, file))
    if "timestamp" not in names and not (emits == "forecast" and "issued_at" in names):
        refuse(
            file,
            "timestamp",
            "missing_column",
            f"expected a column 'timestamp' in {file}, was missing; columns are {', '.join(columns)}",
            "name the column of times in a mapping: mappings: {timestamp: COLUMN, …}",
        )
    targets = [name for name in (*_COMMON, *_BY_EMITS[emits]) if name in names]
    if emits == "quote" and not {"bid", "ask"} & set(targets):
        targets = [name for name in targets if name != "price"]
    mapping = _with(base, emits, targets, names)
    received = names.get("received")
    return replace(mapping, received=Value(column=received)) if received else mapping


def _with(base: Mapping, emits: str, targets: list[str], names: dict[str, str]) -> Mapping:
    values = {target: Value(column=names[target]) for target in targets}
    return replace(base, emits=emits, mappings=values | base.mappings, strict=True)


def _kind_of(names: dict[str, str], columns: Sequence[str], file: str) -> str:
    if {"open", "high", "low", "close"} <= set(names):
        return "candle"
    if "bid" in names or "ask" in names:
        return "quote"
    if "price" in names or "value" in names:
        return "index"
    return refuse(
        file,
        "price",
        "missing_column",
        f"expected columns open, high, low, close, or bid or ask, or price in {file}, "
        f"were {', '.join(columns)}",
        "write a mapping: mappings: {price: COLUMN, …}",
    )
