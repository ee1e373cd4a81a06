"""Rules of the house that no linter knows."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
SOURCE = CHECKOUT / "src" / "ntp"
MODULES = sorted(path for path in SOURCE.rglob("*.py") if "__pycache__" not in path.parts)
PACKAGES = sorted(path.parent for path in SOURCE.rglob("__init__.py"))

LONGEST = 400
LONG: dict[str, str] = {}
"""Longer files, each with the reason why it is one."""

# The brackets keep these patterns from finding themselves.
FOREIGN = re.compile(
    r"/wor[k]/|/roo[t]/|/hom[e]/\w|py[p]i\.org|pythonhoste[d]\.org|registry\.np[m]js|proxy\.golan[g]",
    re.IGNORECASE,
)
TEXTS = (".ini", ".md", ".py", ".sh", ".toml", ".txt", ".yaml", ".yml", "")
ROOTS = (".ci", "benchmarks", "docs", "examples", "src", "tests")

AMBIENT = {
    ("time", "time"), ("time", "time_ns"), ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"),
    ("date", "today"), ("uuid", "uuid1"), ("uuid", "uuid4"), ("os", "urandom"),
}  # fmt: skip
AMBIENT_MODULES = {"random", "secrets", "uuid"}
SEAM = "core/clock.py"


def _texts() -> Iterator[Path]:
    yield from (path for path in CHECKOUT.iterdir() if path.is_file() and path.suffix in TEXTS)
    for root in ROOTS:
        folder = CHECKOUT / root
        found = (path for path in folder.rglob("*") if path.is_file() and not _is_private(path))
        yield from (path for path in found if path.suffix in TEXTS and path.name != "report.html")


def _is_private(path: Path) -> bool:
    """Whether a file lies in a cache, an environment or another folder that is never committed."""
    parts = path.relative_to(CHECKOUT).parts[1:]
    return any(part == "__pycache__" or part.startswith(".") for part in parts)


def _name(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def test_files_are_short():
    lengths = {_name(path): len(path.read_text().splitlines()) for path in MODULES}
    too_long = {name: length for name, length in lengths.items() if length > LONGEST and name not in LONG}
    assert not too_long
    assert all(lengths.get(name, 0) > LONGEST for name in LONG), "an exception that is no longer needed"


def test_nothing_names_one_machine_or_one_registry():
    found = [
        f"{path.relative_to(CHECKOUT)}: {match.group()}"
        for path in _texts()
        for match in FOREIGN.finditer(path.read_text(errors="replace"))
    ]
    assert not found


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_clock_and_randomness_are_injected(path):
    if _name(path) == SEAM:
        return
    ambient = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            ambient += [alias.name for alias in node.names if alias.name in AMBIENT_MODULES]
        elif isinstance(node, ast.ImportFrom):
            ambient += [node.module] if node.module in AMBIENT_MODULES else []
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = ast.unparse(node.func.value)
            if (owner.rpartition(".")[2], node.func.attr) in AMBIENT:
                ambient.append(f"{owner}.{node.func.attr} in line {node.lineno}")
            unseeded = node.func.attr == "default_rng" and not (node.args or node.keywords)
            global_stream = owner in ("np.random", "numpy.random") and node.func.attr in GLOBAL_STREAM
            if unseeded or global_stream:
                ambient.append(f"{owner}.{node.func.attr} in line {node.lineno}")
    assert not ambient


GLOBAL_STREAM = (
    "choice",
    "normal",
    "permutation",
    "rand",
    "randint",
    "randn",
    "random",
    "seed",
    "shuffle",
    "uniform",
)


@pytest.mark.parametrize("folder", PACKAGES, ids=_name)
def test_every_package_has_one_public_door(folder):
    relative = folder.relative_to(SOURCE)
    package = importlib.import_module(".".join(("ntp", *relative.parts)))
    names = package.__all__
    assert len(names) == len(set(names))
    assert all(hasattr(package, name) for name in names)
