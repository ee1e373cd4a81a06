"""Runs of NautilusTrader 1.221: `maker TAPE.npy`, `contracts TAPE.npy`, `bars BARS.npy`."""

from __future__ import annotations

import argparse
from decimal import Decimal

import nautilus_trader
import numpy as np
from measure import emit, measured
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.backtest.models import LatencyModel
from nautilus_trader.config import LoggingConfig, RiskEngineConfig
from nautilus_trader.indicators import SimpleMovingAverage
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import Bar, BarType, BookOrder, OrderBookDelta, TradeTick
from nautilus_trader.model.enums import (
    AccountType,
    AggressorSide,
    AssetClass,
    BookAction,
    BookType,
    OmsType,
    OrderSide,
    RecordFlag,
)
from nautilus_trader.model.identifiers import InstrumentId, Symbol, TradeId, Venue
from nautilus_trader.model.instruments import BinaryOption
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.trading.strategy import Strategy

VENUE = Venue("SIM")
ORDER_LATENCY = 300_000
OWN, LIMIT_QTY = 5.37, 53.7


def instrument(number: int, precision: int = 2) -> BinaryOption:
    symbol = f"C{number}"
    return BinaryOption(
        instrument_id=InstrumentId(Symbol(symbol), VENUE),
        raw_symbol=Symbol(symbol),
        asset_class=AssetClass.ALTERNATIVE,
        currency=USD,
        price_precision=precision,
        size_precision=2,
        price_increment=Price(0.01, precision),
        size_increment=Quantity(0.01, 2),
        activation_ns=0,
        expiration_ns=4_000_000_000_000_000_000,
        maker_fee=Decimal(0),
        taker_fee=Decimal(0),
        ts_event=0,
        ts_init=0,
    )


def engine_with(instruments: list, *, latency: bool, book: BookType) -> BacktestEngine:
    config = BacktestEngineConfig(
        logging=LoggingConfig(bypass_logging=True),
        risk_engine=RiskEngineConfig(bypass=True),
        run_analysis=False,
    )
    engine = BacktestEngine(config)
    engine.add_venue(
        venue=VENUE,
        oms_type=OmsType.NETTING,
        account_type=AccountType.MARGIN,
        base_currency=USD,
        starting_balances=[Money(10_000_000, USD)],
        book_type=book,
        trade_execution=True,
        latency_model=LatencyModel(base_latency_nanos=ORDER_LATENCY) if latency else None,
    )
    for one in instruments:
        engine.add_instrument(one)
    return engine


def data_of(tape: np.ndarray, instruments: list) -> list:
    """Return the rows as the peer's objects, in the order of the tape, in one list."""
    prices = {cents * 100: Price(cents / 100, 2) for cents in range(101)}
    sizes: dict[int, Quantity] = {}
    last = np.append(tape["ts_event"][1:] != tape["ts_event"][:-1], True).tolist()
    out = []
    columns = (tape[name].tolist() for name in ("ts_recv", "contract", "kind", "side", "price", "size"))
    for number, (ts, contract, kind, side, price, size) in enumerate(zip(*columns, strict=True)):
        iid = instruments[contract].id
        quantity = sizes.get(size)
        if quantity is None:
            quantity = sizes[size] = Quantity(size / 1e6, 2)
        if kind == 3:
            aggressor = AggressorSide.BUYER if side > 0 else AggressorSide.SELLER
            out.append(TradeTick(iid, prices[price], quantity, aggressor, TradeId(str(number)), ts, ts))
            continue
        order = BookOrder(OrderSide.BUY if side > 0 else OrderSide.SELL, prices[price], quantity, price)
        action = BookAction.UPDATE if size else BookAction.DELETE
        flags = int(RecordFlag.F_LAST) if last[number] else 0
        out.append(OrderBookDelta(iid, action, order, flags, number, ts, ts))
    return out


