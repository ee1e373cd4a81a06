"""What numba does with each part of the kernel: the steps that plain code of numbers and records needs.

A first compilation is nearly all numba's own Python code. It looks in every function for what the kernel
never has (closures, ``with`` blocks, parallel loops, arrays to be fused) and describes each step of each
function to listeners that nobody registered, at length, because a record has hundreds of fields.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from numba import types
from numba.core import event, ir, typed_passes, untyped_passes
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import PassManager

NOT_NEEDED: Final = frozenset({
    typed_passes.AnnotateTypes,
    typed_passes.DumpParforDiagnostics,
    typed_passes.InlineOverloads,
    typed_passes.NopythonRewrites,
    untyped_passes.DeadBranchPrune,
    untyped_passes.FindLiterallyCalls,
    untyped_passes.InlineClosureLikes,
    untyped_passes.LiteralPropagationSubPipelinePass,
    untyped_passes.LiteralUnroll,
    untyped_passes.MakeFunctionToJitFunction,
    untyped_passes.WithLifting,
})  # fmt: skip

_PLAIN: Final = (types.Number, types.Boolean, types.IntegerLiteral, types.BooleanLiteral)


class _Quietly(PassManager):
    """Numba's manager of passes without its reports of every step."""

    def _runPass(self, index: int, step: Any, state: Any) -> None:  # noqa: N802 - numba's name
        step.analysis = self._analysis
        step.run_initialization(state)
        step.run_pass(state)
        step.run_finalizer(state)


_builder: Any = DefaultPassBuilder  # numba's own code has no types
_manager: Any = _Quietly


class Lean(CompilerBase):
    """Numba's compiler without the passes that are :data:`NOT_NEEDED`."""

    def define_pipelines(self) -> list[PassManager]:
        """Return the one list of passes."""
        usual = _builder.define_nopython_pipeline(self.state)
        ours: Any = _manager("kernel")
        ours.passes = [each for each in usual.passes if each[0] not in NOT_NEEDED]
        ours.finalize()
        return [ours]


_answers: dict[Any, Any] = {}
_functions: Any = types.BaseFunction
_resolve: Any = _functions.get_call_type


def _remembered(function: Any, context: Any, arguments: Any, named: Any) -> Any:
    """Resolve an operator or a function of plain numbers once, not at each of thousands of uses."""
    if named or not all(isinstance(each, _PLAIN) for each in arguments):
        return _resolve(function, context, arguments, named)
    answer = _answers.get((function, arguments))
    if answer is None:
        answer = _answers[function, arguments] = _resolve(function, context, arguments, named)
    return answer


_instructions: Any = ir.Inst
_barren: dict[type, bool] = {}
"""Kinds of parts of instructions that have no variables inside: places in the source, names, constants."""


def _variables(instruction: Any, part: Any) -> list[Any]:
    """List the variables in a part of an instruction; numba asks a million times."""
    kind = type(part)
    if kind is ir.Var:
        return [part]
    if _barren.get(kind):
        return []
    if isinstance(part, ir.Inst):
        return part.list_vars()  # type: ignore[no-any-return, no-untyped-call]
    if isinstance(part, list | tuple | dict):
        found = []
        for each in part.values() if isinstance(part, dict) else part:
            if type(each) is ir.Var:
                found.append(each)
            elif not _barren.get(type(each)):
                found.extend(_variables(instruction, each))
        return found
    _barren[kind] = True
    return []


_records: Any = types.Record
_name_record: Any = _records.__repr__
_names: dict[int, tuple[Any, str]] = {}


def _named_once(record: Any) -> str:
    """Text of the type of a record, which is as long as its hundreds of fields."""
    known = _names.get(id(record))
    if known is None:
        known = _names[id(record)] = record, _name_record(record)  # kept, so that its number stays its own
    return known[1]


_replaced: Final = (
    (event, "broadcast", lambda _: None),
    (_functions, "get_call_type", _remembered),
    (_instructions, "_rec_list_vars", _variables),
    (_records, "__repr__", _named_once),
)
"""What of numba is another while it compiles the kernel."""

_busy = [False]


@contextmanager
def attending() -> Iterator[None]:
    """Let numba do nothing but compile: no search for garbage, no reports, no question asked twice."""
    if _busy[0]:
        yield
        return
    _busy[0] = True
    collecting, before = gc.isenabled(), [getattr(owner, name) for owner, name, _ in _replaced]
    gc.disable()
    for owner, name, ours in _replaced:
        setattr(owner, name, ours)
    try:
        yield
    finally:
        for (owner, name, _), theirs in zip(_replaced, before, strict=True):
            setattr(owner, name, theirs)
        if collecting:
            gc.enable()
        _answers.clear()
        _names.clear()
        _busy[0] = False
