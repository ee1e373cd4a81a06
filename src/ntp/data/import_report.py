"""What an import did."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from ntp.core import format_ns, suggest
from ntp.data.schema import Kind
from ntp.markets.fees import VENUES
from ntp.markets.instrument import Instrument, InstrumentKind


@dataclass(slots=True)
class ImportReport:
    """Counts of one import.

    Attributes
    ----------
    name : str
        The data set.
    rows : int
        Raw rows read.
    events : int
        Rows of unified events stored.
    contracts : int
        Contracts among the instruments met.
    first, last : int or None
        Least and greatest ``ts_event``; None if nothing was stored.
    quarantined : int
        Raw rows left out because they broke a rule.
    warnings : list of str
        What results should be read with.
    kinds : Counter of str
        Rows of unified events by kind.
    """

    name: str
    rows: int = 0
    events: int = 0
    first: int | None = None
    last: int | None = None
    quarantined: int = 0
    warnings: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    _contracts: set[tuple[str, str]] = field(default_factory=set)

    @property
    def contracts(self) -> int:
        """How many contracts were met."""
        return len(self._contracts)

    def warn(self, warning: str) -> None:
        """Keep a warning once."""
        if warning and warning not in self.warnings:
            self.warnings.append(warning)

    def count(self, frames: dict[Kind, pl.DataFrame]) -> None:
        """Count stored rows."""
        for kind, frame in frames.items():
            if frame.is_empty():
                continue
            self.events += frame.height
            self.kinds[kind.value] += frame.height
            low, high = int(frame["ts_event"].min()), int(frame["ts_event"].max())  # type: ignore[arg-type]
            self.first = low if self.first is None else min(self.first, low)
            self.last = high if self.last is None else max(self.last, high)

    def meet(self, instruments: Iterable[Instrument]) -> None:
        """Count contracts, each once, and warn of venues whose fees are not known."""
        for item in instruments:
            if item.kind is not InstrumentKind.CONTRACT:
                continue
            self._contracts.add((item.venue, item.symbol))
            if item.venue and item.venue not in VENUES:
                self.warn(f"the fees of venue {item.venue!r} are unknown; {suggest(item.venue, VENUES)}")

    def to_dict(self) -> dict[str, Any]:
        """JSON object of the report; times as ISO 8601 texts."""
        return {
            "name": self.name,
            "rows": self.rows,
            "events": self.events,
            "kinds": dict(sorted(self.kinds.items())),
            "contracts": self.contracts,
            "from": None if self.first is None else format_ns(self.first),
            "to": None if self.last is None else format_ns(self.last),
            "quarantined": self.quarantined,
            "warnings": list(self.warnings),
        }
