"""Array: numbers that a strategy remembers of one contract, of a length that does not change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ntp.core import StrategyError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class Array:
    """Attribute of the inner class ``State`` that is a float64 array of zeros for each contract.

    Parameters
    ----------
    length : int
        Numbers in it.

    Raises
    ------
    StrategyError
        ``bad_declaration`` if the length is not a whole number above 0.

    Examples
    --------
    >>> class State:
    ...     mids = Array(3)
    >>> one, other = State(), State()
    >>> one.mids[0] = 0.5
    >>> float(one.mids[0]), float(other.mids[0])
    (0.5, 0.0)
    """

    def __init__(self, length: int) -> None:
        given: Any = length
        if isinstance(given, bool) or not isinstance(given, int) or given < 1:
            raise StrategyError(f"expected a length of at least 1, was {length!r}", code="bad_declaration")
        self.length = length
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type | None = None) -> Array | npt.NDArray[np.float64]:
        if instance is None:
            return self
        import numpy as np  # the SDK is imported without

        made: npt.NDArray[np.float64] = np.zeros(self.length)
        instance.__dict__[self._name] = made  # hides this attribute from now on
        return made
