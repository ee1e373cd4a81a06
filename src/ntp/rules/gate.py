"""The gate every order passes: five rules, which of them refuse, and how often each was broken.

What an order breaks is a mask of reason bits, so that the check of one order is a few integer
operations here and the same ones in the compiled engine.
"""

import logging
from collections.abc import Iterable
from typing import Final

from ntp.core import ConfigError, suggest

RULES: Final = ("maker_only", "fair_value", "positive_ev", "cross_venue", "ab_tested")
"""Names of the rules: rest only; know a fair value; expect a profit; see it confirmed on another
venue; trade what an A/B test has passed."""

COULD_TAKE: Final = 1
"""The order may execute on arrival."""
FAIR_ABSENT: Final = 2
"""Neither strategy nor engine states a fair value."""
EV_UNKNOWN: Final = 4
"""Without a fair value there is no expectation."""
EV_NOT_POSITIVE: Final = 8
"""The net edge is not above 0."""
UNMATCHED: Final = 16
"""No matched contract of another venue is named."""
UNTESTED: Final = 32
"""The strategy has not passed an A/B test."""

REASONS: Final[dict[int, tuple[str, str]]] = {
    COULD_TAKE: ("maker_only", "could_take"),
    FAIR_ABSENT: ("fair_value", "fair_value_absent"),
    EV_UNKNOWN: ("positive_ev", "ev_unknown"),
    EV_NOT_POSITIVE: ("positive_ev", "ev_not_positive"),
    UNMATCHED: ("cross_venue", "unmatched"),
    UNTESTED: ("ab_tested", "not_ab_tested"),
}
"""Reason bit to rule and reason code."""

MASKS: Final[dict[str, int]] = {
    rule: sum(bit for bit, (name, _) in REASONS.items() if name == rule) for rule in RULES
}
"""Rule to the reasons that break it."""
ALL_REASONS: Final = sum(REASONS)
RESEARCH: Final = ("maker_only",)
"""Rules that refuse orders in backtests; the others are counted there."""

_TAKING: Final = frozenset({"ioc", "fok"})
_NO_FAIR: Final = FAIR_ABSENT | EV_UNKNOWN


def could_take(post_only: bool, tif: str) -> bool:  # noqa: FBT001 - called per order, by position
    """Whether an order may execute on arrival."""
    return not post_only or tif in _TAKING


def broken(
    taking: bool, net_edge: float | None, matched: bool, tested: bool,  # noqa: FBT001 - called per order
    *, has_fair: bool | None = None,
) -> int:
    """Mask of the reasons for which an order breaks rules.

    Parameters
    ----------
    taking : bool
        Whether it may execute on arrival, see :func:`could_take`.
    net_edge : float or None
        Dollars per contract that it expects after costs; None without a fair value.
    matched : bool
        Whether it names a matched contract of another venue.
    tested : bool
        Whether the strategy has passed an A/B test.
    has_fair : bool, optional
        Whether a fair value is stated although no net edge can be computed (fees unknown); by default
        whether there is a net edge.

    Returns
    -------
    int
        Sum of reason bits, 0 for an order that keeps all rules.
    """
    mask = COULD_TAKE if taking else 0
    if net_edge is None:
        mask |= EV_UNKNOWN if has_fair else _NO_FAIR
    elif not net_edge > 0.0:
        mask |= EV_NOT_POSITIVE
    if not matched:
        mask |= UNMATCHED
    if not tested:
        mask |= UNTESTED
    return mask


def mask_of(rules: Iterable[str], *, option: str = "waive") -> int:
    """Mask of all reasons that break one of the rules named.

    Raises
    ------
    ConfigError
        ``unknown_rule`` with a suggestion.
    """
    mask = 0
    for rule in (rules,) if isinstance(rules, str) else rules:
        if rule not in MASKS:
            raise ConfigError(
                f"expected a rule for {option!r}, was {rule!r}", code="unknown_rule",
                hint=suggest(rule, RULES), details={"rule": rule},
            )
        mask |= MASKS[rule]
    return mask


def reasons_of(mask: int) -> list[str]:
    """Reason codes in a mask, in the order of the rules."""
    return [code for bit, (_, code) in REASONS.items() if mask & bit]


def first_rule(mask: int) -> str:
    """Name of the first rule that a mask breaks: the `reason` of a refused order; empty for 0."""
    return next((rule for bit, (rule, _) in REASONS.items() if mask & bit), "")


class Gate:
    """Decides on orders and counts what they break.

    Parameters
    ----------
    waive : Iterable of str
        Rules that do not hold in this run; each is logged and stamped on the result.
    enforce : Iterable of str
        Rules that refuse; the others are counted as breaches.
    log : logging.Logger, optional
        Where waivers are told.

    Attributes
    ----------
    refusing : int
        Mask of the reasons that refuse an order.
    counts : list of int
        Orders by mask of what they broke; the compiled engine fills the same list.
    """

    __slots__ = ("counts", "refusing", "waived_mask")

    def __init__(
        self, waive: Iterable[str] = (), enforce: Iterable[str] = RESEARCH, log: logging.Logger | None = None
    ) -> None:
        self.waived_mask = mask_of(waive)
        self.refusing = mask_of(enforce, option="enforce") & ~self.waived_mask
        self.counts = [0] * (ALL_REASONS + 1)
        for rule in self.waived():
            (log or logging.getLogger(__name__)).info("rule %s is waived for this run", rule)

    def admit(self, mask: int) -> int:
        """Count an order and return the reasons that refuse it, 0 to let it pass."""
        self.counts[mask] += 1
        return mask & self.refusing

    def waived(self) -> list[str]:
        """Names of the rules waived."""
        return [rule for rule in RULES if self.waived_mask & MASKS[rule]]

    def stamps(self) -> list[str]:
        """Stamps that the waivers leave on a result."""
        return [f"waived:{rule}" for rule in self.waived()]

    def refused(self) -> dict[str, int]:
        """Orders refused, by the rule that is first among those that refused."""
        found: dict[str, int] = {}
        for mask, count in enumerate(self.counts):
            if count and mask & self.refusing:
                rule = first_rule(mask & self.refusing)
                found[rule] = found.get(rule, 0) + count
        return found

    def breaches(self) -> dict[str, int]:
        """Orders let through that broke a rule neither refusing nor waived, by rule."""
        return {rule: count for rule in RULES if (count := self._passed(MASKS[rule] & ~self.waived_mask))}

    def breach_reasons(self) -> dict[str, int]:
        """Count the same orders by reason code."""
        held = ~self.waived_mask
        return {code: n for bit, (_, code) in REASONS.items() if (n := self._passed(bit & held))}

    def waiver_uses(self) -> dict[str, int]:
        """Orders let through only because a rule is waived or that would be breaches of it, by rule."""
        return {rule: count for rule in self.waived() if (count := self._passed(MASKS[rule]))}

    def to_dict(self) -> dict[str, object]:
        """Summarise as the ``rules`` of a result document."""
        return {"waived": self.waived(), "refused": self.refused(), "breaches": self.breaches()}

    def _passed(self, wanted: int) -> int:
        return sum(
            count for mask, count in enumerate(self.counts)
            if count and mask & wanted and not mask & self.refusing
        )
