"""Rules: the gate every order passes and the risk limits."""

from ntp.rules.gate import (
    COULD_TAKE,
    EV_NOT_POSITIVE,
    EV_UNKNOWN,
    FAIR_ABSENT,
    MASKS,
    REASONS,
    RULES,
    UNMATCHED,
    UNTESTED,
    Gate,
    broken,
    could_take,
    first_rule,
    mask_of,
    reasons_of,
)
from ntp.rules.risk import UNLIMITED, limit_units, position_room, reduce_only_size, within_limit

__all__ = [
    "COULD_TAKE",
    "EV_NOT_POSITIVE",
    "EV_UNKNOWN",
    "FAIR_ABSENT",
    "MASKS",
    "REASONS",
    "RULES",
    "UNLIMITED",
    "UNMATCHED",
    "UNTESTED",
    "Gate",
    "broken",
    "could_take",
    "first_rule",
    "limit_units",
    "mask_of",
    "position_room",
    "reasons_of",
    "reduce_only_size",
    "within_limit",
]
