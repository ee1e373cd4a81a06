"""From the engine's memory after a replay to the frames of results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from ntp.backtest.edge import EDGE, with_edges
from ntp.backtest.results import EQUITY, FILLS, ORDERS, SETTLEMENTS, ModeOutput
from ntp.core import VerificationFailed
from ntp.engine import records as r
from ntp.engine.replay import Replay
from ntp.ledger import AccountKey
from ntp.markets import currency_of
from ntp.markets.instrument import Instrument
from ntp.pricing.edge import EdgeCosts
from ntp.rules import RULES

STATUS: Final = {
    r.R_FILLED: "filled", r.R_CANCELLED: "cancelled", r.R_EXPIRED: "expired", r.R_CLOSED: "cancelled",
    r.R_GAP: "cancelled", r.R_REACTIVATED: "cancelled", r.R_IOC: "cancelled", r.R_SELF: "cancelled",
    r.R_FOK: "cancelled", r.R_REFUSED: "refused",
    **{r.R_RULE + place: "refused" for place in range(len(RULES))}, r.R_LIMIT: "refused",
}  # fmt: skip

_REASONS: Final = pl.Series(r.REASONS, dtype=pl.String)
_STATUSES: Final = pl.Series([STATUS.get(code, "rejected") for code in range(len(r.REASONS))])
_HIGHEST: Final = 2**31 - 1
_FILLS: Final = {**FILLS, "bid": pl.Float64(), "ask": pl.Float64()}
_ORDERS: Final = {
    **ORDERS, **dict.fromkeys(("fair", "fair_sd", "bid", "ask", *EDGE), pl.Float64()),
}  # fmt: skip
_RESTING: Final = (r.GTC, r.GTD)
_SETTLEMENTS: Final = {**SETTLEMENTS, "fee": pl.Int64()}
_RECORDS: Final = {"ts": pl.Int64(), "name": pl.String(), "value": pl.Float64()}


def harvest(
    replay: Replay, *, tags: Sequence[str], refused: Sequence[Any], counters: Mapping[str, Any],
    records: Sequence[tuple[int, str, float]], costs: EdgeCosts,
) -> ModeOutput:
    """Collect the output of a finished replay and check that its books close; `costs` are what edges pay for.

    Raises
    ------
    VerificationFailed
        If cash, fees, settlements and equity do not add up to the last 0.000001 dollar.
    """
    state, instruments = replay.state, replay.tape.instruments
    names = _names(instruments)
    fills = _fills(_used(state, "fills"), names, replay, tags)
    settlements = _settlements(_used(state, "settlements"), names)
    held = _open_positions(replay)
    accounts = _accounts(replay, held)
    curve = _used(state, "equity")
    audit_output(fills, settlements, accounts, curve)
    unpriced = int((curve["unpriced"] > 0).sum()) if len(curve) else 0
    return ModeOutput(
        fills=fills, orders=_orders(state, names, replay, tags, refused, costs), settlements=settlements,
        equity=_equity(curve), accounts=accounts, open_positions=held,
        counters={**counters, **({"unpriced_samples": [unpriced, len(curve)]} if unpriced else {})},
        records=pl.DataFrame(records, schema=_RECORDS, orient="row") if records else None,
    )  # fmt: skip


def _used(state: Any, name: str) -> npt.NDArray[Any]:
    count = {"fills": "n_fills", "done": "n_done", "settlements": "n_settlements", "equity": "n_equity"}[name]
    return state.tables[name][: int(state.context[count][0])]  # type: ignore[no-any-return]


def _names(instruments: Sequence[Instrument]) -> pl.DataFrame:
    return pl.DataFrame({
        "n": pl.Series(range(len(instruments)), dtype=pl.Int64),
        "contract": [each.id for each in instruments], "symbol": [each.symbol for each in instruments],
        "event": [each.event for each in instruments], "series": [each.series for each in instruments],
        "venue": [each.venue for each in instruments],
        "price_scale": pl.Series([each.price_scale for each in instruments], dtype=pl.Int8),
    })  # fmt: skip


def _named(frame: pl.DataFrame, names: pl.DataFrame, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Replace the contracts' numbers by their names, in the columns of a result."""
    joined = frame.join(names, on="n", how="left", maintain_order="left")
    return joined.select(list(schema)).cast(pl.Schema(schema))


