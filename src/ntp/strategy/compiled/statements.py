"""Statements of one function, written as a function of machine numbers."""

from __future__ import annotations

import ast
import types
from typing import Any

from ntp.strategy.compiled.expressions import as_real
from ntp.strategy.compiled.fields import KEPT, Fields
from ntp.strategy.compiled.kinds import (
    ARRAY,
    CONTRACTS,
    FAIR,
    INDICATOR,
    INT,
    MAYBE,
    NONE,
    NOTHING,
    NUMBERS,
    NUMPY,
    SELF,
    STATE,
    TEXT,
    TUPLE,
    Value,
    joined,
)
from ntp.strategy.compiled.program import Program
from ntp.strategy.compiled.refusal import Refused
from ntp.strategy.compiled.source import Function


class Writer(Fields):
    """Writes one function of a strategy.

    Parameters
    ----------
    program : Program
        What it is part of.
    function : Function
        Its source.
    name : str
        What it is called in the program.
    arguments : mapping of str to str
        Kinds of its arguments.
    key : object
        Under which the program keeps what is known of it.
    follows : bool
        Whether what it returns is carried out as what `analyze` returned.
    """

    def __init__(
        self, program: Program, function: Function, name: str, arguments: dict[str, str], key: Any, *, follows: bool
    ) -> None:
        self.program, self.function, self.name, self.key, self.follows = program, function, name, key, follows
        self.file, self.globals = function.file, function.names
        self.module = function.globals
        self.variables = program.kinds.setdefault(key, {})
        for each, kind in arguments.items():
            if each not in self.variables:
                self.variables[each] = kind
        self.arguments = arguments
        self.sure: set[str] | None = set(arguments)
        self.temporaries = 0
        self.loops = 0
        self.lines: list[str] = []
        self.depth = 1

    def write(self) -> list[str]:
        """Write the function."""
        given = [f"v_{name}" for name, kind in self.arguments.items() if kind not in (SELF, NONE)]
        self.lines.append("@kernel")
        self.lines.append(f"def {self.name}({', '.join(['me', *given])}):")
        self.block(self.function.node.body)
        if self.sure is not None:
            self._return(None, self.function.node)
        return self.lines

    def add(self, text: str) -> None:
        """Add a line."""
        self.lines.append("    " * self.depth + text)

    def block(self, body: list[ast.stmt]) -> None:
        """Write statements, up to the first that cannot be reached."""
        for each in body:
            if self.sure is None:
                return
            write = getattr(self, f"_do_{type(each).__name__.lower()}", None)
            if write is None:
                raise Refused(_described(each), each)
            write(each)

    def _indented(self, body: list[ast.stmt]) -> set[str] | None:
        before = None if self.sure is None else set(self.sure)
        self.depth += 1
        self.add("pass")
        self.block(body)
        self.depth -= 1
        after, self.sure = self.sure, before
        return after

    def compile_function(self, function: types.FunctionType, kinds: dict[str, str], node: ast.AST) -> tuple[str, str]:
        """Name and kind of the result of a function, compiled for arguments of these kinds."""
        return compiled_function(self.program, function, kinds, node)

    # plain statements

    def _do_pass(self, node: ast.Pass) -> None:
        pass

    def _do_expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Constant):
            return
        found = self.value(node.value)
        if found.code not in ("", NOTHING.code):
            self.add(found.code)

    def _do_return(self, node: ast.Return) -> None:
        self._return(node.value, node)

    def _return(self, expression: ast.expr | None, node: ast.AST) -> None:
        if self.follows:
            if expression is not None:
                self.follow(expression)
            self.add("return")
        else:
            found = NOTHING if expression is None else self.value(expression)
            if found.kind in KEPT:
                raise Refused(f"a {found.kind} as a result", node)
            known = self.program.returns.get(self.key)
            kind = found.kind if known is None else joined(known, found.kind)
            if kind is None:
                raise Refused(f"a result that is a {known} and a {found.kind}", node)
            if kind != known:
                self.program.returns[self.key] = kind
                self.program.changed = True
            if found.code and found.kind == NONE and found.code != NOTHING.code:
                self.add(found.code)
                found = NOTHING
            self.add("return 0" if kind == NONE else f"return {self.fitted(found, kind, node)}")
        self.sure = None

    def _do_break(self, node: ast.Break) -> None:
        self.add("break")
        self.sure = None

    def _do_continue(self, node: ast.Continue) -> None:
        self.add("continue")
        self.sure = None

    # assignments

    def _do_assign(self, node: ast.Assign) -> None:
        if len(node.targets) == 1 and isinstance(node.targets[0], ast.Tuple):
            self._unpack(node.targets[0], node.value)
            return
        found = self._made(self.raw(node.value), node)
        if len(node.targets) > 1 and found.kind not in KEPT and not found.known:
            found = Value(found.kind, self.temporary(found.code))
        for target in node.targets:
            self.assign(target, found, node)

    def _made(self, found: Value, node: ast.AST) -> Value:
        if found.kind == NONE and found.code != NOTHING.code:  # a call that gives nothing
            self.add(found.code)
            return NOTHING
        return found

    def _unpack(self, target: ast.Tuple, expression: ast.expr) -> None:
        found = self.value(expression)
        if found.kind != TUPLE or len(found.items) != len(target.elts):
            raise Refused(f"taking apart a {found.kind}", expression, "give each a name of its own")
        kept = []
        for each in found.items:
            if each.kind in KEPT:
                raise Refused(f"a variable that is a {each.kind}", expression)
            name = self.temporary(each.code)
            kept.append(Value(each.kind, NOTHING.code if each.kind == NONE else name, each.static))
        for one, each in zip(target.elts, kept, strict=True):
            self.assign(one, each, expression)

    def _do_annassign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.assign(node.target, self._made(self.value(node.value), node), node)

    def _do_augassign(self, node: ast.AugAssign) -> None:
        target: Any = node.target
        if isinstance(target, ast.Subscript) and _calls(target.slice):
            self.temporaries += 1
            index = ast.copy_location(ast.Name(f"_index{self.temporaries}", ast.Load()), target)
            self._assign_name(index, self.number(target.slice), node)  # once, though it is read and then set
            target = ast.copy_location(ast.Subscript(target.value, index, ast.Store()), target)
        read = ast.copy_location(type(target)(**{**vars(target), "ctx": ast.Load()}), target)
        whole = ast.copy_location(ast.BinOp(read, node.op, node.value), node)
        self.assign(target, self.value(whole), node)

    def assign(self, target: ast.expr, found: Value, node: ast.AST) -> None:
        """Write the assignment of a value."""
        if isinstance(target, ast.Name):
            self._assign_name(target, found, node)
        elif isinstance(target, ast.Attribute):
            owner = self.value(target.value)
            if found.kind.startswith(INDICATOR) or found.kind == FAIR:
                found = self.value(getattr(node, "value", target))
            if owner.kind not in (SELF, STATE):
                raise Refused(f"setting an attribute of a {owner.kind}", target)
            self.set_field(owner, target.attr, found, target)
        elif isinstance(target, ast.Subscript):
            array = self.value(target.value)
            if array.kind != ARRAY or isinstance(target.slice, ast.Slice):
                raise Refused(f"setting an item of a {array.kind}", target)
            if not self.is_state(target.value):
                raise Refused("setting an item of something else than an Array of the state", target)
            number = as_real(self.number(target, found))
            if _calls(target.slice):  # what is set is computed before the index
                number = self.temporary(number)
            site, index = self.stop(target, "IndexError: index is out of bounds"), self.whole(target.slice)
            self.add(f"put(me, {array.code}, {index}, {number}, {site})")
        else:
            raise Refused(f"an assignment to {_described(target)}", target)

    def is_state(self, node: ast.expr) -> bool:
        """Whether an expression is a field of the state."""
        return isinstance(node, ast.Attribute) and self.value(node.value).kind == STATE

    def _assign_name(self, target: ast.Name, found: Value, node: ast.AST) -> None:
        name = target.id
        if self.arguments.get(name) == SELF:
            raise Refused(f"another meaning of {name!r}", node)
        if found.kind in KEPT:
            raise Refused(f"a variable that is a {found.kind}", node, "use it where it stands")
        kind = self.program.widen(self.variables, name, found.kind, node, f"the variable {name!r}")
        if kind != NONE:
            self.add(f"v_{name} = {self.fitted(found, kind, node)}")
        if self.sure is not None:
            self.sure.add(name)

    # branches and loops

    def _do_if(self, node: ast.If) -> None:
        code, known = self.test(node.test)
        if known is not None:
            self.block(node.body if known else node.orelse)
            return
        self.add(f"if {code}:")
        one = self._indented(node.body)
        other: set[str] | None = None if self.sure is None else set(self.sure)
        if node.orelse:
            self.add("else:")
            other = self._indented(node.orelse)
        self.sure = other if one is None else one if other is None else one & other

    def _do_while(self, node: ast.While) -> None:
        if node.orelse:
            raise Refused("else after a loop", node.orelse[0])
        with self.perhaps():
            code, known = self.test(node.test)
        if known is False:
            return
        self.add(f"while {code}:")
        self._indented(node.body)
        if known and not _has_break(node.body):
            self.sure = None

    def _do_for(self, node: ast.For) -> None:
        if node.orelse:
            raise Refused("else after a loop", node.orelse[0])
        self.loops += 1
        place = f"i{self.loops}"
        if self._is_range(node.iter):
            assert isinstance(node.iter, ast.Call)
            self.add(f"for {place} in range({self._range(node.iter)}):")
            self._looped(node, Value(INT, place))
            return
        found = self.value(node.iter)
        if found.kind == ARRAY:
            self.add(f"a{self.loops} = {found.code}")
            self.add(f"for {place} in range(a{self.loops}[1]):")
            self._looped(node, Value(NUMPY, f"load_f64(a{self.loops}[0], {place})"))
        elif found.kind == TUPLE:
            self._over_tuple(node, found, place)
        elif found.kind == CONTRACTS:
            [item] = found.items
            self.add(f"for {place} in range(context_of(me).n_contracts):")
            self.add(f"    if not {item.code.format(place=place)}: continue")
            self._looped(node, Value(item.kind, place))
        else:
            raise Refused(f"a loop over a {found.kind}", node)

    def _looped(self, node: ast.For, item: Value) -> None:
        self.depth += 1
        before = None if self.sure is None else set(self.sure)
        self.assign(node.target, item, node)
        self.block(node.body)
        self.depth -= 1
        self.sure = before

    def _over_tuple(self, node: ast.For, found: Value, place: str) -> None:
        if not found.items:
            return
        kind = found.items[0].kind
        for each in found.items[1:]:
            kind = self.common(kind, each.kind, node)
        if kind not in (*NUMBERS, MAYBE, TEXT):
            raise Refused(f"a loop over a tuple of a {kind}", node)
        codes = [self.fitted(each, kind, node) for each in found.items]
        self.add(f"for {place} in ({', '.join(codes)},):")
        self._looped(node, Value(kind, place))

    def _is_range(self, node: ast.expr) -> bool:
        return (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range"
            and "range" not in self.variables and not node.keywords
        )

    def _range(self, node: ast.Call) -> str:
        if not 1 <= len(node.args) <= 3:
            raise Refused("range without arguments", node)
        if len(node.args) == 3:
            step = self.number(node.args[2])
            if not step.known or step.static == 0:
                raise Refused("range with a step that is not written out", node)
        return ", ".join(self.whole(each) for each in node.args)


