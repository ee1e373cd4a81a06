"""Price scales of assets: the least power of ten that holds every price of a file exactly."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

import polars as pl

from ntp.data.convert import INT32_MAX, Converter
from ntp.data.faults import refuse
from ntp.data.mapping import PRICES, Mapping

_FINEST: Final = 9
_NEAR: Final = 1e-9


def price_scales(
    batches: Iterable[pl.DataFrame], mapping: Mapping, *, symbol: str, file: str, known: dict[str, int]
) -> dict[str, int]:
    """Find the price scale of each symbol.

    Parameters
    ----------
    batches : iterable of polars.DataFrame
        Raw rows of the whole file.
    mapping : Mapping
        With at least one price.
    symbol : str
        Symbol of rows that have none.
    file : str
        For errors.
    known : dict of str to int
        Scales of symbols that are stored already; rows appended to them must fit.

    Returns
    -------
    dict of str to int
        Scale by symbol; prices as integers of it fit 32 bits.

    Raises
    ------
    DataError
        ``off_scale`` if a symbol's prices are too fine for their size, or finer than what is stored.
    """
    needed: dict[str, int] = defaultdict(int)
    largest: dict[str, float] = defaultdict(float)
    for raw in batches:
        for name, scale, top in _needs(raw, mapping, symbol).iter_rows():
            needed[name], largest[name] = max(needed[name], scale), max(largest[name], top)
    for name, scale in sorted(needed.items()):
        column = next(mapping.mappings[target].column for target in PRICES if target in mapping.mappings)
        if name in known and scale > known[name]:
            refuse(
                file,
                column,
                "off_scale",
                f"expected prices of {name!r} in steps of 1e-{known[name]} as they are stored, "
                f"was 1e-{scale} in {file}",
                "import this file into a new data set",
            )
        if largest[name] * 10.0**scale > INT32_MAX:
            refuse(
                file,
                column,
                "off_scale",
                f"expected prices of {name!r} with fewer decimals in {file}, "
                f"was up to {largest[name]:g} in steps of 1e-{scale}",
                "round the prices to their tick",
            )
    return {name: known.get(name, scale) for name, scale in needed.items()}


def _needs(raw: pl.DataFrame, mapping: Mapping, symbol: str) -> pl.DataFrame:
    """Symbol, least scale and greatest price of a batch."""
    convert = Converter(raw, decimal=mapping.csv.decimal)
    targets = mapping.mappings
    names = (
        convert.texts(targets["symbol"]).fill_null("")
        if "symbol" in targets
        else (pl.repeat(symbol, raw.height, dtype=pl.String, eager=True))
    )
    prices = [
        pl.DataFrame({"symbol": names, "price": convert.floats(value).abs()})
        for target, value in targets.items()
        if target in PRICES and (value.is_const or value.column in raw.columns)
    ]
    if not prices:
        return pl.DataFrame(schema={"symbol": pl.String, "scale": pl.Int64, "top": pl.Float64})
    long = pl.concat(prices).drop_nulls().unique()
    exact = [
        ((pl.col("price") - (pl.col("price") * 10.0**s).round() / 10.0**s).abs() < _NEAR)
        for s in range(_FINEST)
    ]
    scale = pl.lit(_FINEST)
    for s in reversed(range(_FINEST)):
        scale = pl.when(exact[s]).then(s).otherwise(scale)
    return long.group_by("symbol").agg(
        scale.max().cast(pl.Int64).alias("scale"), pl.col("price").max().alias("top")
    )
