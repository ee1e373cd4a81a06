"""Manifold's automated market maker (CPMM with a weight), in decimals.

Formulas: the venue's `calculate-cpmm`; for pool (y, n), weight p: probability p*n/((1-p)*y + p*n),
invariant y**p * n**(1-p). Powers are taken with 50 digits; shares that a trader gets are rounded
down to 0.000001, mana that a trader pays is rounded up to 0.000001: always towards the pool. The
pool keeps what rounding leaves. The queue and the mirror law of order books do not apply here.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, localcontext
from typing import Final

from ntp.core import CASH_ONE, DataError
from ntp.markets.complement import is_yes
from ntp.markets.instrument import Instrument, InstrumentKind

STEP: Final = Decimal(1) / CASH_ONE
_DIGITS: Final = Context(prec=50)


def is_amm(instrument: Instrument) -> bool:
    """Whether an instrument trades against a market maker of this kind and has no book to rest in.

    Manifold's do, unless their ``mechanism`` says ``book``.
    """
    contract = instrument.kind is InstrumentKind.CONTRACT
    return contract and instrument.venue == "manifold" and instrument.attributes.get("mechanism") != "book"


@dataclass(frozen=True, slots=True)
class Pool:
    """State of the market maker.

    Attributes
    ----------
    yes, no : Decimal
        Shares in the pool.
    weight : Decimal
        Parameter p, strictly between 0 and 1.
    """

    yes: Decimal
    no: Decimal
    weight: Decimal = Decimal("0.5")

    def __post_init__(self) -> None:
        if self.yes <= 0 or self.no <= 0 or not 0 < self.weight < 1:
            raise DataError(
                "expected positive shares and a weight between 0 and 1, "
                f"was {self.yes}, {self.no}, {self.weight}",
                code="bad_pool",
            )

    @property
    def probability(self) -> Decimal:
        """Probability the pool implies."""
        with localcontext(_DIGITS):
            part = self.weight * self.no
            return part / ((1 - self.weight) * self.yes + part)


@dataclass(frozen=True, slots=True)
class AmmTrade:
    """Outcome of a trade with the pool: shares, mana and the pool after it."""

    shares: Decimal
    mana: Decimal
    pool: Pool


def _exact_shares(pool: Pool, outcome: str, mana: Decimal) -> Decimal:
    y, n, p = pool.yes, pool.no, pool.weight
    k = y**p * n ** (1 - p)
    if is_yes(outcome):
        return y + mana - (k * (n + mana) ** (p - 1)) ** (1 / p)
    return n + mana - (k * (y + mana) ** -p) ** (1 / (1 - p))


def buy(pool: Pool, outcome: str, mana: Decimal) -> AmmTrade:
    """Spend mana on shares of an outcome, without limit orders and before fees.

    Raises
    ------
    DataError
        If the amount is not positive.
    """
    if mana <= 0:
        raise DataError(f"expected a positive amount of mana, was {mana}", code="bad_amount")
    with localcontext(_DIGITS):
        shares = (_exact_shares(pool, outcome, mana) / STEP).to_integral_value(ROUND_FLOOR) * STEP
        if is_yes(outcome):
            after = Pool(pool.yes + mana - shares, pool.no + mana, pool.weight)
        else:
            after = Pool(pool.yes + mana, pool.no + mana - shares, pool.weight)
        return AmmTrade(shares, mana, after)


def sell(pool: Pool, outcome: str, shares: Decimal) -> AmmTrade:
    """Sell shares: buy as many of the opposite outcome and redeem the pairs at one mana each.

    The mana spent on the opposite shares is the least multiple of 0.000001 that buys them.

    Raises
    ------
    DataError
        If the number of shares is not positive.
    """
    if shares <= 0:
        raise DataError(f"expected a positive number of shares, was {shares}", code="bad_amount")
    opposite = "NO" if is_yes(outcome) else "YES"
    with localcontext(_DIGITS):
        low, high = 0, int((shares / STEP).to_integral_value(ROUND_CEILING))
        while low < high:
            middle = (low + high) // 2
            if _exact_shares(pool, opposite, middle * STEP) >= shares:
                high = middle
            else:
                low = middle + 1
        spent = high * STEP
        if opposite == "NO":
            after = Pool(pool.yes + spent, pool.no + spent - shares, pool.weight)
        else:
            after = Pool(pool.yes + spent - shares, pool.no + spent, pool.weight)
        return AmmTrade(shares, shares - spent, after)


def mana_to_reach(pool: Pool, probability: Decimal) -> Decimal:
    """Least mana, a multiple of 0.000001, that moves the pool to a probability or beyond.

    Buys YES if the probability is above the pool's, NO if below; 0 if it is there.

    Raises
    ------
    DataError
        If the probability is not strictly between 0 and 1.
    """
    if not 0 < probability < 1:
        raise DataError(f"expected a probability between 0 and 1, was {probability}", code="bad_amount")
    with localcontext(_DIGITS):
        y, n, p = pool.yes, pool.no, pool.weight
        if probability == pool.probability:
            return Decimal(0)
        k = y**p * n ** (1 - p)
        odds = (1 - p) * probability / (p * (1 - probability))  # n / y at the target
        target = k * odds**p if probability > pool.probability else k * odds ** (p - 1)
        start = n if probability > pool.probability else y
        return ((target - start) / STEP).to_integral_value(ROUND_CEILING) * STEP
