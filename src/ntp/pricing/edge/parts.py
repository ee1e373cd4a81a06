"""The edge of an order and what it goes into: fee, adverse selection, model uncertainty, lock-up.

All parts are dollars per contract. Scalar functions are plain arithmetic, so that the compiled engine may call
them; those of arrays agree with them bit by bit.
"""

import math
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ntp.core import ConfigError

YEAR_S: Final = 365.0 * 86_400.0
_MICRO: Final = 1e6
Amount = TypeVar("Amount", float, NDArray[np.float64])


@dataclass(frozen=True, slots=True)
class EdgeCosts:
    """What an edge has to pay for beside the fee.

    Parameters
    ----------
    adverse_selection : float
        Dollars per contract that a maker's fill is expected to lose to who knew better, at a price of 50 cents;
        elsewhere in proportion to p(1 - p), as what news moves a probability by is.
    uncertainty : float
        Standard deviations of the fair value that are taken off the edge.
    lock_up_rate : float
        What locked cash would earn a year elsewhere.
    unknown_settlement_s : float
        Seconds until settlement that are assumed where nobody knows them.
    smallest_fill : float
        Contracts of the smallest fill that rounding of fees is counted on.

    Raises
    ------
    ConfigError
        ``bad_edge`` if one is negative or the smallest fill is 0.
    """

    adverse_selection: float = 0.005
    uncertainty: float = 0.5
    lock_up_rate: float = 0.04
    unknown_settlement_s: float = 30 * 86_400.0
    smallest_fill: float = 1.0

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if not (math.isfinite(value) and (value > 0.0 or (value == 0.0 and name != "smallest_fill"))):
                bound = "above 0" if name == "smallest_fill" else "of at least 0"
                raise ConfigError(f"expected {name} {bound}, was {value!r}", code="bad_edge")


@dataclass(frozen=True, slots=True)
class EdgeParts(Generic[Amount]):
    """Where the edge of an order goes, in dollars per contract; of one order, or of many as arrays.

    Attributes
    ----------
    gross : float or ndarray
        Fair value less price for a buyer, price less fair value for a seller.
    fee : float or ndarray
        Of a fill as maker (or as taker), rounding included; NaN where it is unknown.
    adverse_selection : float or ndarray
        Expected loss to better informed traders, given a fill; 0 for a taker.
    uncertainty : float or ndarray
        Multiple of the standard deviation of the fair value; 0 where no band was stated.
    lock_up : float or ndarray
        What the locked cash would earn elsewhere until settlement.
    net : float or ndarray
        What is left, rounded to 0.000001; NaN where a part is unknown.
    """

    gross: Amount
    fee: Amount
    adverse_selection: Amount
    uncertainty: Amount
    lock_up: Amount
    net: Amount


def gross_edge(side: int, fair: float, price: float) -> float:
    """Dollars per contract in favour of the side: fair value less price for a buyer (1), else the reverse (-1)."""
    return fair - price if side > 0 else price - fair


def adverse_selection(at_half: float, price: float, maker: int) -> float:
    """Dollars per contract a maker expects to lose to who knew better: `at_half` at 50 cents, as p(1 - p)."""
    return at_half * 4.0 * price * (1.0 - price) if maker == 1 else 0.0


def model_uncertainty(multiple: float, fair_sd: float) -> float:
    """Dollars per contract taken off for not knowing the fair value; 0 where no band is stated (NaN)."""
    return multiple * fair_sd if fair_sd == fair_sd else 0.0  # not for NaN


def lock_up(rate: float, side: int, price: float, fee: float, seconds: float) -> float:
    """Dollars per contract that its cost and fee would earn elsewhere until settlement; nothing after it."""
    locked = (price if side > 0 else 1.0 - price) + max(fee, 0.0)
    return rate * locked * max(seconds, 0.0) / 31_536_000.0