def _tagged(column: npt.NDArray[Any], tags: Sequence[str], offset: int = 0) -> pl.Series:
    """Look up the texts of a column of numbers; those below `offset` have none."""
    texts = pl.Series([None, *tags], dtype=pl.String)
    return texts.gather(np.maximum(column.astype(np.int64) + (1 - offset), 0))


def _fills(rows: npt.NDArray[Any], names: pl.DataFrame, replay: Replay, tags: Sequence[str]) -> pl.DataFrame:
    if not len(rows):
        return pl.DataFrame(schema=_FILLS)
    one = replay.state.contracts["price_unit"][rows["contract"]].astype(np.float64)
    both = (rows["bid"] >= 0) & (rows["ask"] >= 0)
    mid = np.where(both, (rows["bid"] + rows["ask"]) / 2.0 / one, np.nan)
    mid10 = np.where(rows["mid10"] >= 0, rows["mid10"] / 2.0 / one, np.nan)
    maker = (rows["flags"] & r.F_MAKER) != 0
    queue = np.where(maker & (rows["queue_ahead"] >= 0), rows["queue_ahead"] / 1e6, np.nan)
    quotes = _quotes(rows, one)
    frame = pl.DataFrame({
        "n": rows["contract"], "ts": rows["ts"], "side": rows["side"].astype(np.int8), **quotes,
        "price": rows["price"].astype(np.int32), "size": rows["size"],
        "fee": rows["fee"], "rebate": rows["rebate"],
        "is_maker": maker, "traded_through": (rows["flags"] & r.F_THROUGH) != 0,
        "inferred": (rows["flags"] & r.F_INFERRED) != 0, "order_id": rows["order_id"], "queue_ahead": queue,
        "wait_ns": rows["wait"], "fair": rows["fair"], "mid": mid, "mid_10s": mid10, "cash": rows["cash"],
        "position": rows["position"],
        "tag": _tagged(rows["tag"], tags), "exit_reason": _tagged(rows["exit"], tags, 1),
    }).with_columns(pl.col("queue_ahead", "fair", "mid", "mid_10s", "bid", "ask").fill_nan(None))  # fmt: skip
    return _named(frame, names, _FILLS)


def _quotes(rows: npt.NDArray[Any], unit: npt.NDArray[Any]) -> dict[str, npt.NDArray[np.float64]]:
    """Best prices logged with rows, in dollars; NaN where a side was empty."""
    return {side: np.where(rows[side] >= 0, rows[side] / unit, np.nan) for side in ("bid", "ask")}


def _no_quotes(count: int) -> dict[str, npt.NDArray[np.float64]]:
    return {side: np.full(count, np.nan) for side in ("bid", "ask")}


