"""Settlement specs: what a contract pays, as an executable function of what was observed."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from ntp.core import DataError


class Aggregation(StrEnum):
    """How the observations of a window become one value."""

    LAST = "last"
    MEAN = "mean"
    TRIMMED_MEAN = "trimmed_mean"
    MAXIMUM = "maximum"
    MINIMUM = "minimum"
    MEAN_AGAINST_MEAN = "mean_against_mean"
    """Mean before the close against the mean before the open, which becomes the strike."""
    COUNT = "count"
    NAMED = "named"
    """The observation is a name: a winner, a decision."""


class Comparison(StrEnum):
    """When a contract pays."""

    GREATER = "greater"
    GREATER_OR_EQUAL = "greater_or_equal"
    LESS = "less"
    LESS_OR_EQUAL = "less_or_equal"
    BETWEEN = "between"
    """Floor and cap both included."""
    NAMED = "named"
    LINEAR = "linear"
    """Scalar: from 0 at the floor to 1 at the cap."""


class DayBoundary(StrEnum):
    """What a day is, where the observation is one of a day."""

    NONE = "none"
    UTC = "utc"
    LOCAL_CLOCK = "local_clock"
    LOCAL_STANDARD = "local_standard"
    """Midnight to midnight of standard time all year: the day of the climate reports."""


class VoidBranch(StrEnum):
    """What happens if there is no result."""

    REFUND = "refund"
    """Cost and fee come back."""
    HALF = "half"
    """Every share pays one half."""
    STATED = "stated"
    """The venue names the value, usually the last fair price."""
    UNKNOWN = "unknown"
    """The rules do not say; nothing may rest on it."""


@dataclass(frozen=True, slots=True)
class Observed:
    """The observable had a value."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Named:
    """The observable was a name; empty if none of the group's."""

    name: str


@dataclass(frozen=True, slots=True)
class Scalar:
    """The venue determined a payout between 0 and 1 per YES contract."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Void:
    """There is no result."""


State = Observed | Named | Scalar | Void

_MODES: Final = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "floor": ROUND_FLOOR}


@dataclass(frozen=True, slots=True, kw_only=True)
class Observable:
    """Variable that contracts pay on; contracts with equal observables can be compared.

    Attributes
    ----------
    source : str
        Who publishes it, for example ``cfbenchmarks:BRTI`` or ``nws:CLINYC``.
    aggregation : Aggregation
        How the window's observations become one value.
    window_ns : int
        Length of the window that ends at `at_ns`; 0 for a single observation.
    at_ns : int or None
        End of the window.
    trim : Fraction
        Share cut from either end by a trimmed mean.
    step : Decimal or None
        Step to which the value is rounded before it is compared.
    mode : str
        ``half_up``, ``half_even`` or ``floor``.
    day : DayBoundary
        What a day is.
    zone : str
        IANA zone of a local day.
    """

    source: str
    aggregation: Aggregation = Aggregation.LAST
    window_ns: int = 0
    at_ns: int | None = None
    trim: Fraction = Fraction(0)
    step: Decimal | None = None
    mode: str = "half_up"
    day: DayBoundary = DayBoundary.NONE
    zone: str = ""

    def rounded(self, value: Decimal) -> Decimal:
        """Value as it is compared with strikes."""
        if self.step is None:
            return value
        return (value / self.step).to_integral_value(_MODES[self.mode]) * self.step


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementSpec:
    """Executable payoff of one contract.

    Attributes
    ----------
    observable : Observable
        What is observed.
    comparison : Comparison
        When YES pays.
    low, high : Decimal or None
        Floor and cap, exact.
    outcome : str
        Name that pays, where the observable is a name.
    void : VoidBranch
        What happens without a result.
    """

    observable: Observable
    comparison: Comparison
    low: Decimal | None = None
    high: Decimal | None = None
    outcome: str = ""
    void: VoidBranch = VoidBranch.UNKNOWN

    def __post_init__(self) -> None:
        need_low = self.comparison in (Comparison.GREATER, Comparison.GREATER_OR_EQUAL)
        need_high = self.comparison in (Comparison.LESS, Comparison.LESS_OR_EQUAL)
        both = self.comparison in (Comparison.BETWEEN, Comparison.LINEAR)
        missing = [
            name
            for name, value, needed in (
                ("floor", self.low, need_low or both),
                ("cap", self.high, need_high or both),
            )
            if needed and value is None
        ]
        if missing:
            raise unknown_settlement(
                f"expected a {' and a '.join(missing)} strike for {self.comparison}, was none"
            )
        if self.low is not None and self.high is not None and self.low > self.high:
            raise unknown_settlement(f"expected floor <= cap, was {self.low} > {self.high}")
        if self.comparison is Comparison.LINEAR and self.low == self.high:
            raise unknown_settlement("expected floor < cap for a scalar payout, was equal")
        if self.comparison is Comparison.NAMED and not self.outcome:
            raise unknown_settlement("expected the name that pays, was empty")

    def payoff(self, state: State) -> Fraction | None:
        """Payout per YES contract in dollars, from 0 to 1; NO pays the rest.

        Parameters
        ----------
        state : State
            What was observed.

        Returns
        -------
        Fraction or None
            None where cost and fee are refunded instead.

        Raises
        ------
        DataError
            If the state does not fit the observable, or the rules do not cover it.
        """
        match state:
            case Scalar(value):
                if not 0 <= value <= 1:
                    raise DataError(f"expected a payout from 0 to 1, was {value}", code="bad_settlement")
                return value
            case Void():
                return self._voided()
            case Named(name):
                if self.comparison is not Comparison.NAMED:
                    raise unknown_settlement(
                        f"expected a number for {self.comparison}, was the name {name!r}"
                    )
                return Fraction(int(name == self.outcome))
            case Observed(value):
                return self._observed(self.observable.rounded(value))

    def _voided(self) -> Fraction | None:
        if self.void is VoidBranch.REFUND:
            return None
        if self.void is VoidBranch.HALF:
            return Fraction(1, 2)
        raise unknown_settlement(f"expected a void branch that states a payout, was {self.void}")

    def _observed(self, value: Decimal) -> Fraction:
        low = Decimal("-Infinity") if self.low is None else self.low
        high = Decimal("Infinity") if self.high is None else self.high
        match self.comparison:
            case Comparison.GREATER:
                yes = value > low
            case Comparison.GREATER_OR_EQUAL:
                yes = value >= low
            case Comparison.LESS:
                yes = value < high
            case Comparison.LESS_OR_EQUAL:
                yes = value <= high
            case Comparison.BETWEEN:
                yes = low <= value <= high
            case Comparison.LINEAR:
                share = (Fraction(value) - Fraction(low)) / (Fraction(high) - Fraction(low))
                return min(max(share, Fraction(0)), Fraction(1))
            case Comparison.NAMED:
                raise unknown_settlement(f"expected a name, was the number {value}")
        return Fraction(int(yes))


def unknown_settlement(message: str, details: Mapping[str, Any] | None = None) -> DataError:
    """Error of rules that cannot be executed; nothing is traded or matched on them."""
    return DataError(message, code="unknown_settlement", details=details)
