"""Two clocks: what a strategy can know when, and when its orders arrive."""

from typing import Any

import pytest

from ntp.engine.tape import SourceFrames
from ntp.strategy import Strategy

from .build import BUY, SECOND, SELL, T0, Market, Played, order, play, source_of


class Watching(Strategy):
    """Notes every wake."""

    def on_start(self) -> None:
        self.notes: list[tuple[Any, ...]] = []

    def _note(self, kind: str, data: Any) -> None:
        self.notes.append(
            (kind, round((self.ts - T0) / SECOND, 6), data.symbol, data.get("bid"), data.get("ask"))
        )

    def on_quote(self, data: Any) -> None:
        self._note("quote", data)

    def on_trade(self, data: Any) -> None:
        self._note("trade", data)

    def on_lifecycle(self, contract: Any, state: str) -> None:
        self.notes.append((state, round((self.ts - T0) / SECOND, 6)))

    def on_settlement(self, settlement: Any) -> None:
        self.notes.append(("paid", round((self.ts - T0) / SECOND, 6)))


def watch(sources: Market | list[SourceFrames], **options: Any) -> list[tuple[Any, ...]]:
    return list(play(sources, Watching(), **options).strategy.notes)


def test_nothing_is_visible_before_it_is_seen() -> None:
    market = Market().quote(0, 4_800, 5_200, 1, 1).quote(1, 4_900, 5_200, 1, 1, recv=1.3)
    notes = watch([market.source(0.02)], feed_latency=0.02)
    assert notes == [("quote", 0.02, "C", 0.48, 0.52), ("quote", 1.32, "C", 0.49, 0.52)]


def test_a_feed_latency_holds_without_recorded_arrival_times() -> None:
    market = Market().quote(0, 4_800, 5_200, 1, 1).life(2, "halted").settle(3, 1.0, "determined").settle(4, 1.0)
    notes = watch([market.source(0.5)], feed_latency=0.5)
    assert notes[:3] == [("quote", 0.5, "C", 0.48, 0.52), ("halted", 2.5), ("determined", 3.5)]
    assert sorted(notes[3:]) == [("paid", 4.5), ("settled", 4.5)]


def test_each_source_has_its_own_latency() -> None:
    near = Market("A").quote(0, 4_800, 5_200, 1, 1).quote(1, 4_900, 5_200, 1, 1)
    far = Market("B").quote(0, 3_800, 4_200, 1, 1).quote(1, 3_900, 4_200, 1, 1)
    notes = watch([near.source(0.1), far.source(0.4)])
    assert [(when, symbol) for _, when, symbol, *_ in notes] == [(0.1, "A"), (0.4, "B"), (1.1, "A"), (1.4, "B")]


def test_a_result_is_not_visible_before_it_is_determined_and_cash_not_before_it_moves() -> None:
    market = Market().quote(0, 4_800, 5_200, 9, 9).trade(2, 4_800, 20, SELL).settle(5, 1.0, "determined").settle(9, 1.0)
    market.trade(12, 4_800, 1, SELL)
    seen: dict[float, Any] = {}

    def look(when: float) -> Any:
        return lambda strategy: seen.update({when: strategy.cash})

    played = play(market, [(1, order(BUY, 10, 4_800)), (4, look(4)), (8, look(8)), (10, look(10))], cash=100)
    assert played.fills == [(2, BUY, 4_800, 10)]
    assert seen == {4: 95.2, 8: 95.2, 10: 105.2}


def test_an_order_arrives_its_latency_after_the_decision() -> None:
    market = Market().quote(0, 4_800, 5_200, 9, 9).quote(5, 4_800, 5_200, 8, 9)
    played = play(market, [(1, order(BUY, 1, 4_700))], latency=0.25)
    live = played.replay.state.tables["orders"]
    row = live[live["id"] == 1][0]
    assert int(row["arrived"]) - int(row["sent"]) == 250_000_000