def net_edge(
    side: int, fair: float, fair_sd: float, price: float, fee: float, maker: int, seconds: float, at_half: float,
    multiple: float, rate: float, unknown_s: float,
) -> float:
    """Dollars per contract that an order expects after everything, rounded to 0.000001.

    Parameters
    ----------
    side : int
        1 to buy, -1 to sell.
    fair, fair_sd : float
        Fair value of YES and its standard deviation, NaN where not stated.
    price : float
        Dollars of YES.
    fee : float
        Dollars per contract, see :func:`ntp.pricing.edge.fee_per_contract`; NaN where unknown.
    maker : int
        1 for what can only rest, 0 for what may take.
    seconds : float
        Until settlement, NaN where unknown.
    at_half, multiple, rate, unknown_s : float
        `adverse_selection`, `uncertainty`, `lock_up_rate` and `unknown_settlement_s` of :class:`EdgeCosts`.

    Returns
    -------
    float
        NaN where fair value or fee is unknown.
    """
    # Every part is written out, as compiled code may only call what was compiled with it.
    edge = fair - price if side > 0 else price - fair
    wrong = at_half * 4.0 * price * (1.0 - price) if maker == 1 else 0.0
    band = multiple * fair_sd if fair_sd == fair_sd else 0.0  # not for NaN
    locked = (price if side > 0 else 1.0 - price) + (fee if fee > 0.0 else 0.0)
    left = seconds if seconds == seconds else unknown_s  # not for NaN
    left = left if left > 0.0 else 0.0
    net = edge - fee - wrong - band - rate * locked * left / 31_536_000.0
    if net != net:  # not for NaN
        return net
    return math.floor(net * 1e6 + 0.5) / 1e6


def edge_parts(
    side: int, fair: float, price: float, fee: float, *, fair_sd: float = math.nan, seconds: float = math.nan,
    maker: bool = True, costs: EdgeCosts | None = None,
) -> EdgeParts[float]:
    """Decompose the edge of one order.

    Parameters
    ----------
    side : int
        1 to buy, -1 to sell.
    fair, price : float
        Dollars of YES.
    fee : float
        Dollars per contract.
    fair_sd : float
        Standard deviation of the fair value, NaN where not stated.
    seconds : float
        Until settlement, NaN where unknown: then `costs.unknown_settlement_s`.
    maker : bool
        Whether it can only rest.
    costs : EdgeCosts, optional
        By default :class:`EdgeCosts()`.
    """
    costs = costs or EdgeCosts()
    role = 1 if maker else 0
    left = costs.unknown_settlement_s if math.isnan(seconds) else seconds
    return EdgeParts(
        gross=gross_edge(side, fair, price), fee=fee,
        adverse_selection=adverse_selection(costs.adverse_selection, price, role),
        uncertainty=model_uncertainty(costs.uncertainty, fair_sd),
        lock_up=lock_up(costs.lock_up_rate, side, price, fee, left),
        net=net_edge(
            side, fair, fair_sd, price, fee, role, left, costs.adverse_selection, costs.uncertainty,
            costs.lock_up_rate, costs.unknown_settlement_s,
        ),
    )  # fmt: skip


def edge_columns(
    side: ArrayLike, fair: ArrayLike, price: ArrayLike, fee: ArrayLike, *, fair_sd: ArrayLike = math.nan,
    seconds: ArrayLike = math.nan, maker: ArrayLike = True, costs: EdgeCosts | None = None,
) -> EdgeParts[NDArray[np.float64]]:
    """Decompose the edge of many orders at once, as :func:`edge_parts` does one; all arguments broadcast."""
    costs = costs or EdgeCosts()
    way, worth, value, charged, deviation, left, role = np.broadcast_arrays(
        np.asarray(side), np.asarray(fair, np.float64), np.asarray(price, np.float64), np.asarray(fee, np.float64),
        np.asarray(fair_sd, np.float64), np.asarray(seconds, np.float64), np.asarray(maker, bool),
    )
    gross = np.where(way > 0, worth - value, value - worth)
    wrong = np.where(role, costs.adverse_selection * 4.0 * value * (1.0 - value), 0.0)
    band = np.where(np.isnan(deviation), 0.0, costs.uncertainty * deviation)
    left = np.maximum(np.where(np.isnan(left), costs.unknown_settlement_s, left), 0.0)
    locked = np.where(way > 0, value, 1.0 - value) + np.fmax(charged, 0.0)
    idle = costs.lock_up_rate * locked * left / YEAR_S
    net = np.floor((gross - charged - wrong - band - idle) * _MICRO + 0.5) / _MICRO
    return EdgeParts(gross=gross, fee=charged, adverse_selection=wrong, uncertainty=band, lock_up=idle, net=net)
