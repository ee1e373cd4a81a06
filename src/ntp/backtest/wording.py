"""How numbers are written for people, in the terminal and in the report."""

from collections.abc import Mapping, Sequence
from typing import Final

from ntp.backtest.formulas import MIN_EVENTS
from ntp.backtest.metrics import BY_ID, Value
from ntp.markets import USD

ABSENT: Final = "–"
"""Shown where a value cannot be computed."""

_PROBABILITIES: Final = frozenset({
    "deflated_sharpe", "p_value", "p_value_corrected", "probabilistic_sharpe", "random_entry_p_value",
})  # fmt: skip
_LEAST: Final = 0.0001
"""Least probability that is told as a number."""

MODE_MEANING: Final[Mapping[str, str]] = {
    "pessimistic": "the queue ahead shrinks by recorded prints only; inferred prints are ignored; without "
    "a tape a resting order fills only when traded through",
    "base": "the queue ahead shrinks by prints and, by the queue model, by cancels; inferred prints count; "
    "without a tape as pessimistic",
    "optimistic": "the queue ahead shrinks by prints and proportionally by cancels; inferred prints count; "
    "without a tape a touch of the price by the opposite side also fills",
}


def write_value(name: str, value: Value) -> str:
    """Write a metric's value with its unit; :data:`ABSENT` for None."""
    if value is None:
        return ABSENT
    unit = BY_ID[name].unit
    if name in _PROBABILITIES and not isinstance(value, list):
        return _write_probability(value)
    if isinstance(value, list):
        return f"{_write(unit, value[0])} to {_write(unit, value[1])}"
    return _write(unit, value)


def write_money(value: float | None) -> str:
    """Write dollars with sign and cents, finer where an amount is below a cent."""
    if value is None:
        return ABSENT
    digits = 4 if 0 < abs(value) < 0.01 else 2
    return f"{'-' if value < 0 else ''}${abs(value):,.{digits}f}"


def write_amount(value: float | None, currency: str) -> str:
    """Write an amount in its currency; play money and tokens carry their name."""
    if value is None or currency == USD:
        return write_money(value)
    return f"{write_money(value).replace('$', '')} {currency}"


def write_share(value: float | None) -> str:
    """Write a fraction as a percentage."""
    return ABSENT if value is None else f"{value * 100:.2f} %"


def _write_probability(value: float) -> str:
    """Write a probability so that a small one does not look like none at all."""
    if value < _LEAST:
        return f"< {write_share(_LEAST)}"
    return f"> {write_share(1.0 - _LEAST)}" if value > 1.0 - _LEAST else write_share(value)


def write_verdict(
    *, profitable: bool | None, pessimistic_pnl: float | None, interval: Sequence[float] | None = None
) -> str:
    """Say in one sentence whether the strategy may be called profitable.

    Parameters
    ----------
    profitable : bool or None
        What the ground rules say; None: not judged.
    pessimistic_pnl : float or None
        Net P&L of the pessimistic replay.
    interval : sequence of float, optional
        Its 90 % interval: a gain whose interval holds 0 is said to be one that luck could explain.
    """
    if profitable is None and (pessimistic_pnl or 0.0) > 0.0:
        return (
            f"Too little to judge: the pessimistic replay made {write_money(pessimistic_pnl)} after fees in fewer "
            f"than {MIN_EVENTS} events."
        )
    if profitable is None:
        return (
            "Not judged: the pessimistic replay was not run to its end, the fees are unknown, or only play money "
            "was traded."
        )
    if profitable and interval is not None and interval[0] <= 0.0:
        return (
            f"Profitable, but luck could explain it: the pessimistic replay made {write_money(pessimistic_pnl)} after "
            f"fees, with a 90 % interval of {write_money(interval[0])} to {write_money(interval[1])}."
        )
    if profitable:
        return f"Profitable: the pessimistic replay made {write_money(pessimistic_pnl)} after fees."
    if not pessimistic_pnl:
        return "Not shown to be profitable: the pessimistic replay neither made nor lost anything."
    verb = "lost" if pessimistic_pnl < 0 else "made"
    return f"Not shown to be profitable: the pessimistic replay {verb} {write_money(abs(pessimistic_pnl))} after fees."


def _write(unit: str, value: float) -> str:
    if unit == "count":
        return f"{value:,.0f}"
    if unit == "usd":
        return write_money(value)
    if unit == "fraction":
        return write_share(value)
    if unit == "cents":
        return f"{value:+.2f} ¢"
    if unit == "seconds":
        return f"{value:,.2f} s"
    if unit == "contracts":
        return f"{value:,.1f}"
    return f"{value:,.3f}"
