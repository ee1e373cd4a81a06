"""Strategies that the tests of sweeps vary."""

from typing import ClassVar

from ntp import Param, Strategy


class Fader(Strategy):
    """Quotes around the mid while its position is small."""

    offset: float = Param(0.01, ge=0, le=0.1, sweep=(0.0, 0.03, 0.01))
    size: int = Param(5, ge=1, le=50, sweep=(5, 10, 5))
    side: str = Param("both", choices=("both", "buy", "sell"))

    def on_quote(self, data):
        wanted = {"bid": data.mid - self.offset} if self.side != "sell" else {}
        if self.side != "buy":
            wanted["ask"] = data.mid + self.offset
        self.quote(**wanted, size=self.size)


class Forgetful(Strategy):
    """Keeps on its class what belongs to a run."""

    size: int = Param(1, ge=1, le=9, sweep=(1, 4, 1))
    seen: ClassVar[list] = []

    def on_quote(self, data):
        self.seen.append(data.ts)
        if len(self.seen) % 7 == 1:
            self.buy(price=data.bid, size=self.size)


class Fragile(Strategy):
    """Fails for some of its parameters."""

    limit: int = Param(1, ge=0, le=9, sweep=(0, 5, 1))

    def on_quote(self, data):
        if self.limit > 2:
            raise ValueError(f"limit {self.limit} is too much")
        self.quote(bid=data.bid, size=1)
