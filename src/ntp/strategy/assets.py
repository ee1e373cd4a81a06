"""Assets: files that a strategy reads, listed in its class and part of what its results rest on."""

import sys
from pathlib import Path

from ntp.core import NotFound, StrategyError, sha256_file, suggest
from ntp.strategy.code_names import is_sdk


def asset_path(cls: type, name: str) -> Path:
    """Find a file that a strategy class lists in `assets`.

    It lies beside the file that the class, or the one it inherits from, is written in; for a class typed into an
    interpreter, in the current folder.

    Raises
    ------
    StrategyError
        ``unknown_asset`` if it is not listed.
    NotFound
        ``no_such_asset`` if there is no such file.
    """
    listed = getattr(cls, "assets", ())
    listed = (listed,) if isinstance(listed, str) else tuple(listed)
    if name not in listed:
        raise StrategyError(
            f"expected a file listed in assets, was {name!r}", code="unknown_asset", hint=suggest(name, listed)
        )
    places = [folder / name for folder in _folders(cls)]
    for place in places:
        if place.is_file():
            return place
    raise NotFound(
        f"expected the asset {name!r} of {cls.__name__} at {places[0]}, there is no such file", code="no_such_asset",
        details={"asset": name, "file": str(places[0])},
    )


def asset_hashes(cls: type, names: tuple[str, ...]) -> dict[str, str]:
    """Hash of the content of each file listed, by name.

    Raises
    ------
    NotFound
        ``no_such_asset``.
    """
    return {name: sha256_file(asset_path(cls, name)) for name in names}


def _folders(cls: type) -> list[Path]:
    files = [
        getattr(sys.modules.get(owner.__module__), "__file__", None) for owner in cls.__mro__ if not is_sdk(owner)
    ]
    return [Path(file).resolve().parent for file in dict.fromkeys(files) if file] or [Path.cwd()]
