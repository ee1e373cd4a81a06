"""Appraiser: lets the engine follow underlyings for a strategy, and asks it what contracts are worth."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

import numpy as np

from ntp.core import Absent
from ntp.engine import fair as f
from ntp.engine import records as r
from ntp.pricing.contract_price import MAXIMUM, MINIMUM, YEAR_SECONDS
from ntp.strategy.fair.terms import Terms, follows, terms_of
from ntp.strategy.fair.value import FairValue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ntp.engine.replay import Replay
    from ntp.markets import Instrument
    from ntp.strategy.pricing_options import Pricing

_SIZE: Final = r.CLAIM.itemsize
_FAIR: Final = 8 * r.field(r.CLAIM, "fair")
_told: Final = struct.Struct("=6d").unpack_from
_new: Final = float.__new__
_value_of: Final = f.value_of
_SECOND: Final = 1_000_000_000


class Appraiser:
    """Fair values of the contracts of one replay.

    Parameters
    ----------
    replay : Replay
        Its memory gets the tables that the engine works on.
    spots : mapping of int to int
        Contract number to the instrument that stands for its underlying.
    pricing : Pricing
        Options.
    """

    def __init__(self, replay: Replay, spots: Mapping[int, int], pricing: Pricing) -> None:
        self._replay, self._pricing = replay, pricing
        instruments = replay.tape.instruments
        self._rows: dict[int, int] = {}
        terms: dict[int, Terms] = {}
        self._spots = dict(spots)
        for number, spot in spots.items():
            terms[number] = self._terms(number, instruments[number])
            self._rows.setdefault(spot, len(self._rows))  # also of contracts whose terms are told later
        self._claims = np.zeros(len(instruments), r.CLAIM)
        self._claims["refused"] = self._claims["reason"] = f.NO_UNDERLYING
        for name in ("fair", "sd", "seen"):
            self._claims[name] = np.nan
        for name in ("underlying", "next", "at", "rows"):
            self._claims[name] = r.NONE
        for number, found in terms.items():
            self._enter(number, found)
        self._follow(terms)
        self._bytes = memoryview(self._claims.view(np.int64)).cast("B")  # type: ignore[arg-type]
        self._address = replay.state.address

    def _terms(self, number: int, instrument: Instrument) -> Terms:
        """Terms of a contract, if its feed stands for what it settles on."""
        found = terms_of(instrument)
        if not found.refused and not follows(instrument, self._replay.tape.instruments[self._spots[number]]):
            return Terms(f.NO_UNDERLYING)
        return found

    def _enter(self, number: int, terms: Terms) -> None:
        row = self._claims[number]
        for name, value in terms.fields().items():
            row[name] = value
        row["freedom"], row["blend"] = self._pricing.freedom, self._pricing.blend
        row["basis_sd"] = self._pricing.basis_sd
        row["underlying"] = self._rows[self._spots[number]]
        row["at"] = row["rows"] = r.NONE
        row["fair"] = row["sd"] = np.nan

    def _follow(self, terms: Mapping[int, Terms]) -> None:
        """Give the engine a record for each underlying, with room for the seconds that settlements look at."""
        pricing = self._pricing
        table = np.zeros(max(len(self._rows), 1), r.UNDERLYING)
        longest = np.full(len(table), 1, np.int64)
        table["claims"] = table["sampled_cell"] = r.NONE
        for number, found in terms.items():
            if found.refused:
                continue
            place = self._rows[self._spots[number]]
            span = found.window + max(found.end - (found.open_end or found.end), 0) // _SECOND
            longest[place] = max(longest[place], span + 2)
            if found.functional in (MAXIMUM, MINIMUM):
                self._claims["next"][number] = table["claims"][place]
                table["claims"][place] = number
        for instrument, place in self._rows.items():
            table["instrument"][place] = instrument
        table["max_age"], table["grid"] = pricing.max_spot_age_ns, pricing.grid_ns
        table["estimator"], table["half_life"] = pricing.estimator, pricing.vol_ns / _SECOND
        table["variance"], table["shift"] = pricing.flat**2 / YEAR_SECONDS, pricing.shift
        rings = [np.full(1 << int(span - 1).bit_length(), np.nan) for span in longest]
        self._replay.state.set_underlyings(table, rings, self._claims, pricing.bars)

    def change(self, number: int, instrument: Instrument) -> None:
        """Let a contract have the terms that it has now."""
        if number in self._spots and self._claims["refused"][number] != f.SETTLED_ALREADY:
            seen = float(self._claims["seen"][number])
            self._enter(number, self._terms(number, instrument))
            self._claims["seen"][number] = seen

    def value(self, number: int) -> FairValue:
        """Fair value of a contract.

        Raises
        ------
        Absent
            With the reason in its field.
        """
        reason = _value_of(self._address, number)
        if reason:
            raise absent(reason)
        told = _told(self._bytes, number * _SIZE + _FAIR)
        made = _new(FairValue, told[0])  # asked at every wake: without the detour over the class
        made.told = told
        return made

    def values(self, numbers: Sequence[int]) -> dict[int, FairValue]:
        """Fair values of those contracts that have one."""
        found = {}
        for number in numbers:
            if not f.value_of(self._address, number):
                found[number] = self.value(number)
        return found


def absent(reason: int) -> Absent:
    """Error that says why there is no fair value."""
    why = f.WHY[reason]
    error = Absent(f"fair_value: {why}")
    error.message = f"expected a fair value, there is none at this moment: {why}"
    error.hint = "use data.get('fair_value') where None is an answer"
    return error


__all__ = ["Appraiser", "absent"]
