"""Queue models: where a resting order stands after its level changed.

A model sees four numbers, in contracts: the quantity in front of the order, the level before and after
the change, and what was traded at the level since the last change (which has already shortened the
front). What disappeared beyond that was cancelled, in front of the order or behind it; the models
differ in the split. The formulas are those of Rigtorp (2013) and of hftbacktest's documentation:
``front -= (1 - p) change - min(back - p change, 0)`` with ``p`` the share cancelled behind.
"""

import inspect
import math
from collections import namedtuple
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numba
import numpy as np

from ntp.core import ConfigError, sha256_json, suggest
from ntp.engine.compile import kernel
from ntp.engine.memory import call_queue_model
from ntp.engine.records import Q_FIFO, Q_LOG, Q_POWER, Q_POWER3, Q_RISK_AVERSE, Q_USER


class QueueModel(Protocol):
    """A queue model of one's own, compiled before a run.

    ``on_level`` works on four floats in the numba subset; of ``self`` it may read the attributes that
    are numbers, at the values they have when the run begins.
    """

    name: str

    def on_level(self, front: float, prev: float, new: float, traded: float) -> float:
        """Return the new front after the level went from `prev` to `new`."""
        ...


@dataclass(frozen=True, slots=True)
class UserQueue:
    """A compiled queue model.

    Attributes
    ----------
    name : str
        What its author calls it.
    source_hash : str
        Digest of its source and of the numbers it reads.
    address : int
        Where the machine code lies; valid as long as this object lives.
    compiled : object
        The owner of the machine code.
    """

    name: str
    source_hash: str
    address: int
    compiled: Any


_SIGNATURE: Final = "float64(float64, float64, float64, float64)"


def compile_queue(model: QueueModel) -> UserQueue:
    """Compile a queue model of one's own.

    Raises
    ------
    ConfigError
        If it has no name, no ``on_level``, no source, or leaves the numba subset.
    """
    name, method = getattr(model, "name", None), getattr(model, "on_level", None)
    if not isinstance(name, str) or not name or not callable(method):
        raise ConfigError(
            f"expected a queue model's name or an object with name and on_level, was {type(model).__name__}",
            code="bad_queue_model",
        )
    bound = inspect.ismethod(method)
    function = method.__func__ if bound else method
    numbers = _numbers(model) if bound else {}
    try:
        source = inspect.getsource(function)
        inner = numba.njit(error_model="numpy")(function)
        whole = _with_self(inner, numbers) if bound else _without_self(inner)
        compiled = numba.cfunc(_SIGNATURE, error_model="numpy")(whole)
    except (numba.errors.NumbaError, OSError, TypeError) as error:
        raise ConfigError(
            f"expected on_level of {name!r} to map four floats to one in the numba subset, was: {error}",
            code="bad_queue_model",
            hint="numbers and math only; of self it may read numbers",
        ) from error
    digest = sha256_json({"source": source, "numbers": numbers})
    return UserQueue(name, digest, int(compiled.address or 0), compiled)


def _numbers(model: QueueModel) -> dict[str, float]:
    """Attributes of a model that are numbers, those of its class included."""
    values = {name: getattr(model, name) for name in dir(model) if not name.startswith("_")}
    return {
        name: float(value)
        for name, value in values.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def _with_self(inner: Any, numbers: dict[str, float]) -> Any:
    me = namedtuple("Model", numbers)(**numbers)  # to the compiler a tuple of constants
    return lambda front, prev, new, traded: inner(me, front, prev, new, traded)


def _without_self(inner: Any) -> Any:
    return lambda front, prev, new, traded: inner(front, prev, new, traded)


def parse_queue(text: str) -> tuple[int, float]:
    """Read a queue model's name such as ``power:2`` into the kernel's number and exponent.

    Raises
    ------
    ConfigError
        If the name is unknown or its exponent is not a positive number.
    """
    name, _, exponent = text.partition(":")
    models = {
        "risk_averse": Q_RISK_AVERSE,
        "power": Q_POWER,
        "proportional": Q_POWER,
        "log": Q_LOG,
        "power3": Q_POWER3,
        "fifo": Q_FIFO,
    }
    if name not in models:
        raise ConfigError(
            f"expected a queue model, was {text!r}", code="unknown_queue_model", hint=suggest(name, models)
        )
    try:
        power = float(exponent) if exponent else 1.0
    except ValueError:
        power = math.nan
    if not (0 < power < 100) or (exponent and name in {"risk_averse", "proportional", "log", "fifo"}):
        raise ConfigError(
            f"expected a positive exponent as in 'power:2', was {text!r}", code="bad_queue_model"
        )
    return models[name], power


@kernel
def front_after(model, power, function, front, prev, new, traded):  # type: ignore[no-untyped-def]
    """Quantity in front after a level change; floats in 1e-6 contract."""
    if model == Q_USER:  # contracts outside: only the power family does not care about the unit
        return 1e6 * call_queue_model(function, front / 1e6, prev / 1e6, new / 1e6, traded / 1e6)
    change = prev - new - traded
    if change <= 0.0 or model == Q_RISK_AVERSE:
        return min(front, new)
    back = prev - front
    if model == Q_POWER3:
        whole = front + back
        behind = 1.0 - (front / whole) ** power if whole > 0.0 else 0.0
    else:
        if model == Q_LOG:
            f_back, f_front = math.log1p(max(back, 0.0) / 1e6), math.log1p(front / 1e6)
        elif power == 1.0:
            f_back, f_front = back, front
        elif power == 2.0:
            f_back, f_front = back * back, front * front
        else:
            f_back, f_front = np.power(back, power), np.power(front, power)
        total = f_back + f_front
        behind = f_back / total if total > 0.0 else 1.0
    estimate = front - (1.0 - behind) * change + min(back - behind * change, 0.0)
    return max(min(estimate, new), 0.0)
