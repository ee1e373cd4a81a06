"""Predicted against answered immediate-or-cancel orders of a recorded account."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl


@dataclass(frozen=True)
class Order:
    """One order with the ladder that the bot saw when it sent it, and the exchange's answer."""

    kind: str
    market: str
    side: str
    size: float
    touch: float
    visible: float
    latency_ms: float
    book_age_ms: float
    messages: float
    status: str
    filled: float
    oversold: bool
    """An earlier exit of this position already sold less than it was asked to."""

    @property
    def answer(self) -> str:
        if self.status == "rejected":
            return "rejected"
        return "fill" if self.filled > 0 or self.status == "executed" else "no fill"

    @property
    def ladder(self) -> str:
        """Prediction by the ladder alone: what is displayed at the limit or better gets filled."""
        return "fill" if self.visible > 0 else "no fill"

    @property
    def reason(self) -> str:
        """Why the ladder cannot be taken at its word, empty if it can."""
        if self.touch >= 100 or self.touch <= 0:
            return "not a price"
        if self.oversold:
            return "nothing left to sell"
        near = self.touch >= 90 if self.kind == "entry" else self.touch > 90
        return "cents hide deci-cents" if near or self.touch < 10 else ""

    @property
    def corrected(self) -> str:
        return {"": "fill", "not a price": "rejected"}.get(self.reason, "no fill")


def read_orders(folder: Path) -> list[Order]:
    events = pl.read_parquet(folder / "order_events.parquet")
    starts = events.filter(pl.col("event_type") == "order_submit_start").select(
        "client_order_id", sent=pl.col("last_seq")
    )
    answers = (
        events.filter(pl.col("event_type").is_in(["order_submit_success", "order_submit_reject"]))
        .join(starts, on="client_order_id")
        .sort("ts_wall", "client_order_id")
    )
    sold_out: set[tuple[str, str]] = set()
    orders = []
    for row in answers.iter_rows(named=True):
        position = (row["market"], row["side"])
        kind = row["client_order_id"].split("-")[1]
        touch, visible = (float(x) for x in row["book_summary"].strip("[]").split(",")[0].split(":"))
        order = Order(
            kind=kind,
            market=row["market"],
            side=row["side"],
            size=row["slice_target_size"],
            touch=touch,
            visible=visible,
            latency_ms=row["submit_latency_ms"],
            book_age_ms=row["book_age_ms"],
            messages=row["last_seq"] - row["sent"],
            status=row["exchange_status"],
            filled=row["fill_count"],
            oversold=kind == "exit" and position in sold_out,
        )
        if kind == "entry" and order.answer == "fill":
            sold_out.discard(position)
        elif order.answer == "fill" and order.filled < order.size:
            sold_out.add(position)
        orders.append(order)
    return orders


def confusion(orders: Iterable[Order], predict: Callable[[Order], str]) -> dict[tuple[str, str], int]:
    table: dict[tuple[str, str], int] = {}
    for order in orders:
        cell = (predict(order), order.answer)
        table[cell] = table.get(cell, 0) + 1
    return table


def trusted(orders: Iterable[Order]) -> list[Order]:
    return [order for order in orders if not order.reason]


def fill_rates(
    orders: Iterable[Order], value: Callable[[Order], float], bounds: tuple[float, ...]
) -> list[tuple[str, int, int]]:
    """Rows of (interval, orders, fills); intervals include their upper bound."""
    rows = []
    edges = (-math.inf, *bounds, math.inf)
    listed = list(orders)
    for low, high in pairwise(edges):
        inside = [order for order in listed if low < value(order) <= high]
        name = (
            f"to {high:g}"
            if low == -math.inf
            else f"over {low:g}"
            if high == math.inf
            else f"{low:g} to {high:g}"
        )
        rows.append((name, len(inside), sum(order.answer == "fill" for order in inside)))
    return rows


COVARIATES: tuple[tuple[str, Callable[[Order], float]], ...] = (
    ("latency", lambda order: math.log(order.latency_ms)),
    ("book age", lambda order: math.log1p(order.book_age_ms)),
    ("size at the touch", lambda order: math.log(order.visible)),
    ("messages in flight", lambda order: math.log1p(max(order.messages, 0))),
    ("exit", lambda order: float(order.kind == "exit")),
)


def logistic(orders: list[Order]) -> list[tuple[str, float, float]]:
    """Fit the chance of a fill by Newton's method: (name, coefficient per standard deviation, error)."""
    columns = np.array([[value(order) for _, value in COVARIATES] for order in orders])
    columns = (columns - columns.mean(axis=0)) / columns.std(axis=0)
    design = np.column_stack([np.ones(len(orders)), columns])
    answer = np.array([order.answer == "fill" for order in orders], dtype=float)
    weights = np.zeros(design.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-design @ weights))
        information = design.T @ (design * (chance * (1 - chance))[:, None])
        weights += np.linalg.solve(information, design.T @ (answer - chance))
    errors = np.sqrt(np.diag(np.linalg.inv(information)))
    names = ("constant", *(name for name, _ in COVARIATES))
    return [(n, float(w), float(e)) for n, w, e in zip(names, weights, errors, strict=True)]
