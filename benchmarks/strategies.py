"""Ordinary Python strategies of the comparison, written as a user would write them."""

from __future__ import annotations

from typing import Any

from ntp.strategy import Strategy
from ntp.strategy.shipped import Maker


class BestMaker(Maker):
    """The shipped maker as Python code, woken when a best price changes and by its own fills."""

    wake = ("best", "fill")

    def on_fill(self, fill: Any) -> None:
        """Note the fill, as strategies that keep books of their own do."""
        self.seen = getattr(self, "seen", 0) + 1


class QuoteMaker(Maker):
    """The same, woken whenever a best price or the size there changes."""

    wake = ("quote", "fill")

    def on_fill(self, fill: Any) -> None:
        """Note the fill."""
        self.seen = getattr(self, "seen", 0) + 1


class Cross(Strategy):
    """Reverse ten units when averages of 20 and 50 closes cross."""

    wake = "best"

    def on_start(self) -> None:
        """Begin with empty windows."""
        self.closes: list[int] = []
        self.fast = self.slow = self.before = 0

    def analyze(self, data: Any) -> None:
        """Move the windows by one bar and act on a crossing."""
        close = round(data.price * 100)
        closes = self.closes
        closes.append(close)
        count = len(closes)
        self.fast += close - (closes[count - 21] if count > 20 else 0)
        self.slow += close - (closes[count - 51] if count > 50 else 0)
        if count < 50:
            return
        now = self.fast * 5 - self.slow * 2
        if count > 50:
            held, price = data.position.size, data.price
            if self.before <= 0 < now and held <= 0:
                self.buy(size=10 - held, price=2 * price, post_only=False, tif="ioc")
            elif self.before >= 0 > now and held >= 0:
                self.sell(size=10 + held, price=price / 2, post_only=False, tif="ioc")
        self.before = now
