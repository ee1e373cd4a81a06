"""What a strategy may use while `signals` runs: nothing that depends on its orders, and no present moment."""

from __future__ import annotations

from typing import Any, Final, NoReturn

from ntp.core import StrategyError
from ntp.strategy.calls import BOUND_CALLS

ALLOWED: Final = ("log", "rng", "asset")


class MarketOnly:
    """Stands in for the runtime while `signals` computes whole columns.

    Parameters
    ----------
    runtime : Runtime
        What the strategy is bound to otherwise.
    """

    def __init__(self, runtime: Any) -> None:
        self._runtime = runtime
        self.__dict__.update(_CALLS)

    def __getattr__(self, name: str) -> Any:
        if name in ALLOWED:
            return getattr(self.__dict__["_runtime"], name)
        raise _refused(name)


class _Refused:
    """A call that is refused when it is made: binding only takes hold of it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, *_: Any, **__: Any) -> NoReturn:
        raise _refused(self._name)


_CALLS: Final = {name: _Refused(name) for name in BOUND_CALLS}


def _refused(name: str) -> StrategyError:
    return StrategyError(
        f"expected signals to use the frame alone, was self.{name}", code="signals_market_only",
        hint="orders, fills, positions and money are known only row by row: leave sizes out and the engine computes "
        "them, or define analyze(self, data)", details={"attribute": name},
    )


__all__ = ["MarketOnly"]
