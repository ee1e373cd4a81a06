"""What the five rules found in a run, for people: a row per rule, and what is missing in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ntp.rules import REASONS, RULES, UNMATCHED

if TYPE_CHECKING:
    from ntp.backtest.run import Run

MEANING: Final = {
    "maker_only": "rests only, exits too", "fair_value": "a fair value is there and fresh",
    "positive_ev": "expects a profit after all costs", "cross_venue": "agrees with the same claim elsewhere",
    "ab_tested": "an A/B test promoted this code",
}
"""What an order must do for each rule."""
_WORDS: Final = {
    "could_take": "could have taken: maker_only refuses that; --waive maker_only lets it through and stamps the result",
    "fair_value_absent": "had no fair value: state one with fair=, or set pricing in the class and give it a spot",
    "fair_value_stale": "had a fair value from a spot that was too old",
    "ev_unknown": "had no expectation, for want of a fair value or of known fees",
    "ev_not_positive": "expected no profit after fee, adverse selection, uncertainty and lock-up",
    "cross_venue_disagreement": "contradicted the same claim at another venue by more than the fees of both",
    "not_adjudicated": "named a match that nobody found equal",
    "unmatched": "had no fresh book of the same claim elsewhere to be held against, which breaks nothing",
    "not_ab_tested": "came from code that no A/B test promoted: ntp ab",
}


def rule_rows(run: Run) -> list[dict[str, Any]]:
    """Build a row per rule: orders refused, orders let through that broke it, why, and whether it holds."""
    counters, context = run.shown.output.counters, run.context
    refused, breached = _counts(counters, "refused"), _counts(counters, "breached")
    codes = {"refused": _counts(counters, "refusal_reasons"), "let through": _counts(counters, "breaches")}
    enforced = set(context.configuration.get("enforce") or ()) | {"maker_only"}
    rows = []
    for rule in RULES:
        own = [code for name, code in REASONS.values() if name == rule]
        reasons = [f"{code} {counts[code]:,}" for counts in codes.values() for code in own if counts.get(code)]
        rows.append({
            "rule": rule, "means": MEANING[rule], "refused": refused.get(rule, 0),
            "breached": breached.get(rule, 0) or _counts(counters, "waiver_uses").get(rule, 0), "reasons": reasons,
            "holds": "waived" if rule in context.waived else "refuses" if rule in enforced else "counts",
        })  # fmt: skip
    return rows


def missing_words(run: Run) -> list[str]:
    """Say what orders of a run lacked, the most frequent first, and what stops cost."""
    counters = run.shown.output.counters
    refusals, breaches = _counts(counters, "refusal_reasons"), _counts(counters, "breaches")
    found = [f"{_orders(count)} refused: {_WORDS.get(code, code)}" for code, count in _sorted(refusals)]
    limited = _counts(counters, "refused").get("limit", 0)
    if limited:
        found.append(f"{_orders(limited)} refused or cut by max_event_loss or max_position of [rules]")
    quiet = REASONS[UNMATCHED][1]
    found += [
        f"{_orders(count)} {_WORDS[code]}" for code, count in _sorted(breaches) if code in _WORDS and code != quiet
    ]
    return found + stop_words(run)


def stop_words(run: Run) -> list[str]:
    """Say what the exits of stops slipped; nothing without stops."""
    stops = run.shown.output.counters.get("stops") or {}
    if not stops:
        return []
    line = f"{stops['triggered']:,} stops: {stops['filled']:,.0f} of {stops['contracts']:,.0f} contracts left"
    if stops["filled"]:
        cents = stops["slippage_cents"]
        line += f" {abs(cents):.2f} cents {'worse' if cents > 0 else 'better'} than their mark at the trigger"
        line += f" ({-stops['slippage_usd']:+,.2f} dollars)"
    return [line]


def _orders(count: int) -> str:
    return f"{count:,} order{'' if count == 1 else 's'}"


def _sorted(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _counts(counters: Mapping[str, Any], name: str) -> dict[str, int]:
    return {key: int(count) for key, count in (counters.get(name) or {}).items()}


__all__ = ["MEANING", "missing_words", "rule_rows", "stop_words"]
