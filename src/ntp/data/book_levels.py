"""Full book images in raw columns: one column per level, or a column of lists."""

import json
from decimal import Decimal
from typing import Any

import polars as pl

from ntp.core import SIZE_SCALE, DataError, suggest, to_units
from ntp.data.convert import INT32_MAX, Converter
from ntp.data.faults import refuse
from ntp.data.mapping import BookLevels
from ntp.data.mapping_value import Value

Levels = list[tuple[int, pl.Series, pl.Series]]


def pattern_levels(convert: Converter, book: BookLevels, scale: int, *, contract: bool, file: str) -> Levels:
    """Levels of columns such as ``bid_px_1``: (side, prices, sizes) of each."""
    found: Levels = []
    sides = ((1, book.bid, book.bid_size), (-1, book.ask, book.ask_size))
    for side, price_pattern, size_pattern in sides:
        for number in range(book.first, book.first + book.levels):
            price = _value(convert, price_pattern, number, file, book.unit)
            size = _value(convert, size_pattern, number, file, "")
            prices, sizes = convert.prices(price, scale, contract=contract), convert.sizes(size)
            lone = prices.is_not_null() & sizes.is_null() & convert.raw(size).is_null()
            convert.fault(size, "missing_value", "a size for each price of the book", lone, convert.raw(size))
            found.append((side, prices, sizes))
    return found


def _value(convert: Converter, pattern: str, number: int, file: str, unit: str) -> Value:
    column = pattern.replace("{n}", str(number))
    if column not in convert.frame.columns:
        refuse(
            file,
            column,
            "missing_column",
            f"expected a column {column!r} for book in {file}, was missing",
            suggest(column, convert.frame.columns),
        )
    return Value(column=column, unit=unit)


def list_levels(convert: Converter, book: BookLevels, scale: int, *, contract: bool, file: str) -> Levels:
    """Levels of two columns of JSON lists of (price, size) or of objects with price and size."""
    found: Levels = []
    for side, column in ((1, book.bids), (-1, book.asks)):
        raw = convert.raw(_value(convert, column, 0, file, ""))
        images, bad = [], []
        for item in raw.to_list():
            image = _image(item, scale, cents=book.unit == "cents", contract=contract)
            bad.append(image is None)
            images.append(image or [])
        convert.fault(
            Value(column=column),
            "bad_book",
            "a list of (price, size), prices from 0 to 1 dollar",
            pl.Series(bad, dtype=pl.Boolean),
            raw,
        )
        for level in range(max((len(image) for image in images), default=0)):
            cells = [image[level] if level < len(image) else (None, None) for image in images]
            prices = pl.Series([cell[0] for cell in cells], dtype=pl.Int32)
            found.append((side, prices, pl.Series([cell[1] for cell in cells], dtype=pl.Int64)))
    return found


def _image(item: Any, scale: int, *, cents: bool, contract: bool) -> list[tuple[int, int]] | None:
    """Levels of one list in integer units; None if it cannot be read."""
    try:
        pairs = json.loads(item, parse_float=Decimal) if isinstance(item, str) else (item or [])
        levels = []
        for pair in pairs:
            price, size = (pair["price"], pair["size"]) if isinstance(pair, dict) else pair[:2]
            units = to_units(_exact(price), scale - 2 if cents else scale, what="price")
            if units < 0 or units > (10**scale if contract else INT32_MAX):
                return None
            levels.append((units, to_units(_exact(size), SIZE_SCALE, what="size")))
    except (ValueError, TypeError, KeyError, DataError):
        return None
    return levels


def _exact(number: Any) -> Decimal | str | int:
    return repr(number) if isinstance(number, float) else number
