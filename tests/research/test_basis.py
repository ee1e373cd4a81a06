"""The basis of a feed, measured where strikes tell the index that settles."""

import numpy as np
import polars as pl
import pytest

from ntp.core import MINUTE, SECOND, DataError
from ntp.data import Catalog, Kind
from ntp.data.schema import FLAG_GROUP_END, SCHEMAS
from ntp.markets import Instrument, InstrumentKind
from ntp.research import measure_basis

START = 1_780_000_200 * SECOND
QUARTER = 15 * MINUTE


def dataset(tmp_path, offsets, *, hole=None):
    """Store a feed of a value a second, and contracts whose strikes lie `offsets` above its minutes."""
    values = 100.0 + np.arange(len(offsets) * 900 + 60) / 1_000
    kept = [second for second in range(len(values)) if second != hole]
    rows = [
        {"ts_event": START + second * SECOND, "ts_recv": None, "symbol": "BTC-USD", "sequence": 1,
         "flags": FLAG_GROUP_END, "value": float(values[second])}
        for second in kept
    ]  # fmt: skip
    contracts = []
    for number, offset in enumerate(offsets):
        opening = START + 60 * SECOND + number * QUARTER
        first = (opening - START) // SECOND
        strike = values[first - 59 : first + 1].mean() + offset
        contracts.append(Instrument(
            symbol=f"KXBTC15M-{number}", venue="kalshi", series="KXBTC15M", close_time=opening + QUARTER,
            strike_type="greater_or_equal", strike_low=f"{strike:.6f}",
        ))  # fmt: skip
    catalog = Catalog(tmp_path)
    with catalog.writer("made", source="feed") as writer:
        writer.add_instruments([
            *contracts, Instrument(symbol="BTC-USD", venue="feed", kind=InstrumentKind.REFERENCE),
        ])  # fmt: skip
        writer.add(Kind.INDEX, pl.DataFrame(rows, schema=SCHEMAS[Kind.INDEX]))
    return catalog.dataset("made")


def test_the_basis_is_index_less_feed(tmp_path):
    found = measure_basis(dataset(tmp_path, [8.0, 10.0, 9.0]), "BTC-USD")
    assert len(found) == 3
    assert (found.mean, found.sd) == pytest.approx((9.0, 1.0), abs=1e-4)
    assert found.change_sd() == pytest.approx(np.sqrt(2.5), abs=1e-4)
    assert found.change_sd("1m") is None


def test_an_opening_with_a_hole_in_the_feed_tells_nothing(tmp_path):
    made = dataset(tmp_path, [8.0, 10.0, 9.0], hole=930)
    assert len(measure_basis(made, "BTC-USD")) == 3
    assert len(measure_basis(made, "BTC-USD", max_age="500ms")) == 2


def test_without_openings_there_is_no_basis(tmp_path):
    with pytest.raises(DataError) as caught:
        measure_basis(dataset(tmp_path, [8.0]), "BTC-USD")
    assert caught.value.code == "no_basis"
