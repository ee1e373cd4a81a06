"""How the kernel is compiled: one decorator, so that all parts share one set of options."""

import hashlib
import os
import types as python
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import numba
from numba import njit, types
from numba.core.runtime.nrt import rtsys

from ntp.engine.ahead import finished
from ntp.engine.parts import as_part, as_whole
from ntp.engine.passes import Lean

_OPTIONS: Final[dict[str, Any]] = {"error_model": "numpy", "nogil": True, "pipeline_class": Lean, "_nrt": False}

_ADOPTED: Final = ("pricing/contract_price.py", "pricing/estimators.py", "pricing/edge/size.py")
"""Files of other rooms whose functions the kernel takes over, see :func:`adopted`."""

_NO_WRAPPERS: Final[dict[str, Any]] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


@cache
def cache_folder() -> Path:
    """Folder of the compiled kernel, named after a hash of all its sources.

    numba looks only at the file of the function itself, so a change in a part that was inlined
    elsewhere would leave stale machine code behind; a folder per content cannot.
    """
    here = Path(__file__).parent
    digest = hashlib.sha256(numba.__version__.encode())
    for source in (*sorted(here.glob("*.py")), *(here.parent / name for name in _ADOPTED)):
        digest.update(source.read_bytes())
    name = f"kernel-{digest.hexdigest()[:16]}"
    beside = here / "__pycache__"
    if os.access(beside if beside.exists() else here, os.W_OK):
        return beside / name
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "ntp" / name


def _compiled(function: Callable[..., Any], *, cache: bool, **options: Any) -> Any:
    config: Any = numba.config
    before = config.CACHE_DIR
    config.CACHE_DIR = str(cache_folder())
    try:
        made = _without_literals(njit(cache=cache, **_OPTIONS, **options)(function))
        return _loaded_alone(made) if cache else made
    finally:
        config.CACHE_DIR = before


def _without_literals(dispatcher: Any) -> Any:
    """Compile a function once per type, not once per constant it is called with."""
    resolve = dispatcher.get_call_template

    unliteral: Any = types.unliteral

    def get_call_template(args: tuple[Any, ...], kws: dict[str, Any]) -> Any:
        return resolve(tuple(map(unliteral, args)), {name: unliteral(kind) for name, kind in dict(kws).items()})

    dispatcher.get_call_template = get_call_template
    return dispatcher


def _loaded_alone(dispatcher: Any) -> Any:
    """Load machine code from disk without all that numba can compile, which takes ten times as long.

    Linked code needs numba's memory functions and nothing else; what is not on disk is compiled as ever,
    and then numba loads the rest by itself.
    """
    stored = dispatcher._cache  # noqa: SLF001 - numba has no door for this

    def load_overload(signature: Any, target: Any) -> Any:
        rtsys.initialize(target)
        with stored._guard_against_spurious_io_errors():  # noqa: SLF001
            found = stored._load_overload(signature, target)  # noqa: SLF001
            if found is None and finished(dispatcher.py_func.__name__):
                found = stored._load_overload(signature, target)  # noqa: SLF001
            return found

    stored.load_overload = load_overload
    return dispatcher


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a part of the kernel: without bounds checks, wrappers or Python's division errors.

    Divisors are never zero by construction; wrappers would only serve calls from Python.
    """
    return as_part(_compiled(function, cache=False, **_NO_WRAPPERS))


def rare(function: Callable[..., Any]) -> Any:
    """Compile a part of the kernel that few rows or few runs need, out of the way of what every row does.

    Copied into its only caller, as the optimiser would have it, it takes registers from the path beside it and
    time to compile.
    """
    return as_part(_compiled(function, cache=False, **_NO_WRAPPERS), apart=True)


def adopted(functions: Sequence[Any]) -> Mapping[str, Any]:
    """Compile functions of numbers that another room wrote in plain Python, each calling only those before it.

    They are compiled as parts of the kernel under their own names; the originals stay as they are.
    """
    names: dict[str, Any] = dict(functions[0].__globals__)
    for function in functions:
        ours = python.FunctionType(function.__code__, names, function.__name__, function.__defaults__)
        names[function.__name__] = kernel(ours)
    return {function.__name__: names[function.__name__] for function in functions}


def entry(function: Callable[..., Any]) -> Any:
    """Compile a part of the kernel that Python calls; its machine code is kept on disk."""
    return as_whole(_compiled(function, cache=True))


def callback(function: Callable[..., Any]) -> Any:
    """Compile a function of addresses that C code calls: :func:`address_of_function` says where it is."""
    return as_whole(_compiled(function, cache=True, no_cpython_wrapper=True))


def address_of_function(function: Any, arguments: int) -> int:
    """Address, for C, of a compiled function that takes that many int64 and returns one."""
    kinds = (types.int64,) * arguments  # the same key on disk as for a call from Python
    function.compile(kinds)
    compiled = function.overloads[kinds]
    assert compiled.signature.return_type == types.int64
    return int(compiled.library.get_pointer_to_function(compiled.fndesc.llvm_cfunc_wrapper_name))


def inlined(function: Callable[..., Any]) -> Any:
    """Compile a part of the kernel into each of its callers: for what runs at every row."""
    return as_part(_compiled(function, cache=False, inline="always", **_NO_WRAPPERS))
