"""Code: the files a strategy is written in, as syntax trees, and where in them something is said."""

from __future__ import annotations

import ast
import inspect
import linecache
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ntp.backtest.check.finding import NOWHERE, Place
from ntp.strategy.code_names import is_sdk
from ntp.strategy.loader import LoadedStrategy


@dataclass(slots=True)
class Source:
    """One file: its tree, and the parts of it that belong to the strategy."""

    file: str
    tree: ast.Module
    parts: list[ast.AST] = field(default_factory=list)

    def nodes(self) -> Iterator[ast.AST]:
        """Nodes that belong to the strategy."""
        for part in self.parts:
            yield from ast.walk(part)

    def place(self, node: ast.AST) -> Place:
        """Where a node begins."""
        return Place(self.file, getattr(node, "lineno", None), getattr(node, "col_offset", -1) + 1 or None)


class Code:
    """The code of a strategy class and its bases that is not the platform's.

    Of a strategy's own file all counts; of a class that was handed over only the class and what the
    functions of its module, that it names, say.

    Parameters
    ----------
    declared : LoadedStrategy
        The strategy.
    """

    def __init__(self, declared: LoadedStrategy) -> None:
        self.cls = declared.cls
        self.sources: dict[str, Source] = {}
        self.missing: list[str] = []
        for owner in declared.cls.__mro__:
            if not is_sdk(owner):
                self._add(owner, whole=declared.path is not None and owner.__module__ == declared.cls.__module__)

    @cached_property
    def files(self) -> frozenset[str]:
        """Names of the files, as code objects tell them."""
        return frozenset(self.sources)

    def nodes(self) -> Iterator[tuple[Source, ast.AST]]:
        """All nodes, with their file."""
        for source in self.sources.values():
            for node in source.nodes():
                yield source, node

    def classes(self) -> Iterator[tuple[Source, ast.ClassDef]]:
        """Definitions of the strategy's class and its bases."""
        names = {owner.__name__ for owner in self.cls.__mro__}
        for source, node in self.nodes():
            if isinstance(node, ast.ClassDef) and node.name in names:
                yield source, node

    def statement(self, file: str, line: int) -> ast.stmt | None:
        """Smallest statement that covers a line."""
        source = self.sources.get(file)
        if source is None:
            return None
        around = [
            node for node in ast.walk(source.tree)
            if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno)
        ]  # fmt: skip
        return min(around, key=lambda node: (node.end_lineno or 0) - node.lineno, default=None)

    def place_of(self, file: str | None, line: int | None) -> Place:
        """Place of what a line computes: the value it assigns or returns, else the statement on it."""
        if file is None or line is None:
            return NOWHERE
        found = self.statement(file, line)
        if found is None:
            return Place(file, line, None)
        value = getattr(found, "value", None)
        node = value if isinstance(value, ast.expr) and value.lineno == line else found
        return Place(file, line, node.col_offset + 1 if node.lineno == line else None)

    def class_place(self) -> Place:
        """Where the strategy's class begins."""
        for source, node in self.classes():
            if node.name == self.cls.__name__:
                return source.place(node)
        return NOWHERE

    def method_place(self, name: str) -> Place:
        """Where a method of the strategy begins, or its class where it has none of that name."""
        for source, definition in self.classes():
            for node in definition.body:
                if isinstance(node, ast.FunctionDef) and node.name == name:
                    return source.place(node)
        return self.class_place()

    def _add(self, owner: type, *, whole: bool) -> None:
        module = sys.modules.get(owner.__module__)
        file = _file_of(owner)
        text = "" if file is None else _text(file)
        if file is None or not text:
            self.missing.append(owner.__name__)
            return
        source = self.sources.get(file) or Source(file, ast.parse(text))
        self.sources[file] = source
        if whole:
            source.parts = [source.tree]
        elif source.tree not in source.parts:
            source.parts += _parts(source.tree, owner, module)


def _file_of(owner: type) -> str | None:
    for value in vars(owner).values():
        if inspect.isfunction(value) and value.__module__ == owner.__module__:
            return value.__code__.co_filename
    module = sys.modules.get(owner.__module__)
    return getattr(module, "__file__", None)


def _text(file: str) -> str:
    if Path(file).is_file():
        return Path(file).read_text(encoding="utf-8")
    return "".join(linecache.getlines(file))  # a notebook's cell


def _parts(tree: ast.Module, owner: type, module: Any) -> list[ast.AST]:
    """Find the class and the functions of its module that it leads to."""
    functions: dict[str, ast.AST] = {}
    classes: list[ast.AST] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name == owner.__name__:
            classes.append(node)
        elif isinstance(node, ast.FunctionDef) and inspect.isfunction(getattr(module, node.name, None)):
            functions[node.name] = node
    firsts = {
        value.__code__.co_firstlineno for value in vars(owner).values() if inspect.isfunction(value)
    }  # fmt: skip
    mine = [
        node for node in classes
        if not firsts or any(getattr(each, "lineno", -1) in firsts for each in ast.walk(node))
    ]  # fmt: skip
    found: list[ast.AST] = mine or classes
    queue = list(found)
    while queue:
        for node in ast.walk(queue.pop()):
            helper = functions.get(node.id) if isinstance(node, ast.Name) else None
            if helper is not None and helper not in found:
                found.append(helper)
                queue.append(helper)
    return found


__all__ = ["Code", "Source"]
