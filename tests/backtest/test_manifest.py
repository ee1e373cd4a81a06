from dataclasses import replace

import polars as pl
import pytest
from factory import START, Replay, context, place, run, season
from hypothesis import given
from hypothesis import strategies as st
from recording import Recording, dataset, play, take

from ntp.backtest import Manifest, StrategyInfo, fills_hash
from ntp.backtest.environment import installed
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
    {"configuration": {"contracts": "KX*"}}, {"environment": {"constraints": "sha256:x"}},
    {"data": {"content_hash": "sha256:other"}}, {"data": {"sources": ["another"]}}, {"days": 41},
    {"strategy": StrategyInfo("taker", "1.0", "sha256:code", {"edge": 0.03, "size": 10})},
    {"strategy": StrategyInfo("maker", "1.1", "sha256:code", {"edge": 0.03, "size": 10})},
    {"strategy": StrategyInfo("maker", "1.0", "sha256:changed", {"edge": 0.03, "size": 10})},
    {"strategy": StrategyInfo("maker", "1.0", "sha256:code", {"edge": 0.04, "size": 10})},
    *({"engine": replace(context().engine, **{name: value})} for name, value in {
        "version": "0.2.0", "queue": "risk_averse", "feed_latency": "1ms", "order_latency": "1ms", "seed": 8,
        "compiled": True, "settings": {"queue_hash": "sha256:x"},
    }.items()),
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


def test_versions_make_another_manifest_but_no_other_trial():
    newer = {"environment": {"numpy": "9.9"}, "engine": replace(context().engine, version="9.9")}
    one, two = manifest_of(context(), {}), manifest_of(context(**newer), {})
    assert one.hash != two.hash
    assert one.trial == two.trial
    assert one.trial != manifest_of(context(capital=1), {}).trial


def test_the_manifest_of_a_real_run_holds_everything(tmp_path):
    data = dataset(tmp_path, Recording("K").quote(0, 0.48, 0.52).quote(5, 0.48, 0.52))

    def made(**options):
        return play(data, [(1, take("kalshi:K", 1, 10, 0.52))], **options).manifest

    inputs = made().inputs
    assert set(inputs) == {"schema", "strategy", "configuration", "engine", "seeds", "data", "environment"}
    environment = inputs["environment"]
    assert environment["code"].startswith("sha256:")
    assert environment["constraints"].startswith("sha256:")
    assert {"python", "system", "architecture", "numba", "numpy", "polars", "scipy"} <= set(environment)
    assert inputs["strategy"]["code_hash"].startswith("sha256:")
    assert inputs["data"]["content_hash"] == data.content_hash
    drawn = [made(engine={"order_latency": delays}).hash for delays in (["1ms", "2ms", "3ms"], ["0ms", "2ms", "9ms"])]
    others = [made(engine={"seed": 5}).hash, made(allocate={"kalshi": 1}).hash, made(contracts="K").hash]
    assert len({made().hash, *drawn, *others}) == 6, "also a distribution of latencies with the same median"
    assert made().hash == made().hash


def test_pins_are_those_of_what_the_package_needs():
    pins = installed()
    names = [pin.partition("==")[0] for pin in pins]
    assert names == sorted(names)
    assert {"numba", "numpy", "polars", "llvmlite"} <= set(names)
    assert not {"pytest", "ntp"} & set(names)
