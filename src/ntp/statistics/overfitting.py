"""How often the best of several configurations on one half of the events is no good on the other."""

from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ntp.core import DataError

Floats = NDArray[np.float64]
_DIGITS: Final = 10
_CELLS: Final = 4_000_000
"""Ratios held in memory at once."""


@dataclass(frozen=True)
class Overfitting:
    """Outcome of combinatorially symmetric cross-validation.

    Attributes
    ----------
    probability : float
        Share of the splits in which the configuration that is best in sample is no better than the median
        out of sample.
    logits : array of float64
        Per split the logit of its relative rank out of sample; not above 0 is over-fitting.
    in_sample, out_of_sample : array of float64
        Per split its Sharpe ratio per event in both halves.
    loss_probability : float
        Share of the splits in which it loses out of sample.
    """

    probability: float
    logits: Floats
    in_sample: Floats
    out_of_sample: Floats
    loss_probability: float


def probability_of_overfitting(returns: Floats, blocks: int = 16) -> Overfitting:
    """Probability that choosing the best configuration over-fits.

    The events are cut into blocks in their order. For every choice of half of the blocks the configuration with
    the highest Sharpe ratio there is ranked by its ratio in the other half.

    Parameters
    ----------
    returns : array of float64, events by configurations
        Return of each configuration in each event, 0 where it did not trade. Rows are independent: events, not
        trades.
    blocks : int
        Even; 16 gives 12,870 splits.

    Returns
    -------
    Overfitting
        (Bailey, Borwein, López de Prado and Zhu 2017.)

    Raises
    ------
    DataError
        If there are fewer than two configurations or fewer than two events per block.
    """
    _check(returns.shape[1] if returns.ndim == 2 else 0, blocks)
    if len(returns) < 2 * blocks:
        raise DataError(
            f"expected {2 * blocks} events or more for {blocks} blocks, was {len(returns)}", code="too_few_events",
            hint="fewer blocks need fewer events",
        )
    if not np.all(np.isfinite(returns)):
        raise DataError("expected finite returns, was a missing one", code="bad_returns")
    return overfitting_of_blocks(*_blocks(returns, blocks))


def overfitting_of_blocks(sums: Floats, squares: Floats, counts: Floats) -> Overfitting:
    """Probability that choosing the best configuration over-fits, from sums over blocks of events.

    Parameters
    ----------
    sums, squares : array of float64, blocks by configurations
        Sum of the returns of each block's events, and of their squares.
    counts : array of float64
        Events of each block, those that were not traded among them.

    Returns
    -------
    Overfitting
        See :func:`probability_of_overfitting`.

    Raises
    ------
    DataError
        If there are fewer than two configurations, or the blocks are not an even number.
    """
    blocks = len(counts)
    _check(sums.shape[1], blocks)
    chosen = np.array(list(combinations(range(blocks), blocks // 2)))
    splits = np.zeros((len(chosen), blocks))
    np.put_along_axis(splits, chosen, 1.0, axis=1)
    step = max(1, _CELLS // sums.shape[1])
    parts = [_judged(splits[at : at + step], sums, squares, counts) for at in range(0, len(splits), step)]
    ranks, inside, outside = (np.concatenate(column) for column in zip(*parts, strict=True))
    logits = np.log(ranks / (1.0 - ranks))
    return Overfitting(
        float(np.mean(logits <= 0.0)), logits, inside, outside, float(np.mean(outside < 0.0))
    )


def _check(configurations: int, blocks: int) -> None:
    if configurations < 2:
        raise DataError("expected the returns of two or more configurations, was fewer", code="too_few_trials")
    if blocks < 2 or blocks % 2:
        raise DataError(f"expected an even number of blocks, was {blocks}", code="bad_blocks")


def _blocks(returns: Floats, blocks: int) -> tuple[Floats, Floats, Floats]:
    """Sum, sum of squares and number of events per block."""
    scale = np.max(np.abs(returns))
    scaled = returns / scale if scale > 0.0 else returns
    parts = np.array_split(scaled, blocks)
    return (
        np.array([part.sum(axis=0) for part in parts]),
        np.array([(part**2).sum(axis=0) for part in parts]),
        np.array([float(len(part)) for part in parts]),
    )


def _judged(splits: Floats, sums: Floats, squares: Floats, counts: Floats) -> tuple[Floats, Floats, Floats]:
    """Relative rank out of sample of the best in sample, and its ratios in and out of sample."""
    inside = _ratios(splits @ sums, splits @ squares, splits @ counts)
    other = 1.0 - splits
    outside = _ratios(other @ sums, other @ squares, other @ counts)
    best = np.argmax(inside, axis=1)[:, None]
    own = np.take_along_axis(outside, best, axis=1)
    below = (outside < own).sum(axis=1)
    equal = (outside == own).sum(axis=1)  # itself among them; ties share their mean rank
    ranks = (below + (equal + 1) / 2.0) / (outside.shape[1] + 1)
    return ranks, np.take_along_axis(inside, best, axis=1)[:, 0], own[:, 0]


def _ratios(sums: Floats, squares: Floats, counts: Floats) -> Floats:
    """Sharpe ratios from sums, rounded so that equal returns tie in whatever order they were added up.

    One without variation counts as 0.
    """
    size = counts[:, None]
    means = sums / size
    variances = (squares - sums * means) / (size - 1.0)
    flat = variances <= 1e-15 * np.maximum(squares / size, 1e-300)
    ratios: Floats = np.where(flat, 0.0, means / np.sqrt(np.where(flat, 1.0, variances)))
    return ratios.round(_DIGITS)
