"""Create: a strategy file to start from."""

from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final

from ntp.core import ConfigError, NotFound, suggest
from ntp.core.names import check_file_name, class_name_of, write_new
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
