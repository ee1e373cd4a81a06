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
    found = errors.describe(error)
    assert found.pop("message") == "expected 1, was 2"
    assert found == {"code": "off", "hint": "mend it", "exit_code": 4, "details": {"row": 3}}


def test_an_unforeseen_error_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError) as caught:
        1 / 0  # noqa: B018 - the error is wanted
    found = errors.describe(caught.value)
    assert found["code"] == "internal"
    assert found["message"] == "ZeroDivisionError: division by zero"
    assert any("test_errors" in line for line in found["details"]["traceback"])
