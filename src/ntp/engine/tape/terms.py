"""Terms of a contract in the words of the kernel: grid, order rules and fee steps as fields of a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ntp.core import DataError
from ntp.engine import records as r
from ntp.markets import fee_steps, grid_of, order_rules, rules_at
from ntp.markets.instrument import Instrument, InstrumentKind


class Terms:
    """Fills records with what holds for an instrument at a moment; equal fees share their steps.

    Parameters
    ----------
    precision : mapping
        Venue to its fee precision class.
    """

    def __init__(self, precision: Mapping[str, str]) -> None:
        self._precision = precision
        self._steps: list[tuple[int, ...]] = []
        self._known: dict[tuple[Any, ...], tuple[int, int]] = {}

    def fill(self, row: Any, instrument: Instrument, moment: int) -> None:
        """Fill the terms of a contract's record or of a version of it.

        Raises
        ------
        DataError
            If its grid has more bands than the kernel holds.
        """
        fees = fee_steps(instrument, precision_class=self._precision.get(instrument.venue, "direct"))
        if fees not in self._known:
            self._known[fees] = (len(self._steps), len(self._steps) + len(fees))
            for step in fees:
                self._steps.append((
                    step.from_ns, step.model, step.taker_rate, step.maker_rate, step.exponent, step.rounding,
                    step.precision, step.rebate_rate,
                ))  # fmt: skip
        row["step_first"], row["step_last"] = self._known[fees]
        _rules(row, instrument, moment)
        _grid(row, instrument)

    def steps(self) -> npt.NDArray[Any]:
        """Fee steps that the records point into."""
        return np.array(self._steps or [(0,) * 8], dtype=r.STEP)


def _rules(row: Any, instrument: Instrument, moment: int) -> None:
    now = rules_at(order_rules(instrument), moment)
    row["size_step"], row["min_size"] = now.size_step, now.min_size
    row["nets"], row["reserves"] = now.nets, now.reserves
    row["keeps_priority"], row["can_amend"] = now.amend_keeps_priority, now.can_amend
    row["cancels_on_reactivation"], row["self_trade"] = now.cancels_on_reactivation, now.self_trade
    row["taker_delay"] = now.taker_delay_ns
    row["gtd_minimum"], row["gtd_early"] = now.gtd_minimum_ns, now.gtd_early_ns


def _grid(row: Any, instrument: Instrument) -> None:
    asset = instrument.kind is InstrumentKind.ASSET
    bands = grid_of(instrument).bands if not asset else ((1, 2**31 - 2, 1),)
    row["asset"], row["band_count"] = asset, len(bands)
    if len(bands) > 3:
        raise DataError(f"expected at most 3 tick bands, {instrument.id} has {len(bands)}", code="tick_bands")
    for place, (start, end, step) in enumerate(bands):
        row[f"start{place}"], row[f"end{place}"], row[f"step{place}"] = start, end, step
