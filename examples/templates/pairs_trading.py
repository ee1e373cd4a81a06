# %% [markdown]
# # Pairs: one claim, two venues
#
# The simulator quotes each claim at two venues, one of which learns of every move 300 ms later. The template finds the
# twins by itself, by close and strikes. Run the cells in a notebook or the whole file with `python
# examples/templates/pairs_trading.py`.

# %%
from ntp import Backtest, templates

PairsTrading = templates["pairs_trading"]
DATA = "sample"

# %%
run = Backtest(PairsTrading(window=20, entry=1.5), DATA, store=False).run(modes=("pessimistic", "base"))
print(f"{run.metrics.trades} trades, {run.metrics.pnl_net_usd:.2f} dollars, fees {run.metrics.fees_usd:.2f}")

# %% [markdown]
# The legs wait apart: what one earns the other may lose. The venues' shares show who was the slower one.

# %%
for row in run.to_dict()["by"]["venue"]:
    print(row["key"], row["trades"], "trades,", row["pnl_net_usd"], "dollars")

# %% [markdown]
# Pairs of your own: say which contracts belong together. Here the two ends of one ladder.


# %%
class Ends(PairsTrading):
    """Pairs the lowest and the highest contract of each event."""

    universe = "sim_a:SIMBTC-*"

    def candidates(self, data):
        ids = [data.event.contracts[0].id, data.event.contracts[-1].id]
        return [each for each in ids if each != data.contract.id] if data.contract.id in ids else []


ends = Backtest(Ends(window=20, entry=1.5), DATA, store=False).run(modes=("base",))
print(f"{ends.metrics.trades} trades, {ends.metrics.pnl_net_usd:.2f} dollars")
