"""Polymarket half of the public trade archive: fills as the chain logged them.

An exchange contract logs each maker order that was filled and, besides, the taker's order as a whole
with the contract itself as its counterparty. The second kind repeats the first and is left out.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import polars as pl

from ntp.core import CASH_ONE, PRICE_ONE
from ntp.data.recorded.archive import FETCHED, keep_newest, newest, utc_ns
from ntp.data.recorded.frames import State, finish, lifecycle, nonempty, settlements
from ntp.data.recorded.part import Located, RecordedPart
from ntp.data.recorded.recorded_set import RecordedSet
from ntp.data.schema import Kind
from ntp.markets.instrument import Instrument

_CASH: Final = "0"
_LOGS_PER_BLOCK: Final = 100_000
_KEYS: Final = ["transaction_hash", "log_index"]
# The two exchange contracts of Polymarket on Polygon.
_EXCHANGES: Final = (
    "0x4bfb41d5b3570defd03c39a9a4d8de6bd8b8982e",
    "0xc5d563a36ae78145c45a50134d48a1215220f80a",
)


def read(located: Located) -> Iterator[RecordedPart]:
    """Yield one part per file of trades, then one with the results of the markets that traded."""
    trades = located.tables["trades"]
    copies = newest(trades, "block_number", _KEYS)
    markets = _markets(located)
    tokens = _tokens(markets)
    blocks = located.tables["blocks"]
    for file in located.main("trades"):
        yield _trades(file, blocks, tokens, markets, copies)
    yield _results(located.folder, markets, _last_seen(trades, blocks, tokens))


def _markets(located: Located) -> dict[str, dict[str, Any]]:
    """Newest row of each market by its symbol."""
    frames = [pl.read_parquet(file) for file in located.tables["markets"]]
    rows = pl.concat(frames, how="diagonal_relaxed").sort(FETCHED, maintain_order=True)
    rows = rows.unique("condition_id", keep="last", maintain_order=True).with_columns(
        utc_ns(rows, "end_date")
    )
    return {row["slug"] or row["condition_id"]: row for row in rows.sort("condition_id").to_dicts()}


def _tokens(markets: dict[str, dict[str, Any]]) -> pl.DataFrame:
    """Market and leg (1: the first outcome, -1: the second) of each token of a two-way market."""
    found: list[tuple[str, str, int]] = []
    for symbol, row in markets.items():
        pair = json.loads(row["clob_token_ids"] or "[]")
        if len(pair) == 2:
            found += [(str(pair[0]), symbol, 1), (str(pair[1]), symbol, -1)]
    schema = {"token": pl.String, "symbol": pl.String, "leg": pl.Int64}
    return pl.DataFrame(found, schema=schema, orient="row").unique("token", keep="first", maintain_order=True)


def _times(blocks: tuple[Path, ...], wanted: pl.LazyFrame) -> pl.DataFrame:
    rows = pl.concat([pl.scan_parquet(file).select("block_number", "timestamp") for file in blocks])
    found = rows.join(wanted, on="block_number", how="semi").unique("block_number", keep="first").collect()
    return found.select("block_number", utc_ns(found, "timestamp").alias("ts_event"))


def _legs(rows: pl.DataFrame) -> pl.DataFrame:
    """Token, cash and shares of each fill; the taker sells the token where the maker paid cash."""
    maker, taker = pl.col("maker_asset_id").cast(pl.String), pl.col("taker_asset_id").cast(pl.String)
    bought = maker == _CASH
    return rows.filter(bought != (taker == _CASH)).with_columns(
        token=pl.when(bought).then(taker).otherwise(maker),
        cash=pl.when(bought).then("maker_amount").otherwise("taker_amount").cast(pl.Int64),
        shares=pl.when(bought).then("taker_amount").otherwise("maker_amount").cast(pl.Int64),
        taker_sign=pl.when(bought).then(-1).otherwise(1),
    )


def _trades(
    file: Path,
    blocks: tuple[Path, ...],
    tokens: pl.DataFrame,
    markets: dict[str, dict[str, Any]],
    copies: pl.DataFrame,
) -> RecordedPart:
    raw = pl.read_parquet(file)
    rows = keep_newest(raw, file, "block_number", _KEYS, copies)
    taker = pl.col("taker").str.to_lowercase()
    summary = (taker == pl.col("_contract").str.to_lowercase()) | taker.is_in(_EXCHANGES)
    makers = rows.filter(~summary.fill_null(value=False))
    legs = _legs(makers).join(tokens, on="token", how="inner", maintain_order="left")
    timed = legs.join(
        _times(blocks, legs.lazy().select("block_number")), on="block_number", maintain_order="left"
    )
    good = timed.filter((pl.col("shares") > 0) & (pl.col("cash") > 0) & (pl.col("cash") < pl.col("shares")))
    # The chain keeps amounts, not prices: their ratio is within an amount's rounding of the price.
    price = (pl.col("cash") * PRICE_ONE + pl.col("shares") // 2) // pl.col("shares")
    tape = finish(
        Kind.TRADE,
        good.select(
            "ts_event",
            "symbol",
            sequence=pl.col("block_number") * _LOGS_PER_BLOCK + pl.col("log_index"),
            price=pl.when(pl.col("leg") > 0).then(price).otherwise(PRICE_ONE - price),
            size="shares",
            taker=pl.col("taker_sign") * pl.col("leg"),
        ),
    )
    unknown = makers.height - legs.height
    warnings = [f"{file.name}: {unknown} fills of unknown tokens left out"] if unknown else []
    if legs.height > timed.height:
        warnings.append(f"{file.name}: {legs.height - timed.height} fills in blocks without a time left out")
    return RecordedPart(
        file=file,
        frames=nonempty({Kind.TRADE: tape}),
        instruments=[_instrument(name, markets[name]) for name in tape["symbol"].unique().sort()],
        meta={
            "copies_left_out": raw.height - rows.height,
            "taker_summaries": rows.height - makers.height,
            "unknown_tokens": unknown,
            "prices": "ratio of amounts, rounded to 0.0001",
        },
        warnings=warnings,
        quarantined=legs.height - good.height,
    )


def _last_seen(trades: tuple[Path, ...], blocks: tuple[Path, ...], tokens: pl.DataFrame) -> dict[str, int]:
    """Time of the last fill of each market."""
    seen = []
    for file in trades:
        rows = _legs(pl.read_parquet(file)).join(tokens, on="token", maintain_order="left")
        seen.append(rows.group_by("symbol").agg(pl.col("block_number").max()))
    last = pl.concat(seen).group_by("symbol").agg(pl.col("block_number").max())
    timed = last.join(_times(blocks, last.lazy().select("block_number")), on="block_number")
    return dict(timed.select("symbol", "ts_event").iter_rows())


def _results(folder: Path, markets: dict[str, dict[str, Any]], last: dict[str, int]) -> RecordedPart:
    """Results of closed markets; known after the end date and the last fill, whichever is later."""
    states: list[State] = []
    ends: list[tuple[int, str, int]] = []
    for name in sorted(last):
        row = markets[name]
        value = _payout(row)
        if value is None or row["end_date"] is None:
            continue
        at = max(row["end_date"], last[name])
        states.append((at, name, "closed", {}))
        ends.append((at, name, value))
    return RecordedPart(
        file=folder / "results",
        frames=nonempty({Kind.LIFECYCLE: lifecycle(states), Kind.SETTLEMENT: settlements(ends)}),
        instruments=[_instrument(name, markets[name]) for _, name, _ in ends],
        warnings=["time of results not recorded: taken as the end date, or the last fill if later"]
        if ends
        else [],
    )


def _payout(row: dict[str, Any]) -> int | None:
    """Payout of the first outcome of a closed market, None unless its prices are final."""
    prices = json.loads(row["outcome_prices"] or "[]")
    if not row["closed"] or len(prices) != 2:
        return None
    return {"1": CASH_ONE, "0": 0, "0.5": CASH_ONE // 2}.get(str(prices[0]))


def _instrument(name: str, row: dict[str, Any]) -> Instrument:
    return Instrument(
        symbol=name,
        venue="polymarket",
        event=name,
        title=row["question"] or "",
        close_time=row["end_date"],
        attributes={
            "condition_id": row["condition_id"],
            "outcomes": json.loads(row["outcomes"] or "[]"),
            "tokens": json.loads(row["clob_token_ids"] or "[]"),
        },
    )


ARCHIVE_POLYMARKET: Final = RecordedSet(
    name="trade_archive_polymarket",
    required={
        "trades": frozenset(
            {
                "block_number",
                "transaction_hash",
                "log_index",
                "maker",
                "taker",
                "maker_asset_id",
                "taker_asset_id",
                "maker_amount",
                "taker_amount",
                FETCHED,
                "_contract",
            }
        ),
        "markets": frozenset(
            {
                "condition_id",
                "question",
                "slug",
                "outcome_prices",
                "clob_token_ids",
                "end_date",
                "closed",
                FETCHED,
            }
        ),
        "blocks": frozenset({"block_number", "timestamp"}),
    },
    reader=read,
)
