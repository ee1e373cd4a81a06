"""Fingerprint of what runs a backtest: interpreter, machine, installed libraries and our own code."""

import hashlib
import platform
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution, version
from pathlib import Path
from typing import Final

import ntp
from ntp.core import sha256_bytes

_NUMERIC: Final = ("numba", "numpy", "polars", "scipy")
_ASIDE: Final = ("cli",)
"""Rooms whose code no number depends on."""


@cache
def environment() -> Mapping[str, str | None]:
    """Describe everything that numbers can depend on beside strategy, data and settings.

    Returns
    -------
    Mapping
        `python`, `system`, `architecture`, the versions of the numeric libraries, `code` (digest of our own
        sources) and `constraints` (digest of the versions of all libraries installed for us; None where
        the package runs without having been installed).
    """
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "architecture": platform.machine(),
        **{name: version(name) for name in _NUMERIC},
        "code": _code_hash(),
        "constraints": _constraints_hash(),
    }


def installed() -> list[str]:
    """Versions of everything that the package needs, and of what these need, as pins in order of name."""
    found: dict[str, str] = {}
    todo = ["ntp"]
    while todo:
        name = _normal(todo.pop())
        if name in found:
            continue
        try:
            one = distribution(name)
        except PackageNotFoundError:
            continue  # for another interpreter or system
        found[name] = one.version
        todo += _required(one)
    found.pop("ntp", None)
    return [f"{name}=={found[name]}" for name in sorted(found)]


def _required(one: Distribution) -> Iterator[str]:
    for line in one.requires or ():
        named = re.match(r"[A-Za-z0-9._-]+", line)
        if named and "extra ==" not in line:
            yield named[0]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _constraints_hash() -> str | None:
    pins = installed()
    return sha256_bytes("\n".join(pins).encode()) if pins else None


def _code_hash() -> str:
    root = Path(ntp.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        place = path.relative_to(root)
        if place.parts[0] not in _ASIDE:
            digest.update(f"{place.as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return "sha256:" + digest.hexdigest()
