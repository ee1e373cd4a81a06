"""Import of one file: its mapping, its price scale, its rows."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import polars as pl

from ntp.core import DAY
from ntp.data.convert import Converter
from ntp.data.convert_time import bare_dates, times
from ntp.data.defaults import REFERENCE, default_mapping
from ntp.data.emit import infer_emits
from ntp.data.faults import Quarantine, refuse
from ntp.data.files import read_batches
from ntp.data.import_report import ImportReport
from ntp.data.mapping import PRICES, Mapping
from ntp.data.mapping_value import Value
from ntp.data.price_scale import price_scales
from ntp.data.reference import read_reference
from ntp.data.rows import Frames, RowMapper
from ntp.data.schema import Kind
from ntp.data.writer import Writer
from ntp.markets.instrument import Instrument, InstrumentKind

_KINDS: Final = {
    "contract": InstrumentKind.CONTRACT,
    "asset": InstrumentKind.ASSET,
    "forecast": InstrumentKind.REFERENCE,
}
_CENT: Final = 100
"""Price units of a contract."""
_TAPE: Final = {"volume", "size", "taker", "side"}
"""Columns beside a price that make it look like a tape of trades."""
_OBSERVED: Final = ("forecast", "game", "custom")


@dataclass(slots=True)
class FileImport:
    """One file on its way into the catalog.

    Attributes
    ----------
    file : Path
        The file.
    rules : Mapping
        Its mapping; without one, what the options said.
    writer : Writer
        Open transaction.
    report : ImportReport
        Counts so far.
    default : bool
        Whether the default columns decide what the file is.
    known_scales : dict
        Price scales of symbols that are stored already.
    tell : callable
        Told the count of events so far.
    """

    file: Path
    rules: Mapping
    writer: Writer
    report: ImportReport
    default: bool
    known_scales: dict[str, int]
    tell: Callable[[int, int | None], None]

    def run(self) -> None:
        """Read the file and add its rows to the transaction.

        Raises
        ------
        DataError
            If the file must be refused.
        """
        quarantine = Quarantine(str(self.file), strict=self.default)
        first = next(self._batches(), None)
        if first is None:
            return
        if self.default:
            given = self.rules.emits
            self.rules = default_mapping(first.columns, self.rules, file=str(self.file))
            if not given and self.rules.emits == "index" and _TAPE & {name.lower() for name in first.columns}:
                self.report.warn(
                    f"{self.file.name}: its prices are taken as observations, which fill nothing; "
                    "if each row is a trade, import it with --emits trade"
                )
        if infer_emits(self.rules) == "reference":
            self._reference(quarantine)
        else:
            self._events(first, quarantine)
        quarantine.close()
        self.report.rows += quarantine.total
        self.report.quarantined += quarantine.bad
        self.report.warn(quarantine.warning())
        if quarantine.bad:
            self.writer.add_meta({f"quarantine {self.file.name}": quarantine.listed})

    def _batches(self) -> Iterator[pl.DataFrame]:
        return (batch for batch in read_batches(self.file, self.rules) if batch.height)

    def _events(self, first: pl.DataFrame, quarantine: Quarantine) -> None:
        emits = infer_emits(self.rules)
        fallback = self.rules.symbol or self.report.name
        scales = self._scales(fallback)
        mappers = {
            scale: RowMapper(self.rules, quarantine, fallback, scale=scale)
            for scale in sorted(set(scales.values())) or [4]
        }
        if emits == "candle":
            self._candle_length(first, mappers)
        number = 0
        for batch in self._batches():
            numbers = pl.int_range(number + 1, number + batch.height + 1, eager=True)
            number += batch.height
            for scale, mapper in mappers.items():
                rows, its_numbers = self._of_scale(batch, numbers, scales, scale)
                self._store(mapper.map(rows, its_numbers))
        for scale, mapper in mappers.items():
            self._instruments(mapper, scale, emits)
        self._check_cents(mappers.values())
        missing = self.rules.columns - {c for mapper in mappers.values() for c in mapper.seen}
        if missing and number:
            column = min(missing)
            refuse(
                str(self.file),
                column,
                "missing_column",
                f"expected a column {column!r} in {self.file}, was missing",
            )

    def _check_cents(self, mappers: Iterable[RowMapper]) -> None:
        """Refuse dollars that were declared to be cents: no contract stays below one cent throughout."""
        for mapper in mappers:
            highest = max(mapper.cents.values(), default=_CENT)
            if 0 < highest < _CENT:
                column = max(mapper.cents, key=lambda name: mapper.cents[name])
                refuse(
                    str(self.file), column, "wrong_unit",
                    f"expected prices in cents in column {column!r} of {self.file}, the highest of all rows was "
                    f"{highest / _CENT:g} cents",
                    "these look like dollars; declare unit: dollars, or scale: 0.01 if they are that low",
                )  # fmt: skip

    def _store(self, frames: Frames) -> None:
        for kind, frame in frames.items():
            self.writer.add(kind, frame, file=str(self.file))
        self.report.count(frames)
        self.tell(self.report.events, None)

    def _scales(self, fallback: str) -> dict[str, int]:
        """Price scale by symbol; empty if all are contracts."""
        priced = any(target in PRICES for target in self.rules.mappings)
        if self.rules.kind != "asset" or not priced:
            return {}
        return price_scales(
            self._batches(), self.rules, symbol=fallback, file=str(self.file), known=self.known_scales
        )

    def _of_scale(
        self, batch: pl.DataFrame, numbers: pl.Series, scales: dict[str, int], scale: int
    ) -> tuple[pl.DataFrame, pl.Series]:
        """Rows whose symbol has this price scale."""
        if len(set(scales.values())) < 2:
            return batch, numbers
        names = Converter(batch).texts(self.rules.mappings["symbol"]).fill_null("")
        same = names.is_in([name for name, its in scales.items() if its == scale])
        return batch.filter(same), numbers.filter(same)

    def _candle_length(self, first: pl.DataFrame, mappers: dict[int, RowMapper]) -> None:
        """Length of candles from the commonest distance of their times, where the mapping gives none."""
        value = self.rules.mappings.get("timestamp")
        if value is None or value.is_const or value.column not in first.columns:
            return
        raw = Converter(first).raw(value)
        days = bare_dates(raw) and self.rules.stamp == "end"
        if "interval" in self.rules.mappings:
            length: int | None = None
        else:
            length = _commonest_step(first, raw, value, self.rules)
            if length is None:
                refuse(
                    str(self.file),
                    value.column,
                    "no_interval",
                    f"expected at least two candles of one symbol in {self.file} to tell their length",
                    "say it in a mapping: interval: 1m",
                )
        by_day = days and (length is None or length >= DAY)
        for mapper in mappers.values():
            mapper.interval, mapper.day_stamps = length, by_day
        if not by_day and self.rules.stamp == "end" and self.default:
            self.report.warn(
                f"{self.file.name}: timestamps are taken as the ends of candles; "
                "say stamp: start in a mapping if they are the starts"
            )

    def _instruments(self, mapper: RowMapper, scale: int, emits: str) -> None:
        kind = _KINDS.get(self.rules.kind) or (
            InstrumentKind.REFERENCE
            if emits in _OBSERVED or self._plain_index(emits)
            else InstrumentKind.CONTRACT
        )
        found = [
            Instrument(symbol=symbol, venue=self.rules.venue, kind=kind, price_scale=scale)
            for symbol in sorted(mapper.symbols)
        ]
        self.writer.add_instruments(found)
        self.report.meet(found)

    def _plain_index(self, emits: str) -> bool:
        return emits == "index" and "value" in self.rules.mappings

    def _reference(self, quarantine: Quarantine) -> None:
        rules = self.rules
        if not rules.mappings:
            rules = replace(rules, mappings={name: Value(column=name) for name in REFERENCE})
        number = 0
        for batch in self._batches():
            numbers = pl.int_range(number + 1, number + batch.height + 1, eager=True)
            number += batch.height
            instruments, settlements, rows = read_reference(batch, numbers, rules, quarantine)
            self.writer.add_instruments(instruments)
            self.report.meet(instruments)
            self.writer.add(Kind.SETTLEMENT, settlements, file=str(self.file), rows=rows)
            self.report.count({Kind.SETTLEMENT: settlements})


def _commonest_step(first: pl.DataFrame, raw: pl.Series, value: Value, rules: Mapping) -> int | None:
    stamps = times(raw, value)[0]
    symbol = rules.mappings.get("symbol")
    names = Converter(first).texts(symbol) if symbol else pl.repeat("", first.height, eager=True)
    steps = pl.DataFrame({"symbol": names, "ts": stamps}).select(
        pl.col("ts").sort().diff().over("symbol", mapping_strategy="explode").alias("step")
    )["step"]
    counts = (
        steps.filter(steps > 0).value_counts(sort=False).sort(["count", "step"], descending=[True, False])
    )
    return int(counts["step"][0]) if counts.height else None
