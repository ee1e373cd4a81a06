"""Data sources: the base class for those of users, and the one of CSV files."""

from collections.abc import AsyncIterator, Iterator, Sequence
from collections.abc import Mapping as MappingType
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from ntp.core import PRICE_SCALE, ConfigError, PluginInterface, defines_process
from ntp.data.declared import load_mapping
from ntp.data.defaults import default_mapping
from ntp.data.events import UnifiedMarketEvent, frame_to_events, require_event
from ntp.data.faults import Quarantine
from ntp.data.files import frame_of, read_batches
from ntp.data.mapping import KINDS, CsvOptions, Mapping, one_of
from ntp.data.rows import RowMapper

if TYPE_CHECKING:  # no backtest needs it, and it takes its time to load
    import asyncio


class DataSource:
    """Something that tells of markets; subclass it and drop the file into ``sources/``.

    Attributes
    ----------
    name : str
        Its name; by default that of the class, or of its file where that lies in ``sources/``.
    venue : str
        Whose fees and rules hold for its contracts; by default its events' source, if that is a venue.
    kind : str
        What its prices are of: ``contract``, or ``asset`` where they are not bound to 0 to 1 dollar.
    price_scale : int
        Decimals of an asset's prices.
    """

    name: str = ""
    venue: str = ""
    kind: str = "contract"
    price_scale: int = PRICE_SCALE
    _messages: "asyncio.Queue[Any] | None" = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "name" not in vars(cls):
            cls.name = cls.__name__
        if defines_process(cls) and cls.transform is DataSource.transform:
            cls.transform = _transform_by_process  # type: ignore[method-assign]

    def __init__(self) -> None:
        self.name = self.name or type(self).__name__

    async def connect(self) -> None:
        """Open what is needed before :meth:`subscribe`; nothing by default."""

    def subscribe(self, symbols: Sequence[str]) -> Any:
        """Deliver raw messages of symbols: an async generator, or a coroutine that calls :meth:`emit`."""
        raise ConfigError(
            f"expected source {self.name!r} to define subscribe to be used live", code="not_implemented"
        )

    def emit(self, raw: Any) -> None:
        """Deliver one raw message."""
        self._waiting().put_nowait(raw)

    def _waiting(self) -> "asyncio.Queue[Any]":
        """Messages that were delivered and not taken yet."""
        if self._messages is None:
            from asyncio import Queue

            self._messages = Queue()
        return self._messages

    async def stream(self, symbols: Sequence[str]) -> AsyncIterator[UnifiedMarketEvent]:
        """Yield the events of symbols as they arrive, whichever way :meth:`subscribe` delivers."""
        with self._plugged():
            await self.connect()
            answer = self.subscribe(symbols)
            if hasattr(answer, "__aiter__"):
                async for raw in answer:
                    for event in require_event(self.transform(raw)):
                        yield event
                return
            await answer
            while True:
                for event in require_event(self.transform(await self._waiting().get())):
                    yield event

    def read(self, start: int | None = None, end: int | None = None) -> Iterator[Any]:
        """Yield raw records of the past with ``start <= time < end``, nanoseconds UTC."""
        raise ConfigError(
            f"expected source {self.name!r} to define read to be imported or backtested",
            code="not_implemented",
        )

    def transform(self, raw: Any) -> UnifiedMarketEvent | list[UnifiedMarketEvent] | None:
        """Turn a raw message into an event, several or none."""
        raise ConfigError(f"expected source {self.name!r} to define transform", code="not_implemented")

    def events(self, start: int | None = None, end: int | None = None) -> Iterator[UnifiedMarketEvent]:
        """Yield the events of the past, within the range even where :meth:`read` gives more."""
        with self._plugged():
            for raw in self.read(start, end):
                for event in require_event(self.transform(raw)):
                    if (start is None or event.ts >= start) and (end is None or event.ts < end):
                        yield event

    @contextmanager
    def _plugged(self) -> Iterator[None]:
        """Initialize a plug-in before its use, and let it clean up after."""
        if not isinstance(self, PluginInterface):
            yield
            return
        self.initialize({"name": self.name, "venue": self.venue, "kind": self.kind})
        try:
            yield
        finally:
            self.cleanup()


def _transform_by_process(self: Any, raw: Any) -> Any:
    """Return what `process` says."""
    return self.process(raw)


BaseDataSource = DataSource
CustomDataSource = DataSource


class CSVDataSource(DataSource):
    """Rows of a CSV file or folder of them.

    Parameters
    ----------
    path : Path
        The file.
    name : str, optional
        By default the file's stem.
    symbol : str, optional
        Symbol of rows that have none, by default the name.
    kind : str
        ``contract``, ``asset`` or ``forecast``.
    venue : str
        Whose fees and rules hold.
    mapping : Mapping, dict or Path, optional
        What the columns mean; without it the default columns.
    delimiter, decimal, encoding, header, skip
        How the file is cut.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        name: str = "",
        symbol: str = "",
        kind: str = "contract",
        venue: str = "",
        mapping: Mapping | MappingType[str, Any] | Path | str | None = None,
        delimiter: str = ",",
        decimal: str = ".",
        encoding: str = "utf8",
        header: bool | tuple[str, ...] = True,
        skip: int = 0,
    ) -> None:
        self.path = Path(path)
        self.name = name or self.path.stem
        super().__init__()
        self.venue = venue
        self.symbol = symbol or self.name
        rules = load_mapping(mapping) if mapping is not None else Mapping(strict=True)
        cut = CsvOptions(delimiter=delimiter, decimal=decimal, encoding=encoding, header=header, skip=skip)
        self.kind = "asset" if (rules.kind or kind) == "asset" else "contract"
        self.default = mapping is None
        self.mapping = replace(
            rules,
            kind=rules.kind or one_of(kind, KINDS, "kind"),
            venue=venue or rules.venue,
            symbol=self.symbol,
            csv=cut if cut != CsvOptions() else rules.csv,
        )

    @property
    def is_plain(self) -> bool:
        """Whether its rows mean what the mapping says, so that the file can be read as a whole."""
        cls = type(self)
        return cls.transform is CSVDataSource.transform and cls.read is CSVDataSource.read

    def read(self, start: int | None = None, end: int | None = None) -> Iterator[dict[str, str | None]]:
        """Yield the rows as dictionaries of strings; the range is applied after :meth:`transform`."""
        for batch in read_batches(self.path, self.mapping, form="csv"):
            yield from batch.iter_rows(named=True)

    def transform(self, raw: MappingType[str, Any]) -> list[UnifiedMarketEvent]:
        """Turn one row, a dictionary of strings, into its events."""
        frame = frame_of([{name: None if value is None else str(value) for name, value in raw.items()}])
        rules = replace(self.mapping, sort=True)
        if self.default:
            rules = default_mapping(frame.columns, rules, file=str(self.path))
        mapper = RowMapper(rules, Quarantine(str(self.path), strict=True), self.symbol, interval=0)
        found: list[UnifiedMarketEvent] = []
        for kind, rows in mapper.map(frame, pl.Series([1])).items():
            found.extend(frame_to_events(kind, rows, source=self.name))
        return found
