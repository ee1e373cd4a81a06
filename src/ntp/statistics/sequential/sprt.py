"""Wald's sequential probability ratio test of one proportion against another."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import log
from typing import Literal

from ntp.core import DataError
from ntp.statistics.sequential.checks import check_level

Decision = Literal["alternative", "null"] | None


@dataclass(frozen=True)
class SprtResult:
    """Where a test stands.

    Attributes
    ----------
    decision : str or None
        ``alternative`` or ``null``, None while it goes on.
    observations : int
        How many were used: those after the decision are not.
    log_ratio : float
        Logarithm of the likelihood ratio then.
    """

    decision: Decision
    observations: int
    log_ratio: float


@dataclass(frozen=True)
class Sprt:
    """The test with the fewest observations on average for its errors (Wald 1945).

    Parameters
    ----------
    null, alternative : float
        Probabilities of a success that are told apart.
    alpha, beta : float
        Probability of deciding for the alternative where the null is true, and the reverse.

    Raises
    ------
    DataError
        If a probability is not between 0 and 1, or both are the same.
    """

    null: float
    alternative: float
    alpha: float = 0.05
    beta: float = 0.2

    def __post_init__(self) -> None:
        check_level(self.alpha)
        check_level(self.beta)
        if self.alpha + self.beta >= 1.0:
            raise DataError(
                f"expected errors that add up to less than 1, was {self.alpha + self.beta}", code="bad_level"
            )
        for value in (self.null, self.alternative):
            if not 0.0 < value < 1.0:
                raise DataError(f"expected a probability between 0 and 1, was {value}", code="bad_probability")
        if self.null == self.alternative:
            raise DataError(f"expected two different probabilities, was {self.null} twice", code="bad_probability")

    @cached_property
    def upper(self) -> float:
        """Log likelihood ratio from which the alternative is decided for: ln((1 - beta) / alpha)."""
        return log((1.0 - self.beta) / self.alpha)

    @cached_property
    def lower(self) -> float:
        """Log likelihood ratio down to which the null is decided for: ln(beta / (1 - alpha))."""
        return log(self.beta / (1.0 - self.alpha))

    @cached_property
    def steps(self) -> tuple[float, float]:
        """What a success and a failure add to the log likelihood ratio."""
        return log(self.alternative / self.null), log((1.0 - self.alternative) / (1.0 - self.null))

    def run(self, outcomes: Iterable[bool]) -> SprtResult:
        """Test until a bound is crossed or the outcomes end."""
        success, failure = self.steps
        ratio, count = 0.0, 0
        for outcome in outcomes:
            count += 1
            ratio += success if outcome else failure
            if ratio >= self.upper:
                return SprtResult("alternative", count, ratio)
            if ratio <= self.lower:
                return SprtResult("null", count, ratio)
        return SprtResult(None, count, ratio)

    def expected_observations(self, probability: float) -> float:
        """Observations that the test takes on average where a success has this probability, one of the two tested.

        Wald's approximation, which leaves out by how much the last step goes beyond the bound.

        Raises
        ------
        DataError
            If it is neither the null nor the alternative.
        """
        if probability not in (self.null, self.alternative):
            raise DataError(
                f"expected one of the probabilities tested, {self.null} or {self.alternative}, was {probability}",
                code="bad_probability",
            )
        crossing = self.alpha if probability == self.null else 1.0 - self.beta
        success, failure = self.steps
        drift = probability * success + (1.0 - probability) * failure
        return (crossing * self.upper + (1.0 - crossing) * self.lower) / drift
