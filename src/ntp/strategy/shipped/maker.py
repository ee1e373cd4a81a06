"""maker: quotes around the mid with inventory limits."""

from typing import Any

from ntp.strategy.base import Strategy
from ntp.strategy.params import Param


class Maker(Strategy):
    """Rest a bid and an ask around the mid, leaning against the position held.

    At each change of the best bid or ask, in this order and in binary64 arithmetic:

    1. If `stop_before` > 0 and the seconds to close are known and below it: nothing on either side.
    2. ``held = position.size``
    3. ``centre = mid - skew * held``, with ``mid = (bid + ask) / 2`` as the view gives it
    4. ``bid = centre - half_spread`` and ``ask = centre + half_spread``
    5. If `max_position` is set: ``bid_size = min(size, max_position - held)`` and
       ``ask_size = min(size, max_position + held)``; a size of 0 or less means nothing on that side.
       Otherwise both sizes are `size`.
    6. ``quote(bid=bid, ask=ask, bid_size=bid_size, ask_size=ask_size)``

    The engine rounds bids down and asks up to the grid, keeps quotes from crossing and leaves a side
    empty whose price is beyond the grid. While a best price is absent nothing rests.
    """

    version = "1"

    half_spread: float = Param(
        0.02, ge=0, lt=0.5, sweep=(0.005, 0.05, 0.005), live=True, unit="dollars",
        help="distance of both quotes from the mid",
    )
    size: float = Param(10.0, gt=0, sweep=(5, 100, 5), live=True, unit="contracts", help="size of each quote")
    skew: float = Param(
        0.0002, ge=0, le=0.1, sweep=(0, 0.001, 0.0001), live=True, unit="dollars per contract",
        help="how far each contract held moves both quotes against the position",
    )
    max_position: float | None = Param(
        100.0, ge=0, live=True, unit="contracts", help="largest position in one contract, either way",
    )
    stop_before: float = Param(
        0.0, ge=0, live=True, unit="seconds", help="time to close from which nothing is quoted",
    )

    def on_quote(self, data: Any) -> None:
        """Renew both quotes."""
        if self.stop_before > 0.0:
            left = data.get("seconds_to_close")
            if left is not None and left < self.stop_before:
                self.quote()
                return
        held = data.position.size
        centre = data.mid - self.skew * held
        size = self.size
        limit = self.max_position
        if limit is None:
            self.quote(bid=centre - self.half_spread, ask=centre + self.half_spread, size=size)
            return
        bid_size = limit - held
        ask_size = limit + held
        self.quote(
            bid=centre - self.half_spread if bid_size > 0.0 else None,
            ask=centre + self.half_spread if ask_size > 0.0 else None,
            bid_size=bid_size if bid_size < size else size,
            ask_size=ask_size if ask_size < size else size,
        )
