"""Names of files and classes that ntp writes for people."""

import keyword
import re
from pathlib import Path

from ntp.core.errors import ConfigError


def check_file_name(name: str) -> None:
    """Hold the stem of a new file against the rules of Python names.

    Raises
    ------
    ConfigError
        ``bad_name`` with a name that would do.
    """
    if re.fullmatch(r"[a-z][a-z0-9_]*", name) and not keyword.iskeyword(name):
        return
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    better = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    better = f"my_{better}" if not better or better[0].isdigit() or keyword.iskeyword(better) else better
    raise ConfigError(
        f"expected a name of lower case letters, digits and underscores, was {name!r}", code="bad_name",
        hint=f"for example {better!r}",
    )


def class_name_of(name: str) -> str:
    """Class name for a file stem: ``my_maker`` becomes ``MyMaker``."""
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def write_new(target: Path, text: str) -> Path:
    """Write a file that does not exist yet, making its folder.

    Raises
    ------
    ConfigError
        ``file_exists``; nothing is overwritten.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise ConfigError(
            f"expected no file at {target}, was one", code="file_exists",
            hint="choose another name or remove the file", details={"file": str(target)},
        ) from error
    return target
