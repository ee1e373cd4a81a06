"""What fair values cost inside the engine: a ladder re-priced by the compiled function, and their share of a run.

``python -m benchmarks.fair`` prints one JSON document; times are CPU seconds, of which the least of the rounds counts.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl
from numba import int64

from benchmarks.pricing import turns
from ntp import Backtest, Pricing, Strategy
from ntp.core import SECOND
from ntp.data.schema import FLAG_GROUP_END, SCHEMAS, Kind
from ntp.engine.compile import entry
from ntp.engine.fair import PRICED, value_now
from ntp.engine.records import NONE, claim_at, context_at, contract_at
from ntp.engine.replay import Replay
from ntp.engine.state import EngineSettings
from ntp.engine.tape import SourceFrames, build_tape
from ntp.markets.instrument import Instrument, InstrumentKind
from ntp.strategy.fair import Appraiser

RUNGS = 40
TIMES = 10_000
SECONDS = 3_600
START = 1_780_000_000 * SECOND
LADDER_US = 50.0
SHARE = 0.30


@entry
def reprice(address, first, count, times):  # type: ignore[no-untyped-def]
    """Price contracts again and again, nothing of it remembered; return how many had a price."""
    ctx = context_at(address, 0)
    priced = 0
    for _ in range(times):
        for number in range(first, first + count):
            claim = claim_at(ctx.claims, number)
            claim.at = NONE
            value_now(ctx, number, contract_at(ctx.contracts, number))
            priced += claim.reason == PRICED
    return priced


def replay() -> tuple[Replay, Appraiser]:
    """Replay of an index and a ladder of contracts on its mean, as it stood ten minutes before they close."""
    index = Instrument(symbol="BRTI", venue="feed", kind=InstrumentKind.REFERENCE)
    spec = {"source": "cfbenchmarks:BRTI", "aggregation": "mean", "window": "60s", "step": "0.01"}
    rungs = [
        Instrument(
            symbol=f"C{number:02d}", venue="", event="E", strike_type="greater", strike_low=str(98_000 + 100 * number),
            close_time=START + (SECONDS + 600) * SECOND, attributes={"underlying": "BRTI", "settlement": spec},
        )
        for number in range(RUNGS)
    ]  # fmt: skip
    values = 100_000 + np.cumsum(np.random.default_rng(5).normal(0, 8, SECONDS))
    header = {"ts_recv": None, "sequence": 1, "flags": FLAG_GROUP_END}
    ticks = [
        {**header, "ts_event": START + second * SECOND, "symbol": "BRTI", "value": value}
        for second, value in enumerate(values.tolist())
    ]
    quotes = [
        {**header, "ts_event": START, "symbol": each.symbol, "bid": 4_000, "ask": 6_000, "bid_size": None,
         "ask_size": None, "volume": None}
        for each in rungs
    ]  # fmt: skip
    rows = {Kind.INDEX: ticks, Kind.QUOTE: quotes}
    frames = {kind: pl.DataFrame(each, schema=SCHEMAS[kind]) for kind, each in rows.items()}
    tape = build_tape([SourceFrames("made", [index, *rungs], frames, 0)])
    numbers = {each.symbol: place for place, each in enumerate(tape.instruments)}
    made = Replay(tape, EngineSettings(), {})
    appraiser = Appraiser(made, {numbers[each.symbol]: numbers["BRTI"] for each in rungs}, Pricing())
    while made.step():
        pass
    made.state.context["now"] = START + SECONDS * SECOND  # the tape itself ends with the closes
    return made, appraiser


def ladder() -> dict[str, Any]:
    """Microseconds of one re-pricing of the whole ladder."""
    made, appraiser = replay()
    first = min(number for number, each in enumerate(made.tape.instruments) if each.symbol == "C00")
    reprice.compile((int64,) * 4)
    assert reprice(made.state.address, first, RUNGS, 1) == RUNGS
    (seconds,) = turns(lambda: reprice(made.state.address, first, RUNGS, TIMES))
    (asked,) = turns(lambda: [appraiser.value(first + number) for number in range(RUNGS)])
    return {"contracts": RUNGS, "compiled_us": 1e6 * seconds / TIMES, "from_python_us": 1e6 * asked}


class Without(Strategy):
    """Quotes a cent behind the best."""

    def analyze(self, data: Any) -> None:
        bid, ask = data.get("bid"), data.get("ask")
        if bid is not None and ask is not None:
            self.quote(bid=bid - 0.01 if bid > 0.02 else None, ask=ask + 0.01 if ask < 0.98 else None, size=10)


class With(Strategy):
    """The same, asking for a fair value at each wake."""

    pricing = Pricing(max_spot_age="10s")

    def analyze(self, data: Any) -> None:
        data.fair_value()
        bid, ask = data.get("bid"), data.get("ask")
        if bid is not None and ask is not None:
            self.quote(bid=bid - 0.01 if bid > 0.02 else None, ask=ask + 0.01 if ask < 0.98 else None, size=10)


def share(*, compiled: bool) -> dict[str, float]:
    """Part of the CPU time of a run over the sample that fair values take."""
    runs = [Backtest(strategy, "sample", compiled=compiled) for strategy in (Without, With)]
    for each in runs:
        each.run()
    plain, priced = turns(*(each.run for each in runs))
    return {"without_s": plain, "with_s": priced, "share": 1.0 - plain / priced}


def main() -> None:
    """Measure and print."""
    found = ladder()
    shares = {"python": share(compiled=False), "compiled": share(compiled=True)}
    holds = found["compiled_us"] <= LADDER_US and all(each["share"] <= SHARE for each in shares.values())
    print(json.dumps({"ladder": found, "share_of_a_run": shares, "holds": holds}, indent=2))


if __name__ == "__main__":
    main()
