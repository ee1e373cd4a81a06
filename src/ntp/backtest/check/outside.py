"""Outside: what a strategy takes from elsewhere than its data, by its code and as it runs."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from types import CodeType, FrameType
from typing import Any, Final

from ntp.backtest.check.code import Code
from ntp.backtest.check.finding import Place

FILES: Final = "files"
RECORDINGS: Final = "recordings"
NETWORK: Final = "network"
CLOCK: Final = "clock"
RANDOM: Final = "randomness"
ENVIRONMENT: Final = "environment"
INSIDE: Final = "the platform's inside"

_PATTERNS: Final = {
    RECORDINGS: (
        "ntp.data.*", "ntp.engine.*", "ntp.backtest.*", "ntp.load", "ntp.Backtest", "ntp.CSVDataSource",
    ),
    FILES: (
        "open", "io.open", "_io.open", "codecs.open", "os.open", "os.listdir", "os.scandir", "os.walk", "posix.open",
        "posix.listdir", "posix.scandir", "glob.*", "pathlib.Path.read_*", "pathlib.Path.open", "pathlib.Path.glob",
        "pathlib.Path.rglob", "pathlib.Path.iterdir", "pathlib.Path.write_*", "pathlib.Path.exists", "shelve.*",
        "polars.read_*", "polars.scan_*", "polars.*.read_*", "polars.*.scan_*", "pandas.read_*", "pandas.*.read_*",
        "numpy.load*", "numpy.genfromtxt", "numpy.fromfile", "numpy.memmap", "numpy.*.load*", "numpy.*.genfromtxt",
        "pyarrow.*.read_*", "pyarrow.parquet.*", "pyarrow.dataset.*", "pyarrow.memory_map", "pyarrow.OSFile",
        "duckdb.*", "_duckdb.*", "sqlite3.*", "_sqlite3.*", "joblib.load", "pickle.load", "_pickle.load",
        "json.load", "yaml.*", "csv.reader", "_csv.reader", "mmap.*", "fileinput.*", "zipfile.*", "gzip.*",
    ),
    NETWORK: (
        "requests.*", "httpx.*", "urllib.request.*", "urllib3.*", "aiohttp.*", "websockets.*", "websocket.*",
        "socket.*", "_socket.*", "http.client.*", "ftplib.*", "subprocess.*", "os.system", "posix.system", "os.popen",
    ),
    CLOCK: (
        "time.time", "time.time_ns", "time.monotonic*", "time.perf_counter*", "time.process_time*", "time.localtime",
        "time.gmtime", "time.ctime", "time.sleep", "datetime.datetime.now", "datetime.datetime.utcnow",
        "datetime.datetime.today", "datetime.date.today", "pandas.Timestamp.now", "pandas.Timestamp.utcnow",
        "pandas.Timestamp.today",
    ),
    RANDOM: (
        "random.*", "_random.*", "numpy.random.*", "secrets.*", "uuid.uuid1", "uuid.uuid4", "os.urandom",
        "posix.urandom",
    ),
    ENVIRONMENT: (
        "os.environ*", "os._Environ*", "os.getenv*", "os.putenv", "sys.argv", "os.getcwd", "posix.getcwd",
        "platform.*", "os.uname", "posix.uname", "getpass.*", "builtins.input", "input",
    ),
}  # fmt: skip
"""Dotted names by what they are; the first group that has one counts."""
_INSIDE: Final = frozenset(("_runtime", "_port", "_words", "_floats", "_record"))
"""Attributes behind the views and the strategy, where the whole recording lies."""
_GIVEN: Final = "numpy.random._generator.Generator."
"""What ``self.rng`` is."""
_METHODS: Final = {"read_text": FILES, "read_bytes": FILES, "write_text": FILES, "write_bytes": FILES}
"""Methods that mean the same on whatever they are called."""


@dataclass(frozen=True, slots=True)
class Use:
    """One use of something outside the data: what, of which sort, where, and with which argument."""

    sort: str
    name: str
    place: Place
    argument: str = ""
    seeded: bool = False


def sort_of(name: str) -> str | None:
    """Tell the sort of a dotted name, None for one that is harmless."""
    if name.startswith(_GIVEN):
        return None
    for sort, patterns in _PATTERNS.items():
        if any(fnmatchcase(name, pattern) for pattern in patterns):
            return sort
    return None


def said(code: Code) -> list[Use]:
    """Find uses in the code, whether they are reached or not."""
    found = []
    for source in code.sources.values():
        names = _imported(source.tree)
        for node in source.nodes():
            if isinstance(node, ast.Call):
                name = _dotted(node.func, names)
                sort = sort_of(name) if name else None
                if sort is None and isinstance(node.func, ast.Attribute):
                    name = node.func.attr
                    sort = _METHODS.get(name)
                if sort == RANDOM and any(isinstance(each, ast.Call) for each in ast.walk(node.func)):
                    continue  # the generator it is drawn from is judged itself
                if sort is not None:
                    seeded = sort == RANDOM and _seeded(name, node)
                    found.append(Use(sort, name, source.place(node), _text_of(node), seeded))
            elif isinstance(node, ast.Attribute) and node.attr in _INSIDE and not _own(node):
                found.append(Use(INSIDE, node.attr, source.place(node)))
            elif isinstance(node, ast.Subscript | ast.Attribute):
                name = _dotted(node.value if isinstance(node, ast.Subscript) else node, names)
                if name in ("os.environ", "sys.argv"):
                    found.append(Use(ENVIRONMENT, name, source.place(node)))
    return list(dict.fromkeys(found))


def _own(node: ast.Attribute) -> bool:
    """Whether an attribute of the strategy itself is meant that only has such a name."""
    return isinstance(node.value, ast.Name) and node.value.id == "self" and node.attr not in ("_runtime", "_port")


def _seeded(name: str, node: ast.Call) -> bool:
    """Whether a generator is made from a seed."""
    return name.rpartition(".")[2] in ("default_rng", "Random", "RandomState", "SeedSequence", "PCG64") and bool(
        node.args or node.keywords
    )


def _text_of(node: ast.Call) -> str:
    first = node.args[0] if node.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def _imported(tree: ast.Module) -> dict[str, str]:
    """Full names of what a file imports."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _dotted(node: ast.expr, names: dict[str, str]) -> str:
    """Full dotted name that an expression says; empty if it is none."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Call):  # Path("x").read_text()
        inner = _dotted(node.func, names)
        return ".".join([inner, *reversed(parts)]) if inner and parts else ""
    if not isinstance(node, ast.Name):
        return ""
    if node.id not in names and (parts or not hasattr(builtins, node.id)):
        return ""
    return ".".join([names.get(node.id, node.id), *reversed(parts)])


@dataclass(slots=True)
class Watched:
    """What was noted: uses, one per place, and the lines of the strategy's code that called anything at all."""

    uses: list[Use] = field(default_factory=list)
    lines: set[tuple[str, int]] = field(default_factory=set)


