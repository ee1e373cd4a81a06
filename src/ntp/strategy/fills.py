"""Fills as a strategy is told them: fields are read from the engine's log when they are looked at."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Any, Final

from ntp.engine import records as r
from ntp.strategy.objects import Contract, Fill, Order

if TYPE_CHECKING:
    from ntp.strategy.view import MarketView

_BYTES: Final = r.FILL.itemsize
_CODES: Final = {"<i8": "q", "<f8": "d", "<i4": "i", "|i1": "b"}


def _reader(name: str) -> Struct:
    assert r.FILL.fields is not None
    dtype, offset = r.FILL.fields[name][:2]
    return Struct(f"<{offset}x{_CODES[dtype.str]}")


_SIZE, _PRICE, _FEE, _FLAGS, _TS, _FAIR, _SIDE, _TAG, _ORDER = (
    _reader(name) for name in ("size", "price", "fee", "flags", "ts", "fair", "side", "tag", "order_id")
)


class ToldFill(Fill):
    """A row of the log of fills; strategies look at few fields of their fills, so none is read before."""

    __slots__ = ("_order", "_ref", "_view")

    _order: Order | None
    _ref: int
    _view: MarketView

    def _read(self, field: Struct) -> Any:
        return field.unpack_from(self._view._runtime.fill_log, self._ref * _BYTES)[0]

    @property
    def order(self) -> Order:
        """The order; one that a wish made is known by its last fill only."""
        if self._order is None:
            made = Order(
                self._read(_ORDER), self.contract, self.side, self.price, self.size, filled=self.size, status="open",
                tag=self.tag,
            )  # fmt: skip
            set_order(self, made)
        assert self._order is not None
        return self._order

    @property
    def contract(self) -> Contract:
        """Contract."""
        return self._view.contract

    @property
    def side(self) -> str:
        """``BUY`` or ``SELL`` of YES."""
        return "BUY" if self._read(_SIDE) > 0 else "SELL"

    @property
    def price(self) -> float:
        """Dollars of YES."""
        return float(self._read(_PRICE) / self._view._one)

    @property
    def size(self) -> float:
        """Contracts."""
        return float(self._read(_SIZE) / 1e6)

    @property
    def fee(self) -> float:
        """Dollars."""
        return float(self._read(_FEE) / 1e6)

    @property
    def is_maker(self) -> bool:
        """Whether the order rested."""
        return bool(self._read(_FLAGS) & r.F_MAKER)

    @property
    def ts(self) -> int:
        """Time of the execution at the venue, nanoseconds UTC."""
        return int(self._read(_TS))

    @property
    def fair(self) -> float | None:
        """Fair value stated when the order was sent."""
        fair = self._read(_FAIR)
        return None if fair != fair else float(fair)

    @property
    def tag(self) -> str | None:
        """Tag of the order."""
        tag = self._read(_TAG)
        return None if tag < 0 else self._view._runtime.tags[tag]


set_order: Any = vars(ToldFill)["_order"].__set__  # the fields of a fill are frozen, its slots are not
_set_ref: Any = vars(ToldFill)["_ref"].__set__
_set_view: Any = vars(ToldFill)["_view"].__set__


def told(view: MarketView | None, ref: int, order: Order | None) -> ToldFill:
    """Make a fill of a row of the log."""
    fill = object.__new__(ToldFill)
    _set_view(fill, view)
    _set_ref(fill, ref)
    set_order(fill, order)
    return fill
