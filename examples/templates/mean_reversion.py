# %% [markdown]
# # Mean reversion: is a swing a swing?
#
# A price that ran away from its average comes back, if nothing has happened. Every contract ends with something that
# happened: it settles at 0 or 1. Run the cells in a notebook or the whole file with `python
# examples/templates/mean_reversion.py`.

# %%
from ntp import Backtest, templates

MeanReversion = templates["mean_reversion"]
DATA, SOME = "sample", "sim_a:SIMBTC15M-*"

# %% [markdown]
# How far must it be gone? Each distance tried is one more chance to be lucky. Without `store=False` runs are kept and
# counted, and the corrected figures of a result say what the best of so many is worth.

# %%
for entry in (1.5, 2.0, 2.5):
    run = Backtest(MeanReversion(entry=entry), DATA, contracts=SOME, store=False).run(modes=("base",))
    print(f"{entry} deviations: {run.metrics.trades:3} trades, {run.metrics.pnl_net_usd:7.2f} dollars")

# %% [markdown]
# The same with conditions: sell what is overbought while the market is narrow, take a profit, give up after a while.

# %%
Overbought = MeanReversion.customize(
    indicators=["RSI"], side="SELL",
    entry_conditions={"RSI": ">70", "spread": "<=0.03", "time_left": ">3m"},
    exit_conditions={"RSI": "<50", "held": ">2m", "loss": ">20%"},
)  # fmt: skip
run = Backtest(Overbought, DATA, contracts=SOME, store=False).run()
print(run.metrics.trades, "trades;", "profitable" if run.profitable else "not shown to be profitable")
print(run.fills.select("ts", "contract", "side", "price", "size", "tag").head())
