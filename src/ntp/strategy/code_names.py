"""Names that a strategy's code mentions: what is not among them is never asked of a view."""

import sys
import types
from collections.abc import Iterable, Iterator
from functools import cached_property, partial
from typing import Final

_STRATEGIES: Final = ("ntp.strategy.shipped.", "ntp.strategy.template.")
"""Where strategies of the platform are written; they are treated as anybody's."""


def is_sdk(cls: type) -> bool:
    """Whether a class is part of the SDK or of Python, not somebody's strategy."""
    return cls is object or is_library(cls.__module__)


def names_read(cls: type) -> frozenset[str]:
    """Names and name-like texts in the code of a class, its bases and the functions of its module.

    Texts count because ``data.get("book")`` reads what ``data.book`` reads. Code of imported modules
    is followed only as far as its functions are imported by name.
    """
    names: set[str] = set()
    for code in _codes(_members(cls), set()):
        names.update(code.co_names)
        names.update(text for text in code.co_consts if isinstance(text, str) and text.isidentifier())
    return frozenset(names)


def functions_of(cls: type) -> Iterator[types.FunctionType]:
    """Functions written in the body of a class itself."""
    for value in vars(cls).values():
        yield from _functions(value)


def _members(cls: type) -> Iterator[object]:
    for owner in cls.__mro__:
        if not is_sdk(owner):
            yield from vars(owner).values()
            module = sys.modules.get(owner.__module__)
            yield from vars(module).values() if module is not None else ()


def _codes(values: Iterable[object], seen: set[int]) -> Iterator[types.CodeType]:
    for value in list(values):
        if isinstance(value, type):
            if not is_sdk(value) and id(value) not in seen:
                seen.add(id(value))
                yield from _codes(vars(value).values(), seen)
            continue
        for function in _functions(value):
            if id(function) not in seen and not is_library(function.__module__):
                seen.add(id(function))
                yield from _nested(function.__code__)
                cells = (cell.cell_contents for cell in function.__closure__ or () if _is_filled(cell))
                yield from _codes(cells, seen)


def _functions(value: object) -> Iterator[types.FunctionType]:
    """Functions behind a class member: plain, static, of a property, wrapped or partial."""
    if isinstance(value, types.FunctionType):
        yield value
        yield from _functions(getattr(value, "__wrapped__", None))
    elif isinstance(value, staticmethod | classmethod):
        yield from _functions(value.__func__)
    elif isinstance(value, property):
        yield from _functions(value.fget)
    elif isinstance(value, cached_property | partial):
        yield from _functions(value.func)


def _nested(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _nested(constant)


def _is_filled(cell: types.CellType) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


def is_library(module: str | None) -> bool:
    """Whether a module is the platform's or Python's own and no strategy is written in it."""
    name = module or ""
    if name.startswith("ntp."):
        return not name.startswith(_STRATEGIES)
    return name.partition(".")[0] in sys.stdlib_module_names - {"__main__"}
