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
_VERSION: Final = re.compile(r"^Version:\s*(\S+)", re.MULTILINE)
_REQUIRED: Final = re.compile(r"^Requires-Dist:\s*(.+)$", re.MULTILINE)
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
        head = _head(one)
        found[name] = _VERSION.findall(head)[0]
        todo += _required(head)
    found.pop("ntp", None)
    return [f"{name}=={found[name]}" for name in sorted(found)]


def _head(one: Distribution) -> str:
    """Return what a distribution says of itself, as text: to parse it as mail takes five times as long."""
    text = one.read_text("METADATA") or one.read_text("PKG-INFO") or ""
    return text.partition("\n\n")[0]


def _required(head: str) -> Iterator[str]:
    for line in _REQUIRED.findall(head):
        named = re.match(r"[A-Za-z0-9._-]+", line)
        if named and "extra ==" not in line:
            yield named[0]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _constraints_hash() -> str | None:
    pins = installed()
    return sha256_bytes("\n".join(pins).encode()) if pins else None


def _code_hash() -> str:
    """Digest our own sources; what compiling leaves beside them, strategies of users too, is none of them."""
    root = Path(ntp.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        place = path.relative_to(root)
        if place.parts[0] not in _ASIDE and "__pycache__" not in place.parts:
            digest.update(f"{place.as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return "sha256:" + digest.hexdigest()
