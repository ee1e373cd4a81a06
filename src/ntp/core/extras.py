"""Extras: optional packages, imported where they are needed, missed in words that help."""

from __future__ import annotations

import importlib
from typing import Any

from ntp.core.errors import ConfigError


def import_extra(module: str, *, extra: str, package: str = "") -> Any:
    """Import a module of an optional extra.

    Parameters
    ----------
    module : str
        What to import.
    extra : str
        Extra of ntp that brings it.
    package : str
        What else to install, where the extra alone does not bring it.

    Raises
    ------
    ConfigError
        ``missing_extra``, naming what to install.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        wanted = f"'{package}'" if package else f"'ntp[{extra}]'"
        raise ConfigError(
            f"expected the optional extra {extra!r}, was not installed", code="missing_extra",
            hint=f"pip install {wanted}", details={"extra": extra, "module": module},
        ) from error