def test_each_venue_may_have_an_order_latency_of_its_own() -> None:
    markets = [Market("C", "near"), Market("D", "far")]
    for market in markets:
        market.quote(0, 4_800, 5_200, 9, 9).quote(2, 4_600, 4_800, 9, 9).quote(2.1, 4_800, 5_200, 9, 9)
        market.quote(9, 4_800, 5_200, 8, 9)
    steps = [(1, order(BUY, 1, 4_800, symbol, contract=symbol)) for symbol in "DC"]
    steps += [(3, lambda strategy: strategy.cancel(None))]
    played = play([source_of(markets)], steps, latency=0.25, venue_latencies={"near": SECOND // 20})
    done = played.replay.state.tables["done"]
    done = done[done["order_id"] > 0]
    took = {int(row["contract"]): int(row["arrived"] - row["sent"]) for row in done}
    names = [each.symbol for each in played.replay.tape.instruments]
    assert {names[number]: time / SECOND for number, time in took.items()} == {"C": 0.05, "D": 0.25}
    assert [(time, size) for time, _, _, size in played.fills] == [(pytest.approx(2.05), 1)], "stood crossed for 0.1 s"
    ended = {names[int(row["contract"])]: (int(row["done"]) - T0) / SECOND for row in done}
    assert ended["D"] == 3.25


def test_at_one_instant_recorded_rows_come_before_orders() -> None:
    market = Market().book(0, {4_800: 5}, {5_200: 5}).level(1.25, BUY, 4_800, 50).level(9, BUY, 100, 1)
    assert play(market, [(1, order(BUY, 1, 4_800))], latency=0.25).queue() == 50


def test_a_group_is_applied_before_anybody_is_woken() -> None:
    market = Market().book(0, {4_800: 5}, {5_200: 5})
    market.level(1, SELL, 5_200, 0, end=False).level(1, SELL, 5_100, 7, end=False).level(1, BUY, 4_900, 3)
    assert watch(market) == [("quote", 0.0, "C", 0.48, 0.52), ("quote", 1.0, "C", 0.49, 0.51)]


def test_a_crossed_book_wakes_nobody_until_it_is_uncrossed() -> None:
    market = Market().book(0, {4_800: 5}, {5_200: 5}).level(1, BUY, 5_200, 7).level(2, BUY, 5_300, 1)
    market.level(3, SELL, 5_200, 0).level(3, SELL, 5_400, 2)
    assert watch(market) == [("quote", 0.0, "C", 0.48, 0.52), ("quote", 3.0, "C", 0.53, 0.54)]


def test_wakes_at_one_instant_come_in_order_of_contract_id() -> None:
    markets = [Market(name).quote(0, 4_800, 5_200, 1, 1).quote(1, 4_900, 5_200, 1, 1) for name in "DACB"]
    notes = watch([source_of(markets)])
    assert [symbol for _, _, symbol, *_ in notes] == list("ABCDABCD")


def test_a_fill_is_known_a_feed_latency_later() -> None:
    market = Market().book(0, {4_800: 5}, {5_200: 5}).trade(2, 4_700, 9, SELL).level(9, BUY, 100, 1)
    seen: list[float] = []
    steps = [(1, order(BUY, 1, 4_800))]
    steps += [(when, lambda s: seen.append(s.position("C").size)) for when in (2.2, 2.4)]
    play([market.source(0.3)], steps, feed_latency=0.3)
    assert seen == [0.0, 1.0]


@pytest.mark.parametrize("spent", [0.0, 0.1])
def test_a_cancel_never_overtakes_its_order(spent: float) -> None:
    market = Market().book(0, {4_800: 5}, {5_200: 5}).trade(5, 4_000, 99, SELL)

    def both(strategy: Any) -> None:
        order(BUY, 1, 4_800)(strategy)
        strategy.cancel(strategy.sent["a"])

    played: Played = play(market, [(1, both)], latency=spent)
    assert (played.fills, played.ends) == ([], ["cancelled"])


class Ticking(Strategy):
    """Counts what repeats."""

    wake = ("timer:10s", "bar:10s")

    def on_start(self) -> None:
        self.ticks: list[float] = []
        self.closes: list[float] = []

    def on_timer(self, timer: Any) -> None:
        self.ticks.append((timer.ts - T0) / SECOND)

    def on_bar(self, data: Any) -> None:
        self.closes.append(float(data.bars("10s", 1).close[-1]))


def test_what_repeats_ends_with_the_first_time_after_the_data() -> None:
    played = play(Market().quote(0, 4_800, 5_200, 1, 1).quote(25, 4_900, 5_300, 1, 1), Ticking())
    assert played.strategy.ticks == [10, 20, 30]
    assert played.strategy.closes == [0.5, 0.5, 0.51]


class Recalling(Strategy):
    """Looks back on prices at each print."""

    wake = ("trade",)

    def on_start(self) -> None:
        self.seen: list[list[float]] = []

    def analyze(self, data: Any) -> None:
        self.seen.append(data.history("price", 1).tolist() + data.history("mid", 1).tolist())


def test_a_print_between_changes_of_the_best_prices_is_part_of_the_history() -> None:
    market = Market().quote(0, 4_800, 5_200, 9, 9).trade(1, 4_800, 1, SELL).trade(2, 5_200, 1, BUY)
    assert play(market.quote(9, 4_800, 5_200, 8, 9), Recalling()).strategy.seen == [[0.48, 0.5], [0.52, 0.5]]
