"""How two runs differ, for the terminal: what a person would act on, the rest as a count."""

from typing import TYPE_CHECKING, Any, Final

from ntp.backtest.metrics import BY_ID
from ntp.backtest.table import plain_table
from ntp.backtest.wording import ABSENT, write_money, write_value
from ntp.core import format_ns

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ntp.backtest.diff import Change, Diff

_BRIEF: Final = "pnl_net_usd"
"""The metric told of the modes that are not the headline."""
_HASH: Final = 12
"""Digits of a digest that a person compares."""


def diff_table(diff: "Diff") -> "RenderableType":
    """Tell how two runs differ."""
    from rich.console import Group
    from rich.text import Text

    if diff.equal:
        return Text(f"{diff.runs[0]} and {diff.runs[1]} are equal: configuration, code, metrics and fills")
    parts: list[RenderableType] = []
    for title, changes in (("configuration", diff.configuration), ("code", diff.code)):
        if changes:
            table = plain_table(title, *diff.runs)
            for change in changes:
                table.add_row(_name(change.name), _plain(change.before), _plain(change.after))
            parts.append(table)
    if diff.metrics:
        parts += _metrics(diff)
    elif not diff.parts_at:
        parts.append(Text("metrics and fills are equal"))
    for mode, at in _partings(diff):
        parts.append(Text(f"{mode}: {at['number']:,} equal fills, then they part at {format_ns(at['ts'])}"))
        parts.extend(
            Text(f"  {run}: {_fill_line(at[name])}")
            for run, name in zip(diff.runs, ("before", "after"), strict=True)
        )
    return Group(*parts)


def _partings(diff: "Diff") -> list[tuple[str, Any]]:
    """Modes and where their fills part; modes that part at the same fills are told together."""
    found: list[tuple[str, Any]] = []
    for mode, at in diff.parts_at.items():
        if found and found[-1][1] == at:
            found[-1] = (f"{found[-1][0]}, {mode}", at)
        else:
            found.append((mode, at))
    return found


def _metrics(diff: "Diff") -> "list[RenderableType]":
    """Build the table of metrics: those of the headline as people read them, the other modes in brief."""
    from rich.text import Text

    table = plain_table(f"metric, {diff.mode} fills")
    for name in (*diff.runs, "change"):
        table.add_column(name, justify="right")
    left = 0
    for change in sorted(diff.metrics, key=lambda change: not change.name.startswith(f"{diff.mode}.")):
        mode, _, name = change.name.partition(".")
        before, after = (write_value(name, value) for value in (change.before, change.after))
        if before == after or (mode != diff.mode and name != _BRIEF):
            left += 1
            continue
        title = BY_ID[name].title if mode == diff.mode else f"{mode}: {BY_ID[name].title}"
        table.add_row(title, before, after, _change(name, change))
    found: list[RenderableType] = [table] if table.row_count else []
    if left:
        more = "more" if table.row_count else "metrics"
        found.append(Text(f"{left} {more} differ in other modes or beyond the digits shown; --json has all"))
    return found


def _change(name: str, change: "Change") -> str:
    if isinstance(change.before, int | float) and isinstance(change.after, int | float):
        text = write_value(name, change.after - change.before).replace(" %", " points")
        return text if text.startswith(("-", "+")) else f"+{text}"
    return ""


def _name(name: str) -> str:
    return name.removeprefix("configuration.").removeprefix("environment.")


def _plain(value: Any) -> str:
    if value is None:
        return ABSENT
    if isinstance(value, str) and value.startswith("sha256:"):
        return value[: len("sha256:") + _HASH] + "…"
    return f"{value:,.9g}" if isinstance(value, float) else str(value)


def _fill_line(fill: Any) -> str:
    if fill is None:
        return "no more fills"
    role = "maker" if fill["is_maker"] else "taker"
    return (
        f"{format_ns(fill['ts'])} {fill['side']} {fill['size']:,.6g} {fill['contract']} at ${fill['price']:.4f} "
        f"as {role}, fee {write_money(fill['fee_usd'])}, position afterwards {fill['position']:,.6g}"
    )
