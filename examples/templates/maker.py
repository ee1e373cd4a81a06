# %% [markdown]
# # Quoting both sides, and what it costs
#
# A maker earns the spread from those in a hurry and pays those who know more. Which is more? Run the cells in a
# notebook or the whole file with `python examples/templates/maker.py`.

# %%
from ntp import Backtest, templates

Maker = templates["maker"]
DATA, SOME = "sample", "sim_a:SIMBTC15M-*"

# %%
for half_spread in (0.01, 0.02, 0.04):
    run = Backtest(Maker(half_spread=half_spread), DATA, contracts=SOME, store=False).run(modes=("base",))
    metrics = run.metrics
    print(
        f"half spread {half_spread}: {metrics.fills} fills, {metrics.pnl_net_usd:.2f} dollars, "
        f"markout {metrics.markout_10s_cents:.2f} cents"
    )

# %% [markdown]
# A wider quote is filled less often and by better informed takers. The fair value matters more than the width: put your
# own into `value`. This one does not believe a quote that is a moment old while the mid runs.


# %%
class Leaning(Maker):
    """Leans with the last move: what rose in the last seconds is worth a little more than the mid."""

    def value(self, data):
        before = data.history("mid", "5s")[0]
        leaning = data.mid + 0.5 * (data.mid - before)
        return min(max(leaning, 0.0), 1.0)  # a claim is worth no less than nothing and no more than a dollar


# %% [markdown]
# And only where the market is wide enough to pay for the risk, by a condition:

# %%
wide = {"entry_conditions": {"spread": ">=0.03"}, "exit_conditions": {"loss": ">30%"}}
for strategy in (Leaning, Maker.customize(**wide)):
    run = Backtest(strategy, DATA, contracts=SOME, store=False).run(modes=("base",))
    print(f"{strategy.__name__}: {run.metrics.fills} fills, {run.metrics.pnl_net_usd:.2f} dollars after fees")
