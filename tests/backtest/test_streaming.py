"""A recording replayed in pieces as they are read gives what it gives in one piece."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ntp.backtest import Backtest, Run, loader
from ntp.data import SCHEMAS, Catalog, Dataset, Kind
from ntp.data.schema import BOOK_SET, FLAG_GROUP_END
from ntp.markets.instrument import Instrument, InstrumentKind
from ntp.strategy import Strategy

SECOND = 1_000_000_000
START = 1_730_000_000 * SECOND
ROWS = 1_500
DAYS = 2.2


class Everything(Strategy):
    """Quotes, takes a trade's side, and records what it is told."""

    def on_quote(self, data: Any) -> None:
        if data.bid < data.ask - 0.02:
            self.quote(bid=data.bid, ask=data.ask, size=3)

    def on_trade(self, data: Any) -> None:
        self.record(trade=data.trade.price)

    def on_custom(self, payload: Any) -> None:
        self.record(told=payload["n"])

    def on_lifecycle(self, contract: Any, state: str) -> None:
        self.record(**{f"{contract.symbol} {state}": 1})


def books(symbol: str, seed: int, delay: int) -> Iterator[tuple[Kind, dict[str, Any]]]:
    """Levels around a walking mid in atomic groups, prints at the touch; `delay` is the longest way to the recorder."""
    draw = random.Random(seed)
    mid, sequence = 50, 0
    times = sorted(START + draw.randrange(int(DAYS * 86_400)) * SECOND for _ in range(ROWS))
    for ts in times:
        step = draw.choice((-1, 0, 0, 0, 1))
        gone = [(1 if step < 0 else -1, mid + step)] if step else []
        mid = min(80, max(20, mid + step))
        side = draw.choice((1, -1))
        shown = [(side, mid - side * draw.randint(1, 4))]
        sizes = [0] * len(gone) + [draw.randint(1, 40)]
        recv = ts + draw.randrange(delay + 1) if delay else None
        if draw.random() < 0.3:
            yield Kind.TRADE, {
                "ts_event": ts, "ts_recv": recv, "symbol": symbol, "sequence": sequence, "flags": FLAG_GROUP_END,
                "price": (mid + side) * 100, "size": draw.randint(1, 60) * 1_000_000, "taker": side,
            }  # fmt: skip
            sequence += 1
        for (at, price), size in zip([*gone, *shown], sizes, strict=True):
            last = (at, price) == shown[-1]
            yield Kind.BOOK, {
                "ts_event": ts, "ts_recv": recv, "symbol": symbol, "sequence": sequence,
                "flags": FLAG_GROUP_END if last else 0, "side": at, "action": BOOK_SET, "price": price * 100,
                "size": size * 1_000_000,
            }  # fmt: skip
            sequence += 1


def around(symbol: str) -> Iterator[tuple[Kind, dict[str, Any]]]:
    """Rows of rare kinds: a market's life and result, and messages of its own."""
    head = {"ts_recv": None, "symbol": symbol, "sequence": None, "flags": FLAG_GROUP_END}
    day = 86_400 * SECOND
    for ts, state in ((START + day, "halted"), (START + day + 3_600 * SECOND, "open")):
        yield Kind.LIFECYCLE, {**head, "ts_event": ts, "state": state, "payload": "{}"}
    yield Kind.SETTLEMENT, {**head, "ts_event": START + 3 * day, "value": 1_000_000, "state": "settled"}
    for n in range(50):
        yield Kind.CUSTOM, {**head, "ts_event": START + n * day // 25, "payload": f'{{"n": {n}}}'}


def candles(symbol: str) -> Iterator[tuple[Kind, dict[str, Any]]]:
    draw = random.Random(symbol)
    empty = dict.fromkeys(SCHEMAS[Kind.CANDLE])
    for n in range(1, 800):
        low = draw.randint(30, 60)
        yield Kind.CANDLE, {
            **empty, "ts_event": START + n * 240 * SECOND, "symbol": symbol, "flags": FLAG_GROUP_END,
            "interval": 240 * SECOND, "open": low * 100 + 100, "high": low * 100 + 400, "low": low * 100,
            "close": low * 100 + 300, "volume": 50_000_000, "bid_close": low * 100 + 100, "ask_close": low * 100 + 500,
        }  # fmt: skip


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Two sources, one with arrival times, stored by several writers so that files of a day overlap."""
    catalog = Catalog(Path(tmp_path_factory.mktemp("catalog")))
    told = [
        ("left", [*books("A", 1, 20 * SECOND), *around("A")]), ("left", [*books("B", 2, 5 * SECOND)]),
        ("right", [*books("C", 3, 0), *candles("D")]), ("right", [*books("E", 4, 0)]),
    ]  # fmt: skip
    for source, rows in told:
        with catalog.writer("made", source=source) as writer:
            writer.add_instruments(
                Instrument(symbol=symbol, venue="sim_a", kind=InstrumentKind.CONTRACT, event=symbol)
                for symbol in sorted({row["symbol"] for _, row in rows})
            )
            for kind in Kind:
                mine = [row for each, row in rows if each is kind]
                if mine:
                    writer.add(kind, pl.DataFrame(mine, schema=SCHEMAS[kind]))
    return catalog.dataset("made")


@pytest.fixture
def backtest(recording: Dataset, monkeypatch: pytest.MonkeyPatch) -> Callable[[int | None], Run]:
    def run(piece: int | None, **options: Any) -> Run:
        if piece is not None:
            monkeypatch.setattr(loader, "IN_MEMORY", 0)
            monkeypatch.setattr(loader, "PIECE", piece)
        engine = {"feed_latency": {"left": "2s", "right": "90s"}, "order_latency": "1s"}
        return Backtest(Everything(), recording, engine=engine, store=False).run(**options)

    return run


def told(run: Run) -> list[Any]:
    """Return everything that a run tells, in all fill modes."""
    return [
        [mode.fills_hash, *(frame.rows() for frame in (mode.orders, mode.equity, mode.settlements, mode.records))]
        for mode in run.fill_modes.values()
    ] + [run.context.data]  # fmt: skip


@pytest.mark.parametrize("piece", [37, 256, 1_111])
def test_pieces_of_any_size_give_the_same_run(backtest: Callable[..., Run], piece: int) -> None:
    whole = backtest(None)
    assert min(len(mode.fills) for mode in whole.fill_modes.values()) > 100
    assert {name.split()[0] for name in whole.records["name"]} >= {"trade", "told", "A"}
    assert told(backtest(piece)) == told(whole)


def test_pieces_of_a_range_give_the_same_run(backtest: Callable[..., Run]) -> None:
    span = {"start": START + 20_000 * SECOND, "end": START + 110_000 * SECOND}
    assert told(backtest(None, **span)) == told(backtest(100, **span))
