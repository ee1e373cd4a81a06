"""Validators: what is held against a run before anybody relies on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from ntp.backtest.run import Run
from ntp.core import ConfigError, VerificationFailed

ERROR: Final = "error"
WARNING: Final = "warning"


@dataclass(frozen=True, slots=True)
class ValidationFinding:
    """Something that a validator found.

    Attributes
    ----------
    check : str
        Name of the validator.
    severity : str
        ``error``: the run must not be used; ``warning``: it says less than it seems to.
    message : str
        What was found.
    """

    check: str
    severity: str
    message: str

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)


Validator = Callable[[Run], Iterable[ValidationFinding]]


def hashes(run: Run) -> Iterator[ValidationFinding]:
    """Hold manifest and fills against their recorded hashes."""
    for check in run.verify().checks:
        if not check.passed:
            yield ValidationFinding("hashes", ERROR, f"expected {check.name} {check.expected}, was {check.found}")


def pessimistic(run: Run) -> Iterator[ValidationFinding]:
    """Call nothing profitable that is not with pessimistic fills too."""
    shown = run.metrics.number("pnl_net_usd")
    if "pessimistic" not in run.fill_modes or shown is None or shown <= 0:
        return
    least = run.fill_modes["pessimistic"].metrics.number("pnl_net_usd")
    if least is None or least <= 0:
        told = "unknown" if least is None else f"{least:.2f} dollars"
        yield ValidationFinding(
            "pessimistic", WARNING, f"expected a gain with pessimistic fills too, was {told} beside {shown:.2f} dollars"
        )


def sample_size(run: Run) -> Iterator[ValidationFinding]:
    """Say where there are too few events for an interval."""
    if run.metrics.deflated_sharpe is None:
        events = len(run.by["event"])
        yield ValidationFinding(
            "sample_size", WARNING, f"expected at least 30 events with trades to judge by, was {events}"
        )


def data(run: Run) -> Iterator[ValidationFinding]:
    """Pass on what the data and the run warn of."""
    for message in run.warnings:
        yield ValidationFinding("data", WARNING, message)


DEFAULT: Final[tuple[Validator, ...]] = (hashes, pessimistic, sample_size, data)
"""Validators that a pipeline begins with."""


class ValidationPipeline:
    """Validators in order.

    Parameters
    ----------
    validators : iterable of callable, optional
        Each takes a run and yields findings; by default `DEFAULT`.
    """

    def __init__(self, validators: Iterable[Validator] | None = None) -> None:
        self._validators: list[Validator] = []
        for validator in DEFAULT if validators is None else validators:
            self.add(validator)

    def __iter__(self) -> Iterator[Validator]:
        return iter(self._validators)

    def __len__(self) -> int:
        return len(self._validators)

    def add(self, validator: Validator) -> Validator:
        """Add a validator at the end; may be used as a decorator.

        Raises
        ------
        ConfigError
            ``bad_validator`` if it cannot be called.
        """
        given: object = validator
        if not callable(given):
            raise ConfigError(f"expected a callable that takes a run, was {validator!r}", code="bad_validator")
        self._validators.append(validator)
        return validator

    def validate(self, results: Run) -> list[ValidationFinding]:
        """Hold a run against every validator.

        Returns
        -------
        list of ValidationFinding
            Everything found; the errors among them can be raised with :meth:`require`.

        Raises
        ------
        ConfigError
            ``bad_validator`` if one yields something else.
        """
        found: list[ValidationFinding] = []
        for validator in self._validators:
            for each in validator(results) or ():
                if not isinstance(each, ValidationFinding):
                    raise ConfigError(
                        f"expected findings from {getattr(validator, '__name__', validator)!r}, was {each!r}",
                        code="bad_validator",
                    )
                found.append(each)
        return found

    def require(self, results: Run) -> list[ValidationFinding]:
        """Validate a run and refuse it if there is an error.

        Raises
        ------
        VerificationFailed
            ``validation_failed`` with the findings.
        """
        found = self.validate(results)
        errors = [each for each in found if each.severity == ERROR]
        if errors:
            raise VerificationFailed(
                f"expected a run without errors, was: {errors[0].message}", code="validation_failed",
                details={"findings": [each.to_dict() for each in found]},
            )
        return found
