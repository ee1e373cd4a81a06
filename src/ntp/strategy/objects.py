"""Objects a strategy meets: contracts, orders, fills and what callbacks are given.

Numbers are floats in the units people use: dollars of YES, contracts, seconds. Times are int64
nanoseconds UTC.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ntp.core import PRICE_SCALE, Absent, DataError

if TYPE_CHECKING:  # keeps the import of the SDK light
    from ntp.markets.instrument import Instrument

DEFAULT_TICK: Final = 100 / 10**PRICE_SCALE
"""Dollars between two prices of a contract of which the venue's grid is unknown."""


@dataclass(frozen=True, slots=True, eq=False)
class Contract:
    """A contract, or an asset on the cash venue; equal and hashed by its id.

    Attributes
    ----------
    id : str
        ``venue:symbol``.
    venue, symbol, series, event : str
        Where it trades and what it belongs to; empty where unknown.
    strike_low, strike_high : float or None
        Floor and cap of the observable.
    open_time, close_time : int or None
        Nanoseconds UTC; None where unknown.
    is_asset : bool
        Whether its price is not bound to 0 to 1 dollar.
    """

    id: str
    venue: str = ""
    symbol: str = ""
    series: str = ""
    event: str = ""
    strike_low: float | None = None
    strike_high: float | None = None
    open_time: int | None = None
    close_time: int | None = None
    is_asset: bool = False
    price_scale: int = PRICE_SCALE
    tick_bands: tuple[tuple[int, int, int], ...] = ()
    _instrument: "Instrument | None" = field(default=None, repr=False)

    @classmethod
    def of(cls, instrument: "Instrument") -> "Contract":
        """Make a contract from an instrument's attributes."""
        low, high = instrument.strike_low, instrument.strike_high
        return cls(
            id=instrument.id, venue=instrument.venue, symbol=instrument.symbol, series=instrument.series,
            event=instrument.event, strike_low=None if low is None else float(low),
            strike_high=None if high is None else float(high), open_time=instrument.open_time,
            close_time=instrument.close_time,
            is_asset=instrument.kind == "asset", price_scale=instrument.price_scale,
            tick_bands=instrument.tick_bands, _instrument=instrument,
        )

    @property
    def settlement(self) -> Any:
        """Settlement spec (:class:`ntp.markets.SettlementSpec`); None where the rules cannot be told."""
        from ntp.markets.settlement_sources import settlement_of

        if self._instrument is None or self.is_asset:
            return None
        try:
            return settlement_of(self._instrument)
        except DataError:
            return None

    def tick(self, price: float) -> float:
        """Step of the price grid at a price, in dollars.

        Raises
        ------
        Absent
            If the grid has no prices there.
        """
        one = 10.0**self.price_scale
        units = round(price * one)
        if not self.tick_bands:
            return 1 / one if self.is_asset else DEFAULT_TICK
        for start, end, step in self.tick_bands:
            if start <= units <= end:
                return step / one
        raise Absent("tick")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Contract) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __str__(self) -> str:
        return self.id


@dataclass(slots=True)
class Position:
    """Own position in a contract: signed contracts, -100 is 100 NO.

    `cost` and `unrealised_usd` are dollars, `average_price` dollars of YES.
    """

    size: float = 0.0
    cost: float = 0.0
    entry_price: float | None = None
    mark: float | None = None

    @property
    def average_price(self) -> float:
        """Mean price of entry; Absent while flat."""
        if self.entry_price is None or self.size == 0.0:
            raise Absent("position.average_price")
        return self.entry_price

    @property
    def unrealised_usd(self) -> float:
        """Profit at the mark before exit fees; Absent without a mark, 0 while flat."""
        if self.size == 0.0:
            return 0.0
        if self.mark is None:
            raise Absent("position.unrealised_usd")
        return self.size * (self.mark - self.average_price)


@dataclass(slots=True, eq=False)
class Order:
    """One order. `status` is pending, open, filled, cancelled, expired, rejected or refused."""

    id: int
    contract: Contract
    side: str
    price: float
    size: float
    filled: float = 0.0
    status: str = "pending"
    reason: str = ""
    queue_ahead: float | None = None
    tag: str | None = None
    ts: int = 0

    @property
    def remaining(self) -> float:
        """Contracts that may still fill."""
        return self.size - self.filled

    @property
    def is_open(self) -> bool:
        """Whether it rests or is on its way."""
        return self.status in ("pending", "open")


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution of an own order; `fair` is the fair value stated when it was sent."""

    order: Order
    contract: Contract
    side: str
    price: float
    size: float
    fee: float
    is_maker: bool
    ts: int
    fair: float | None = None
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """A contract's result: dollars per YES, the position it met and the profit made on it."""

    contract: Contract
    value: float
    position: float
    pnl_usd: float


@dataclass(frozen=True, slots=True)
class Value:
    """One value of an index among `inputs`."""

    alias: str
    symbol: str
    price: float
    ts: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """One forecast value; `issued` and `target` are nanoseconds UTC, `sd` is None where not given."""

    symbol: str
    model: str
    value: float
    issued: int
    target: int
    sd: float | None = None
    ts: int = 0


@dataclass(frozen=True, slots=True)
class Game:
    """State of a game; what the feed does not tell is None."""

    symbol: str
    home: str | None = None
    away: str | None = None
    home_score: int | None = None
    away_score: int | None = None
    period: int | str | None = None
    seconds_left: float | None = None
    status: str | None = None
    ts: int = 0
    custom_fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Timer:
    """A clock tick asked for by a ``timer:`` token (its duration is the name) or ``call_at``."""

    name: str
    ts: int = 0
