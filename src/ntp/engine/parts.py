"""Parts and wholes: a part of the kernel is translated only once, within the entry that it ends up in.

numba optimises and translates every function together with all that it calls, so that a leaf of the
kernel would go through LLVM once for each function above it. A part stops at its intermediate code; the
entry is optimised and translated whole. This halves the time of a first compilation.
"""

from typing import Any

from llvmlite.binding import Linkage
from numba.core import codegen

from ntp.engine.passes import attending

_library: Any = codegen.JITCodeLibrary
_generator: Any = codegen.JITCPUCodegen
_originals: dict[str, Any] = {}
_compiling = [False]
_apart: set[str] = set()
"""Names, in the machine code, of parts that are never copied into their callers."""


def as_part(dispatcher: Any, *, apart: bool = False) -> Any:
    """Compile a function only to be linked into others; `apart`: not to be copied into them."""
    return _marked(dispatcher, part=True, apart=apart)


def as_whole(dispatcher: Any) -> Any:
    """Compile a function to be called from Python, also when a part is what asks for it."""
    return _marked(dispatcher, part=False)


def _marked(dispatcher: Any, *, part: bool, apart: bool = False) -> Any:
    _watch()
    compile_now = dispatcher.compile

    def compile_marked(signature: Any) -> Any:
        before, _compiling[0] = _compiling[0], part
        try:
            with attending():
                compiled = compile_now(signature)
        finally:
            _compiling[0] = before
        if apart:
            _apart.update(each.fndesc.llvm_func_name for each in dispatcher.overloads.values())
        return compiled

    dispatcher.compile = compile_marked
    return dispatcher


def _watch() -> None:
    """Let numba ask before it optimises, translates and binds what it compiles."""
    if _originals:
        return
    _originals.update(
        optimise=_library._optimize_final_module,
        translate=_library._finalize_final_module,
        bind=_generator.set_env,
    )
    _library._optimize_final_module = _optimise
    _library._finalize_final_module = _translate
    _generator.set_env = _bind


def _optimise(library: Any) -> None:
    if not _compiling[0]:
        _keep_inside(library)
        _originals["optimise"](library)


def _keep_inside(library: Any) -> None:
    """Tell the optimiser that nobody else calls the parts, so that it may fit them to their callers.

    As numba leaves them, each keeps its status and its way of returning a value by memory, for callers that
    might be linked later; there are none, and without them the kernel does a fifth less work.
    """
    for function in library._final_module.functions:
        if not function.is_declaration and function.linkage == Linkage.linkonce_odr:
            function.linkage = Linkage.internal
            if function.name in _apart:
                for attribute in ("noinline", "cold"):
                    function.add_function_attribute(attribute)


def _translate(library: Any) -> None:
    if _compiling[0]:
        library._finalized = True
    else:
        _originals["translate"](library)


def _bind(generator: Any, name: str, environment: Any) -> None:
    if not _compiling[0]:
        _originals["bind"](generator, name, environment)
