# %% [markdown]
# # A model that only knows the past
#
# A logistic regression learns from contracts that have settled, and trades where it disagrees with the price. It needs
# the optional extra: `pip install 'ntp[ml]'`. Run the cells in a notebook or the whole file with `python
# examples/templates/ml_prediction.py`.

# %%
from math import log

from ntp import Backtest, templates

MLPrediction = templates["ml_prediction"]
DATA, SOME = "sample", "sim_a:*"

# %% [markdown]
# A model of your own is a class that says other features: here the price alone. If it is right, there is nothing to
# learn, and the model should find nothing to trade.


# %%
class PriceAlone(MLPrediction):
    """Sees the log odds of the price and nothing else."""

    def features(self, data):
        price = min(max(data.mid, 0.01), 0.99)
        return [log(price / (1 - price))]


for strategy in (PriceAlone(), MLPrediction()):
    run = Backtest(strategy, DATA, contracts=SOME, store=False).run(modes=("base",))
    metrics = run.metrics
    print(f"{type(strategy).__name__}: {metrics.fills} fills, {metrics.pnl_net_usd:.2f} dollars after fees")
    print(f"  Brier score {metrics.brier} of the model, {metrics.brier_market} of the market at the same moments")

# %% [markdown]
# Compare the two scores before the dollars: a model that predicts worse than the price and earns all the same was
# lucky. Thirty contracts of one afternoon decide nothing; the interval of the report says so.
