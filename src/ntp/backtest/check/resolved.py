"""Resolved: nothing may be traded on what was decided already, and no field may hold what comes out."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import polars as pl

from ntp.backtest.check.bench import Bench
from ntp.backtest.check.finding import Examined, Place
from ntp.core import CASH_ONE, format_ns
from ntp.data.future import looks_ahead
from ntp.data.schema import Kind

_LATER: Final = re.compile(
    r"(?i)(^|_)(winner|won|label|target|y|y_true|truth|next|future|fwd|forward|lead|ahead|tomorrow|resolved|resolution|"
    r"settled|payout|realized|realised|answer|close_price_final|eod)(_|$)"
)
_CLOSES: Final = ("close_time", "seconds_to_close", "seconds_to_settlement")
_MINUTE: Final = 60_000_000_000
_FEWEST: Final = 3
"""Contracts that must agree before a field is taken for their result."""


def check_resolved(bench: Bench) -> Examined:
    """Look for orders after the result, fields that hold it, and attributes that were known only later."""
    result = Examined("resolved", "orders after the result, fields that hold it, attributes known only later")
    _after_result(bench, result)
    _fields(bench, result)
    _final_rows(bench, result)
    return result


def _results(bench: Bench) -> dict[str, tuple[int, int | None]]:
    """When the result of each contract was first told, and what it was, by id."""
    found: dict[str, tuple[int, int | None]] = {}
    for source in bench.subject.sources:
        frame = source.frames.get(Kind.SETTLEMENT)
        if frame is None or frame.is_empty():
            continue
        ids = {each.symbol: each.id for each in source.instruments}
        for symbol, ts, value in frame.sort("ts_event").select("symbol", "ts_event", "value").rows():
            found.setdefault(ids.get(symbol, symbol), (ts, value))
    return found


def _after_result(bench: Bench, result: Examined) -> None:
    told = _results(bench)
    if not told:
        result.unchecked.append("orders after the result: the data tells no results")
        return
    groups = {each.id: (each.event, each.group) for each in bench.lab.tape.instruments}
    known: dict[Any, tuple[int, str]] = {}
    for contract, (ts, value) in told.items():
        known[contract] = min(known.get(contract, (ts, contract)), (ts, contract))
        event, group = groups.get(contract, ("", ""))
        if value == CASH_ONE and event and group:  # one of the group came true: the others did not
            known[event, group] = min(known.get((event, group), (ts, contract)), (ts, contract))
    late: dict[str, tuple[int, int, str]] = {}
    orders = bench.base.orders.filter(pl.col("status").is_in(["rejected", "refused"]).not_())
    for ts, contract in orders.select("ts", "contract").rows():
        for key in (contract, groups.get(contract)):
            first = known.get(key)
            if first is not None and ts >= first[0] and contract not in late:
                late[contract] = (ts, *first)
    for contract, (ts, since, winner) in list(late.items())[:3]:
        result.add(
            "error", f"it trades {contract} at {format_ns(ts)}, when the result of {winner} was told already at "
            f"{format_ns(since)}; is the time of the result in the data right?",
            bench.code.method_place("on_settlement"),
        )  # fmt: skip


# fields of custom events


def _fields(bench: Bench, result: Examined) -> None:
    """Judge the custom fields that the strategy reads, by their names and by their values."""
    values = _custom(bench)
    told = {contract.rpartition(":")[2]: value for contract, (_, value) in _results(bench).items()}
    read = dict(_read_names(bench))
    for name, rows in values.items():
        place = read.get(name) or read.get(f"x_{name}")
        if place is None:
            continue
        if _is_result(rows, told):
            result.add("error", f"the field {name!r} holds the result of its contract before it was known", place)
        elif _is_future(bench, rows):
            result.add("error", f"the field {name!r} holds the next price of its contract", place)
        elif looks_ahead(name) or _LATER.search(name):
            result.add("error", f"the field {name!r} sounds like what came out later; say when it was known (later: "
                       "{field: time}) or drop it", place)  # fmt: skip
    for name, place in read.items():
        if name not in values and looks_ahead(name) and _is_custom(bench, place):
            message = f"the field {name!r} sounds like what came out later; the data does not have it"
            result.add("warning", message, place)


def _read_names(bench: Bench) -> Iterator[tuple[str, Place]]:
    """Texts and attributes that the code names, with the place of the first use."""
    seen = set()
    for source, node in bench.code.nodes():
        name = node.value if isinstance(node, ast.Constant) else node.attr if isinstance(node, ast.Attribute) else None
        if isinstance(name, str) and name.isidentifier() and name not in seen:
            seen.add(name)
            yield name, source.place(node)


def _is_custom(bench: Bench, place: Place) -> bool:
    found = bench.code.statement(place.file or "", place.line or 0)
    return found is not None and "custom_fields" in ast.unparse(found)


def _custom(bench: Bench) -> dict[str, list[tuple[str, int, Any]]]:
    """Values of custom fields by name: symbol, time, value."""
    found: dict[str, list[tuple[str, int, Any]]] = {}
    for source in bench.subject.sources:
        for kind in (Kind.CUSTOM, Kind.GAME):
            frame = source.frames.get(kind)
            for symbol, ts, payload in () if frame is None else frame.select("symbol", "ts_event", "payload").rows():
                for name, value in json.loads(payload).items():
                    found.setdefault(name, []).append((symbol, ts, value))
    return found


def _is_result(rows: list[tuple[str, int, Any]], told: dict[str, int | None]) -> bool:
    """Whether a field says of each contract what its result will be."""
    said: dict[str, set[float]] = {}
    for symbol, _, value in rows:
        if symbol in told and told[symbol] is not None:
            said.setdefault(symbol, set()).add(_number(value))
    results = {symbol: (told[symbol] or 0) / CASH_ONE for symbol in said}
    agreed = all(values == {results[symbol]} for symbol, values in said.items())
    return agreed and len(said) >= _FEWEST and len(set(results.values())) > 1


def _number(value: Any) -> float:
    if isinstance(value, str):
        return {"yes": 1.0, "no": 0.0, "true": 1.0, "false": 0.0}.get(value.lower(), float("nan"))
    return float(value) if isinstance(value, int | float) else float("nan")


def _is_future(bench: Bench, rows: list[tuple[str, int, Any]]) -> bool:
    """Whether a field is the price of the contract's next row, and not that of its last."""
    numbers = [(symbol, ts, float(value)) for symbol, ts, value in rows if isinstance(value, int | float)]
    if len(numbers) < 20:
        return False
    frame = pl.DataFrame(numbers, schema=["symbol", "ts", "value"], orient="row").sort("ts")
    for source in bench.subject.sources:
        for kind in (Kind.TRADE, Kind.QUOTE, Kind.CANDLE):
            prices = source.frames.get(kind)
            if prices is None:
                continue
            for column in ("price", "close", "bid", "ask"):
                if column in prices.columns and _matches(frame, prices, column):
                    return True
    return False


