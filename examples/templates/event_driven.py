# %% [markdown]
# # Acting by appointment
#
# Most of what moves a contract has a date: the close, a halt, a jump of what it is written on. The template joins the
# favourite in the last minutes and steps aside when the underlying jumps. Run the cells in a notebook or the whole
# file with `python examples/templates/event_driven.py`.

# %%
from ntp import Backtest, templates

EventDriven = templates["event_driven"]
DATA, SOME = "sample", "sim_a:SIMBTC15M-*"

# %% [markdown]
# Does it pay to step aside? Once as it is, once with a threshold that no jump reaches.

# %%
for jolt in (3.0, 1_000.0):
    run = Backtest(EventDriven(jolt=jolt), DATA, contracts=SOME, store=False).run(modes=("base",))
    print(f"aside beyond {jolt:g} deviations: {run.metrics.trades} trades, {run.metrics.pnl_net_usd:.2f} dollars")

# %% [markdown]
# What the sample does not have, your data may: a feed of your own wakes `on_custom`, a forecast `on_forecast`. This one
# keeps a calendar and trades nothing around its dates.


# %%
class Calendar(EventDriven):
    """Stays aside around announcements."""

    announcements = ("2026-01-05T00:40:00Z", "2026-01-05T01:40:00Z")

    def on_start(self):
        self.closed = False
        for number, when in enumerate(self.announcements):
            self.call_at(when, f"close {number}")

    def on_timer(self, timer):
        self.closed = timer.name.startswith("close")
        if self.closed:
            self.cancel(None)  # nothing rests while it is read out
            self.call_at(timer.ts + 120_000_000_000, "open")

    def allowed(self, data):
        return not self.closed


run = Backtest(Calendar, DATA, contracts=SOME, store=False).run(modes=("base",))
print(f"with a calendar: {run.metrics.trades} trades, {run.metrics.pnl_net_usd:.2f} dollars")
