"""Strategies given as classes: a copy of what they keep on the class for each replay, and what is shared anyway."""

import copy
import types
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final

from ntp.strategy.base import Strategy
from ntp.strategy.code_names import is_sdk

_OURS: Final = ("_abc_", "__", "_parameters", "_declaration", "_code_hash", "_compiled_programs")
_CODE: Final = (types.FunctionType, staticmethod, classmethod, property, type)


class ClassState:
    """What a strategy class and its bases hold besides code, as it was before the replays.

    Parameters
    ----------
    cls : type
        The class.
    """

    def __init__(self, cls: type[Strategy]) -> None:
        self._cls = cls
        self._before = {name: _copied(value) for name, value in _data(cls)}

    @cached_property
    def is_constant(self) -> bool:
        """Whether the class holds nothing that code could change in place."""
        return all(_copied(value) is value for value in self._before.values())

    def apart(self, strategy: Strategy) -> Strategy:
        """Copy a strategy onto a class of its own, so that what it changes there no other replay sees."""
        mutable = {name: _copied(value) for name, value in self._before.items() if _copied(value) is not value}
        mutable |= {name: getattr(self._cls, name) for name in ("__module__", "__qualname__", "__doc__")}
        own = types.new_class(self._cls.__name__, (self._cls,), exec_body=lambda body: body.update(mutable))
        twin = strategy.copy()
        twin.__class__ = own
        return twin

    def shared(self) -> list[str]:
        """Names that changed on the class itself: code that names the class reaches past the copies."""
        now = dict(_data(self._cls))
        return sorted(name for name in {*now, *self._before} if not _equal(now.get(name), self._before.get(name)))


def _data(cls: type) -> Iterator[tuple[str, Any]]:
    for owner in reversed(cls.__mro__):
        if is_sdk(owner):
            continue
        for name, value in list(vars(owner).items()):
            described = hasattr(type(value), "__get__")
            if not (name.startswith(_OURS) or isinstance(value, _CODE) or described):
                yield name, value


def _copied(value: Any) -> Any:
    """Copy a value; what cannot be copied is shared."""
    try:
        return copy.deepcopy(value)
    except Exception:  # any object may refuse in its own way
        return value


def _equal(one: Any, other: Any) -> bool:
    if one is other:
        return True
    try:
        return bool(one == other)
    except Exception:  # arrays and frames have no single answer
        return True
