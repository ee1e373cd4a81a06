"""State: what is kept must be kept where it belongs: of a contract in data.state, of a run on self."""

from __future__ import annotations

import ast
import copy
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from ntp.backtest.check.bench import Bench
from ntp.backtest.check.code import Source
from ntp.backtest.check.decisions import parting
from ntp.backtest.check.finding import Examined, Place
from ntp.strategy import Strategy
from ntp.strategy.callbacks import MARKET_CALLBACKS

PLANNED: Final = 3
_PER_CONTRACT: Final = ("analyze", *MARKET_CALLBACKS)
_CHANGING: Final = frozenset((
    "append", "extend", "insert", "add", "update", "setdefault", "pop", "popleft", "appendleft", "clear", "remove",
    "discard", "put",
))  # fmt: skip
_SELECTING: Final = frozenset(("contract", "symbol", "event", "id", "series", "venue", "watch"))
_NO_COPY: Final = (TypeError, ValueError, AttributeError, RuntimeError, copy.Error)
"""What locks, handles, generators and tensors answer when they are copied."""
_NO_ANSWER: Final = (TypeError, ValueError, pl.exceptions.PolarsError)
"""What arrays and tables answer when they are asked whether they are equal as a whole."""
_COPIED: Final = (int, float, str, bool, type(None), list, dict, set, tuple)


def check_state(bench: Bench) -> Examined:
    """Replay twice with one class and one module, and with attributes of self kept apart by contract."""
    result = Examined("state", "state left on class or module by an earlier run; state of contracts mixed on self")
    _between_runs(bench, result)
    _between_contracts(bench, result)
    return result


def _between_runs(bench: Bench, result: Examined) -> None:
    """Replay twice without making class and module anew: the second must not see the first."""
    lab, template = bench.lab, bench.lab.fresh()
    cls, parameters = type(template), bench.subject.parameters
    before = dict(_kept(cls))

    def make() -> Strategy:
        return template.copy() if bench.subject.declared.path is None else cls(**parameters)

    lab.replay(make=make)
    after = dict(_kept(cls))
    changed = [name for name in after if not _equal(before.get(name), after[name])]
    second = lab.replay(make=make)
    found = parting(bench.base, second)
    for name in changed:
        owner, _, short = name.rpartition(".")
        where = f"{owner}.{short}" if owner else f"the module's {short}"
        fate = str(found) if found else "no decision changed here"
        result.add(
            "error" if found else "warning",
            f"{where} changes during a run and is still there in the next: {fate}; keep it on self, set in on_start, "
            "or in data.state", _written(bench, short, on_module=not owner),
        )
    if found is not None and not changed:
        place = bench.blame(found, lab.replay, lambda: lab.replay(make=make))
        result.add("error", f"a second run in one process decides otherwise than the first: {found}", place)


def _kept(cls: type) -> Iterator[tuple[str, Any]]:
    """Copy what classes and module of a strategy hold besides code; names of class attributes have a dot."""
    for owner in cls.__mro__:
        if not owner.__module__.startswith("ntp.strategy") and owner is not object:
            for name, value in list(vars(owner).items()):
                if isinstance(value, _COPIED) and not name.startswith(("__", "_abc", "_parameters", "_code_hash")):
                    yield f"{owner.__name__}.{name}", _snapshot(value)
    module = sys.modules.get(cls.__module__)
    for name, value in list(vars(module).items()) if module is not None else ():
        if isinstance(value, _COPIED) and not name.startswith("__"):
            yield name, _snapshot(value)


def _snapshot(value: Any) -> Any:
    return _copy(value, len(value) if isinstance(value, list | dict | set | tuple) else value)


def _copy(value: Any, otherwise: Any) -> Any:
    """Copy a value with all that is in it; where something in it cannot be copied, take another."""
    try:
        return copy.deepcopy(value)
    except _NO_COPY:
        return otherwise


def _equal(one: Any, other: Any) -> bool:
    try:
        return bool(one == other)
    except _NO_ANSWER:
        return repr(one) == repr(other)


def _written(bench: Bench, name: str, *, on_module: bool) -> Place:
    """Place of the first write to a name of the module, or to an attribute of the class."""
    for source, node in bench.code.nodes():
        for written in _targets(node):
            named = isinstance(written, ast.Name) and written.id == name and on_module
            attribute = isinstance(written, ast.Attribute) and written.attr == name and not on_module
            if (named or attribute) and not _at_top(source, node):
                return source.place(node)
    return bench.code.class_place()


def _at_top(source: Source, node: ast.AST) -> bool:
    """Whether a statement is part of the module's or a class's body: it says what the name begins with."""
    bodies = [source.tree.body, *(each.body for each in ast.walk(source.tree) if isinstance(each, ast.ClassDef))]
    return any(node is statement for body in bodies for statement in body)