def _orders(
    state: Any, names: pl.DataFrame, replay: Replay, tags: Sequence[str], refused: Sequence[Any], costs: EdgeCosts
) -> pl.DataFrame:
    done = _used(state, "done")
    live = state.tables["orders"]
    live = live[(live["id"] > 0) & (live["state"] != r.DONE)]
    parts = []
    if len(done):
        reasons = done["reason"]
        parts.append(pl.DataFrame({
            "order_id": done["order_id"], "ts": done["sent"],
            "arrived": np.where(done["arrived"] > 0, done["arrived"], -1),
            "done": done["done"], "n": done["contract"], "side": done["side"].astype(np.int8),
            "price": done["price"].clip(0, _HIGHEST).astype(np.int32),
            "size": done["size"], "filled": done["filled"],
            "status": _STATUSES.gather(reasons), "reason": _REASONS.gather(reasons),
            "passive": done["passive"] != 0,
            "queue_ahead": np.where(done["queue_ahead"] >= 0, done["queue_ahead"] / 1e6, np.nan),
            "tag": _tagged(done["tag"], tags), **_stated(done),
            **_quotes(done, state.contracts["price_unit"][done["contract"]]),
        }))  # fmt: skip
    if len(live):
        parts.append(pl.DataFrame({
            "order_id": live["id"], "ts": live["sent"],
            "arrived": np.where(live["arrived"] > 0, live["arrived"], -1),
            "done": np.full(len(live), -1), "n": live["contract"], "side": live["side"].astype(np.int8),
            "price": live["price"].clip(0, _HIGHEST).astype(np.int32), "size": live["size"],
            "filled": live["size"] - live["remaining"],
            "status": ["resting"] * len(live), "reason": [""] * len(live),
            "passive": live["passive"] != 0,
            "queue_ahead": np.where(live["queue_joined"] >= 0, live["queue_joined"] / 1e6, np.nan),
            "tag": _tagged(live["tag"], tags), **_stated(live), **_no_quotes(len(live)),
        }))  # fmt: skip
    by_id = {name: n for n, name in enumerate(names["contract"].to_list())}
    if refused:
        parts.append(pl.DataFrame({
            "order_id": [order.id for order in refused], "ts": [order.ts for order in refused],
            "arrived": [-1] * len(refused), "done": [order.ts for order in refused],
            "n": [by_id[order.contract.id] for order in refused],
            "side": pl.Series([1 if order.side == "BUY" else -1 for order in refused], dtype=pl.Int8),
            "price": pl.Series([_units(order) for order in refused], dtype=pl.Int32),
            "size": [round(order.size * 1_000_000) for order in refused], "filled": [0] * len(refused),
            "status": ["refused"] * len(refused), "reason": [order.reason for order in refused],
            "passive": [False] * len(refused),
            "queue_ahead": pl.Series([None] * len(refused), dtype=pl.Float64),
            "tag": pl.Series([order.tag for order in refused], dtype=pl.String),
            **dict.fromkeys(("fair", "fair_sd"), pl.Series([None] * len(refused), dtype=pl.Float64)),
            "resting": [False] * len(refused), **_no_quotes(len(refused)),
        }))  # fmt: skip
    if not parts:
        return pl.DataFrame(schema=_ORDERS)
    frame = pl.concat(parts, how="vertical_relaxed").sort("order_id").with_columns(
        pl.col("queue_ahead", "fair", "fair_sd", "bid", "ask").fill_nan(None),
        pl.when(pl.col("arrived") < 0).then(None).otherwise(pl.col("arrived")).alias("arrived"),
        pl.when(pl.col("done") < 0).then(None).otherwise(pl.col("done")).alias("done"),
        pl.when(pl.col("reason") == "").then(None).otherwise(pl.col("reason")).alias("reason"),
    )
    return _named(with_edges(frame, replay, costs), names, _ORDERS)


def _stated(rows: npt.NDArray[Any]) -> dict[str, npt.NDArray[Any]]:
    """Fair values that orders were sent with, and whether they could only rest."""
    names = rows.dtype.names or ()
    return {
        "fair": rows["fair"], "fair_sd": rows["fair_sd"] if "fair_sd" in names else np.full(len(rows), np.nan),
        "resting": (rows["post_only"] != 0) & np.isin(rows["tif"], _RESTING),
    }


def _units(order: Any) -> int:
    units: int = round(order.price * 10**order.contract.price_scale)
    return min(units, _HIGHEST)


def _settlements(rows: npt.NDArray[Any], names: pl.DataFrame) -> pl.DataFrame:
    if not len(rows):
        return pl.DataFrame(schema=_SETTLEMENTS)
    void = rows["state"] == r.VOIDED
    frame = pl.DataFrame({
        "n": rows["contract"], "ts": rows["ts"], "value": rows["value"], "position": rows["position"],
        "cash": rows["cash"], "state": np.where(void, "voided", "settled"),
        "fee": np.where(void, -rows["fees"], 0),
    })  # fmt: skip
    paid = pl.when(pl.col("state") == "voided").then(None).otherwise(pl.col("value"))
    frame = frame.with_columns(value=paid)
    return _named(frame, names, _SETTLEMENTS)


