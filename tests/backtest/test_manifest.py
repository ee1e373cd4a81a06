import polars as pl
import pytest
from factory import START, Replay, context, place, run, season
from hypothesis import given
from hypothesis import strategies as st

from ntp.backtest import Manifest, fills_hash
from ntp.backtest.manifest import manifest_of

PINNED = "sha256:6666ffddbe9f9d7113d06c3cb4ab495527ff41312cdea4ac89ae76d4d3256caf"


def test_fills_hash_ignores_chunks_and_the_order_of_contracts():
    fills = season(6).output().fills
    chunked = pl.concat([fills[:3], fills[3:5], fills[5:]], rechunk=False)
    assert chunked.n_chunks() == 3
    assert fills_hash(chunked) == fills_hash(fills)
    assert fills_hash(fills.sort("contract", descending=True, maintain_order=True)) == fills_hash(fills)


def test_fills_hash_ignores_order_ids_but_nothing_that_was_exchanged():
    fills = season(3).output().fills
    same = fills_hash(fills)
    assert fills_hash(fills.with_columns(pl.col("order_id") + 7)) == same
    for column in ("ts", "price", "size", "fee", "cash", "position", "wait_ns"):
        other = fills.with_columns(pl.when(pl.int_range(pl.len()) == 1).then(pl.col(column) + 1)
                                   .otherwise(pl.col(column)).cast(fills.schema[column]).alias(column))
        assert fills_hash(other) != same, column
    assert fills_hash(fills.with_columns(is_maker=~pl.col("is_maker"))) != same


def test_hash_of_no_fills_is_that_of_nothing():
    empty = Replay().output().fills
    assert fills_hash(empty) == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_hash_is_pinned():
    fills = Replay().fill(START, 1, 40, 2, fee=5).fill(START + 1, -1, 41, 2, place(1)).output().fills
    assert fills_hash(fills) == PINNED


@given(st.permutations(range(8)))
def test_any_order_of_rows_gives_one_hash(order):
    fills = season(4).output().fills
    rows = fills[:8] if len(fills) >= 8 else fills
    shuffled = rows[[at for at in order if at < len(rows)]]
    assert fills_hash(shuffled) == fills_hash(rows)


@pytest.mark.parametrize("change", [
    {"capital": 1}, {"fill_mode": "pessimistic"}, {"waived": ["maker_only"]},
    {"configuration": {"contracts": "KX*"}}, {"constraints_hash": "sha256:x"},
    {"data": {"content_hash": "sha256:other"}}, {"days": 41},
])
def test_every_input_changes_the_manifest(change):
    assert manifest_of(context(**change), {}).hash != manifest_of(context(), {}).hash


def test_speed_identity_and_trials_do_not():
    one, two = run(), run(run_id="other", created=5, trials=9)
    assert one.manifest.hash == two.manifest.hash


def test_manifest_survives_its_document():
    manifest = run().manifest
    again = Manifest.from_dict(manifest.to_dict())
    assert again == manifest
    assert again.hash == manifest.hash
    assert {"numba", "numpy", "polars", "architecture"} <= set(manifest.inputs["environment"])
