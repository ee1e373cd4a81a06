"""The only door to the wall clock and to random identifiers; both are injected."""

import secrets
import time
from typing import Protocol


class Clock(Protocol):
    """Source of the present time."""

    def now(self) -> int:
        """Nanoseconds since 1970, UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        """Nanoseconds since 1970, UTC."""
        return time.time_ns()


class FixedClock:
    """A clock that stands still until it is moved, for tests and replays."""

    def __init__(self, ns: int = 0) -> None:
        self.ns = ns

    def now(self) -> int:
        """Nanoseconds since 1970, UTC."""
        return self.ns


class IdSource(Protocol):
    """Source of identifiers."""

    def new(self) -> str:
        """Return an identifier that was not returned before."""
        ...


class RandomIds:
    """Unguessable identifiers of twelve hexadecimal digits."""

    def new(self) -> str:
        """Return an identifier that was not returned before."""
        return secrets.token_hex(6)


class CountingIds:
    """Predictable identifiers, for tests and replays."""

    def __init__(self, prefix: str = "id") -> None:
        self.prefix = prefix
        self.count = 0

    def new(self) -> str:
        """Return an identifier that was not returned before."""
        self.count += 1
        return f"{self.prefix}{self.count}"
