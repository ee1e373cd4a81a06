"""Create: an indicator to start from."""

from importlib.resources import files
from pathlib import Path
from string import Template

from ntp.core import ConfigError
from ntp.core.names import check_file_name, class_name_of, write_new


def create_indicator_file(name: str, *, folder: Path) -> Path:
    """Write the file of an indicator that works as it is.

    Parameters
    ----------
    name : str
        Stem of the file: lower case letters, digits and underscores.
    folder : Path
        Where it is written, usually the workspace's ``indicators``; made if it does not exist.

    Raises
    ------
    ConfigError
        ``bad_name``, ``name_taken`` by a classical indicator, or ``file_exists``; nothing is overwritten.
    """
    from ntp.statistics.indicators import INDICATORS

    check_file_name(name)
    if name.upper() in INDICATORS:
        raise ConfigError(
            f"expected a name that is free, was {name!r}, a classical indicator", code="name_taken",
            hint=f"for example 'my_{name}'",
        )
    form = files("ntp.strategy").joinpath("indicators", "indicator.py.txt").read_text(encoding="utf-8")
    return write_new(folder / f"{name}.py", Template(form).substitute(class_name=class_name_of(name), name=name))
