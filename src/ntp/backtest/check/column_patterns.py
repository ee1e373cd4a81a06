"""Patterns: calls on columns that let later rows into earlier ones, and where a statement makes them."""

from __future__ import annotations

import ast
from typing import Final

from ntp.backtest.check.code import Code
from ntp.backtest.check.finding import Place

_WHOLE: Final = frozenset((
    "mean", "max", "min", "std", "var", "sum", "median", "quantile", "mode", "skew", "kurtosis", "rank", "sort",
    "sort_by", "arg_sort", "argsort", "reverse", "qcut", "cut", "last", "arg_max", "arg_min", "n_unique", "product",
    "argmax", "argmin", "nanmean", "nanmax", "nanmin", "nanstd", "percentile", "polyfit", "fit", "fit_transform",
    "lstsq", "top_k", "bottom_k", "describe", "corr", "cov", "value_counts", "scale", "zscore", "ptp", "average",
    "item", "tail",
))  # fmt: skip
_BACK: Final = frozenset(("backward_fill", "bfill", "backfill", "interpolate"))
_FILLS: Final = ("backward", "bfill", "max", "min", "mean")
_SHIFTING: Final = frozenset(("shift", "diff", "pct_change", "roll"))
_BUCKETS: Final = frozenset((
    "group_by_dynamic", "resample", "upsample", "group_by", "groupby", "over", "agg", "rolling", "truncate",
))
_PAST: Final = ("rolling", "ewm", "expanding")
"""What looks back only, whatever is computed of it."""


def suspicious(code: Code, place: Place) -> tuple[str, Place]:
    """Name the call within a statement that lets the future in; nothing and the place itself where none stands out."""
    statement = None if place.file is None or place.line is None else code.statement(place.file, place.line)
    if statement is None:
        return "", place
    for each in (statement, *_made_before(code, place.file, statement)):
        found = [(*ranked, node) for node in ast.walk(each) if (ranked := _judged(node)) is not None]
        if found:
            _, name, node = min(found, key=lambda one: one[0])
            line, column = _position(node)
            return name, Place(place.file, line, column)
    return "", place


def _made_before(code: Code, file: str | None, statement: ast.stmt) -> list[ast.stmt]:
    """Statements of the same function that made what a statement uses, the nearest first."""
    source = code.sources[str(file)]
    around = [
        node for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef) and any(each is statement for each in ast.walk(node))
    ]  # fmt: skip
    if not around:
        return []
    made = [node for node in ast.walk(around[-1]) if isinstance(node, ast.Assign) and node.lineno < statement.lineno]
    wanted = _used(statement)
    before: list[ast.stmt] = []
    for each in sorted(made, key=lambda node: -node.lineno):
        if any(isinstance(target, ast.Name) and target.id in wanted for target in each.targets):
            before.append(each)
            wanted |= _used(each)
    return before


def _used(statement: ast.stmt) -> set[str]:
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def _position(node: ast.AST) -> tuple[int, int]:
    """Where the name of a call stands, which in a chain is not where the expression begins."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        func = node.func
        return func.end_lineno or func.lineno, (func.end_col_offset or 0) - len(func.attr) + 1
    return getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1


def _judged(node: ast.AST) -> tuple[int, str] | None:
    """How sure it is that a node looks ahead, 0 the surest, and what it does."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice | ast.UnaryOp):
        text = ast.unparse(node.slice)
        return (1, f"[{text}] counts from the end") if text in ("::-1", "-1") else None
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    name = node.func.attr
    if name in _SHIFTING and any(_is_negative(each) for each in _values(node)):
        return 0, f"{name} by a negative number takes a later row"
    if _says(node, "center", True):
        return 0, f"{name} with center=True takes later rows"
    if name in _BACK or (name in ("fill_null", "fillna") and _mentions(node, _FILLS)):
        return 0, f"{name} fills a gap from later rows"
    if name == "join_asof" and _mentions(node, ("forward", "nearest")):
        return 0, "join_asof forward joins a later row"
    if name.startswith("cum") and _says(node, "reverse", True):
        return 0, f"{name} with reverse=True begins at the end"
    if name in _BUCKETS:
        return 2, f"{name} puts the rows of a bucket that is not complete yet together"
    if name in _WHOLE and not any(part in ast.unparse(node.func.value) for part in _PAST):
        return 1, f"{name} is of the whole column, later rows too"
    return None


def _values(node: ast.Call) -> list[ast.expr]:
    return [*node.args, *(word.value for word in node.keywords)]


def _mentions(node: ast.Call, texts: tuple[str, ...]) -> bool:
    return any(isinstance(each, ast.Constant) and each.value in texts for each in _values(node))


def _says(node: ast.Call, name: str, value: object) -> bool:
    return any(
        word.arg == name and isinstance(word.value, ast.Constant) and word.value.value is value
        for word in node.keywords
    )


def _is_negative(node: ast.expr) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)


__all__ = ["suspicious"]
