"""Over-fitting: a result must be better than the best of as many worthless trials."""

from __future__ import annotations

from typing import Final

from ntp.backtest.check.bench import Bench
from ntp.backtest.check.finding import Examined
from ntp.backtest.formulas import MIN_EVENTS
from ntp.backtest.validation import Trials
from ntp.statistics import deflated_sharpe

_SURE: Final = 0.95
_LUCK: Final = 0.5


def check_over_fitting(bench: Bench, tried: Trials) -> Examined:
    """Hold the Sharpe ratio per event against the best that as many worthless trials would show."""
    result = Examined("over_fitting", "the deflated Sharpe ratio with the trials that this data has seen")
    facts = bench.base.facts()
    gains = facts.event_returns
    if not facts.fees_known:
        result.unchecked.append("luck: the fees are unknown")
        return result
    if len(gains) < MIN_EVENTS:
        result.unchecked.append(f"luck: {len(gains)} events with fills, a judgement takes {MIN_EVENTS}")
        return result
    if gains.sum() <= 0:
        result.unchecked.append("luck: it makes no profit that could be some")
        return result
    trials = max(tried.count, 1)
    sure = deflated_sharpe(gains, trials, tried.luck(len(gains)))
    if sure is None:
        result.unchecked.append("luck: every event gave the same")
    elif sure < _SURE:
        beyond = trials > 1 and sure < _LUCK
        result.add(
            "error" if beyond else "warning",
            f"the profit may be luck: {sure:.0%} is the probability that it is not, after {trials:,} "
            f"trial{'' if trials == 1 else 's'} of this data (deflated Sharpe ratio, {len(gains):,} events)",
            bench.code.class_place(),
        )
    return result


__all__ = ["check_over_fitting"]
