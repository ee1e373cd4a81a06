"""How two runs differ: configuration, code, metrics, and where their fills part."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from ntp.core import CASH_ONE, SIZE_ONE, format_ns

if TYPE_CHECKING:
    from ntp.backtest.run import Run

_SAME: Final = ("ts", "contract", "side", "price", "size", "fee", "is_maker", "cash", "position")
_DIGITS: Final = 9
"""Significant digits to which metrics are compared."""


@dataclass(frozen=True)
class Change:
    """One value that differs: its dotted name, before and after."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Diff:
    """Differences between two runs.

    Attributes
    ----------
    runs : tuple of str
        Identifiers of the two runs.
    mode : str
        Fill mode that people are shown: the headline of the later run, where both replayed it.
    configuration, code, metrics : tuple of Change
        What differs, in dollars and as times; `code` holds code hash and versions. Names of metrics begin
        with their fill mode.
    parts_at : Mapping of str to Mapping
        By fill mode that both replayed and whose fills differ: `number` of equal fills before,
        `ts` (ns), and the `before` and `after` fill, None where one run has no more.
    """

    runs: tuple[str, str]
    mode: str
    configuration: tuple[Change, ...]
    code: tuple[Change, ...]
    metrics: tuple[Change, ...]
    parts_at: Mapping[str, Mapping[str, Any]]

    @property
    def equal(self) -> bool:
        """Whether configuration, code, metrics and fills are all equal."""
        return not (self.configuration or self.code or self.metrics or self.parts_at)

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "runs": list(self.runs),
            "equal": self.equal,
            "fill_mode": self.mode,
            **{
                name: [{"name": c.name, "before": c.before, "after": c.after} for c in getattr(self, name)]
                for name in ("configuration", "code", "metrics")
            },
            "first_divergent_fill": {mode: dict(at) for mode, at in self.parts_at.items()},
        }


def diff_runs(before: "Run", after: "Run") -> Diff:
    """Compare two runs."""
    left, right = (dict(_flat(run.manifest.inputs)) for run in (before, after))
    changes = [
        _told(name, left.get(name), right.get(name))
        for name in sorted({*left, *right})
        if left.get(name) != right.get(name)
    ]
    shown = [mode for mode in (after.context.fill_mode, *before.fill_modes) if mode in before.fill_modes]
    common = [mode for mode in shown if mode in after.fill_modes]
    code = tuple(change for change in changes if _is_code(change.name))
    metrics = tuple(
        Change(f"{mode}.{name}", value, other)
        for mode, result in before.fill_modes.items()
        if mode in after.fill_modes
        for name, value in result.metrics.items()
        if _rounded(value) != _rounded(other := after.fill_modes[mode].metrics[name])
    )
    parts = {
        mode: at
        for mode, result in before.fill_modes.items()
        if mode in after.fill_modes
        and (at := first_difference(result.output.fills, after.fill_modes[mode].output.fills))
    }
    return Diff(
        (before.run_id, after.run_id), common[0] if common else "",
        tuple(change for change in changes if change not in code), code, metrics, parts,
    )


def first_difference(before: pl.DataFrame, after: pl.DataFrame) -> dict[str, Any] | None:
    """First raw fill at which two replays part, in order of time and contract; None if they agree."""
    left, right = (frame.select(*_SAME, "price_scale").sort(_SAME) for frame in (before, after))
    shared = min(len(left), len(right))
    differs = np.zeros(shared, dtype=np.bool_)
    for name in _SAME:
        differs |= left[name][:shared].ne_missing(right[name][:shared]).to_numpy()
    at = int(np.argmax(differs)) if differs.any() else shared
    if at == len(left) == len(right):
        return None
    rows = [frame.row(at, named=True) if at < len(frame) else None for frame in (left, right)]
    earliest = min(row["ts"] for row in rows if row is not None)
    return {
        "number": at, "ts": earliest, "before": _shown(rows[0]), "after": _shown(rows[1]),
    }


def _shown(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "ts": row["ts"], "contract": row["contract"],
        "side": "BUY" if row["side"] > 0 else "SELL", "price": row["price"] / 10 ** row["price_scale"],
        "size": row["size"] / SIZE_ONE, "fee_usd": row["fee"] / CASH_ONE, "is_maker": row["is_maker"],
        "position": row["position"] / SIZE_ONE,
    }


def _told(name: str, before: Any, after: Any) -> Change:
    """Turn exact units of the manifest into dollars and times."""
    if name == "configuration.capital":
        return Change("configuration.capital_usd", *(_each(value, lambda v: v / CASH_ONE) for value in (before, after)))
    if name in ("configuration.start", "configuration.end"):
        return Change(name, *(_each(value, format_ns) for value in (before, after)))
    return Change(name, before, after)


def _each(value: Any, write: Callable[[Any], Any]) -> Any:
    return None if value is None else write(value)


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, part in value.items():
        if isinstance(part, Mapping):
            yield from _flat(part, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", part


def _is_code(name: str) -> bool:
    return name in ("strategy.code_hash", "strategy.version", "engine.version") or name.startswith(
        "environment."
    )


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value
