"""Normal mixtures: sequential tests and confidence sequences of a mean whose variance is known."""

from math import exp, log, sqrt

import numpy as np

from ntp.statistics.sequential.checks import Floats, check_level, check_positive


def mixture_ratio(observations: int, mean: float, variance: float, mixture: float) -> float:
    """Likelihood ratio of the mixture sequential probability ratio test that a mean is 0.

    Parameters
    ----------
    observations : int
        How many were averaged.
    mean : float
        Their mean, less the mean tested where that is not 0.
    variance : float
        Variance of one of them.
    mixture : float
        Variance of the normal distribution over the means of the alternative.

    Returns
    -------
    float
        ``sqrt(s2 / (s2 + n t2)) exp(n^2 t2 d^2 / (2 s2 (s2 + n t2)))`` (Robbins 1970; Johari et al. 2022). Under the
        null it is above 1 / alpha at any time at all with a probability of at most alpha.
    """
    check_positive("observations", observations)
    check_positive("variance", variance)
    check_positive("mixture", mixture)
    whole = variance + observations * mixture
    power = observations**2 * mixture * mean**2 / (2.0 * variance * whole)
    return sqrt(variance / whole) * exp(power)


def normal_mixture_radius(observations: Floats | int, weight: float, alpha: float = 0.05) -> Floats:
    """Half width of the confidence sequence of a mean, in standard deviations of one observation.

    Parameters
    ----------
    observations : array of float64 or int
        How many were averaged.
    weight : float
        Observations that the mixture is worth, see :func:`mixture_weight`.
    alpha : float
        Probability that the mean ever leaves the interval.

    Returns
    -------
    array of float64
        ``sqrt((n + r) ln((n + r) / (r alpha^2))) / n`` (Howard et al. 2021).
    """
    check_level(alpha)
    check_positive("weight", weight)
    n = np.asarray(observations, dtype=np.float64)
    return np.sqrt((n + weight) * np.log((n + weight) / (weight * alpha**2))) / n


def mixture_weight(observations: int, alpha: float = 0.05) -> float:
    """Weight by which :func:`normal_mixture_radius` is smallest at a number of observations.

    The root of ``x = ln(1 + x) + 2 ln(1 / alpha)`` with x = observations / weight, by Lambert's function.
    """
    check_level(alpha)
    check_positive("observations", observations)
    from scipy.special import lambertw  # loads slowly, and every backtest loads what is beside this

    ratio = -1.0 - float(lambertw(-exp(2.0 * log(alpha) - 1.0), -1).real)
    return observations / ratio
