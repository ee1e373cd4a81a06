"""Plan: which contracts of the data a strategy trades, and the tape that it is replayed on."""

from __future__ import annotations

from collections.abc import Sequence

from ntp.backtest.loader import LoadedData, pick_contracts
from ntp.backtest.settings import RunSettings
from ntp.core import ConfigError, DataError
from ntp.engine.tape import Tape, plan_tape
from ntp.markets import is_amm
from ntp.markets.instrument import Instrument, InstrumentKind
from ntp.strategy import Contract, Strategy
from ntp.strategy.inputs import matches_any
from ntp.strategy.loader import LoadedStrategy


def plan_replay(
    strategy: Strategy, declared: LoadedStrategy, settings: RunSettings, loaded: LoadedData
) -> tuple[Tape, dict[int, Contract]]:
    """Plan the tape of a run and find the contracts traded on it, by number.

    Raises
    ------
    DataError
        ``no_contracts`` if none of the strategy's universe has market data.
    ConfigError
        If a contract traded has no book.
    """
    said = declared.declaration
    picked = pick_contracts(loaded.instruments, settings.contracts)
    wanted = {
        each.id for each in loaded.instruments
        if each.id in picked and matches_any(said.universe, each.id)
    }
    watched = {each.id for each in loaded.instruments if matches_any(said.watch, each.id)}
    tape = plan_tape(loaded.sources, precision=settings.precision, tradable=wanted | watched)
    universe = {}
    for number, instrument in enumerate(tape.instruments):
        contract = Contract.of(instrument)
        tradable = instrument.id in wanted and _tradable(tape, number, instrument)
        if tradable and strategy.select(contract):
            universe[number] = contract
    if not universe:
        raise DataError(
            "expected contracts of the strategy's universe with market data, was none",
            code="no_contracts",
            details={"universe": list(said.universe)},
        )
    _refuse_amm([tape.instruments[number] for number in universe])
    return tape, universe


def _refuse_amm(traded: Sequence[Instrument]) -> None:
    """Refuse to trade what has no book: replayed as one it would fill what nobody there could have had."""
    found = [instrument.id for instrument in traded if is_amm(instrument)]
    if found:
        raise ConfigError(
            f"expected contracts that trade on a book, {found[0]} trades against an automated market maker (CPMM)",
            code="amm_not_simulated", details={"contracts": found[:20]},
            hint="leave them out with --contracts, or watch them; this version does not replay the market maker",
        )


def _tradable(tape: Tape, number: int, instrument: Instrument) -> bool:
    if instrument.kind is InstrumentKind.REFERENCE or not tape.contracts["fidelity"][number]:
        return False
    return instrument.kind is InstrumentKind.CONTRACT or instrument.venue == "cash"


__all__ = ["plan_replay"]