def _targets(node: ast.AST) -> Iterator[ast.expr]:
    """Find what a node changes: names, attributes, and containers that are changed in place."""
    found: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        found = list(node.targets)
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        found = [node.target]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGING:
        found = [node.func.value]
    for target in found:
        for each in target.elts if isinstance(target, ast.Tuple) else [target]:
            while isinstance(each, ast.Subscript):
                each = each.value
            yield each


# attributes of self that several contracts share


def _between_contracts(bench: Bench, result: Examined) -> None:
    """Keep suspicious attributes of self apart by contract: if that changes decisions, contracts mixed in them."""
    suspects = dict(_suspects(bench))
    if not suspects:
        return
    if len(bench.lab.universe) < 2:
        result.unchecked.append("state of contracts mixed on self: there is only one contract")
        return
    apart = bench.lab.replay(make=lambda: _apart(bench.lab.fresh(), suspects))
    found = parting(bench.base, apart)
    for name, place in suspects.items():
        if found is None:
            result.add("warning", f"self.{name} is of one contract but on self, where all contracts share it", place)
            continue
        result.add(
            "error", f"self.{name} is of one contract but on self, where the next contract overwrites it: kept apart, "
            f"{found}; keep it in data.state", place,
        )


def _suspects(bench: Bench) -> Iterator[tuple[str, Place]]:
    """Attributes of self that a call for one contract sets from its view, and that such calls read."""
    for source, definition in bench.code.classes():
        methods = [
            node for node in definition.body
            if isinstance(node, ast.FunctionDef) and node.name in _PER_CONTRACT and len(node.args.args) > 1
        ]  # fmt: skip
        read = {
            node.attr for method in methods for node in ast.walk(method)
            if isinstance(node, ast.Attribute) and _is_self(node.value) and isinstance(node.ctx, ast.Load)
        }  # fmt: skip
        for method in methods:
            for node in _unselected(method):
                yield from (
                    (target.attr, source.place(node)) for target in _plain_targets(node)
                    if target.attr in read and _says_view(method, node)
                )  # fmt: skip


def _plain_targets(node: ast.AST) -> Iterator[ast.Attribute]:
    """Attributes of self that a node sets or changes as a whole, not under a key."""
    if isinstance(node, ast.Assign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(target, ast.Subscript) for target in targets):
            return
    called = node.func if isinstance(node, ast.Call) else None
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Subscript):
        return
    for target in _targets(node):
        if isinstance(target, ast.Attribute) and _is_self(target.value):
            yield target


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _says_view(method: ast.FunctionDef, node: ast.AST) -> bool:
    """Whether a statement says the view of the call, or a name that was made from it."""
    made = {method.args.args[1].arg}
    for each in ast.walk(method):
        if isinstance(each, ast.Assign) and any(
            isinstance(name, ast.Name) and name.id in made for name in ast.walk(each.value)
        ):
            made |= {target.id for target in each.targets if isinstance(target, ast.Name)}
    return any(isinstance(name, ast.Name) and name.id in made for name in ast.walk(node))


def _unselected(method: ast.FunctionDef) -> Iterator[ast.AST]:
    """Nodes of a method that run for every contract: those under a test of which contract it is are left out."""
    queue: list[ast.AST] = list(method.body)
    while queue:
        node = queue.pop(0)
        if isinstance(node, ast.If) and any(
            isinstance(each, ast.Attribute) and each.attr in _SELECTING for each in ast.walk(node.test)
        ):
            continue
        yield node
        queue[:0] = [each for each in ast.iter_child_nodes(node) if isinstance(each, ast.stmt | ast.Expr | ast.Call)]


def _apart(strategy: Strategy, suspects: Mapping[str, Place]) -> Strategy:
    """Give each contract its own value of some attributes of a strategy."""
    kept: dict[Any, dict[str, Any]] = {}
    first: dict[str, Any] = {}

    def wrapped(method: Any) -> Any:
        def call(data: Any, *more: Any) -> Any:
            attributes = strategy.__dict__
            if not first:
                first.update({name: attributes[name] for name in suspects if name in attributes})
            mine = kept.get(data.contract) or {name: _copy(value, value) for name, value in first.items()}
            for name in suspects:
                attributes.pop(name, None)
            attributes.update(mine)
            try:
                return method(data, *more)
            finally:
                kept[data.contract] = {name: attributes[name] for name in suspects if name in attributes}

        return call

    for name in _PER_CONTRACT:
        if getattr(type(strategy), name) is not getattr(Strategy, name):
            strategy.__dict__[name] = wrapped(getattr(strategy, name))
    return strategy


__all__ = ["PLANNED", "check_state"]
