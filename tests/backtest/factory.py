"""Small synthetic replays whose books balance by construction."""

from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from ntp.backtest import DataInfo, EngineInfo, ModeOutput, Performance, Run, RunContext, StrategyInfo
from ntp.backtest.results import EQUITY, FILLS, ORDERS, SETTLEMENTS
from ntp.core import CASH_ONE, DAY, PRICE_ONE, SECOND, SIZE_ONE, cash_of

START = 20_000 * DAY
CAPITAL = 10_000 * CASH_ONE


def place(event: int | str = 0, strike: int | str = 0, venue: str = "kalshi") -> dict[str, str]:
    symbol = f"KXBTC15M-{event}-{strike}"
    return {
        "contract": f"{venue}:{symbol}", "symbol": symbol, "event": f"KXBTC15M-{event}",
        "series": "KXBTC15M", "venue": venue,
    }


def account(venue: str = "kalshi", currency: str = "USD", **values: Any) -> dict[str, Any]:
    """An account at the end of a replay."""
    row = {
        "venue": venue, "subaccount": "", "shard": 0, "currency": currency, "counted": True, "start": 0,
        "cash": 0, "reserved": 0, "positions": 0, "fees": 0, "rebates": 0, **values,
    }
    return {**row, "pnl": row["cash"] + row["positions"] - row["start"]}


@dataclass
class Replay:
    """Collects orders, fills and settlements and keeps cash, positions and equity (at cost) right."""

    capital: int = CAPITAL
    fills: list[dict[str, Any]] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)
    settlements: list[dict[str, Any]] = field(default_factory=list)
    equity: list[dict[str, Any]] = field(default_factory=list)
    held: dict[str, dict[str, Any]] = field(default_factory=dict)
    cash: int = 0
    fees: int = 0

    def __post_init__(self) -> None:
        self.cash = self.capital

    def fill(self, ts: int, side: int, cents: float, contracts: float, where=None, fee: int = 0, **extra):
        where = where or place()
        price, size = round(cents * PRICE_ONE / 100), round(contracts * SIZE_ONE)
        cash = cash_of(-side * price, size) - fee
        lot = self.held.setdefault(where["contract"], {**where, "position": 0, "price": price})
        lot["position"] += side * size
        lot["price"] = price
        self.cash += cash
        self.fees += fee
        order_id = len(self.orders) + 1
        wait = extra.pop("wait_ns", 2 * SECOND)
        passive = extra.get("is_maker", True)
        self.order(ts - wait, ts, ts, side, price, size, size, "filled", where, passive, extra)
        row = {
            "ts": ts, **where, "side": side, "price": price, "price_scale": 4, "size": size, "fee": fee,
            "rebate": 0, "is_maker": True, "traded_through": False, "inferred": False,
            "order_id": order_id, "queue_ahead": 100.0, "wait_ns": wait, "fair": None, "mid": cents / 100,
            "mid_10s": cents / 100, "cash": cash, "position": lot["position"], "tag": None,
            "exit_reason": None, **extra,
        }
        self.fills.append(row)
        self.sample(ts)
        return self

    def order(self, arrived, done, ts, side, price, size, filled, status, where, passive, extra=None):
        self.orders.append({
            "order_id": len(self.orders) + 1, "ts": arrived, "arrived": arrived, "done": done, **where,
            "side": side, "price": price, "price_scale": 4, "size": size, "filled": filled,
            "status": status, "reason": None, "passive": passive,
            "queue_ahead": (extra or {}).get("queue_ahead", 100.0), "tag": (extra or {}).get("tag"),
        })
        return self

    def unfilled(self, arrived, done, status="cancelled", where=None, passive=True, side=1, cents=40):
        price = round(cents * PRICE_ONE / 100)
        return self.order(arrived, done, done, side, price, SIZE_ONE, 0, status, where or place(), passive)

    def settle(self, ts: int, dollars: float | None, where=None, cash: int | None = None):
        where = where or place()
        lot = self.held.pop(where["contract"], {"position": 0})
        value = None if dollars is None else round(dollars * CASH_ONE)
        paid = cash if cash is not None else lot["position"] * (value or 0) // CASH_ONE
        self.cash += paid
        self.settlements.append({
            "ts": ts, **where, "value": value, "position": lot["position"], "cash": paid,
            "state": "voided" if value is None else "settled",
        })
        self.sample(ts)
        return self

    def value(self) -> int:
        return self.cash + sum(cash_of(lot["price"], lot["position"]) for lot in self.held.values())

    def sample(self, ts: int) -> None:
        equity = self.value()
        self.equity.append({
            "ts": ts, "equity": equity, "equity_gross": equity + self.fees, "cash": self.cash,
            "locked": sum(abs(cash_of(lot["price"], lot["position"])) for lot in self.held.values()),
        })

    def output(self, **counters: Any) -> ModeOutput:
        return ModeOutput(
            fills=pl.DataFrame(self.fills, schema=FILLS),
            orders=pl.DataFrame(self.orders, schema=ORDERS),
            settlements=pl.DataFrame(self.settlements, schema=SETTLEMENTS),
            equity=pl.DataFrame(self.equity, schema=EQUITY),
            counters={"events": 1_000, "wakes": 200, **counters},
            accounts=[account(start=self.capital, cash=self.cash, positions=self.value() - self.cash, fees=self.fees)],
            open_positions=[
                {**lot, "value": cash_of(lot["price"], lot["position"]), "marked": "touch"}
                for lot in self.held.values() if lot["position"]
            ],
        )


def context(**changes: Any) -> RunContext:
    days = changes.pop("days", 40)
    data = {
        "sources": ["sample"], "start": START, "end": START + days * DAY, "events": 1_000, "contracts": 3,
        "coverage": 0.98, "content_hash": "sha256:data", "fidelity": "l2", "tape": "inferred",
        "warnings": ["volume steps of one file are doubled"], **changes.pop("data", {}),
    }
    made = RunContext(
        run_id="abc123", created=START,
        strategy=StrategyInfo("maker", "1.0", "sha256:code", {"edge": 0.03, "size": 10}),
        engine=EngineInfo("0.1.0", feed_latency="20ms", order_latency="50ms", seed=7),
        data=DataInfo(**data), capital=CAPITAL, trials=1,
        performance=Performance(1.5, 2_000_000.0, 180.0),
    )
    return replace(made, **changes)


def season(events: int = 45, *, lucky: float = 1.0, fee: int = 1_000) -> Replay:
    """A replay of many events, most of them won, one a day."""
    replay = Replay()
    for at in range(events):
        where = place(at)
        ts = START + at * DAY * 40 // events + 3_600 * SECOND
        replay.unfilled(ts - 9 * SECOND, ts - 4 * SECOND, where=where)
        replay.fill(ts, 1, 45 + at % 7, 10, where, fee, fair=0.55, mid_10s=0.47, tag="join")
        if at % 3 == 0:
            replay.fill(ts + 60 * SECOND, -1, 50 + at % 5, 10, where, fee, fair=0.50, is_maker=at % 2 == 0)
        replay.settle(ts + 900 * SECOND, 1.0 if at % 10 < 6 * lucky else 0.0, where)
    return replay


def run(**changes: Any) -> Run:
    """A finished run of all three modes."""
    refused = {"refused": {"maker_only": 2}, "absent": {"bid": 4}, "stamps": ["quote_inferred"]}
    return Run(context(**changes), {
        "pessimistic": season(lucky=0.8).output(),
        "base": season().output(**refused),
        "optimistic": season(lucky=1.2).output(),
    })