class Maker(Strategy):
    """Quotes half a cent around the mid, rounded outward, whenever a best price changed."""

    def __init__(self, instruments: list, *, idle: bool = False) -> None:
        super().__init__()
        self.instruments, self.idle = instruments, idle
        self.quantity = Quantity(OWN, 2)
        self.prices = [Price(cents / 100, 2) for cents in range(101)]
        self.best: dict = {}
        self.net: dict = {}
        self.working: dict = {}
        self.placed = self.fills = 0

    def on_start(self) -> None:
        for one in self.instruments:
            self.net[one.id] = 0.0
            self.working[one.id] = [None, None]
            self.subscribe_order_book_deltas(one.id, BookType.L2_MBP)

    def on_order_book_deltas(self, deltas) -> None:
        self.requote(deltas.instrument_id)

    def on_order_filled(self, event) -> None:
        self.fills += 1
        signed = event.last_qty.as_double()
        self.net[event.instrument_id] += signed if event.order_side == OrderSide.BUY else -signed

    def requote(self, iid) -> None:
        if self.idle:
            return
        book = self.cache.order_book(iid)
        bid, ask = book.best_bid_price(), book.best_ask_price()
        if bid is None or ask is None or bid >= ask or self.best.get(iid) == (bid, ask):
            return
        self.best[iid] = (bid, ask)
        cents = round(bid.as_double() * 100) + round(ask.as_double() * 100)
        working, net = self.working[iid], self.net[iid]
        for s in (0, 1):
            price = self.prices[(cents - 1) // 2 if s == 0 else (cents + 2) // 2]
            room = LIMIT_QTY - net if s == 0 else LIMIT_QTY + net
            order = working[s]
            if order is not None and not order.is_closed:
                if order.is_pending_cancel or not order.is_open:
                    continue
                if order.price == price and order.leaves_qty.as_double() <= room:
                    continue
                self.cancel_order(order)
            working[s] = None
            if room + 1e-9 >= OWN:
                side = OrderSide.BUY if s == 0 else OrderSide.SELL
                working[s] = self.order_factory.limit(iid, side, self.quantity, price, post_only=True)
                self.placed += 1
                self.submit_order(working[s])


class Cross(Strategy):
    """Reverses a fixed size when two averages of closes cross."""

    def __init__(self, one, bar_type: BarType) -> None:
        super().__init__()
        self.one, self.bar_type = one, bar_type
        self.fast, self.slow = SimpleMovingAverage(20), SimpleMovingAverage(50)
        self.size, self.last, self.placed, self.fills = 0.0, 0.0, 0, 0

    def on_start(self) -> None:
        self.register_indicator_for_bars(self.bar_type, self.fast)
        self.register_indicator_for_bars(self.bar_type, self.slow)
        self.subscribe_bars(self.bar_type)

    def on_order_filled(self, event) -> None:
        self.fills += 1

    def on_bar(self, bar) -> None:
        if not self.slow.initialized:
            return
        now = self.fast.value - self.slow.value
        if self.last <= 0 < now and self.size <= 0:
            self.trade(OrderSide.BUY, 10.0)
        elif self.last >= 0 > now and self.size >= 0:
            self.trade(OrderSide.SELL, -10.0)
        self.last = now

    def trade(self, side: OrderSide, target: float) -> None:
        quantity = Quantity(abs(target - self.size), 2)
        self.size = target
        self.placed += 1
        self.submit_order(self.order_factory.market(self.one.id, side, quantity))


def run_books(tape: np.ndarray, *, idle: bool) -> tuple[Maker, dict]:
    instruments = [instrument(k) for k in range(int(tape["contract"].max()) + 1)]
    engine = engine_with(instruments, latency=True, book=BookType.L2_MBP)
    engine.add_data(data_of(tape, instruments), sort=False)
    strategy = Maker(instruments, idle=idle)
    engine.add_strategy(strategy)
    _, times = measured(engine.run)
    return strategy, times


def run_bars(rows: np.ndarray) -> tuple[Cross, dict]:
    one = instrument(0)
    engine = engine_with([one], latency=False, book=BookType.L1_MBP)
    kind = BarType.from_str(f"{one.id}-1-MINUTE-LAST-EXTERNAL")
    volume = Quantity(1_000_000, 2)
    columns = (rows[name].tolist() for name in ("ts", "open", "high", "low", "close"))
    bars = [
        Bar(kind, Price(o, 2), Price(h, 2), Price(low, 2), Price(c, 2), volume, ts, ts)
        for ts, o, h, low, c in zip(*columns, strict=True)
    ]
    engine.add_data(bars, sort=False)
    strategy = Cross(one, kind)
    engine.add_strategy(strategy)
    _, times = measured(engine.run)
    return strategy, times


def main() -> None:
    """Run one workload and print its result."""
    parser = argparse.ArgumentParser()
    parser.add_argument("workload", choices=["maker", "contracts", "bars"])
    parser.add_argument("tape")
    parser.add_argument("--rows", type=int, default=0, help="only the first rows of the tape")
    parser.add_argument("--idle", action="store_true", help="subscribe, but place no orders")
    args = parser.parse_args()
    rows = np.load(args.tape)
    rows = rows[: args.rows] if args.rows else rows
    strategy, times = run_bars(rows) if args.workload == "bars" else run_books(rows, idle=args.idle)
    emit(
        peer="nautilus_trader",
        version=nautilus_trader.__version__,
        workload=args.workload,
        events=len(rows),
        orders=strategy.placed,
        fills=strategy.fills,
        **times,
    )


if __name__ == "__main__":
    main()
