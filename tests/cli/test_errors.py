import pytest

from ntp.cli import errors
from ntp.core import (
    Absent,
    ConfigError,
    DataError,
    NotFound,
    NtpError,
    OrderRejected,
    PermissionDenied,
    RuleViolation,
    StrategyError,
    VenueUnavailable,
    VerificationFailed,
)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RuntimeError("x"), 1),
        (NtpError("x"), 1),
        (errors.UsageError("x"), 2),
        (NotFound("x"), 3),
        (ConfigError("x"), 4),
        (DataError("x"), 4),
        (Absent("bid"), 4),
        (StrategyError("x"), 4),
        (PermissionDenied("x"), 4),
        (RuleViolation("x"), 4),
        (VenueUnavailable("x"), 5),
        (OrderRejected("x"), 5),
        (TimeoutError("x"), 6),
        (VerificationFailed("x"), 7),
        (KeyboardInterrupt(), 130),
    ],
)
def test_each_failure_has_its_exit_code(error, code):
    assert errors.exit_code_of(error) == code
    assert errors.describe(error)["exit_code"] == code


def test_an_error_is_described_in_full():
    error = DataError("expected 1, was 2", code="off", hint="mend it", details={"row": 3})
    assert errors.describe(error) == {
        "code": "off", "message": "expected 1, was 2", "hint": "mend it", "exit_code": 4, "details": {"row": 3},
    }  # fmt: skip


def test_an_unforeseen_error_keeps_its_traceback():
    try:
        raise ZeroDivisionError("by zero")
    except ZeroDivisionError as error:
        found = errors.describe(error)
    assert found["code"] == "internal"
    assert found["message"] == "ZeroDivisionError: by zero"
    assert any("test_errors" in line for line in found["details"]["traceback"])
