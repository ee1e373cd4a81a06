"""Kelly stakes on several outcomes of which at most one happens."""

from collections.abc import Mapping
from typing import TypeVar

Key = TypeVar("Key")


def bracket_stakes(probabilities: Mapping[Key, float], costs: Mapping[Key, float]) -> dict[Key, float]:
    """Shares of the bankroll that maximise its expected logarithm over exclusive outcomes, together.

    Outcomes are taken in falling order of probability over cost, as long as that is above the value of a
    dollar kept, ``R = (1 - sum p) / (1 - sum k)`` over those taken; then ``f = p - k R``. An outcome without an
    edge of its own may get a stake, because it pays where the others lose. Where the costs of all that is taken
    sum to less than one and nothing else can happen, it is an arbitrage, and ``f = p``.

    Parameters
    ----------
    probabilities : Mapping
        P of each outcome, together at most 1; what is missing to 1 is that none of them happens.
    costs : Mapping
        Dollars that one contract of each costs, fee included; an outcome without a cost gets no stake.

    Returns
    -------
    dict
        Share of the bankroll to spend on each, cost and fee included, 0 where none.

    Raises
    ------
    ValueError
        If a probability is not from 0 to 1, they sum to more than 1, or a cost is not above 0.

    Notes
    -----
    Smoczynski and Tomkins (2010), "An explicit solution to the problem of optimizing the allocations of a
    bettor's wealth when wagering on horse races"; with k the price and the fee.
    """
    if not all(0.0 <= p <= 1.0 for p in probabilities.values()) or sum(probabilities.values()) > 1.0 + 1e-9:
        raise ValueError(f"expected probabilities that sum to at most 1, was {dict(probabilities)}")
    if not all(k > 0.0 for k in costs.values()):
        raise ValueError(f"expected costs above 0, was {dict(costs)}")
    ranked = sorted((key for key in probabilities if key in costs), key=lambda key: -probabilities[key] / costs[key])
    taken: list[Key] = []
    chance = spent = 0.0
    kept = 1.0
    for key in ranked:
        if probabilities[key] <= costs[key] * kept:
            break
        taken.append(key)
        chance += probabilities[key]
        spent += costs[key]
        kept = max(1.0 - chance, 0.0) / (1.0 - spent) if spent < 1.0 else 0.0
    stakes = dict.fromkeys(probabilities, 0.0)
    for key in taken:
        stakes[key] = max(probabilities[key] - costs[key] * kept, 0.0)
    return stakes
