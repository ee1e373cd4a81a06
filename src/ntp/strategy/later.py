"""Names of the SDK whose capability is not part of this version: each says so when it is used."""

from typing import NoReturn

from ntp.core import StrategyError


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
