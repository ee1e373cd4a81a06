"""Names of fields that tell what happened later; read as market data they would be the future."""

import re
from collections.abc import Iterable
from typing import Final

from ntp.core import DataError

_STEMS: Final = ("result", "outcome", "actual", "settle", "final")
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def looks_ahead(name: str) -> bool:
    """Whether a field's name has a word that begins with result, outcome, actual, settle or final."""
    return any(word.lower().startswith(_STEMS) for word in _WORD.findall(name))


def refuse_future(names: Iterable[str], file: str) -> None:
    """Refuse fields that look ahead.

    Raises
    ------
    DataError
        ``future_field``, naming the first of them.
    """
    for name in names:
        if looks_ahead(name):
            raise DataError(
                f"expected fields that were known at their row's time in {file}, "
                f"was {name!r}, which sounds like the future",
                code="future_field",
                hint=f"map it (mappings: {{result: {name}}}), drop it (drop: [{name}]) "
                f"or say when it was known (later: {{{name}: TIME_COLUMN}})",
                details={"file": file, "column": name},
            )
