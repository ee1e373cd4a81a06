"""What cannot be compiled: an error that names file and line, never a silent way back to Python."""

from __future__ import annotations

import ast

from ntp.core import StrategyError


class Refused(Exception):  # noqa: N818 - becomes a StrategyError as soon as the file is known
    """A construct has no compiled form.

    Parameters
    ----------
    what : str
        The construct.
    node : ast.AST
        Where it is.
    hint : str
        What to write instead.
    """

    def __init__(self, what: str, node: ast.AST, hint: str = "") -> None:
        super().__init__(what)
        self.what, self.hint = what, hint
        self.line, self.file = getattr(node, "lineno", 0), ""


def not_compilable(name: str, what: str, file: str, line: int, hint: str = "") -> StrategyError:
    """Error for a strategy that cannot be compiled.

    Parameters
    ----------
    name : str
        The strategy.
    what : str
        What cannot be compiled.
    file, line : str, int
        Where it is.
    hint : str
        What to do instead.
    """
    return StrategyError(
        f"expected {name} to be compilable, was {what} (line {line} of {file})", code="not_compilable",
        hint=hint or "write it with the constructs of docs/strategies.md, Compiled, or run it in Python",
        details={"file": file, "line": line, "strategy": name},
    )
