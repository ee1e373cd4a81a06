"""Effects of a treatment that was given by lot, one subject after the other."""

import numpy as np
from numpy.typing import NDArray

from ntp.core import DataError
from ntp.statistics.sequential.beta_binomial import beta_binomial_e_value
from ntp.statistics.sequential.checks import Floats, check_finite

Flags = NDArray[np.bool_]


def randomised_effects(values: Floats, treated: Flags) -> Floats:
    """Turn outcomes of subjects, half of them treated by lot, into estimates of the effect, one of each.

    Parameters
    ----------
    values : array of float64
        Outcomes in the order in which they became known.
    treated : array of bool
        Who was treated; each with probability one half, independently of everything.

    Returns
    -------
    array of float64
        ``2 s (y - m)`` with s = 1 for the treated and -1 for the others, and m the mean of the outcomes before (0 for
        the first). Each has the effect as its mean, whatever the outcomes are and however they hang together, as
        the lot alone is random (Ham, Bojinov, Lindon and Tingley 2022). m only makes them smaller. Where there is no
        effect, each is as likely to be what it is as its negative, given all outcomes.
    """
    if len(values) != len(treated):
        raise DataError(
            f"expected a lot for each of {len(values)} outcomes, was {len(treated)}", code="bad_lengths",
        )
    check_finite(values)
    if not len(values):
        return np.empty(0)
    before = np.concatenate(([0.0], np.cumsum(values)[:-1]))
    centre = before / np.maximum(np.arange(len(values)), 1.0)
    signs = np.where(treated, 1.0, -1.0)
    effects: Floats = 2.0 * signs * (values - centre)
    return effects


def balance_e_value(counts: NDArray[np.int64]) -> float:
    """Evidence that a lot among equals was not drawn fairly, from how often each was drawn.

    Returns
    -------
    float
        Mean over the groups of :func:`beta_binomial_e_value` of its count against an equal share: an average of
        e-values is one. Above 100 something is wrong with the lot or some results are missing.
    """
    if len(counts) < 2:
        raise DataError(f"expected two groups or more, was {len(counts)}", code="bad_count")
    total = int(counts.sum())
    return float(np.mean([beta_binomial_e_value(int(count), total, 1.0 / len(counts)) for count in counts]))
