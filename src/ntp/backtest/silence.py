"""Why a run has no fills: the first question after a table of zeros."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ntp.backtest.run import Run


def why_no_fills(run: "Run") -> list[str]:
    """Say why the headline has no fills, most telling first; empty where it has some."""
    shown = run.shown
    if shown.metrics["fills"]:
        return []
    orders = shown.output.orders
    if not len(orders):
        return _no_orders(shown.output.counters)
    found = []
    statuses = dict(orders["status"].value_counts().iter_rows())
    never = sum(statuses.get(status, 0) for status in ("rejected", "refused"))
    if never == len(orders):
        return ["no fills: every order was rejected or refused, for the reasons above"]
    if run.context.data.tape == "none":
        found.append(
            "no fills: the recording has no prints (tape none), so an order at rest fills only where the market "
            "trades through its price"
        )
        touched = run.fill_modes.get("optimistic")
        if touched is not None and touched.metrics["fills"]:
            found.append("the optimistic replay also fills at a touch of the price by the opposite side")
        if run.fidelity == "quotes":
            found.append("prints beside the quotes, imported with --emits trade, would tell more")
    else:
        found.append(
            "no fills: no print reached the orders behind the queue ahead of them, and the market did not trade "
            "through their prices"
        )
    return found


def _no_orders(counters: Any) -> list[str]:
    if not counters.get("wakes", 1):
        return [
            "no orders: the strategy was never woken; its wake tokens name nothing that happens in this data"
        ]
    absent = counters.get("absent") or {}
    if absent:
        told = ", ".join(f"{name} ({count:,} times)" for name, count in sorted(absent.items(), key=lambda x: -x[1]))
        return [f"no orders: the strategy was woken, but values it reads were absent: {told}"]
    return ["no orders: the strategy was woken and asked for nothing"]
