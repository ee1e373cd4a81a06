"""Run the shipped strategies over folders of recorded markets and write what came out as a page.

    python examples/recorded_results.py FOLDER --out docs/results.md
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from ntp import Backtest
from ntp.backtest.run import Run
from ntp.data import Catalog, import_path

SETS: Final = (
    "kalshi_btc15m_l2",
    "polymarket_btc15m_l5",
    "kalshi_highny_tob",
    "kalshi_worldcup_inplay",
    "kalshi_crypto15m_tob",
    "polymarket_us_quotes",
    "kalshi_temp_markets_candles",
    "kalshi_mentions",
)
STRATEGIES: Final = ("v10", "v11", "v12", "v13", "v14", "v15", "maker")
IN_PYTHON: Final = ("v13",)
"""Matched contracts have no compiled form."""
MODES: Final = ("pessimistic", "base", "optimistic")

PAGE: Final = """# What the shipped strategies earn on recorded markets

Written by `python examples/recorded_results.py FOLDER --out docs/results.md`; every number is of that run.
All strategies run with their default parameters, {capital:,} dollars, feed latency {feed}, order latency
{order}, queue model {queue} in the base mode, over all contracts of a set. Net figures are after fees.
A strategy is called profitable only where the pessimistic mode is, and only with enough fills to say it. None was
fitted to any of these sets. `v10` is the line others are measured against; `maker` shows what quoting around the mid
costs against informed takers. `v13` needs matched contracts of another venue, which no set has, and `v15` a spot feed:
where there is none it rests nothing, and 0 fills say so.

{table}

`markout` is in cents per contract, from the price of the fill to the mid ten seconds later, in favour of the
position; `edge` and `realised` are what the strategy predicted and what the results paid, in the same unit. `fill rate`
is passive orders with any fill over passive orders accepted. Where a recording has no tape, pessimistic and base are
the same by definition: nothing fills but what the market traded through.

## Which results can be trusted how far

{trust}
"""
FEW_FILLS: Final = 100
HEADER: Final = (
    "set", "strategy", "events", "contracts", "fidelity", "tape", "net, pessimistic", "net, base",
    "net, optimistic", "fills", "fees, base", "fill rate, base", "markout, base", "edge", "realised", "profitable",
)  # fmt: skip


def main() -> None:
    """Run everything that is there and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--capital", type=int, default=10_000)
    given = parser.parse_args()
    rows: list[list[str]] = []
    trust: list[str] = []
    engine: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="ntp-results-") as scratch:
        catalog = Catalog(Path(scratch) / "catalog")
        for name in (each for each in SETS if (given.folder / each).is_dir()):
            import_path(catalog, given.folder / name, name=name)
            for strategy in STRATEGIES:
                compiled = strategy not in IN_PYTHON
                run = Backtest(strategy, catalog.dataset(name), capital=given.capital, compiled=compiled).run()
                rows.append(row(name, run))  # and not the run: its orders are many
                engine = run.to_dict()["engine"]
                if strategy == STRATEGIES[0]:
                    trust.append(f"- {name}: {'; '.join(notes(run))}.")
            given.out.write_text(page(rows, trust, engine, given.capital), encoding="utf-8")  # kept if interrupted


def page(rows: list[list[str]], trust: list[str], engine: dict[str, Any], capital: int) -> str:
    """Return the page of the runs so far."""
    return PAGE.format(
        capital=capital, feed=engine["feed_latency"], order=engine["order_latency"], queue=engine["queue"],
        table=table(rows), trust="\n".join(trust),
    )  # fmt: skip


def row(name: str, run: Run) -> list[str]:
    """Return one line of the table."""
    document = run.to_dict()
    modes = {mode: run.fill_modes[mode].metrics for mode in MODES}
    base = modes["base"]
    return [
        name, document["strategy"]["name"], f"{document['data']['events']:,}",
        f"{document['data']['contracts']:,}", document["fidelity"], document["tape"],
        *(number(modes[mode].pnl_net_usd) for mode in MODES),
        " / ".join(f"{modes[mode].fills:,}" for mode in MODES), number(base.fees_usd),
        number(base.maker_fill_rate, 3), number(base.markout_10s_cents),
        number(base.edge_per_trade_cents), number(base.realised_edge_per_trade_cents),
        verdict(run),
    ]  # fmt: skip


def verdict(run: Run) -> str:
    """Return whether the strategy is profitable: the pessimistic mode says so, with enough fills to say it."""
    if run.profitable is None:
        return "unknown"
    if run.profitable and run.fill_modes["pessimistic"].output.fills.height < FEW_FILLS:
        return "too few fills"
    return "yes" if run.profitable else "no"


def notes(run: Run) -> Iterable[str]:
    """Return what a reader must know: stamps, and warnings told once each."""
    found = dict.fromkeys([*run.stamps, *run.warnings])
    first = [note for note in found if not note.startswith("run ")][:8]
    left = len(found) - len(first)
    return [*first, *([f"and {left} more in the report"] if left else [])]


def number(value: Any, digits: int = 2) -> str:
    """Return a number, or that it is unknown."""
    return "unknown" if value is None else f"{value:,.{digits}f}"


def table(rows: list[list[str]]) -> str:
    """Return a table in Markdown."""
    lines = [HEADER, ["---"] * len(HEADER), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    main()
