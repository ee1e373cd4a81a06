"""Rows that break the rules of their mapping: the error they raise, or the quarantine that counts them."""

from dataclasses import dataclass, field
from typing import Any, Final, Never

import polars as pl

from ntp.core import DataError

LIMIT: Final = 1_000
"""One row in this many may be quarantined; above it the file is refused."""
_LISTED: Final = 1_000


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that some rows of a batch break.

    Attributes
    ----------
    column : str
        Raw column.
    code, expected, hint : str
        Words of the error.
    rows : polars.Series
        Which rows, one boolean each.
    raw : polars.Series
        The raw values.
    """

    column: str
    code: str
    expected: str
    hint: str
    rows: pl.Series
    raw: pl.Series


@dataclass(slots=True)
class Quarantine:
    """Bad rows of one file.

    Attributes
    ----------
    file : str
        Its path, for errors.
    strict : bool
        Whether the first bad row refuses the file.
    total, bad : int
        Rows seen and rows refused.
    listed : list of dict
        Number, column, code and value of the first of them.
    """

    file: str
    strict: bool
    total: int = 0
    bad: int = 0
    listed: list[dict[str, Any]] = field(default_factory=list)
    _first: DataError | None = None

    def sift(self, faults: list[Fault], numbers: pl.Series) -> pl.Series | None:
        """Count the bad rows of a batch.

        Parameters
        ----------
        faults : list of Fault
            What is wrong with the batch.
        numbers : polars.Series
            Row numbers in the file.

        Returns
        -------
        polars.Series or None
            Which rows are good; None if all are.

        Raises
        ------
        DataError
            In a strict file, with file, row and column of the first bad row.
        """
        self.total += len(numbers)
        found = [fault for fault in faults if fault.rows.any()]
        if not found:
            return None
        first = min(found, key=lambda fault: int(fault.rows.arg_max() or 0))
        if self._first is None:
            self._first = self.error(first, numbers)
        if self.strict:
            raise self._first
        bad = found[0].rows
        for fault in found[1:]:
            bad = bad | fault.rows
        for fault in found:
            for index in fault.rows.arg_true().to_list()[: max(0, _LISTED - len(self.listed))]:
                self.listed.append(
                    {
                        "row": int(numbers[index]),
                        "column": fault.column,
                        "code": fault.code,
                        "value": str(fault.raw[index]),
                    }
                )
        self.bad += int(bad.sum())
        return ~bad

    def close(self) -> None:
        """Refuse the file if too many rows were bad.

        Raises
        ------
        DataError
            With file, row and column of the first bad row.
        """
        if self._first is None or self.bad * LIMIT <= self.total:
            return
        error = self._first
        raise DataError(
            f"{error.message}; {self.bad} of {self.total} rows are bad, more than 0.1 %",
            code=error.code,
            hint=error.hint,
            details={**error.details, "quarantined": self.bad, "rows": self.total},
        )

    def error(self, fault: Fault, numbers: pl.Series) -> DataError:
        """Word the first bad row of a fault."""
        index = int(fault.rows.arg_max() or 0)
        row = int(numbers[index])
        value = fault.raw[index]
        return DataError(
            f"expected {fault.expected} in column {fault.column!r} of {self.file} row {row}, was {value!r}",
            code=fault.code,
            hint=fault.hint,
            details={"file": self.file, "row": row, "column": fault.column, "value": str(value)},
        )

    def warning(self) -> str:
        """One line on the quarantined rows; empty if there are none."""
        if not self.bad:
            return ""
        rows = sorted({item["row"] for item in self.listed})
        shown = ", ".join(str(row) for row in rows[:10]) + (", …" if self.bad > len(rows[:10]) else "")
        return f"{self.file}: {self.bad} of {self.total} rows quarantined (rows {shown})"


def refuse(file: str, column: str, code: str, message: str, hint: str = "", row: int | None = None) -> Never:
    """Refuse a whole file.

    Raises
    ------
    DataError
        Always; with file, column and row in its details.
    """
    details: dict[str, Any] = {"file": file, "column": column}
    if row is not None:
        details["row"] = row
    raise DataError(message, code=code, hint=hint, details=details)
