"""Terms of a contract in the words of the kernel: grid, order rules and fee steps as fields of a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ntp.core import DataError
from ntp.engine import records as r
from ntp.markets import FeeStep, OrderRules, fee_steps, grid_of, order_rules, rules_at
from ntp.markets.instrument import Instrument, InstrumentKind

Bands = tuple[tuple[int, int, int], ...]
_BANDS: Final = 3
_ASSET: Final[Bands] = ((1, 2**31 - 2, 1),)


NAMES: Final = tuple(name for name in r.VERSION.names or () if name not in ("contract", "open_time", "close_time"))
"""Fields of a contract's record, and of a version of it, that its terms fill."""


class Terms:
    """Terms of instruments as records; half a million contracts have a few dozen.

    Parameters
    ----------
    precision : mapping
        Venue to its fee precision class.
    """

    def __init__(self, precision: Mapping[str, str]) -> None:
        self._precision = precision
        self._steps: list[tuple[int, ...]] = []
        self._known: dict[tuple[Any, ...], tuple[int, int]] = {}
        self._numbers: dict[tuple[int, int, int, bool], int] = {}
        self._parts: list[tuple[object, ...]] = []
        self._records: list[Any] = []

    def number(self, instrument: Instrument, moment: int) -> int:
        """Find the number of the terms that hold for an instrument at a moment: their place in :meth:`records`.

        Their parts come from caches, so that equal ones are mostly one object; where they are not, equal terms have
        two numbers.

        Raises
        ------
        DataError
            If its grid has more bands than the kernel holds.
        """
        fees = fee_steps(instrument, precision_class=self._precision.get(instrument.venue, "direct"))
        asset = instrument.kind is InstrumentKind.ASSET
        rules, bands = rules_at(order_rules(instrument), moment), _ASSET if asset else grid_of(instrument).bands
        key = (id(fees), id(rules), id(bands), asset)
        if key not in self._numbers:
            if len(bands) > _BANDS:
                raise DataError(
                    f"expected at most {_BANDS} tick bands, {instrument.id} has {len(bands)}", code="tick_bands"
                )
            self._numbers[key] = len(self._parts)
            self._parts.append((fees, rules, bands))  # kept: what is gone could lend its id to another
            self._records.append(self._record(fees, rules, bands, asset))
        return self._numbers[key]

    def records(self) -> npt.NDArray[Any]:
        """Return the records of the terms met so far, by number; only :data:`NAMES` are filled."""
        return np.array(self._records, r.VERSION)

    def fill(self, row: Any, instrument: Instrument, moment: int) -> None:
        """Fill the terms of a version of a contract.

        Raises
        ------
        DataError
            If its grid has more bands than the kernel holds.
        """
        found = self._records[self.number(instrument, moment)]
        for name in NAMES:
            row[name] = found[name]

    def steps(self) -> npt.NDArray[Any]:
        """Fee steps that the records point into."""
        return np.array(self._steps or [(0,) * 8], dtype=r.STEP)

    def _record(self, fees: Sequence[FeeStep], rules: OrderRules, bands: Bands, asset: bool) -> Any:  # noqa: FBT001
        row = np.zeros(1, r.VERSION)[0]
        row["step_first"], row["step_last"] = self._range(tuple(fees))
        row["size_step"], row["min_size"] = rules.size_step, rules.min_size
        row["nets"], row["reserves"] = rules.nets, rules.reserves
        row["keeps_priority"], row["can_amend"] = rules.amend_keeps_priority, rules.can_amend
        row["cancels_on_reactivation"], row["self_trade"] = rules.cancels_on_reactivation, rules.self_trade
        row["taker_delay"] = rules.taker_delay_ns
        row["gtd_minimum"], row["gtd_early"] = rules.gtd_minimum_ns, rules.gtd_early_ns
        row["asset"], row["band_count"] = asset, len(bands)
        for place, (start, end, step) in enumerate(bands):
            row[f"start{place}"], row[f"end{place}"], row[f"step{place}"] = start, end, step
        return row

    def _range(self, fees: tuple[FeeStep, ...]) -> tuple[int, int]:
        """Places of fee steps among all; equal fees share theirs."""
        if fees not in self._known:
            self._known[fees] = (len(self._steps), len(self._steps) + len(fees))
            for step in fees:
                self._steps.append((
                    step.from_ns, step.model, step.taker_rate, step.maker_rate, step.exponent, step.rounding,
                    step.precision, step.rebate_rate,
                ))  # fmt: skip
        return self._known[fees]