def compiled_function(
    program: Program, function: types.FunctionType, kinds: dict[str, str], node: ast.AST, *, follows: bool = False
) -> tuple[str, str]:
    """Name and kind of the result of a function, compiled for arguments of these kinds.

    Raises
    ------
    Refused
        With the file it is in.
    """
    key = (function.__code__, tuple(kinds.items()), follows)
    if key in program.names and key not in program.functions:
        raise Refused(f"{function.__name__}, which calls itself", node)
    if key not in program.names:
        name = program.names[key] = f"f{len(program.names)}_{function.__name__}"
        source = Function(function, program.name)
        try:
            program.functions[key] = Writer(program, source, name, kinds, key, follows=follows).write()
        except Refused as refused:
            refused.file = refused.file or source.file
            raise
    return program.names[key], program.returns.get(key, NONE)


def _calls(expression: ast.expr) -> bool:
    return any(isinstance(each, ast.Call) for each in ast.walk(expression))


def _has_break(body: list[ast.stmt]) -> bool:
    return any(isinstance(each, ast.Break) for part in body for each in ast.walk(part))


def _described(node: ast.AST) -> str:
    return {
        "Try": "try", "With": "with", "Raise": "raise", "Assert": "assert", "Import": "import",
        "ImportFrom": "import", "Global": "global", "Nonlocal": "nonlocal", "Delete": "del", "Match": "match",
        "FunctionDef": "a function within a function", "ClassDef": "a class within a function",
        "AsyncFor": "async for", "AsyncWith": "async with", "Starred": "a starred name",
    }.get(type(node).__name__, type(node).__name__)
