"""Strategies that come with the platform; `maker` and `v10` also exist in compiled form inside the engine.

Each is loaded when it is first asked for: a run needs one of them, and every command would wait for all.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ntp.strategy.shipped.maker import Maker
    from ntp.strategy.shipped.v10 import V10
    from ntp.strategy.shipped.v11 import V11
    from ntp.strategy.shipped.v12 import V12
    from ntp.strategy.shipped.v13 import V13
    from ntp.strategy.shipped.v14 import V14
    from ntp.strategy.shipped.v15 import V15

__all__ = ["V10", "V11", "V12", "V13", "V14", "V15", "Maker"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{name.lower()}"), name)
