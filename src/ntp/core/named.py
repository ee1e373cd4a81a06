"""Values by name, where a name that is none gets a suggestion."""

from collections.abc import Mapping
from typing import Any, NoReturn, TypeVar

from ntp.core.errors import UnknownKey
from ntp.core.suggest import suggest

V = TypeVar("V")


class Named(dict[str, V]):
    """A dictionary that says which names it has when it is asked for another.

    Parameters
    ----------
    what : str
        What its names are of, with its article: ``a fill mode``.
    values : Mapping
        What it holds.

    Raises
    ------
    UnknownKey
        On a look-up of a name that is not in it.
    """

    def __init__(self, what: str, values: Mapping[str, V]) -> None:
        super().__init__(values)
        self.what = what

    def __missing__(self, name: Any) -> NoReturn:
        raise UnknownKey(f"expected {self.what}, was {name!r}", hint=suggest(str(name), self))
