"""Run the templates over the sample and folders of recorded markets and write what came out as a page.

    python examples/template_results.py FOLDER --out docs/template-results.md
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from recorded_results import MODES, notes, number, verdict

from ntp import Backtest, templates
from ntp.backtest.run import Run
from ntp.data import Catalog, import_path
from ntp.data.sample import SAMPLE, stored_sample

SETS: Final = {
    SAMPLE: None,
    "polymarket_btc15m_l5": None,
    "kalshi_worldcup_inplay": None,
    "kalshi_crypto15m_tob": "1m",
    "kalshi_temp_markets_candles": "15m",
}
"""Duration of bars on each set; None is what the templates have."""
HEADER: Final = (
    "set", "bars", "template", "events", "contracts", "fidelity", "net, pessimistic", "net, base", "net, optimistic",
    "fills", "trades, base", "win rate, base", "markout, base", "profitable",
)  # fmt: skip
PAGE: Final = """# What the templates earn on recorded markets

Written by `python examples/template_results.py FOLDER --out docs/template-results.md`; every number is of that run.
Every [template](templates.md) runs as `ntp create strategy` writes it, with its default parameters and the bars
stated, {capital:,} dollars, feed latency {feed}, order latency {order}, queue model {queue} in the base mode, over all
contracts of a set. Net figures are in dollars, after fees. A strategy is called profitable only where the pessimistic
mode is. None was fitted to any of these sets, and most of them lose: they are places to start from, and this is what
an idea costs where nothing was added to it. One line that earns among so many that do not is what luck looks like;
`ntp check` and the corrected figures of [validation](validation.md) are there to tell.

{table}

`markout` is in cents per contract, from the price of the fill to the mid ten seconds later, in favour of the
position. A template without fills found nothing that it was made for: no second contract for `pairs_trading`, too few
settled ones for `ml_prediction`, no quotes in the last minutes for `event_driven`. The sample is simulated: what earns
there takes from noise traders that the simulator put in. `yes` says that the pessimistic net is above zero over at
least thirty events, not that it would be again: two dollars on three hundred fills are no edge, and `ntp check` says
so of that line. `unknown` is a gain of fewer events than that.

## Which results can be trusted how far

{trust}
"""


def main() -> None:
    """Run everything that is there and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--capital", type=int, default=10_000)
    given = parser.parse_args()
    runs = []
    with tempfile.TemporaryDirectory(prefix="ntp-results-") as scratch:
        for each in played(given.folder, Catalog(Path(scratch) / "catalog"), given.capital):
            runs.append(each)
            given.out.write_text(page(runs, given.capital), encoding="utf-8")  # kept if somebody interrupts


def played(folder: Path, catalog: Catalog, capital: int) -> Iterator[tuple[str, str, Run]]:
    """Run every template on the sample and on each set that is there: set, template, run."""
    stored_sample(catalog)
    for name, bar in SETS.items():
        if name != SAMPLE and not (folder / name).is_dir():
            continue
        if name != SAMPLE:
            import_path(catalog, folder / name, name=name)
        for template, strategy in templates.items():
            made = strategy.customize(bar=bar) if bar else strategy
            run = Backtest(made, catalog.dataset(name), capital=capital, store=False).run()
            sys.stderr.write(f"{name} {template}: {run.metrics.pnl_net_usd}\n")
            yield name, template, run


def page(runs: list[tuple[str, str, Run]], capital: int) -> str:
    """Return the page of the runs."""
    engine = runs[0][2].to_dict()["engine"]
    lines = [HEADER, ["---"] * len(HEADER), *(row(*each) for each in runs)]
    trust = {name: f"- {name}: {'; '.join(notes(run)) or 'nothing to add'}." for name, _, run in reversed(runs)}
    return PAGE.format(
        capital=capital, feed=engine["feed_latency"], order=engine["order_latency"], queue=engine["queue"],
        table="\n".join("| " + " | ".join(line) + " |" for line in lines), trust="\n".join(reversed(trust.values())),
    )  # fmt: skip


def row(name: str, template: str, run: Run) -> list[str]:
    """Return one line of the table."""
    document, base = run.to_dict(), run.fill_modes["base"].metrics
    return [
        name, SETS[name] or "10s", template, f"{document['data']['events']:,}", f"{document['data']['contracts']:,}",
        document["fidelity"],
        *(number(run.fill_modes[mode].metrics.pnl_net_usd) for mode in MODES),
        " / ".join(f"{run.fill_modes[mode].metrics.fills:,}" for mode in MODES), f"{base.trades:,}",
        "none" if base.win_rate is None else f"{base.win_rate:.0%}",
        "none" if base.markout_10s_cents is None else number(base.markout_10s_cents),
        verdict(run) if base.fills else "no fills",
    ]  # fmt: skip


if __name__ == "__main__":
    main()
