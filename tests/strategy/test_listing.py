"""Contracts join what a strategy reads when they are listed and leave when they are settled."""

from typing import Any

from engine.build import BUY, Market, at, play, source_of
from ntp.strategy import Strategy


class Watching(Strategy):
    """Writes down which contracts there are."""

    wake = ("timer:1s",)

    def on_start(self) -> None:
        self.seen: list[tuple[list[str], list[str]]] = []

    def on_timer(self, timer: Any) -> None:
        markets = self.markets
        event = markets[0].event if markets else None
        self.seen.append((
            [view.symbol for view in markets], [each.symbol for each in event.contracts] if event else [],
        ))


def market(symbol: str, first: float, **attributes: Any) -> Market:
    return Market(symbol, **attributes).book(first, {4_000: 10}, {4_200: 10})


def seen(*markets: Market) -> list[tuple[list[str], list[str]]]:
    return play([source_of(list(markets))], Watching()).strategy.seen


def test_a_contract_is_not_there_before_it_is_listed() -> None:
    later = market("B", 2.5, open_time=at(2.5), close_time=at(9))
    undated = market("C", 3.5)
    now = market("A", 0, open_time=at(-9), close_time=at(9)).level(4.5, BUY, 4_100, 1)
    found = seen(now, later, undated)
    assert found[1] == (["A"], ["A"])
    assert found[2] == (["A", "B"], ["A", "B"])
    assert found[3] == (["A", "B", "C"], ["A", "B", "C"])


def test_a_settled_contract_is_gone_but_stays_one_of_its_event() -> None:
    ended = market("A", 0, open_time=at(-9), close_time=at(1.2)).settle(1.5, 1.0)
    other = market("B", 0, open_time=at(-9), close_time=at(9)).level(3.5, BUY, 4_100, 1)
    found = seen(ended, other)
    assert found[0] == (["A", "B"], ["A", "B"])
    assert found[-1] == (["B"], ["A", "B"])