@contextmanager
def watched(code: Code) -> Iterator[Watched]:
    """Note what the strategy's code calls of the outside while something runs.

    Yields
    ------
    Watched
        Grows as calls are made.
    """
    found: dict[tuple[str, Place], Use] = {}
    noted = Watched()
    uses, lines = noted.uses, noted.lines
    places: dict[tuple[CodeType, int], Place | None] = {}
    files = code.files

    def note(frame: FrameType, name: str, argument: str) -> None:
        sort = sort_of(name)
        key = (frame.f_code, frame.f_lasti)
        if sort is None:
            return
        if key not in places:
            places[key] = _place(frame)
        place = places[key] or Place(frame.f_code.co_filename, frame.f_lineno)
        if (sort, place) not in found:
            found[sort, place] = Use(sort, name, place, argument)
            uses.append(found[sort, place])

    def profile(frame: FrameType, event: str, called: Any) -> None:
        if event == "c_call":
            if frame.f_code.co_filename in files:
                lines.add((frame.f_code.co_filename, frame.f_lineno))
                note(frame, _builtin_name(called), "")
        elif event == "call":
            back = frame.f_back
            if back is not None and back.f_code.co_filename in files and frame.f_code.co_filename not in files:
                lines.add((back.f_code.co_filename, back.f_lineno))
                module = str(frame.f_globals.get("__name__", ""))
                note(back, f"{module}.{frame.f_code.co_qualname}", _argument(frame))

    before: Callable[..., Any] | None = sys.getprofile()
    sys.setprofile(profile)
    try:
        yield noted
    finally:
        sys.setprofile(before)


def _builtin_name(called: Any) -> str:
    name = str(getattr(called, "__qualname__", None) or getattr(called, "__name__", ""))
    owner = getattr(called, "__self__", None)
    if isinstance(owner, type):
        return f"{owner.__module__}.{owner.__qualname__}.{name.rpartition('.')[2]}"
    module = getattr(called, "__module__", None)
    if module is None and owner is not None and not isinstance(owner, type(sys)):
        return f"{type(owner).__module__}.{name}"
    return name if module in (None, "builtins") else f"{module}.{name}"


def _argument(frame: FrameType) -> str:
    first = frame.f_code.co_varnames[:2]
    values = [frame.f_locals.get(name) for name in first]
    return next((str(value) for value in values if isinstance(value, str) or hasattr(value, "__fspath__")), "")


def _place(frame: FrameType) -> Place | None:
    """Line and column of the call that a frame is at."""
    for number, position in enumerate(frame.f_code.co_positions()):
        if 2 * number == frame.f_lasti:
            line, column = position[0], position[2]
            return Place(frame.f_code.co_filename, line, None if column is None else column + 1)
    return None


__all__ = [
    "CLOCK", "ENVIRONMENT", "FILES", "INSIDE", "NETWORK", "RANDOM", "RECORDINGS", "Use", "Watched", "said", "sort_of",
    "watched",
]
