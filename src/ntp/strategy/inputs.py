"""Names a strategy declares: patterns of contracts, aliases of inputs, files."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from ntp.core import ConfigError


def patterns(attribute: str, value: object) -> tuple[str, ...]:
    """Read one pattern or several as a tuple, in the order given, without repeats.

    Raises
    ------
    ConfigError
        ``bad_declaration`` if it is neither text nor a sequence of texts.
    """
    items = (value,) if isinstance(value, str) else value
    if not isinstance(items, tuple | list) or not all(isinstance(item, str) and item for item in items):
        raise ConfigError(
            f"expected a text or a tuple of texts for {attribute!r}, was {value!r}", code="bad_declaration",
            hint=f'for example {attribute} = ("kalshi:KXBTC*",)', details={"attribute": attribute},
        )
    return tuple(dict.fromkeys(items))


def input_aliases(value: object) -> dict[str, str]:
    """Read the declaration of inputs: alias to ``source:symbol``.

    Raises
    ------
    ConfigError
        ``bad_declaration`` if it is not a mapping of names to symbols.
    """
    if not isinstance(value, Mapping):
        raise _bad(f"a dictionary of alias to series, was {value!r}", "inputs")
    aliases: dict[str, str] = {}
    for alias, symbol in value.items():
        if not isinstance(alias, str) or not alias.isidentifier():
            raise _bad(f"an alias that is a Python name, was {alias!r}", "inputs")
        if not isinstance(symbol, str) or not symbol:
            raise _bad(f"a series 'source:symbol' for input {alias!r}, was {symbol!r}", "inputs")
        aliases[alias] = symbol
    return aliases


def matches(pattern: str, contract_id: str) -> bool:
    """Whether ``venue:symbol`` fits a pattern; a pattern without a venue fits the symbol anywhere."""
    symbol = contract_id if ":" in pattern else contract_id.partition(":")[2] or contract_id
    return fnmatchcase(symbol, pattern)


def matches_any(candidates: tuple[str, ...], contract_id: str) -> bool:
    """Whether ``venue:symbol`` fits one of several patterns."""
    return any(matches(pattern, contract_id) for pattern in candidates)


def _bad(expected: str, attribute: str) -> ConfigError:
    details: dict[str, Any] = {"attribute": attribute}
    return ConfigError(
        f"expected {expected}", code="bad_declaration", details=details,
        hint='for example inputs = {"spot": "coinbase:BTC-USD"}',
    )
