"""Errors of the platform, each naming who must act.

NtpError
├── ConfigError          the configuration, an option or a strategy's declaration must change
├── DataError            the data must change
│   └── Absent           a value that does not exist was read
├── StrategyError        the strategy's code must change
├── VenueError           the venue answered badly or not at all
│   ├── VenueUnavailable
│   ├── OrderRejected
│   └── OrderOutcomeUnknown
├── RuleViolation        a trading rule or a risk limit refused
├── PermissionDenied
├── NotFound             a name that does not exist
└── VerificationFailed   a check found a difference
"""

from collections.abc import Mapping
from typing import Any


class NtpError(Exception):
    """Base of all errors that the platform raises on purpose.

    Parameters
    ----------
    message : str
        What was expected and what was found.
    code : str, optional
        Stable machine name; by default that of the class.
    hint : str, optional
        What the reader can do about it.
    details : Mapping, optional
        JSON values that locate the error (file, row, column, contract, time).
    """

    default_code = "internal"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        hint: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.hint = hint
        self.details: dict[str, Any] = dict(details or {})


class ConfigError(NtpError):
    """An option, a key or a declaration is wrong."""

    default_code = "config"


class DataError(NtpError):
    """The data breaks a rule that results rest on."""

    default_code = "data"


class Absent(DataError):  # noqa: N818 - the word users meet in the SDK
    """A value that does not exist was read; nothing stands in for it.

    Parameters
    ----------
    field : str
        Name of the missing value.
    """

    default_code = "absent"

    def __init__(self, field: str) -> None:
        super().__init__(
            f"expected a value for {field!r}, there is none at this moment",
            hint=f"use .get({field!r}) where None is an answer",
            details={"field": field},
        )
        self.field = field


class StrategyError(NtpError):
    """The strategy's own code failed or asked for the impossible."""

    default_code = "strategy"


class VenueError(NtpError):
    """A venue answered with an error."""

    default_code = "venue"


class VenueUnavailable(VenueError):  # noqa: N818 - names the state, as its siblings do
    """A venue did not answer."""

    default_code = "venue_unavailable"


class OrderRejected(VenueError):  # noqa: N818
    """A venue refused an order."""

    default_code = "order_rejected"


class OrderOutcomeUnknown(VenueError):  # noqa: N818
    """Whether a venue holds an order is not known; it must be asked."""

    default_code = "order_outcome_unknown"


class RuleViolation(NtpError):  # noqa: N818
    """A trading rule or a risk limit refused."""

    default_code = "rule"


class PermissionDenied(NtpError):  # noqa: N818
    """The caller lacks a permission."""

    default_code = "permission"


class NotFound(NtpError):  # noqa: N818
    """A name that does not exist was asked for."""

    default_code = "not_found"


class UnknownKey(NotFound, KeyError):  # noqa: N818
    """A name that is not in a mapping: for Python too, so that ``in`` and ``get`` work as ever."""

    def __str__(self) -> str:
        return self.message + (f"; {self.hint}" if self.hint else "")  # a KeyError shows the message in quotes


class NotYetOffered(ConfigError, AttributeError):  # noqa: N818
    """A name of the SDK that a later version brings; for Python an attribute that is not there."""

    default_code = "not_available_yet"


class VerificationFailed(NtpError):  # noqa: N818
    """A check found a difference between what was claimed and what is."""

    default_code = "verification"
