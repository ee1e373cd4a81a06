"""v15: quotes both sides around what the contract is worth, and steps aside when worth is about to change."""

import math
from typing import Any, Final

from ntp.strategy.params import Param
from ntp.strategy.pricing_options import Pricing
from ntp.strategy.shipped.v14 import V14

RELEASES: Final = (45_000, 48_600, 50_400, 54_000, 64_800, 68_400)
"""Seconds of the UTC day at which economic figures and rate decisions are published: 8:30, 10:00 and 14:00 in New
York, by summer and by winter time."""
_DAY: Final = 86_400 * 10**9


class V15(V14):
    """Rest a bid and an ask around the fair value, shifted by the score and by the position, wider where it is unsure.

    The idea: a maker who quotes around the mid is paid by those in a hurry and pays those who know; one who knows
    what the settlement rule is worth loses less to the latter. It never takes.

    1. Hazards: within `stop_before` seconds of the close (the averaging window and the time before it), within
       `around` seconds of a scheduled release on a weekday, or with a spread above `widest`: nothing rests.
    2. ``fair = data.fair_value()``, half of it the market's mid, about as much as recorded markets earned by their
       forecasts; without one (no spot, or one that is too old) nothing rests.
    3. ``value = logistic(logit(fair) + share * tilt)`` with the tilt of `v14`, 0 while that warms up.
    4. ``half = max(edge, deviations * fair.sd)``; ``centre = value - skew * position``.
    5. ``bid = centre - half`` and ``ask = centre + half``, each only where the position has room and the price is
       worth `edge` less (bid) or more (ask) than `value`; both state `value` as fair value.

    What is entered waits for its result or for the other quote. Where it loses: a spot feed that lags the one that
    settles; a volatility that jumps before its estimate does; and fills that come only when the fair value is late.
    """

    version = "1"
    pricing = Pricing(vol="ewma:10m", blend=0.5)

    edge: float = Param(0.02, ge=0, le=0.5, sweep=(0.01, 0.06, 0.01), unit="dollars", help="least edge of a quote")
    deviations: float = Param(
        1.0, ge=0, le=10, sweep=(0, 3, 0.5), unit="standard deviations", help="width by the doubt about the fair value",
    )
    share: float = Param(0.25, ge=0, le=1, sweep=(0, 1, 0.25), help="part of the score's tilt that moves the quotes")
    skew: float = Param(
        0.0005, ge=0, le=0.1, sweep=(0, 0.002, 0.0005), live=True, unit="dollars per contract",
        help="how far each contract held moves both quotes against the position",
    )
    room: float = Param(50.0, gt=0, live=True, unit="contracts", help="largest position in one contract, either way")
    widest: float = Param(0.20, gt=0, le=1, unit="dollars", help="spread above which the book says nothing")
    around: float = Param(60.0, ge=0, unit="seconds", help="time around scheduled releases without quotes")
    stop_before: float = Param(120.0, ge=0, live=True, unit="seconds", help="time to close without quotes")

    def analyze(self, data: Any) -> None:
        """Renew both quotes."""
        left = data.get("seconds_to_close")
        if (left is not None and left < self.stop_before) or data.spread > self.widest or self.released(data.ts):
            self.quote()
            return
        fair = data.fair_value()
        value = self.shifted(fair, data)
        half = max(self.edge, self.deviations * fair.sd)
        held = data.position.size
        centre = value - self.skew * held
        bid, ask = min(centre - half, value - self.edge), max(centre + half, value + self.edge)
        bid_room, ask_room = self.room - held, self.room + held
        self.quote(
            bid=bid if bid_room > 0.0 and bid > 0.0 else None, ask=ask if ask_room > 0.0 and ask < 1.0 else None,
            bid_size=min(max(bid_room, 0.0), self.size), ask_size=min(max(ask_room, 0.0), self.size), fair=value,
        )

    def shifted(self, fair: Any, data: Any) -> float:
        """Move a fair value by the score."""
        indicators = data.indicators
        if self.share == 0.0 or fair <= 0.0 or fair >= 1.0 or indicators.get("steady") is None:
            return float(fair)
        return 1.0 / (1.0 + math.exp(-math.log(fair / (1.0 - fair)) - self.share * self.tilt(data)))

    def released(self, ts: int) -> bool:
        """Whether figures are about to be published, or just have been."""
        second, weekday = ts % _DAY / 1e9, (ts // _DAY + 3) % 7  # the first of January 1970 was a Thursday
        if weekday >= 5:
            return False
        for release in RELEASES:  # noqa: SIM110 - compiled code has no generators
            if abs(second - release) < self.around:
                return True
        return False
