"""The row mapper: batches of raw rows become frames of unified events."""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

import polars as pl

from ntp.core import suggest
from ntp.data.book_levels import list_levels, pattern_levels
from ntp.data.convert import Converter, dollars
from ntp.data.custom import payloads
from ntp.data.emit import REQUIRED, USED, book_images, emit, infer_emits
from ntp.data.faults import Quarantine, refuse
from ntp.data.future import refuse_future
from ntp.data.mapping import NUMBERS, PRICES, SIZES, TIMES, Mapping
from ntp.data.mapping_value import Value
from ntp.data.reshape import matching, unpivoted
from ntp.data.schema import FLAG_GROUP_END, SCHEMAS, Kind

Frames = dict[Kind, pl.DataFrame]


@dataclass(slots=True)
class RowMapper:
    """Applies a mapping to the raw rows of one file.

    Attributes
    ----------
    mapping : Mapping
        The rules.
    quarantine : Quarantine
        Where bad rows go.
    symbol : str
        Symbol of rows that have none.
    scale : int
        Price scale.
    interval : int or None
        Length of candles in nanoseconds where the mapping does not give it.
    day_stamps : bool
        Whether candle times are bare dates; such a candle ends with its day.
    symbols : set of str
        Symbols met so far.
    cents : dict
        Highest price met so far, by column declared to be in cents.
    """

    mapping: Mapping
    quarantine: Quarantine
    symbol: str
    scale: int = 4
    interval: int | None = None
    day_stamps: bool = False
    symbols: set[str] = field(default_factory=set)
    cents: dict[str, int] = field(default_factory=dict)
    _last: dict[str, int] = field(default_factory=dict)
    _checked: set[str] = field(default_factory=set)

    @property
    def emits(self) -> str:
        """Kind of the rows."""
        return infer_emits(self.mapping)

    @property
    def seen(self) -> set[str]:
        """Raw columns met so far."""
        return self._checked

    def map(self, raw: pl.DataFrame, numbers: pl.Series) -> Frames:
        """Map a batch.

        Parameters
        ----------
        raw : polars.DataFrame
            Raw rows.
        numbers : polars.Series
            Their row numbers in the file.

        Returns
        -------
        dict of Kind to polars.DataFrame
            Rows in the schema of their kind; quarantined rows are left out.

        Raises
        ------
        DataError
            If the file must be refused.
        """
        raw, numbers = self._select(raw, numbers)
        if raw.is_empty():
            return {}
        self._check_names(raw)
        convert = Converter(raw, decimal=self.mapping.csv.decimal)
        wide = self._convert(convert)
        levels = self._levels(convert)
        late = self._late(convert)
        good = self.quarantine.sift(convert.faults, numbers)
        if good is not None:
            wide, numbers = wide.filter(good), numbers.filter(good)
            levels = [(side, price.filter(good), size.filter(good)) for side, price, size in levels]
            late = [part.filter(good) for part in late]
        self._check_order(wide, numbers)
        self.symbols.update(wide["symbol"].unique().to_list())
        return self._frames(wide, levels, late)

    def _frames(
        self, wide: pl.DataFrame, levels: list[tuple[int, pl.Series, pl.Series]], late: list[pl.DataFrame]
    ) -> Frames:
        found: dict[Kind, list[pl.DataFrame]] = defaultdict(list)
        if levels:
            found[Kind.BOOK].append(book_images(wide, levels))
        else:
            for kind, frame in emit(self.emits, wide):
                found[kind].append(frame)
        if "payload" in wide.columns:
            kind = Kind.GAME if self.emits == "game" else Kind.CUSTOM
            told = wide.filter(pl.col("payload").is_not_null())
            found[kind].append(told.select(list(SCHEMAS[kind])))
        if late:
            found[Kind.CUSTOM].extend(part.filter(pl.col("payload").is_not_null()) for part in late)
        return {kind: pl.concat(frames) for kind, frames in found.items() if sum(f.height for f in frames)}

    def _select(self, raw: pl.DataFrame, numbers: pl.Series) -> tuple[pl.DataFrame, pl.Series]:
        """Leave out what is dropped or filtered, and turn wide tables long."""
        keep = matching(raw, self.mapping.where, self.quarantine.file)
        if keep is not None:
            raw, numbers = raw.filter(keep), numbers.filter(keep)
        named = self.mapping.columns | self._book_columns()
        raw = raw.drop([name for name in raw.columns if name not in named and self.mapping.drops(name)])
        unpivot = self.mapping.unpivot
        if unpivot is None:
            return raw, numbers
        return unpivoted(raw, numbers, unpivot, self.quarantine.file)

    def _check_names(self, raw: pl.DataFrame) -> None:
        """Refuse missing columns and, among those that would become custom fields, the future."""
        file, names = self.quarantine.file, tuple(raw.columns)
        for target, value in self.mapping.mappings.items():
            if value.column and value.column not in names and value.column not in self._checked:
                refuse(
                    file,
                    value.column,
                    "missing_column",
                    f"expected a column {value.column!r} for {target} in {file}, was missing",
                    suggest(value.column, names),
                )
        for group in REQUIRED.get(self.emits, ()) if self.mapping.book is None else ():
            if not any(name in self.mapping.mappings for name in group):
                refuse(
                    file,
                    group[0],
                    "missing_column",
                    f"expected a column for {' or '.join(group)} in {file} of kind {self.emits}, was none",
                    suggest(group[0], names),
                )
        new = set(names) - self._checked
        self._checked |= set(names)
        refuse_future(sorted(new - self.mapping.columns - self._book_columns()), file)

    def _book_columns(self) -> set[str]:
        book = self.mapping.book
        if book is None:
            return set()
        patterns = (book.bid, book.bid_size, book.ask, book.ask_size)
        numbers = range(book.first, book.first + book.levels)
        return {book.bids, book.asks, *(p.replace("{n}", str(n)) for p in patterns for n in numbers)}

    def _convert(self, convert: Converter) -> pl.DataFrame:
        """Convert all rows: the header, every target that the kind holds, the payload."""
        used = USED.get(self.emits, ())
        targets = self.mapping.mappings
        columns: dict[str, pl.Series] = {"symbol": self._symbols(convert)}
        others: dict[str, pl.Series] = {}
        for target, value in targets.items():
            if target in ("symbol", "timestamp", "sequence"):
                continue
            if target in used and target != "interval":
                columns |= self._target(convert, target, value)
            elif target not in ("issued_at", "interval", "station", "variable", "model"):
                others[target] = convert.raw(value)
        columns["ts_event"] = self._stamps(convert, columns)
        columns["ts_recv"] = self._received(convert)
        columns["sequence"] = convert.whole(targets["sequence"]) if "sequence" in targets else _nulls(convert)
        for name, value in self.mapping.custom_fields.items():
            others[name] = convert.raw(value)
        taken = self.mapping.columns | self._book_columns()
        others |= {name: convert.frame[name] for name in convert.frame.columns if name not in taken}
        if others:
            columns["payload"] = payloads(others, convert.frame.height)
        self._derive(columns)
        self._require(convert, columns)
        wide = pl.DataFrame([series.alias(name) for name, series in columns.items()])
        return wide.with_columns(flags=pl.lit(FLAG_GROUP_END, pl.UInt8))

    def _target(self, convert: Converter, target: str, value: Value) -> dict[str, pl.Series]:
        if target in PRICES:
            units = convert.prices(value, self.scale, contract=self._contract)
            if value.unit == "cents" and self._contract:
                highest = units.fill_null(0).max()
                self.cents[value.column] = max(self.cents.get(value.column, 0), int(highest))  # type: ignore[arg-type]
            floats = {"price_value": dollars(units, self.scale)} if target == "price" else {}
            return {target: units} | floats
        if target in SIZES:
            changes = self.mapping.mappings.get("action") if self.emits == "book" else None
            return {target: convert.sizes(value) if changes is None else convert.changes(value, changes)}
        if target == "result" or (target == "value" and self.emits == "settlement"):
            return {"value": convert.payouts(value)}
        if target in NUMBERS:
            return {target: convert.floats(value)}
        if target in TIMES:
            return {target: convert.times(value, label=target)}
        if target in ("side", "taker"):
            return {target: convert.sides(value)}
        return {target: convert.texts(value)}

    @property
    def _contract(self) -> bool:
        return (self.mapping.kind or "contract") == "contract"

    def _symbols(self, convert: Converter) -> pl.Series:
        targets = self.mapping.mappings
        if "symbol" in targets:
            symbols = convert.texts(targets["symbol"])
            missing = symbols.is_null()
            convert.fault(targets["symbol"], "missing_value", "a symbol", missing, symbols)
            return symbols.fill_null("")
        parts = [convert.texts(targets[name]) for name in ("station", "variable", "model") if name in targets]
        if self.emits == "forecast" and parts:
            frame = pl.DataFrame([part.alias(str(number)) for number, part in enumerate(parts)])
            return frame.select(pl.concat_str(pl.all(), separator=":", ignore_nulls=True)).to_series()
        return pl.repeat(self.symbol, convert.frame.height, dtype=pl.String, eager=True)

    def _stamps(self, convert: Converter, columns: dict[str, pl.Series]) -> pl.Series:
        targets = self.mapping.mappings
        name = next((n for n in ("timestamp", "issued_at", "settlement_time") if n in targets), None)
        if name is None:
            refuse(
                self.quarantine.file,
                "timestamp",
                "missing_column",
                f"expected a column 'timestamp' in {self.quarantine.file}, was missing; columns are "
                f"{', '.join(convert.frame.columns)}",
                suggest("timestamp", convert.frame.columns) + "; or name it in a mapping: timestamp: COLUMN",
            )
        stamps = columns.get(name)
        if stamps is None:
            stamps = convert.times(targets[name], label=name)
        missing = stamps.is_null() & convert.raw(targets[name]).is_null()
        convert.fault(targets[name], "missing_value", f"a time for {name}", missing, stamps)
        if self.emits != "candle":
            return stamps
        length = (
            convert.durations(targets["interval"])
            if "interval" in targets
            else _nulls(convert).fill_null(self.interval or 0)
        )
        columns["interval"] = length
        return stamps + length if self.mapping.stamp == "start" or self.day_stamps else stamps

    def _received(self, convert: Converter) -> pl.Series:
        if self.mapping.received is None:
            return _nulls(convert)
        return convert.times(self.mapping.received, label="received")

    def _derive(self, columns: dict[str, pl.Series]) -> None:
        if self.emits == "settlement":
            settled = columns["value"].is_not_null().to_list()
            columns["state"] = pl.Series(
                ["settled" if known else "voided" for known in settled], dtype=pl.String
            )
        if self.emits == "forecast":
            columns.setdefault("issued_at", columns["ts_event"])
        if self.emits in ("game", "custom"):
            columns.setdefault("payload", pl.repeat("{}", len(columns["symbol"]), eager=True))

    def _require(self, convert: Converter, columns: dict[str, pl.Series]) -> None:
        """Values without which a row is nothing."""
        needed = {
            "trade": ("price", "size", "volume"),
            "book": ("price", "size", "volume"),
            "forecast": (
                "value",
                "valid_at",
            ),
        }.get(self.emits, ())
        for target in needed:
            value = self.mapping.mappings.get(target)
            if value is not None and target in columns and self.mapping.book is None:
                empty = columns[target].is_null() & convert.raw(value).is_null()
                convert.fault(value, "missing_value", f"a value for {target}", empty, convert.raw(value))
        if self.emits == "candle":
            self._require_range(convert, columns)

    def _require_range(self, convert: Converter, columns: dict[str, pl.Series]) -> None:
        """No price of a candle may lie outside its low and high."""
        for prefix in ("", "bid_", "ask_"):
            prices = {name: columns.get(prefix + name) for name in ("open", "close", "low", "high")}
            for name, bound in (("high", 1), ("low", -1)):
                edge = prices[name]
                if edge is None:
                    continue
                others = [price for price in prices.values() if price is not None]
                beyond = [((price - edge) * bound > 0).fill_null(value=False) for price in others]
                bad = reduce(or_, beyond)
                value, word = self.mapping.mappings[prefix + name], "lowest" if bound < 0 else "highest"
                convert.fault(
                    value, "candle_range", f"a {name} that is the {word} price of its candle", bad, convert.raw(value)
                )

    def _levels(self, convert: Converter) -> list[tuple[int, pl.Series, pl.Series]]:
        book = self.mapping.book
        if book is None:
            return []
        read = list_levels if book.bids else pattern_levels
        return read(convert, book, self.scale, contract=self._contract, file=self.quarantine.file)

    def _late(self, convert: Converter) -> list[pl.DataFrame]:
        """Rows of fields that are only known later, at that time."""
        found = []
        for column, time in self.mapping.later.items():
            if column not in convert.frame.columns:
                refuse(
                    self.quarantine.file,
                    column,
                    "missing_column",
                    f"expected a column {column!r} for later in {self.quarantine.file}, was missing",
                    suggest(column, convert.frame.columns),
                )
            told = payloads({column: convert.frame[column]}, convert.frame.height)
            stamps = convert.times(time, label=f"later.{column}")
            undated = stamps.is_null() & told.is_not_null() & convert.raw(time).is_null()
            convert.fault(time, "missing_value", f"the time from which {column} was known", undated, told)
            rows: dict[str, Any] = {
                "ts_event": stamps,
                "ts_recv": _nulls(convert),
                "symbol": self._symbols(convert),
                "sequence": _nulls(convert),
                "flags": pl.repeat(FLAG_GROUP_END, len(told), dtype=pl.UInt8, eager=True),
                "payload": told,
            }
            found.append(pl.DataFrame([series.alias(name) for name, series in rows.items()]))
        return found

    def _check_order(self, wide: pl.DataFrame, numbers: pl.Series) -> None:
        """Refuse times that go backwards within a symbol, unless the mapping says so."""
        if self.mapping.sort or wide.is_empty() or self.emits == "settlement":
            return
        before = wide.select(
            pl.col("ts_event")
            .shift(1)
            .over("symbol")
            .fill_null(
                pl.col("symbol").replace_strict(self._last, default=None, return_dtype=pl.Int64)
                if self._last
                else pl.lit(None, pl.Int64)
            )
        ).to_series()
        back = (wide["ts_event"] < before).fill_null(value=False)
        if back.any():
            row = int(numbers[int(back.arg_max() or 0)])
            value = self.mapping.mappings.get("timestamp")
            column = value.column if value else "timestamp"
            refuse(
                self.quarantine.file,
                column,
                "time_backwards",
                f"expected times that do not go backwards in column {column!r} of "
                f"{self.quarantine.file}, row {row} is earlier than the row before it",
                "declare sort: true in a mapping if the file is not in order of time",
                row=row,
            )
        ends = wide.group_by("symbol").agg(pl.col("ts_event").last())
        self._last.update(zip(ends["symbol"].to_list(), ends["ts_event"].to_list(), strict=True))


def _nulls(convert: Converter) -> pl.Series:
    return pl.repeat(None, convert.frame.height, dtype=pl.Int64, eager=True)
