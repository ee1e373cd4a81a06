"""Tick grids: the prices at which a venue accepts orders, as exact integers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from ntp.core import PRICE_ONE, PRICE_SCALE, ConfigError, DataError, suggest, to_units
from ntp.markets.instrument import Instrument, InstrumentKind

UNBOUNDED: Final = 2**62
"""Ceiling of a price that has none (assets)."""


@dataclass(frozen=True, slots=True)
class TickGrid:
    """Valid prices of an instrument.

    A price is on the grid if it lies in a band, ends included, a whole number of steps from the
    band's start, and strictly between zero and the ceiling: a contract never rests at 0 or 1 dollar.

    Attributes
    ----------
    bands : tuple of (int, int, int)
        (start, end, step) in price units, ascending and not overlapping but for shared ends.
    ceiling : int
        Price that is out of reach: one dollar for contracts.
    """

    bands: tuple[tuple[int, int, int], ...]
    ceiling: int = PRICE_ONE

    def __post_init__(self) -> None:
        if not self.bands:
            raise DataError("expected at least one band of ticks, was none", code="bad_ticks")
        before = 0
        for start, end, step in self.bands:
            if step <= 0 or start < before or end <= start or end > self.ceiling or (end - start) % step:
                raise DataError(
                    f"expected ascending bands of whole steps within 0 and {self.ceiling}, was {self.bands}",
                    code="bad_ticks",
                    hint="a band is (start, end, step) in price units of 0.0001 dollar",
                )
            before = end

    def contains(self, price: int) -> bool:
        """Whether an order may rest at a price."""
        if not 0 < price < self.ceiling:
            return False
        return any(start <= price <= end and (price - start) % step == 0 for start, end, step in self.bands)

    def round_down(self, price: int) -> int | None:
        """Return the highest valid price that is not above `price`; None if there is none."""
        price = min(price, self.ceiling - 1)
        for start, end, step in reversed(self.bands):
            if price >= start:
                top = start + (min(price, end) - start) // step * step
                top -= step if top >= self.ceiling else 0
                if top >= max(start, 1):
                    return top
        return None

    def round_up(self, price: int) -> int | None:
        """Return the lowest valid price that is not below `price`; None if there is none."""
        price = max(price, 1)
        for start, end, step in self.bands:
            if price <= end:
                low = start - (start - max(price, start)) // step * step
                if low <= end and low < self.ceiling:
                    return low
        return None

    def next_down(self, price: int) -> int | None:
        """Return the highest valid price below `price`; None at the grid's end."""
        return self.round_down(price - 1)

    def next_up(self, price: int) -> int | None:
        """Return the lowest valid price above `price`; None at the grid's end."""
        return self.round_up(price + 1)

    def all_prices(self) -> tuple[int, ...]:
        """Return every valid price, ascending; only for grids with a ceiling of contracts."""
        if self.ceiling > PRICE_ONE:
            raise ConfigError("expected the grid of a contract, was one without a ceiling", code="bad_ticks")
        return tuple(
            sorted(
                {
                    p
                    for start, end, step in self.bands
                    for p in range(start, end + 1, step)
                    if self.contains(p)
                }
            )
        )

    @property
    def finest_step(self) -> int:
        """Smallest distance between two valid prices, in price units."""
        return min(step for _, _, step in self.bands)

    def step_at(self, price: int) -> int:
        """Step of the band a price lies in, the upper one at a shared end."""
        for start, end, step in reversed(self.bands):
            if start <= price <= end:
                return step
        return self.finest_step

    def mirrored(self) -> "TickGrid":
        """Grid of the complement: a NO price is one dollar minus the YES price."""
        return TickGrid(
            tuple((self.ceiling - e, self.ceiling - s, d) for s, e, d in reversed(self.bands)), self.ceiling
        )


def uniform(step: int) -> TickGrid:
    """Grid of one step from 0 to 1 dollar."""
    return TickGrid(((0, PRICE_ONE, step),))


KALSHI_STRUCTURES: Final[Mapping[str, TickGrid]] = {
    "linear_cent": uniform(100),
    "tapered_deci_cent": TickGrid(((0, 1000, 10), (1000, 9000, 100), (9000, PRICE_ONE, 10))),
    "deci_cent": uniform(10),
    "center_half_edge_half_cent": uniform(50),
    "center_centi_edge_centi_cent": uniform(1),
    "center_deci_edge_centi_cent": TickGrid(((0, 100, 1), (100, 9900, 10), (9900, PRICE_ONE, 1))),
}
"""Kalshi's `price_level_structure` names whose grid is known; its `price_ranges` come first."""


