"""Evidence against a proportion, with a beta distribution over the alternatives."""

from math import exp, inf, log

from ntp.core import DataError
from ntp.statistics.sequential.checks import check_positive

_LARGEST = 700.0


def beta_binomial_e_value(
    successes: int, observations: int, probability: float, *, first: float = 1.0, second: float = 1.0
) -> float:
    """Likelihood of outcomes under a beta mixture over that under one probability.

    Parameters
    ----------
    successes, observations : int
        What was seen.
    probability : float
        Probability of a success under the null.
    first, second : float
        Parameters of the beta distribution; 1 and 1 are even.

    Returns
    -------
    float
        ``B(a + k, b + n - k) / (B(a, b) p^k (1 - p)^(n - k))``. Under the null it is above 1 / alpha at any time at
        all with a probability of at most alpha (Ville 1939).

    Raises
    ------
    DataError
        If the counts or the probability are impossible.
    """
    if not 0 <= successes <= observations:
        raise DataError(
            f"expected successes from 0 to {observations}, was {successes}", code="bad_count",
        )
    if not 0.0 < probability < 1.0:
        raise DataError(f"expected a probability between 0 and 1, was {probability}", code="bad_probability")
    check_positive("first", first)
    check_positive("second", second)
    failures = observations - successes
    from scipy.special import betaln  # loads slowly, and few ask for it

    mixed = float(betaln(first + successes, second + failures) - betaln(first, second))
    power = mixed - successes * log(probability) - failures * log(1.0 - probability)
    return exp(power) if power < _LARGEST else inf
