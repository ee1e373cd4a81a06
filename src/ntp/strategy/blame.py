"""Blame: where in a strategy's code an error came from."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ntp.core import NtpError, StrategyError, format_ns

if TYPE_CHECKING:
    from ntp.strategy.view import MarketView

_PACKAGE: Final = Path(__file__).parents[1]
_OURS: Final = (__file__, str(Path(__file__).with_name("runtime.py")))


def placed(error: NtpError, view: MarketView | None, ts: int) -> NtpError:
    """Say where in the strategy a call was made that could not be carried out."""
    own, where = _blamed(error)
    if where is None or "traceback" in error.details:
        return error
    place, details = _place(error, view, ts, own, where)
    return StrategyError(
        f"{error.message} {place}", code=error.code, hint=error.hint, details={**error.details, **details}
    )


def user_error(error: Exception, strategy: Any, view: MarketView | None, ts: int) -> StrategyError:
    """Make the error of a strategy that raised, with the user's traceback, file, line, contract and time."""
    own, where = _blamed(error)
    place, details = _place(error, view, ts, own, where or own[-1])
    return StrategyError(
        f"expected {type(strategy).__name__} to run, it raised {type(error).__name__}: {error} {place}",
        code="strategy_raised", details=details,
    )


def _place(
    error: Exception, view: MarketView | None, ts: int, own: list[traceback.FrameSummary],
    where: traceback.FrameSummary,
) -> tuple[str, dict[str, Any]]:
    contract = view.contract.id if view is not None else None
    place = f"(line {where.lineno} of {where.filename}" + (f", contract {contract}" if contract else "")
    return f"{place}, at {format_ns(ts)})", {
        "traceback": "".join(traceback.format_list(own)) + "".join(traceback.format_exception_only(error)),
        "contract": contract, "ts": ts, "time": format_ns(ts), "file": where.filename, "line": where.lineno,
    }


def _blamed(error: Exception) -> tuple[list[traceback.FrameSummary], traceback.FrameSummary | None]:
    """Frames of an error without the runtime's, and the last line that is not the platform's own."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename not in _OURS] or list(frames)
    written = [frame for frame in own if frame.filename != "<string>"]  # what a dataclass generates has no file
    users = [frame for frame in written if not Path(frame.filename).is_relative_to(_PACKAGE)]
    return own, users[-1] if users else None
