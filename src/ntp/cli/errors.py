"""Exit codes: the one place that says which failure ends with which number."""

import sys
import traceback
from pathlib import Path
from typing import Any, Final

import typer

from ntp.core import (
    ConfigError,
    DataError,
    NotFound,
    NtpError,
    PermissionDenied,
    RuleViolation,
    StrategyError,
    VenueError,
    VerificationFailed,
    suggest,
)

OK: Final = 0
INTERNAL: Final = 1
USAGE: Final = 2
NOT_FOUND: Final = 3
BAD_INPUT: Final = 4
VENUE: Final = 5
TIME_OUT: Final = 6
VERIFICATION: Final = 7
INTERRUPTED: Final = 130

class Interrupted(Exception):  # noqa: N818 - no error: a person wanted it
    """A person stopped the command; what was done until then is kept.

    Not a :class:`KeyboardInterrupt`, which the option parser would turn into a bare number.

    Parameters
    ----------
    hint : str
        Where to find what is kept.
    details : dict
        The same for programs.
    """

    def __init__(self, hint: str, details: dict[str, Any]) -> None:
        super().__init__("interrupted")
        self.hint = hint
        self.details = details


_EXIT_CODES: Final[tuple[tuple[type[BaseException], int], ...]] = (
    (NotFound, NOT_FOUND),
    (VerificationFailed, VERIFICATION),
    (VenueError, VENUE),
    (ConfigError, BAD_INPUT),
    (DataError, BAD_INPUT),
    (StrategyError, BAD_INPUT),
    (RuleViolation, BAD_INPUT),
    (PermissionDenied, BAD_INPUT),
    (TimeoutError, TIME_OUT),
    (KeyboardInterrupt, INTERRUPTED),
    (Interrupted, INTERRUPTED),
    (typer.TyperException, USAGE),
    (typer.Abort, INTERRUPTED),
)


class UsageError(typer.TyperException):
    """The command was called with arguments that do not go together.

    Parameters
    ----------
    message : str
        What was expected and what was given.
    hint : str, optional
        How to call it.
    """

    exit_code = USAGE

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def exit_code_of(error: BaseException) -> int:
    """Exit code of an error; 1 for whatever nobody foresaw."""
    return next((code for kind, code in _EXIT_CODES if isinstance(error, kind)), INTERNAL)


def describe(error: BaseException) -> dict[str, Any]:
    """Describe an error as people and programs read it.

    Returns
    -------
    dict
        ``code``, ``message``, ``hint``, ``exit_code`` and ``details`` of JSON types.
    """
    exit_code = exit_code_of(error)
    code, message, hint, details = "internal", str(error), "", {}
    if isinstance(error, NtpError):
        code, message, hint, details = error.code, error.message, error.hint, error.details
    elif isinstance(error, typer.TyperException):
        code = "usage"
        message, hint = _usage(error)
    elif exit_code == INTERRUPTED:
        code, message = "interrupted", "interrupted"
        if isinstance(error, Interrupted):
            hint, details = error.hint, error.details
    elif isinstance(error, TimeoutError):
        code, message = "time_out", message or "the time ran out"
    else:
        message = f"{type(error).__name__}: {error}"
        hint = "this is a fault of ntp, not of your input"
        details = {"traceback": _traceback(error)}
    return {"code": code, "message": message, "hint": hint, "exit_code": exit_code, "details": details}


def _usage(error: typer.TyperException) -> tuple[str, str]:
    """Message and hint of a usage error; the parser's suggestion becomes the hint."""
    message, found, names = error.format_message().partition(" Did you mean ")
    if found:
        return message, f"did you mean {names}"
    possible, wrong = getattr(error, "possibilities", None), getattr(error, "option_name", "")
    if possible:
        return str(error), suggest(wrong, possible)
    context = getattr(error, "ctx", None)
    return message, getattr(error, "hint", "") or (f"see {context.command_path} --help" if context else "")


def _traceback(error: BaseException) -> list[str]:
    """Lines of the traceback without the frames of the option parser."""
    report = traceback.TracebackException.from_exception(error)
    parser = str(Path(typer.__file__).parent)
    report.stack = traceback.StackSummary.from_list(
        [frame for frame in report.stack if not frame.filename.startswith(parser)]
    )
    return "".join(report.format()).rstrip().splitlines()


def reader_left(error: BaseException) -> bool:
    """Whether an error only says that nobody reads the output any more (``ntp runs | head``).

    The option parser and the printer of tables both turn that into an exit of their own.
    """
    return isinstance(error, BrokenPipeError) or isinstance(error.__context__, BrokenPipeError)


def flush_or_silence() -> None:
    """Close standard output quietly after its reader went away."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        sys.stdout = None
