"""Attributes that change during a contract's life: from one version of an instrument to the next."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from ntp.core import DataError
from ntp.markets.instrument import Instrument
from ntp.markets.ticks import TickGrid, kalshi_price_ranges, kalshi_structure, polymarket_grid

_FIXED: Final = ("symbol", "venue", "kind", "series", "event", "price_scale", "known_at")
_WHOLE: Final = ("size_step", "min_size")
_TIMES: Final = ("open_time", "close_time")
_TEXTS: Final = ("title", "strike_type", "strike_low", "strike_high", "group", "category")
_OBJECTS: Final = ("fee_schedule", "attributes")
_GRIDS: Final[dict[str, Callable[[Any], TickGrid]]] = {
    "tick_size": lambda value: polymarket_grid(value if isinstance(value, int) else str(value)),
    "price_level_structure": kalshi_structure,
    "price_ranges": kalshi_price_ranges,
}
"""Words of the venues for a grid; a later one of this list comes before an earlier one."""


def changed(instrument: Instrument, changes: Mapping[str, Any]) -> Instrument:
    """Give the version of an instrument after some of its attributes changed.

    Parameters
    ----------
    instrument : Instrument
        As it was.
    changes : Mapping
        New values by the names of :class:`Instrument`; ``tick_size`` (Polymarket),
        ``price_level_structure`` and ``price_ranges`` (Kalshi) give the grid in the venue's words;
        what has no name there goes to ``attributes``. ``fee_schedule`` and ``attributes`` are
        merged, a null in them removes.

    Raises
    ------
    DataError
        If a name cannot change or a value does not fit it.
    """
    values: dict[str, Any] = {}
    others = dict(instrument.attributes)
    for name, value in changes.items():
        if name in _FIXED:
            raise DataError(
                f"expected changes of {instrument.id} to leave {name} alone, was {value!r}", code="bad_change"
            )
        if name == "attributes":
            others |= _object(instrument, name, value)
        elif name == "fee_schedule":
            values[name] = _without_nulls(instrument.fee_schedule | _object(instrument, name, value))
        elif name == "tick_bands":
            values[name] = _bands(instrument, value)
        elif name in _WHOLE or name in _TIMES:
            values[name] = _whole(instrument, name, value)
        elif name in _TEXTS:
            values[name] = value if value is None and name.startswith("strike_") else str(value)
        elif name not in _GRIDS:
            others[name] = value
    for name, grid in _GRIDS.items():
        if changes.get(name) is not None:
            values["tick_bands"] = grid(changes[name]).bands
    return replace(instrument, attributes=_without_nulls(others), **values)


def _object(instrument: Instrument, name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise DataError(f"expected an object as {name} of {instrument.id}, was {value!r}", code="bad_change")
    return dict(value)


def _without_nulls(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _whole(instrument: Instrument, name: str, value: Any) -> int | None:
    if value is None and name in _TIMES:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise DataError(
            f"expected a whole number of at least 0 as {name} of {instrument.id}, was {value!r}", code="bad_change",
            hint="times are nanoseconds UTC, sizes 0.000001 contract",
        )
    return value


def _bands(instrument: Instrument, value: Any) -> tuple[tuple[int, int, int], ...]:
    try:
        bands = tuple((int(start), int(end), int(step)) for start, end, step in value)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"expected bands of (start, end, step) as tick_bands of {instrument.id}, was {value!r}", code="bad_change"
        ) from error
    return TickGrid(bands).bands
