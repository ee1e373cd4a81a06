"""Final settlements: a contract has one."""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from ntp.core import DataError

FINAL_STATES = ("settled", "voided")


class _Final(NamedTuple):
    value: int | None
    state: str
    file: str
    row: int


class FinalSettlements:
    """Collects final settlements and refuses a second, different one of the same symbol.

    A determined or amended result is not final and may be followed by another.
    """

    def __init__(self) -> None:
        self.by_symbol: dict[str, _Final] = {}

    @property
    def empty(self) -> bool:
        """Whether none was added."""
        return not self.by_symbol

    def add(self, frame: pl.DataFrame, *, file: str, rows: Sequence[int] | pl.Series | None = None) -> None:
        """Add rows of kind settlement.

        Raises
        ------
        DataError
            ``two_settlements``, with file and row of both.
        """
        numbers = list(rows) if rows is not None else range(1, frame.height + 1)
        columns = (frame["symbol"], frame["value"], frame["state"], numbers)
        for symbol, value, state, row in zip(*columns, strict=True):
            if state in FINAL_STATES:
                self._put(symbol, _Final(value, state, file, int(row)))

    def merge(self, other: "FinalSettlements") -> None:
        """Add all of another collection."""
        for symbol, final in other.by_symbol.items():
            self._put(symbol, final)

    def _put(self, symbol: str, new: _Final) -> None:
        old = self.by_symbol.setdefault(symbol, new)
        if (old.value, old.state) == (new.value, new.state):
            return
        raise DataError(
            f"expected one final settlement of {symbol!r}, was {_words(old)} in {old.file} row {old.row} "
            f"and {_words(new)} in {new.file} row {new.row}",
            code="two_settlements",
            hint="a correction is a row of state 'amended'; remove the wrong row",
            details={
                "symbol": symbol,
                "file": new.file,
                "row": new.row,
                "column": "value",
                "other_file": old.file,
                "other_row": old.row,
            },
        )


def _words(final: _Final) -> str:
    return final.state if final.value is None else f"{final.value / 1e6:g}"
