"""Create: a data source to start from."""

from importlib.resources import files
from pathlib import Path
from string import Template

from ntp.core.names import check_file_name, class_name_of, write_new


def create_source_file(name: str, *, folder: Path) -> Path:
    """Write the file of a data source that can be imported as it is.

    Parameters
    ----------
    name : str
        Stem of the file: lower case letters, digits and underscores.
    folder : Path
        Where it is written, usually the workspace's ``sources``; made if it does not exist.

    Raises
    ------
    ConfigError
        ``bad_name`` or ``file_exists``; nothing is overwritten.
    """
    check_file_name(name)
    form = files("ntp.data").joinpath("templates", "source.py.txt").read_text(encoding="utf-8")
    text = Template(form).substitute(class_name=class_name_of(name), name=name)
    return write_new(folder / f"{name}.py", text)
