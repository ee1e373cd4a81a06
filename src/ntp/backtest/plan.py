"""Plan: which contracts of the data a strategy trades, and the tape that it is replayed on."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ntp.backtest.loader import LoadedData, pick_contracts
from ntp.backtest.matched import partners_wanted
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
    wanted = wanted_contracts(declared, settings, loaded)
    watched = {each.id for each in loaded.instruments if matches_any(declared.declaration.watch, each.id)}
    matched = partners_wanted(settings.matches, loaded.instruments, wanted)
    tape = plan_tape(loaded.sources, precision=settings.precision, tradable=wanted | watched | matched)
    return tape, trade_universe(strategy, tape, wanted)


def wanted_contracts(declared: LoadedStrategy, settings: RunSettings, loaded: LoadedData) -> set[str]:
    """Find the contracts that run and strategy class agree on, by their patterns and events."""
    picked = pick_contracts(loaded.instruments, settings.contracts)
    universe, events = declared.declaration.universe, settings.events
    return {
        each.id for each in loaded.instruments
        if each.id in picked and matches_any(universe, each.id) and (events is None or each.event in events)
    }


def trade_universe(strategy: Strategy, tape: Tape, wanted: Collection[str]) -> dict[int, Contract]:
    """Choose, among wanted contracts, those of a tape that a strategy selects, by number.

    Raises
    ------
    DataError
        ``no_contracts`` if none has market data.
    ConfigError
        If one has no book.
    """
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
            details={"universe": list(strategy.universe) if not isinstance(strategy.universe, str)
                     else [strategy.universe]},
        )
    _refuse_amm([tape.instruments[number] for number in universe])
    return universe


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


__all__ = ["plan_replay", "trade_universe", "wanted_contracts"]