def _equity(rows: npt.NDArray[Any]) -> pl.DataFrame:
    frame = pl.DataFrame({
        "ts": rows["ts"], "equity": rows["equity"], "equity_gross": rows["gross"], "cash": rows["cash"],
        "locked": rows["locked"],
    }).cast(pl.Schema(EQUITY)) if len(rows) else pl.DataFrame(schema=EQUITY)  # fmt: skip
    frame = frame.unique("ts", keep="last", maintain_order=True)
    values = pl.struct(pl.all().exclude("ts"))
    row = pl.int_range(pl.len())
    return frame.filter((row == 0) | (row == pl.len() - 1) | (values != values.shift(1)))


def _open_positions(replay: Replay) -> list[dict[str, Any]]:
    """List what is still held and what it counts for: by a mark where there is one, else at its cost."""
    contracts = replay.state.contracts
    found = []
    for number in np.flatnonzero(contracts["position"]):
        row, instrument = contracts[number], replay.tape.instruments[number]
        position = int(row["position"])
        mark, marked = _mark(row, position)
        unit = int(row["price_unit"])
        if marked == "cost":
            value = int(row["cost"])
        elif row["asset"] or position > 0:
            value = position * mark // unit
        else:
            value = -position * (unit - mark) // unit
        found.append({
            "contract": instrument.id, "event": instrument.event, "series": instrument.series,
            "venue": instrument.venue, "position": position, "value": value, "marked": marked,
        })  # fmt: skip
    return found


def _mark(row: Any, position: int) -> tuple[int, str]:
    """Price a holding counts at, and where it is from: result, exit's touch, last price, or nowhere."""
    if row["state"] >= r.DETERMINED and row["value"] >= 0:
        return int(row["value"]) // 100, "result"
    touch = int(row["bid"] if position > 0 else row["ask"])
    if touch != r.NONE:
        return touch, "touch"
    last = int(row["mark"])
    return last, "cost" if last == r.NONE else "last"


def _accounts(replay: Replay, held: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """List the accounts of the venues traded, in 0.000001 of their currency."""
    state, contracts = replay.state, replay.state.contracts
    traded = set(contracts["account"][contracts["tradable"] != 0].tolist())
    found = []
    for number, venue in enumerate(replay.tape.accounts):
        row = state.accounts[number]
        if number not in traded and row["start"] == row["cash"] == 0:
            continue
        key = AccountKey(venue, currency=currency_of(venue))
        positions = sum(each["value"] for each in held if each["venue"] == venue)
        found.append({
            "venue": key.venue, "subaccount": key.subaccount, "shard": key.shard, "currency": key.currency,
            "counted": not row["apart"], "start": int(row["start"]), "cash": int(row["cash"]),
            "reserved": int(row["reserved"]), "positions": positions, "fees": int(row["fees"]),
            "rebates": int(row["rebates"]), "pnl": int(row["cash"]) + positions - int(row["start"]),
        })  # fmt: skip
    return found


def audit_output(
    fills: pl.DataFrame, settlements: pl.DataFrame, accounts: Sequence[Mapping[str, Any]],
    curve: npt.NDArray[Any],
) -> None:
    """Close the books of a replay: cash and fees of each account, and equity of all that count.

    Raises
    ------
    VerificationFailed
        Code ``books_open``, if anything is off by 0.000001.
    """
    for account in accounts:
        own = [frame.filter(pl.col("venue") == account["venue"]) for frame in (fills, settlements)]
        cash = account["start"] + sum(int(frame["cash"].sum()) for frame in own)
        _must_equal("cash", account["venue"], cash, account["cash"])
        _must_equal("fees", account["venue"], sum(int(frame["fee"].sum()) for frame in own), account["fees"])
    counted = [account for account in accounts if account["counted"]]
    if len(curve) and counted:
        equity = sum(account["cash"] + account["positions"] for account in counted)
        _must_equal("equity", "all accounts", equity, int(curve["equity"][-1]))
        fees = sum(account["fees"] for account in counted)
        _must_equal("equity before fees", "all accounts", equity + fees, int(curve["gross"][-1]))


def _must_equal(what: str, where: str, expected: int, found: int) -> None:
    if expected != found:
        raise VerificationFailed(
            f"expected {expected} of {what} at {where}, was {found} (in 0.000001)", code="books_open",
            details={"what": what, "where": where},
        )
