"""Create: a strategy file to start from."""

import keyword
import re
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final

from ntp.core import ConfigError, NotFound, suggest
from ntp.strategy.later import LATER_TEMPLATES, not_available_yet
from ntp.strategy.loader import execute, strategies_in
from ntp.strategy.registry import SHIPPED

TEMPLATES: Final = ("blank", "maker", "signal")
"""Templates a file can start from."""


def create_strategy_file(
    name: str, *, template: str = "blank", folder: Path, source: Path | None = None
) -> Path:
    """Write a strategy file that runs as it is.

    Parameters
    ----------
    name : str
        Stem of the file: lower case letters, digits and underscores.
    template : str
        ``blank``, ``maker`` or ``signal``.
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
        ``not_available_yet`` for a template of a later version, or why the source does not load.
    """
    check_name(name)
    text = _text(name, template) if source is None else _copied(source)
    target = folder / f"{name}.py"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise ConfigError(
            f"expected no file at {target}, was one", code="file_exists",
            hint="choose another name or remove the file", details={"file": str(target)},
        ) from error
    return target


def check_name(name: str) -> None:
    """Hold the name of a new strategy against the rules of file and class names.

    Raises
    ------
    ConfigError
        ``bad_name`` with a name that would do, or ``name_taken``.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
        better = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
        better = f"my_{better}" if not better or better[0].isdigit() or keyword.iskeyword(better) else better
        raise ConfigError(
            f"expected a name of lower case letters, digits and underscores, was {name!r}", code="bad_name",
            hint=f"for example {better!r}",
        )
    if name in SHIPPED:
        raise ConfigError(
            f"expected a name that is free, was {name!r}, a shipped strategy", code="name_taken",
            hint=f"for example 'my_{name}'",
        )


def class_name_of(name: str) -> str:
    """Class name for a file stem: ``my_maker`` becomes ``MyMaker``."""
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def _text(name: str, template: str) -> str:
    if template in LATER_TEMPLATES:
        not_available_yet(f"the template {template!r}", f"templates of this version: {', '.join(TEMPLATES)}")
    if template not in TEMPLATES:
        raise NotFound(
            f"expected a template ({', '.join(TEMPLATES)}), was {template!r}",
            hint=suggest(template, (*TEMPLATES, *LATER_TEMPLATES)), details={"template": template},
        )
    form = files("ntp.strategy").joinpath("templates", f"{template}.py.txt").read_text(encoding="utf-8")
    return Template(form).substitute(class_name=class_name_of(name), name=name)


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
