"""What a simulated recording consists of: one frozen, validated description."""

from dataclasses import dataclass, fields
from typing import Final

from ntp.core import (
    DAY,
    MINUTE,
    PRICE_ONE,
    SECOND,
    ConfigError,
    parse_duration,
    parse_time,
    suggest,
)
from ntp.data.simulator.grid import VENUES

MILLISECOND: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """Hidden maker order that is followed through the queue without moving anything.

    A probe takes a place in first-in-first-out order behind what rests at its price when it
    arrives, is never displayed and takes nothing from anybody, so a recording with probes is byte
    for byte the recording without them.

    Attributes
    ----------
    symbol : str
        Contract, as named in ``SimulatedRecording.instruments``.
    side : int
        +1 bid, -1 ask, in terms of YES.
    price : int
        Price in 0.0001 dollar, on the contract's grid.
    size : int
        Size in 0.000001 contract.
    placed_at : int
        Nanoseconds UTC.
    cancelled_at : int or None
        Nanoseconds UTC; None rests until the contract closes.
    """

    symbol: str
    side: int
    price: int
    size: int
    placed_at: int
    cancelled_at: int | None = None

    def __post_init__(self) -> None:
        _need(self.side in (1, -1), "side", "+1 or -1", self.side)
        _need(0 < self.price < PRICE_ONE, "price", f"a price from 1 to {PRICE_ONE - 1}", self.price)
        _need(self.size > 0, "size", "a positive size", self.size)
        if self.cancelled_at is not None:
            later = self.cancelled_at > self.placed_at
            _need(later, "cancelled_at", "a time after placed_at", self.cancelled_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorConfig:
    """Parameters of a simulated recording.

    Attributes
    ----------
    seed : int
        Root of every random stream; equal configurations give equal bytes.
    start : str or int
        Open time of the first event, on a whole second.
    events : int
        Number of time slots; each has one up/down event and one bracket event.
    brackets : int
        Contracts of the bracket event, at least 2; exclusive and exhaustive.
    duration : str or int
        Time from open to close, at least two minutes.
    every : str, int or None
        Time between two opens; None means `duration`, so events follow without a gap.
    venues : tuple of str
        Subset of ``sim_a`` (Kalshi-like) and ``sim_b`` (Polymarket-like).
    lag : str or int
        How much later each further venue's makers learn of a move than the first one's.
    rate : float
        Factor on all arrival rates of a book; 1 gives 4 to 5 rows a second and contract.
    spot, sigma, vol_of_vol, vol_half_life : float, float, float, str or int
        Start of the underlying in dollars, its volatility a year, and standard deviation and
        half-life of the logarithm of the volatility.
    jump_rate, jump_size : float
        Jumps an hour, and their standard deviation as a fraction of `spot`.
    step, index_interval : str or int
        Grid of the latent path and of the published index.
    averaging : int
        Index values whose mean settles: those of the last `averaging` intervals up to the close.
    makers : int
        Market makers of each book.
    half_spread : float
        Dollars between a maker's value and its first quote at a price of 0.5.
    noise_rate, informed_rate, limit_rate : float
        Arrivals a second of noise takers, informed takers and noise limit orders.
    noise_lifetime : float
        Mean life of a noise limit order in seconds.
    tapered : bool
        Whether ``sim_a`` has steps of 0.001 dollar below 0.10 and above 0.90.
    determined_after, settled_after : str or int
        From close to the result, and to the cash.
    order_ids : bool
        Whether book rows name the order whose size they change, from the image at the open on.
    probes : tuple of Probe
        Hidden orders to follow.

    Raises
    ------
    ConfigError
        If a value is out of its range.
    """

    seed: int = 7
    start: str | int = "2026-01-05T00:00:00Z"
    events: int = 4
    brackets: int = 5
    duration: str | int = "15m"
    every: str | int | None = None
    venues: tuple[str, ...] = ("sim_a", "sim_b")
    lag: str | int = "300ms"
    rate: float = 1.0
    spot: float = 100_000.0
    sigma: float = 0.5
    vol_of_vol: float = 0.35
    vol_half_life: str | int = "10m"
    jump_rate: float = 1.5
    jump_size: float = 0.001
    step: str | int = "100ms"
    index_interval: str | int = "1s"
    averaging: int = 60
    makers: int = 3
    half_spread: float = 0.013
    noise_rate: float = 0.7
    informed_rate: float = 0.15
    limit_rate: float = 0.6
    noise_lifetime: float = 40.0
    tapered: bool = True
    determined_after: str | int = "5s"
    settled_after: str | int = "65s"
    order_ids: bool = False
    probes: tuple[Probe, ...] = ()

    def __post_init__(self) -> None:
        self._check_counts()
        self._check_times()
        self._check_rates()
        for name in self.venues:
            if name not in VENUES:
                raise ConfigError(
                    f"expected simulated venues, was {name!r}",
                    code="unknown_venue", hint=suggest(name, VENUES),
                )
        _need(
            bool(self.venues) and len(set(self.venues)) == len(self.venues),
            "venues", "one or more different venues", self.venues,
        )

    def _check_counts(self) -> None:
        _need(self.seed >= 0, "seed", "0 or more", self.seed)
        _need(1 <= self.events <= 100_000, "events", "1 to 100000", self.events)
        _need(2 <= self.brackets <= 40, "brackets", "2 to 40", self.brackets)
        _need(1 <= self.makers <= 16, "makers", "1 to 16", self.makers)
        _need(1 <= self.averaging <= 600, "averaging", "1 to 600", self.averaging)

    def _check_times(self) -> None:
        interval, duration, step = self.interval_ns, self.duration_ns, self.step_ns
        _need(self.start_ns % SECOND == 0, "start", "a whole second", self.start)
        _need(step >= 10 * MILLISECOND, "step", "at least 10ms", self.step)
        _need(SECOND % step == 0, "step", "a divisor of one second", self.step)
        _need(interval % step == 0, "index_interval", "a multiple of step", self.index_interval)
        _need(SECOND % interval == 0, "index_interval", "a divisor of one second", self.index_interval)
        _need(2 * MINUTE <= duration <= 7 * DAY, "duration", "2m to 7d", self.duration)
        _need(duration % SECOND == 0, "duration", "whole seconds", self.duration)
        _need(self.every_ns % SECOND == 0, "every", "whole seconds", self.every)
        _need(self.every_ns >= duration, "every", "at least duration", self.every)
        _need(self.averaging * interval < duration, "averaging", "less than the duration", self.averaging)
        _need(self.lag_ns <= MINUTE, "lag", "at most 1m", self.lag)
        half_life = parse_duration(self.vol_half_life)
        _need(half_life >= SECOND, "vol_half_life", "at least 1s", self.vol_half_life)
        decided, settled = parse_duration(self.determined_after), parse_duration(self.settled_after)
        _need(0 < decided <= settled, "settled_after", "not before determined_after", self.settled_after)

    def _check_rates(self) -> None:
        for name in ("rate", "spot", "sigma", "noise_lifetime"):
            _need(0 < getattr(self, name) < 1e9, name, "a positive number", getattr(self, name))
        for name in ("vol_of_vol", "jump_rate", "jump_size", "noise_rate", "informed_rate", "limit_rate"):
            _need(0 <= getattr(self, name) < 1e9, name, "0 or more", getattr(self, name))
        _need(0.001 <= self.half_spread <= 0.2, "half_spread", "0.001 to 0.2 dollars", self.half_spread)
        _need(self.jump_rate <= 120, "jump_rate", "at most 120 an hour", self.jump_rate)
        _need(self.jump_size <= 0.1, "jump_size", "at most 0.1", self.jump_size)

    @property
    def start_ns(self) -> int:
        """Open time of the first event."""
        return parse_time(self.start)

    @property
    def duration_ns(self) -> int:
        """Time from open to close."""
        return parse_duration(self.duration)

    @property
    def every_ns(self) -> int:
        """Time between two opens."""
        return self.duration_ns if self.every is None else parse_duration(self.every)

    @property
    def step_ns(self) -> int:
        """Grid of the latent path."""
        return parse_duration(self.step)

    @property
    def lag_ns(self) -> int:
        """Delay of each further venue."""
        return parse_duration(self.lag)

    @property
    def interval_ns(self) -> int:
        """Time between two index values."""
        return parse_duration(self.index_interval)

    def to_dict(self) -> dict[str, object]:
        """JSON values of all parameters, probes as a count."""
        plain = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "probes"}
        return plain | {"venues": list(self.venues), "probes": len(self.probes)}


def _need(ok: bool, name: str, expected: str, was: object) -> None:  # noqa: FBT001
    if not ok:
        raise ConfigError(
            f"expected {name} to be {expected}, was {was!r}",
            code="bad_simulation", details={"parameter": name},
        )
