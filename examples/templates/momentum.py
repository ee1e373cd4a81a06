# %% [markdown]
# # Momentum, from an idea to a number
#
# What has moved goes on moving for a while, because news reaches a book in pieces. That is the idea; here is what it
# costs to believe it. Run the cells in a notebook or the whole file with `python examples/templates/momentum.py`.

# %%
from ntp import Backtest, templates

Momentum = templates["momentum"]
DATA, SOME = "sample", "sim_a:SIMBTC15M-*"  # the simulator's recording, its up-or-down contracts

# %% [markdown]
# The template as it is. Three answers, because nobody knows how a queue shrinks: in `pessimistic` only prints move it.

# %%
run = Backtest(Momentum, DATA, contracts=SOME, store=False).run()
for mode in ("pessimistic", "base", "optimistic"):
    metrics = run.fill_modes[mode].metrics
    print(f"{mode:12} {metrics.fills:4} fills, {metrics.pnl_net_usd:8.2f} dollars after fees")

# %% [markdown]
# Where does it come from? Every trade carries the tag of its entry, and the markout says what the mid did after a fill:
# below zero, the order was filled because the move was over.

# %%
for row in run.to_dict()["by"]["tag"]:
    print(row["key"], row["trades"], "trades,", row["pnl_net_usd"], "dollars")
print("markout after 10 s:", run.metrics.markout_10s_cents, "cents")

# %% [markdown]
# Another description of the same idea, without code: join when the MACD turns up, leave when it turns down, at a loss,
# or in the last two minutes.

# %%
Turning = Momentum.customize(
    indicators=["MACD"],
    entry_conditions={"MACD": "crosses_above MACD.signal"},
    exit_conditions={"MACD": "crosses_below MACD.signal", "loss": ">15%", "time_left": "<2m"},
)
turned = Backtest(Turning, DATA, contracts=SOME, store=False).run(modes=("base",))
print(f"{turned.metrics.trades} trades, {turned.metrics.pnl_net_usd:.2f} dollars, win rate {turned.metrics.win_rate}")
