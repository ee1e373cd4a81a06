"""What the accounts of each venue hold; currencies are never added up."""

from typing import Final

USD: Final = "USD"
PUSD: Final = "pUSD"
MANA: Final = "MANA"

DOLLARS: Final = (USD, PUSD)
"""Currencies counted in dollars: a pUSD counts one, which is an assumption and told as one."""

_CURRENCIES: Final = {"polymarket": PUSD, "manifold": MANA}


def currency_of(venue: str) -> str:
    """Currency of a venue's accounts, dollars where nothing else is known."""
    return _CURRENCIES.get(venue, USD)
