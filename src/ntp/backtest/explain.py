"""Why a fill happened, told from the order's life and its queue."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from ntp.core import NotFound, format_ns

if TYPE_CHECKING:
    from ntp.backtest.run import ModeResult


@dataclass(frozen=True)
class Explanation:
    """Facts about one fill, and the sentences that tell them.

    Attributes
    ----------
    facts : Mapping
        Values in dollars, contracts and seconds; None where something is not known.
    lines : tuple of str
        The story, from sending to filling.
    """

    facts: Mapping[str, Any]
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self.lines)


def explain_fill(result: "ModeResult", fill: int | Mapping[str, Any]) -> Explanation:
    """Explain a fill of a mode.

    Parameters
    ----------
    result : ModeResult
        The mode it happened in.
    fill : int or Mapping
        Number of the row in `fills`, or the row itself.

    Raises
    ------
    NotFound
        If there is no such fill.
    """
    at = _row_number(result, fill)
    row = result.fills.row(at, named=True)
    raw = result.output.fills.row(at, named=True)
    orders = result.orders.filter(pl.col("order_id") == row["order_id"])
    order = orders.row(0, named=True) if len(orders) else None
    facts = {
        **{key: row[key] for key in (
            "contract", "side", "price", "size", "fee", "is_maker", "order_id", "queue_ahead", "wait_s",
            "traded_through", "inferred", "fair", "edge", "markout_10s", "position",
        )},
        "ts": raw["ts"],
        "cause": _cause(row),
        "queue_before": raw.get("queue_before"),
        "print_size": raw.get("print_size"),
        "sent": raw["ts"] - raw["wait_ns"] if order is None else _ns(result, row["order_id"], "ts"),
        "arrived": None if order is None else _ns(result, row["order_id"], "arrived"),
    }
    return Explanation(facts, tuple(_story(facts)))


def _row_number(result: "ModeResult", fill: int | Mapping[str, Any]) -> int:
    if isinstance(fill, int):
        if -len(result.fills) <= fill < len(result.fills):
            return fill % len(result.fills)
        raise NotFound(f"expected a fill below {len(result.fills)}, was {fill}", code="no_such_fill")
    same = pl.lit(value=True)
    for key in ("ts", "contract", "order_id", "position"):
        if key in fill:
            same &= pl.col(key) == fill[key]
    found = result.fills.with_row_index("row").filter(same)
    if not len(found):
        raise NotFound(
            "expected a row of the run's fills, found none like it", code="no_such_fill",
            hint=f"give its number, 0 to {len(result.fills) - 1}",
        )
    return int(found["row"][0])


def _ns(result: "ModeResult", order_id: int, column: str) -> int | None:
    found = result.output.orders.filter(pl.col("order_id") == order_id)[column]
    return None if found[0] is None else int(found[0])


def _cause(row: Mapping[str, Any]) -> str:
    if not row["is_maker"]:
        return "took"
    if row["traded_through"]:
        return "traded_through"
    return "inferred_print" if row["inferred"] else "print"


def _story(facts: Mapping[str, Any]) -> list[str]:
    lines = [
        f"Order {facts['order_id']} to {facts['side']} {facts['contract']} at {facts['price']:.4f}, "
        f"sent {format_ns(facts['sent'])}."
    ]
    if facts["arrived"] is not None:
        lines.append(f"The venue had it at {format_ns(facts['arrived'])}.")
    if facts["is_maker"]:
        ahead = facts["queue_ahead"]
        joined = "an unknown queue" if ahead is None else f"{ahead:,.2f} contracts"
        lines.append(f"It joined behind {joined} and waited {facts['wait_s']:,.3f} s.")
        if facts["queue_before"] is not None:
            lines.append(f"Just before the fill {facts['queue_before']:,.2f} contracts were still ahead.")
    lines.append(_causes(facts))
    lines.append(
        f"Filled {facts['size']:,.6g} at {format_ns(facts['ts'])} for a fee of ${facts['fee']:.6f}; "
        f"position afterwards {facts['position']:,.6g}."
    )
    if facts["markout_10s"] is not None:
        lines.append(f"Ten seconds later the mid had moved {facts['markout_10s'] * 100:+.2f} cents its way.")
    return lines


def _causes(facts: Mapping[str, Any]) -> str:
    size = "" if facts["print_size"] is None else f" of {facts['print_size']:,.6g} contracts"
    return {
        "took": "It took what was displayed on the other side when it arrived.",
        "traded_through": "The opposite best stayed at or beyond its price for longer than the order "
        "latency, so the level had traded through.",
        "inferred_print": f"A print{size} inferred from a step of the traded volume consumed the queue "
        "ahead and reached it.",
        "print": f"A recorded print{size} consumed the queue ahead and reached it.",
    }[str(facts["cause"])]
