"""The module of a compiled strategy: written once per content, compiled once, kept on disk between processes."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import sys
from functools import cache
from pathlib import Path

from numba.core.errors import NumbaError

from ntp.engine.compile import address_of_function, cache_folder
from ntp.pricing.edge import parts
from ntp.statistics import indicators as statistics_indicators
from ntp.strategy.compiled.assembly import module_text
from ntp.strategy.compiled.program import Program
from ntp.strategy.compiled.refusal import not_compilable


def entry_of(program: Program) -> int:
    """Address of the function that runs a program, compiled if it is not on disk yet.

    Raises
    ------
    StrategyError
        ``not_compilable`` if the compiler refuses what the translation let pass.
    """
    text = module_text(program)
    try:
        return _entry(text)
    except NumbaError as error:
        raise not_compilable(
            program.name, "code whose types do not fit together", *_place(program, text, str(error))
        ) from error


def _place(program: Program, text: str, message: str) -> tuple[str, int]:
    """File and line of the function that the compiler complains of."""
    lines = text.splitlines()
    codes = {name: key[0] for key, name in program.names.items()}
    for number in re.findall(r"strategy_\w+\.py\D+(\d+)", message):
        for line in reversed(lines[: int(number)]):
            name = line.removeprefix("def ").partition("(")[0]
            if line.startswith("def ") and name in codes:
                return codes[name].co_filename, codes[name].co_firstlineno
            if line.startswith("def "):
                break
    return "", 0


@cache
def _entry(text: str) -> int:
    name = f"strategy_{_digest(text)}"
    path = cache_folder() / "strategies" / f"{name}.py"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)  # another process may write the same
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return address_of_function(module.drive, 1)


def _digest(text: str) -> str:
    """Hash of a module's text and of all it calls: both end up in the machine code."""
    found = hashlib.sha256(text.encode())
    steps = Path(statistics_indicators.__file__).parent
    inside = (Path(__file__).parent / "inside").glob("*.py")
    for source in sorted([*inside, *steps.glob("*.py"), Path(parts.__file__)]):
        found.update(source.read_bytes())
    return found.hexdigest()[:20]
