"""A maker over every usable run of recorded order books: nothing is lost, nothing fills where it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from ntp.data import Dataset
from ntp.data.schema import Kind
from ntp.ledger import audit
from recorded import MODES, Ran, run_on, stored

SET = "kalshi_btc15m_l2"
CAPITAL = 10_000


@pytest.fixture(scope="module")
def data(shared_data: Path) -> Dataset:
    return stored(shared_data, SET)


@pytest.fixture(scope="module")
def ran(data: Dataset) -> Iterator[Ran]:
    with pytest.MonkeyPatch.context() as patch:
        yield run_on(patch, "maker", data, capital=CAPITAL, compiled=True)


def test_one_call_runs_every_usable_run_in_all_modes(ran: Ran) -> None:
    assert list(ran.run.fill_modes) == list(MODES)
    assert (ran.run.fidelity, ran.run.to_dict()["tape"]) == ("l2", "inferred")
    assert all(result.metrics.fills > 100 for result in ran.run.fill_modes.values())


@pytest.mark.parametrize("mode", MODES)
def test_cash_fees_and_settlements_balance_to_the_last_unit(ran: Ran, mode: str) -> None:
    output = ran.run.fill_modes[mode].output
    numbers = {name: n for n, name in enumerate(output.fills["contract"].unique().sort())}
    fills = [
        (numbers[name], *rest)
        for name, *rest in output.fills.select("contract", "side", "price", "size", "fee").rows()
    ]
    settlements = [
        (numbers[name], value // 100, position, cash)
        for name, value, position, cash in output.settlements.select(
            "contract", "value", "position", "cash"
        ).rows()
        if name in numbers
    ]
    checked = audit(fills, settlements, CAPITAL * 1_000_000, output.accounts[0]["cash"])
    assert checked.fees == output.fills["fee"].sum() > 0
    assert checked.payouts == output.settlements["cash"].sum()
    held = {row["contract"]: row["position"] for row in output.open_positions}
    assert {name: checked.positions[n] for name, n in numbers.items() if n in checked.positions} == held


def test_nothing_is_reserved_or_held_of_what_is_settled(ran: Ran) -> None:
    for mode, replay in zip(MODES, ran.replays, strict=True):
        state = replay.state
        settled = set(ran.run.fill_modes[mode].output.settlements["contract"])
        ids = np.array([instrument.id in settled for instrument in replay.tape.instruments])
        assert settled
        assert state.contracts["reserved"].sum() == state.accounts["reserved"].sum() == 0
        assert state.accounts["sent_reserve"].sum() == 0
        assert not state.contracts["position"][ids].any()
        assert (state.accounts["cash"] == state.accounts["cash_seen"]).all()


def test_nothing_fills_in_a_gap_of_the_recording_or_after_the_close(ran: Ran, data: Dataset) -> None:
    states = data.frame(Kind.LIFECYCLE).sort("ts_event").select("symbol", "ts_event", "state")
    changes = {str(symbol): rows for (symbol,), rows in states.group_by("symbol", maintain_order=True)}
    assert states.filter(pl.col("state") == "halted").height > 10
    for result in ran.run.fill_modes.values():
        fills = result.output.fills
        for symbol, ts in fills.select("symbol", "ts").rows():
            before = changes[symbol].filter(pl.col("ts_event") <= ts)
            assert before["state"][-1] == "open"


def test_repeated_runs_and_both_forms_of_the_strategy_give_the_same_fills(
    ran: Ran, data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes = {mode: result.fills_hash for mode, result in ran.run.fill_modes.items()}
    assert len(set(hashes.values())) == len(MODES)
    for compiled in (True, False):
        again = run_on(monkeypatch, "maker", data, capital=CAPITAL, compiled=compiled).run
        assert {mode: result.fills_hash for mode, result in again.fill_modes.items()} == hashes