def _matches(frame: pl.DataFrame, prices: pl.DataFrame, column: str) -> bool:
    """Whether values are the next price, changed from the present one, in nearly all rows."""
    own = prices.select("symbol", pl.col("ts_event").alias("ts"), (pl.col(column) / 1e4).alias("now")).drop_nulls()
    own = own.sort("ts").with_columns(pl.col("now").shift(-1).over("symbol").alias("next"))
    joined = frame.join_asof(own, on="ts", by="symbol", check_sortedness=False)
    moved = joined.filter((pl.col("next") - pl.col("now")).abs() > 1e-9)
    hits = ((moved["value"] - moved["next"]).abs() < 1e-6).sum()
    return moved.height >= 10 and hits > 0.9 * moved.height


# attributes of the last row


def _final_rows(bench: Bench, result: Examined) -> None:
    """Tell where the strategy reads a closing time that an archive gives only as it was in the end."""
    numbers = [number for number in bench.lab.universe if bench.lab.tape.instruments[number].known_at is None]
    if not numbers:
        return
    place = next((place for name, place in _read_names(bench) if name in _CLOSES), None)
    if place is None or not _needs_close(bench):
        return
    times = [bench.lab.tape.instruments[number].close_time for number in numbers]
    odd = [time for time in times if time is not None and time % _MINUTE]
    if odd and len(odd) > len(numbers) // 2:
        result.add(
            "error", f"it reads when contracts close, and {len(odd):,} of {len(numbers):,} closed at no full minute: "
            "the archive gives the closing time as it was in the end, when the outcome had closed them", place,
        )  # fmt: skip
    else:
        result.add(
            "warning", "it reads when contracts close, which the archive gives only as it was in the end "
            "(not_point_in_time): a close that was moved was not known before", place,
        )  # fmt: skip


def _needs_close(bench: Bench) -> bool:
    """Whether it asks for anything else when every contract closes an hour later."""
    later = [
        replace(source, instruments=[
            each if each.close_time is None else replace(each, close_time=each.close_time + 60 * _MINUTE)
            for each in source.instruments
        ]) for source in bench.subject.sources
    ]  # fmt: skip
    asked = (each.orders.drop("done", "status") for each in (bench.base, bench.lab.replay(later)))
    return not next(asked).equals(next(asked))


__all__ = ["check_resolved"]