@dataclass(frozen=True, slots=True)
class PolymarketRounding:
    """Decimal places that Polymarket accepts at one tick size: price, size and amount."""

    price: int
    size: int
    amount: int


POLYMARKET_ROUNDING: Final[Mapping[int, PolymarketRounding]] = {
    1000: PolymarketRounding(1, 2, 3),
    100: PolymarketRounding(2, 2, 4),
    50: PolymarketRounding(3, 2, 5),
    25: PolymarketRounding(4, 2, 6),
    10: PolymarketRounding(3, 2, 5),
    1: PolymarketRounding(4, 2, 6),
}
"""By tick in price units. Source: the venue's official clients."""


def polymarket_amounts(price: int, size: int, tick: int) -> tuple[int, int]:
    """Size and pUSD amount that an order of Polymarket carries.

    The size is floored to its decimals; where the product has more decimals than the amount may
    have, it is rounded up at four more of them and then down, as the official client does.

    Parameters
    ----------
    price, size : int
        In 0.0001 dollar and 0.000001 share.
    tick : int
        Tick size of the market in price units.

    Returns
    -------
    tuple of int
        Size in 0.000001 share, amount in 0.000001 pUSD.

    Raises
    ------
    DataError
        If the tick size is none of the venue's.
    """
    rounding = POLYMARKET_ROUNDING.get(tick)
    if rounding is None:
        raise DataError(
            f"expected a tick of {sorted(POLYMARKET_ROUNDING)} price units, was {tick}", code="bad_ticks"
        )
    step = 10 ** (6 - rounding.size)
    shares = size // step * step
    exact = price * shares  # in 1e-10 pUSD
    unit = 10 ** (10 - rounding.amount)
    if exact % unit:
        fine = max(unit // 10**4, 1)
        exact = -(-exact // fine) * fine
    return shares, exact // unit * unit // 10**4


def polymarket_grid(tick: str | int) -> TickGrid:
    """Grid of a Polymarket tick size such as ``"0.01"``, or of one in price units.

    Raises
    ------
    DataError
        If the tick size is none of the venue's.
    """
    step = tick if isinstance(tick, int) else to_units(tick, PRICE_SCALE, what="tick size")
    if step not in POLYMARKET_ROUNDING:
        raise DataError(
            f"expected a tick of Polymarket, was {tick!r}",
            code="bad_ticks",
            hint="known: 0.1 0.01 0.005 0.0025 0.001 0.0001",
        )
    return uniform(step)


def kalshi_structure(name: str) -> TickGrid:
    """Grid of a Kalshi `price_level_structure`.

    Raises
    ------
    DataError
        If the name is not among the known ones; use the market's `price_ranges` then.
    """
    grid = KALSHI_STRUCTURES.get(name)
    if grid is None:
        raise DataError(
            f"expected a known price level structure, was {name!r}",
            code="bad_ticks",
            hint=suggest(name, KALSHI_STRUCTURES),
        )
    return grid


def kalshi_price_ranges(ranges: Iterable[Mapping[str, Any]]) -> TickGrid:
    """Grid of Kalshi's `price_ranges`: rows of `start`, `end` and `step` as dollar texts.

    Raises
    ------
    DataError
        If a row lacks a key or is finer than 0.0001 dollar.
    """
    bands = []
    for row in ranges:
        try:
            bands.append(tuple(to_units(row[key], PRICE_SCALE, what=key) for key in ("start", "end", "step")))
        except KeyError as error:
            raise DataError(
                f"expected start, end and step in a price range, was {dict(row)}", code="bad_ticks"
            ) from error
    return TickGrid(tuple(sorted((start, end, step) for start, end, step in bands)))


@lru_cache(maxsize=4096)
def _of_bands(bands: tuple[tuple[int, int, int], ...], ceiling: int) -> TickGrid:
    return TickGrid(bands, ceiling)


def grid_of(instrument: Instrument) -> TickGrid:
    """Grid of an instrument: its own bands, else 0.01 dollar (contract) or one price unit (asset).

    Raises
    ------
    DataError
        If its bands make no grid.
    """
    contract = instrument.kind is InstrumentKind.CONTRACT
    ceiling = 10**instrument.price_scale if contract else UNBOUNDED
    if instrument.tick_bands:
        return _of_bands(tuple(instrument.tick_bands), ceiling)
    return _of_bands(((0, ceiling, ceiling // 100 if contract else 1),), ceiling)
