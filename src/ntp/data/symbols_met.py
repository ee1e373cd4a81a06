"""What the symbols of a source are: contracts, assets, or feeds that are only observed."""

from collections.abc import Iterable
from typing import Final

from ntp.core import PRICE_SCALE
from ntp.data.events import UnifiedMarketEvent
from ntp.data.schema import Kind
from ntp.data.sources import DataSource
from ntp.markets.fees import VENUES
from ntp.markets.instrument import Instrument, InstrumentKind

_OBSERVED: Final = frozenset({Kind.INDEX, Kind.GAME, Kind.FORECAST, Kind.CUSTOM})


class Symbols:
    """Symbols that a source told of, with the venue of each.

    Parameters
    ----------
    source : DataSource
        What it says of itself decides what its symbols are.
    """

    def __init__(self, source: DataSource) -> None:
        self._source = source
        self._told_by: dict[str, str] = {}
        self._traded: set[str] = set()

    @property
    def scale(self) -> int:
        """Decimals of prices."""
        return self._source.price_scale if self._source.kind == "asset" else PRICE_SCALE

    def meet(self, events: Iterable[UnifiedMarketEvent]) -> None:
        """Remember the symbols of events; a symbol without quotes, prints or prices is only observed."""
        for event in events:
            self._told_by.setdefault(event.symbol, event.source)
            if event.symbol not in self._traded and (
                event.data.get("price") is not None or not _OBSERVED.issuperset(event.kinds)
            ):
                self._traded.add(event.symbol)

    def instruments(self) -> list[Instrument]:
        """Make an instrument of each symbol."""
        traded = InstrumentKind.ASSET if self._source.kind == "asset" else InstrumentKind.CONTRACT
        return [
            Instrument(
                symbol=symbol, venue=self._venue(symbol, teller), price_scale=self.scale,
                kind=traded if symbol in self._traded else InstrumentKind.REFERENCE,
            )
            for symbol, teller in sorted(self._told_by.items())
        ]

    def _venue(self, symbol: str, teller: str) -> str:
        """Venue whose fees hold for what is traded; who tells of it for what is observed."""
        if symbol not in self._traded:
            return teller
        return self._source.venue or (teller if teller in VENUES else "")
