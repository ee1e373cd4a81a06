"""Wake tokens: what happenings a strategy is woken by."""

from dataclasses import dataclass
from typing import Final

from ntp.core import ConfigError, parse_duration, suggest
from ntp.strategy.inputs import patterns

PLAIN_TOKENS: Final = ("best", "quote", "book", "trade", "index", "forecast", "game", "custom", "fill")
"""Tokens without a duration."""
TIMED_TOKENS: Final = ("bar", "timer")
"""Tokens with a duration: ``bar:1m``, ``timer:5s``."""


@dataclass(frozen=True, slots=True)
class Wake:
    """Tokens read from a declaration.

    Attributes
    ----------
    tokens : frozenset of str
        Plain tokens, and ``bar`` and ``timer`` where durations are named.
    bars, timers : tuple of int
        Durations in nanoseconds, ascending.
    """

    tokens: frozenset[str]
    bars: tuple[int, ...] = ()
    timers: tuple[int, ...] = ()

    def __contains__(self, token: str) -> bool:
        return token in self.tokens


def parse_wake(value: object) -> Wake:
    """Read one wake token or several.

    Raises
    ------
    ConfigError
        ``bad_wake`` if a token is unknown, with a suggestion, or its duration is not one.
    """
    tokens: set[str] = set()
    durations: dict[str, set[int]] = {name: set() for name in TIMED_TOKENS}
    for text in patterns("wake", value):
        name, colon, span = text.partition(":")
        if name in TIMED_TOKENS:
            durations[name].add(_duration(text, span))
        elif name not in PLAIN_TOKENS or colon:
            known = (*PLAIN_TOKENS, "bar:1m", "timer:5s")
            raise ConfigError(
                f"expected a wake token, was {text!r}", code="bad_wake", hint=suggest(text, known),
                details={"token": text},
            )
        tokens.add(name)
    return Wake(frozenset(tokens), tuple(sorted(durations["bar"])), tuple(sorted(durations["timer"])))


def _duration(text: str, span: str) -> int:
    try:
        ns = parse_duration(span)
    except ConfigError as error:
        raise _bad_duration(text, error.hint) from error
    if ns <= 0:
        raise _bad_duration(text, "a duration is above 0")
    return ns


def _bad_duration(text: str, hint: str) -> ConfigError:
    return ConfigError(
        f"expected a wake token with a duration such as 'bar:1m', was {text!r}", code="bad_wake", hint=hint,
        details={"token": text},
    )
