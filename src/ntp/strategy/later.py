"""Names of the SDK whose capability is not part of this version: each says so when it is used."""

from typing import Final, NoReturn

from ntp.core import StrategyError

LATER_TEMPLATES: Final = (
    "event_driven", "mean_reversion", "ml_prediction", "momentum", "pairs_trading",
)
"""Templates that come with a later version."""


def not_available_yet(what: str, hint: str = "") -> NoReturn:
    """Refuse the use of a part that a later version brings.

    Raises
    ------
    StrategyError
        ``not_available_yet``, always.
    """
    raise StrategyError(
        f"expected what this version offers, was {what}, which comes with a later one",
        code="not_available_yet", hint=hint, details={"feature": what},
    )


class _Templates:
    """Templates by name; not available yet."""

    def __getitem__(self, name: str) -> NoReturn:
        not_available_yet(f"the template {name!r}", "start from a file: ntp create strategy NAME")


templates: Final = _Templates()
"""Strategies built from a description."""
