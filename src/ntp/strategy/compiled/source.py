"""Source: the syntax trees of a strategy's methods, as they stand in its file."""

from __future__ import annotations

import ast
import inspect
import linecache
import sys
import types
from functools import lru_cache
from typing import Any, Final

from ntp.strategy.compiled.refusal import not_compilable

_NO_SOURCE: Final = "code without a source file"


class Function:
    """A function written in Python and its syntax tree.

    Attributes
    ----------
    node : ast.FunctionDef
        The tree, with the line numbers of the file.
    file : str
        The file.
    globals : dict
        Names of its module.
    names : dict
        What its global names mean, enclosing functions included.
    """

    def __init__(self, function: types.FunctionType, strategy: str) -> None:
        code = function.__code__
        self.file = code.co_filename
        self.globals = function.__globals__
        self.names: dict[str, Any] = {**function.__globals__, **_enclosed(function)}
        found = [
            node for node in ast.walk(_tree(self.file, strategy))
            if isinstance(node, ast.FunctionDef)
            and (node.name, _first_line(node)) == (function.__name__, code.co_firstlineno)
        ]
        if not found:
            raise not_compilable(strategy, f"{function.__name__}, {_NO_SOURCE}", self.file, code.co_firstlineno)
        self.node = found[0]


def attribute_line(cls: type, name: str) -> tuple[str, int]:
    """File and line in which a class, or one of its bases, sets an attribute; 0 where that is not known."""
    for owner in cls.__mro__:
        if name not in vars(owner):
            continue
        try:
            file = inspect.getsourcefile(owner) or getattr(sys.modules.get(owner.__module__), "__file__", "") or ""
        except TypeError:
            file = getattr(sys.modules.get(owner.__module__), "__file__", "") or ""
        for node in ast.walk(_tree(file, cls.__name__)):
            if isinstance(node, ast.ClassDef) and node.name == owner.__name__:
                for each in node.body:
                    targets = each.targets if isinstance(each, ast.Assign) else [getattr(each, "target", None)]
                    if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                        return file, each.lineno
    return "", 0


def _first_line(node: ast.FunctionDef) -> int:
    return min([node.lineno, *(each.lineno for each in node.decorator_list)])


def _enclosed(function: types.FunctionType) -> dict[str, Any]:
    cells = inspect.getclosurevars(function).nonlocals if function.__closure__ else {}
    return dict(cells)


def _tree(file: str, strategy: str) -> ast.Module:
    linecache.checkcache(file)
    lines = "".join(linecache.getlines(file))
    if not lines:
        raise not_compilable(strategy, _NO_SOURCE, file, 0, "write the strategy into a file")
    return _parsed(lines)


@lru_cache(maxsize=16)
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)
