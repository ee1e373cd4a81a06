"""Create: a strategy file to start from."""

import re
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final

from ntp.core import ConfigError, NotFound, suggest
from ntp.core.names import check_file_name, class_name_of, write_new
from ntp.strategy.loader import execute, strategies_in
from ntp.strategy.registry import SHIPPED
from ntp.strategy.template.catalogue import CLASSES

FORMS: Final = ("blank", "signal")
"""Files to fill in, with little in them."""
TEMPLATES: Final = (*FORMS, *CLASSES)
"""Templates a file can start from."""
_DOORS: Final = re.compile(r"^from ntp\.[\w.]+ import ([\w, ]+)\n", re.MULTILINE)
"""Imports of the platform's own names; each is on one line."""


def create_strategy_file(
    name: str, *, template: str = "blank", folder: Path, source: Path | None = None
) -> Path:
    """Write a strategy file that runs as it is.

    Parameters
    ----------
    name : str
        Stem of the file: lower case letters, digits and underscores.
    template : str
        One of `TEMPLATES`.
    folder : Path
        Where it is written, usually the workspace's ``strategies``; made if it does not exist.
    source : Path, optional
        Strategy file to copy instead of a template; it must load.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ConfigError
        ``bad_name``, ``name_taken`` or ``file_exists``; nothing is overwritten.
    NotFound
        If there is no such template or source.
    StrategyError
        Why the source does not load.
    """
    check_name(name)
    text = _text(name, template) if source is None else _copied(source)
    return write_new(folder / f"{name}.py", text)


def check_name(name: str) -> None:
    """Hold the name of a new strategy against the rules of file and class names.

    Raises
    ------
    ConfigError
        ``bad_name`` with a name that would do, or ``name_taken``.
    """
    check_file_name(name)
    if name in SHIPPED:
        raise ConfigError(
            f"expected a name that is free, was {name!r}, a shipped strategy", code="name_taken",
            hint=f"for example 'my_{name}'",
        )


def _text(name: str, template: str) -> str:
    if template not in TEMPLATES:
        raise NotFound(
            f"expected a template ({', '.join(TEMPLATES)}), was {template!r}",
            hint=suggest(template, TEMPLATES), details={"template": template},
        )
    folder = files("ntp.strategy.template")
    if template in CLASSES:
        return _made_own(folder.joinpath(f"{template}.py").read_text(encoding="utf-8"), template, name)
    form = folder.joinpath(f"{template}.py.txt").read_text(encoding="utf-8")
    return Template(form).substitute(class_name=class_name_of(name), name=name)


def _made_own(code: str, template: str, name: str) -> str:
    """Turn a template's code into a file of somebody's own: its name, its class, the SDK's front door."""
    names = {each for line in _DOORS.findall(code) for each in line.split(", ")} - {"Template"} | {"Strategy"}
    first = _DOORS.search(code)
    assert first is not None
    before, after = code[: first.start()], _DOORS.sub("", code[first.start() :])
    code = f"{before}from ntp import {', '.join(sorted(names))}\n{after}"
    code = code.replace(f'"""{template}: ', f'"""{name}: ', 1).replace("(Template)", "(Strategy)")
    code = code.replace('\n"""\n', f'\n\nTry it:   ntp backtest {name} --data sample\n"""\n', 1)
    return code.replace(CLASSES[template], class_name_of(name))


def _copied(source: Path) -> str:
    try:
        content = source.read_bytes()
    except (FileNotFoundError, IsADirectoryError) as error:
        raise NotFound(f"expected a strategy file, was no file {source}") from error
    if not strategies_in(execute(source, content)):
        raise ConfigError(
            f"expected a subclass of Strategy in {source}, was none", code="no_strategy",
            details={"file": str(source)},
        )
    return content.decode("utf-8")
