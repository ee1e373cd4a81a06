"""Work: what an executor carries to its workers, opened once in each process and then done batch by batch."""

from __future__ import annotations

import pickle
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import cloudpickle

from ntp.core import ConfigError

Doer = Callable[[Sequence[Any]], list[Any]]
"""Does a batch: one result for each item, in order."""

_OPEN_AT_ONCE: Final = 2
"""Works that a process keeps open: the present one, and that of a neighbouring window of time."""
_open: OrderedDict[str, Doer] = OrderedDict()
_opening: Final = threading.Lock()
_alone: Final = threading.Lock()
"""A worker of a cluster may have several threads, but what is open has memory for one replay."""


class Work:
    """Something that any process can open and do.

    It holds no data, only where data is or how it is made again, so that nothing is lost with a worker.

    Parameters
    ----------
    key : str
        Digest of all that it depends on: equal keys mean equal work.
    opener : callable
        Called once in each process; it is packed only if it has to travel.
    by_value : sequence of modules
        Modules that a worker may not be able to import: what is used of them travels along.
    """

    def __init__(self, key: str, opener: Callable[[], Doer], *, by_value: Sequence[ModuleType] = ()) -> None:
        self.key = key
        self._opener = opener
        self._by_value = by_value

    def open(self) -> Doer:
        """Get ready to do batches in this process."""
        return self._opener()

    @cached_property
    def packed(self) -> bytes:
        """The function that opens it, as bytes.

        Raises
        ------
        ConfigError
            ``does_not_travel`` if it holds what no other process can have.
        """
        for module in self._by_value:
            cloudpickle.register_pickle_by_value(module)
        try:
            return bytes(cloudpickle.dumps(self._opener))
        except Exception as error:  # what people keep on a strategy may refuse in any way it likes
            raise ConfigError(
                f"expected a strategy that can be carried to other processes, was one that cannot: {error}",
                code="does_not_travel", hint="workers=1 stays in this process; or make in on_start what it holds",
            ) from error
        finally:
            for module in self._by_value:
                cloudpickle.unregister_pickle_by_value(module)

    def __reduce__(self) -> tuple[Any, ...]:
        return unpacked, (self.key, self.packed)


def unpacked(key: str, packed: bytes) -> Work:
    """Make work of what came from another process."""
    work = Work(key, lambda: pickle.loads(packed)())  # noqa: S301 - packed by ourselves
    work.__dict__["packed"] = packed
    return work


@dataclass(frozen=True, slots=True)
class Lost:
    """What stands for the result of an item that took its worker down each time it was tried."""

    reason: str


def do_batch(work: Work, batch: Sequence[Any]) -> list[Any]:
    """Do a batch in this process, one at a time; the work is opened by the first one."""
    with _alone:
        return opened(work)(batch)


def opened(work: Work) -> Doer:
    """Open work, or find it open."""
    with _opening:
        doer = _open.get(work.key)
        if doer is None:
            doer = work.open()
            _open[work.key] = doer
            while len(_open) > _OPEN_AT_ONCE:
                _open.popitem(last=False)
        _open.move_to_end(work.key)
        return doer


def close_all() -> None:
    """Forget what this process has open."""
    _open.clear()


def travels_by_value(module_name: str) -> list[ModuleType]:
    """Find the module of a user's class, if a worker may not be able to import it."""
    module = sys.modules.get(module_name)
    file = getattr(module, "__file__", None)
    if module is None or file is None or module_name == "__main__" or module_name.split(".")[0] == "ntp":
        return []
    return [] if "site-packages" in Path(file).parts else [module]
