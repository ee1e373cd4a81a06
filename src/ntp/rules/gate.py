"""The gate every order passes: five rules, which of them refuse, and how often each was broken.

What an order breaks is a mask of reason bits, so that the check of one order is a few integer
operations here and the same ones in the compiled engine.
"""

import logging
from collections.abc import Iterable, MutableSequence
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
"""No fresh book of another venue shows the same claim: there was nothing to validate against. Told, never refused."""
UNTESTED: Final = 32
"""The strategy has not passed an A/B test."""
FAIR_STALE: Final = 64
"""The engine's fair value rests on a spot older than its limit, and the strategy states none."""
DISAGREEMENT: Final = 128
"""A matched contract of another venue is priced otherwise, by more than the fees of both."""
NOT_ADJUDICATED: Final = 256
"""The order names a match that nobody found equal."""
REDUCES: Final = 512
"""No reason but a fact: the order only reduces a holding, so that `maker_only` alone may refuse it."""

REASONS: Final[dict[int, tuple[str, str]]] = {
    COULD_TAKE: ("maker_only", "could_take"),
    FAIR_ABSENT: ("fair_value", "fair_value_absent"),
    FAIR_STALE: ("fair_value", "fair_value_stale"),
    EV_UNKNOWN: ("positive_ev", "ev_unknown"),
    EV_NOT_POSITIVE: ("positive_ev", "ev_not_positive"),
    DISAGREEMENT: ("cross_venue", "cross_venue_disagreement"),
    NOT_ADJUDICATED: ("cross_venue", "not_adjudicated"),
    UNMATCHED: ("cross_venue", "unmatched"),
    UNTESTED: ("ab_tested", "not_ab_tested"),
}
"""Reason bit to rule and reason code."""

MASKS: Final[dict[str, int]] = {
    rule: sum(bit for bit, (name, _) in REASONS.items() if name == rule and bit != UNMATCHED) for rule in RULES
}
"""Rule to the reasons that break it; where nothing is matched, `cross_venue` is not broken."""
MASK_COUNT: Final = 2 * REDUCES
"""Masks that an order can have."""
RESEARCH: Final = ("maker_only",)
"""Rules that refuse orders in backtests; the others are counted there."""

_TAKING: Final = frozenset({"ioc", "fok"})


def could_take(post_only: bool, tif: str) -> bool:  # noqa: FBT001 - called per order, by position
    """Whether an order may execute on arrival."""
    return not post_only or tif in _TAKING


def broken(
    taking: bool, net_edge: float | None, matched: bool, tested: bool,  # noqa: FBT001 - called per order
    *, has_fair: bool | None = None, stale: bool = False,
) -> int:
    """Mask of the reasons for which an order breaks rules.

    Parameters
    ----------
    taking : bool
        Whether it may execute on arrival, see :func:`could_take`.
    net_edge : float or None
        Dollars per contract that it expects after costs; None without a fair value.
    matched : bool
        Whether a fresh book of another venue shows the same claim.
    tested : bool
        Whether the strategy has passed an A/B test.
    has_fair : bool, optional
        Whether a fair value is stated although no net edge can be computed (fees unknown); by default
        whether there is a net edge.
    stale : bool
        Whether there is no fair value because the spot is too old.

    Returns
    -------
    int
        Sum of reason bits, 0 for an order that keeps all rules.
    """
    mask = COULD_TAKE if taking else 0
    if net_edge is None:
        mask |= EV_UNKNOWN
        if not has_fair:
            mask |= FAIR_STALE if stale else FAIR_ABSENT
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
    tested : bool
        Whether an A/B test promoted the strategy with this code.

    Attributes
    ----------
    refusing : int
        Mask of the reasons that refuse an order.
    counts : sequence of int
        Orders by mask of what they broke; in a replay the very memory in which the engine counts.
    """

    __slots__ = ("counts", "refusing", "tested", "waived_mask")

    def __init__(
        self, waive: Iterable[str] = (), enforce: Iterable[str] = RESEARCH, log: logging.Logger | None = None, *,
        tested: bool = False,
    ) -> None:
        self.tested = tested
        self.waived_mask = mask_of(waive)
        self.refusing = mask_of(enforce, option="enforce") & ~self.waived_mask
        self.counts: MutableSequence[int] | memoryview = [0] * MASK_COUNT
        for rule in self.waived():
            (log or logging.getLogger(__name__)).info("rule %s is waived for this run", rule)

    def admit(self, mask: int) -> int:
        """Count an order and return the reasons that refuse it, 0 to let it pass."""
        self.counts[mask] += 1
        return self.refusal(mask)

    def refusal(self, mask: int) -> int:
        """Reasons that refuse an order: what only reduces a holding is refused by `maker_only` alone."""
        return mask & self.refusing & (COULD_TAKE if mask & REDUCES else -1)

    def waived(self) -> list[str]:
        """Names of the rules waived."""
        return [rule for rule in RULES if self.waived_mask & MASKS[rule]]

    def stamps(self) -> list[str]:
        """Stamps that the waivers leave on a result."""
        return [f"waived:{rule}" for rule in self.waived()]

    def breach_stamps(self) -> list[str]:
        """Stamps that breaches leave on a result."""
        found = 0
        for mask, _ in self._counted():  # once for all rules: sweeps ask at every point
            found |= 0 if self.refusal(mask) else mask
        return [f"breached:{rule}" for rule in RULES if found & MASKS[rule] & ~self.waived_mask]

    def refused(self) -> dict[str, int]:
        """Orders refused, by the rule that is first among those that refused."""
        found: dict[str, int] = {}
        for mask, count in self._counted():
            refusal = self.refusal(mask)
            if refusal:
                rule = first_rule(refusal)
                found[rule] = found.get(rule, 0) + count
        return found

    def refusal_reasons(self) -> dict[str, int]:
        """Count the same orders by each reason code that refused them."""
        return self._by_code((self.refusal(mask), count) for mask, count in self._counted())

    def breaches(self) -> dict[str, int]:
        """Orders let through that broke a rule neither refusing nor waived, by rule."""
        return {rule: count for rule in RULES if (count := self._passed(MASKS[rule] & ~self.waived_mask))}

    def breach_reasons(self) -> dict[str, int]:
        """Count orders let through by reason code; ``unmatched`` is among them and breaks nothing."""
        held = ~self.waived_mask
        return self._by_code((mask & held, count) for mask, count in self._counted() if not self.refusal(mask))

    def waiver_uses(self) -> dict[str, int]:
        """Orders let through only because a rule is waived or that would be breaches of it, by rule."""
        return {rule: count for rule in self.waived() if (count := self._passed(MASKS[rule]))}

    def admitted(self) -> int:
        """Orders let through."""
        return sum(count for mask, count in self._counted() if not self.refusal(mask))

    def to_dict(self) -> dict[str, object]:
        """Summarise as the ``rules`` of a result document: refusals by rule, breaches by reason code."""
        return {"waived": self.waived(), "refused": self.refused(), "breaches": self.breach_reasons()}

    def _counted(self) -> list[tuple[int, int]]:
        return [(mask, count) for mask, count in enumerate(self.counts) if count]

    def _by_code(self, counted: Iterable[tuple[int, int]]) -> dict[str, int]:
        rows = list(counted)
        found = {code: sum(count for mask, count in rows if mask & bit) for bit, (_, code) in REASONS.items()}
        return {code: count for code, count in found.items() if count}

    def _passed(self, wanted: int) -> int:
        return sum(count for mask, count in self._counted() if mask & wanted and not self.refusal(mask))
