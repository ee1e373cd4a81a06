"""Checks of a strategy class at the moment it is written down, so that mistakes show at import."""

import dis
import inspect
import types
import warnings
from typing import Any, Final

from ntp.core import StrategyError, suggest
from ntp.strategy.callbacks import ARGUMENTS, CALLBACKS, HOOKS
from ntp.strategy.calls import BOUND_CALLS, READINGS
from ntp.strategy.code_names import functions_of, is_library, is_sdk
from ntp.strategy.declaration import Declaration, declare

OWN_METHODS: Final = (
    "kelly_sizing", "bracket_sizing", "contracts", "parameters", "copy", "_bind", "_unbind", "_port",
    "_runtime", "_parameters", "_declaration",
)
"""Further names of the SDK on a strategy."""
SEALED: Final = frozenset((*BOUND_CALLS, *READINGS, *OWN_METHODS))
"""Names a strategy must not use for something else."""


class StrategyWarning(UserWarning):
    """Something in a strategy class is allowed but probably not meant."""


def validate_class(cls: Any) -> None:
    """Check a strategy class as it is created.

    Raises
    ------
    StrategyError
        ``hides_sdk_method``, ``async_callback``, ``bad_signature``.
    ConfigError
        If a class attribute is not what it may be.
    """
    _refuse_hiding(cls)
    for name in (*CALLBACKS, *HOOKS):
        _check_callback(cls, name)
    _check_columns(cls, declare(cls))
    _check_init(cls)
    _warn_of_unknown_callbacks(cls)


def _refuse_hiding(cls: type) -> None:
    annotated = vars(cls).get("__annotations__", {}).keys()
    for name in sorted(SEALED):
        owner = next((base for base in cls.__mro__ if name in vars(base)), object)
        written_here = name in ("_parameters", "_declaration")
        if name in annotated or not (is_sdk(owner) or written_here):
            raise _hidden(cls, name, owner.__name__)
    for function in functions_of(cls):
        for name, line in _attributes_set(function):
            if name in SEALED:
                raise _hidden(cls, name, f"{function.__name__} (line {line})")


def _attributes_set(function: types.FunctionType) -> list[tuple[str, int]]:
    """Attributes that a method sets on its first argument, with their lines."""
    code = function.__code__
    if not code.co_argcount:
        return []
    this, found, line = code.co_varnames[0], [], code.co_firstlineno
    before: dis.Instruction | None = None
    for instruction in dis.get_instructions(function):
        line = instruction.starts_line if isinstance(instruction.starts_line, int) else line
        loaded = before.argval if before is not None else None
        # From Python 3.13 one instruction may load two names.
        target = loaded[-1] if isinstance(loaded, tuple) and loaded else loaded
        if instruction.opname == "STORE_ATTR" and target == this:
            found.append((str(instruction.argval), line))
        before = instruction
    return found


def _hidden(cls: type, name: str, where: str) -> StrategyError:
    return StrategyError(
        f"expected {cls.__name__} to leave the SDK's {name!r} alone, was set in {where}",
        code="hides_sdk_method", hint=f"give it another name, for example 'my_{name.strip('_')}'",
        details={"attribute": name, "strategy": cls.__name__},
    )


def _check_callback(cls: type, name: str) -> None:
    function = inspect.getattr_static(cls, name, None)
    if not isinstance(function, types.FunctionType) or is_sdk_function(function):
        return
    code = function.__code__
    details = {"method": name, "line": code.co_firstlineno, "file": code.co_filename}
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise StrategyError(
            f"expected an ordinary function {name} in {cls.__name__}, was 'async def'", code="async_callback",
            hint="remove 'async': callbacks run one after the other", details=details,
        )
    if inspect.isgeneratorfunction(function):
        raise StrategyError(
            f"expected {name} of {cls.__name__} to return its result, was a generator", code="bad_signature",
            hint="return a list instead of using yield", details=details,
        )
    signature = inspect.signature(function)
    if not _accepts(signature, ARGUMENTS[name]):
        if name == "analyze" and _accepts(signature, 2) and "indicators" in signature.parameters:
            return
        raise StrategyError(
            f"expected {name} of {cls.__name__} to take self and {ARGUMENTS[name]} more, was "
            f"{name}{signature}", code="bad_signature", details=details,
        )


def _accepts(signature: inspect.Signature, arguments: int) -> bool:
    try:
        signature.bind(*range(arguments + 1))
    except TypeError:
        return False
    return True


def is_sdk_function(function: types.FunctionType) -> bool:
    """Whether a method is the SDK's own default."""
    module = function.__module__ or ""  # None for code that was executed without a name
    return module.startswith("ntp.strategy.") and is_library(module)


def _check_columns(cls: Any, declaration: Declaration) -> None:
    """Whole columns are all that decides, and they are of market data alone."""
    if "signals" not in declaration.callbacks:
        return
    line = cls.signals.__code__.co_firstlineno
    details = {"method": "signals", "line": line, "file": cls.signals.__code__.co_filename}
    if "analyze" in declaration.callbacks:
        raise StrategyError(
            f"expected analyze or signals in {cls.__name__}, was both (line {line})", code="bad_signature",
            hint="analyze decides at each wake, signals once for all of them: keep one", details=details,
        )
    if "fill" in declaration.wake:
        raise StrategyError(
            f"expected wake of {cls.__name__} without 'fill', as signals are of market data alone (line {line})",
            code="signals_market_only", hint="define on_fill to hear of fills", details=details,
        )


def _check_init(cls: type) -> None:
    init = vars(cls).get("__init__")
    if not isinstance(init, types.FunctionType):
        return
    given = list(inspect.signature(init).parameters.values())[1:]
    if not any(argument.kind is argument.VAR_KEYWORD for argument in given):
        raise StrategyError(
            f"expected __init__ of {cls.__name__} to take **parameters, was {inspect.signature(init)}",
            code="bad_signature", hint="declare parameters with Param and set up state in on_start",
        )
    warnings.warn(
        f"{cls.__name__} defines __init__: one object serves all contracts and is copied for each run, so "
        "state belongs in data.state or in on_start",
        StrategyWarning, stacklevel=4,
    )


def _warn_of_unknown_callbacks(cls: type) -> None:
    known = frozenset((*CALLBACKS, *HOOKS))
    for name, value in vars(cls).items():
        if not isinstance(value, types.FunctionType) or name in known:
            continue
        hint = suggest(name, known)
        if name.startswith("on_") or name == "analyse":
            warnings.warn(
                f"{cls.__name__}.{name} is never called: {hint}", StrategyWarning, stacklevel=4,
            )
