"""Each template trades, passively, and learns nothing before it is known."""

import builtins
import json
import sys

import pytest

import ntp
from ntp import Backtest, ConfigError, NotFound, Strategy, templates
from ntp.strategy.template.catalogue import CLASSES

QUICK = {
    "pairs_trading": {"window": 8, "entry": 1.0},
    "momentum": {"lookback": 3, "threshold": 0.02},
    "mean_reversion": {"window": 5, "entry": 1.0},
    "ml_prediction": {"least": 4, "edge": 0.01},
    "event_driven": {"favourite": 0.55},
    "maker": {},
}
"""Parameters with which the small market is enough."""


def test_the_six_are_there_by_name_attribute_and_class():
    assert list(templates) == list(CLASSES) == list(QUICK)
    for name, class_name in CLASSES.items():
        assert templates[name] is getattr(templates, name) is getattr(ntp, class_name)
        assert issubclass(templates[name], Strategy)
    assert "momentum" in templates
    assert "momentun" not in templates


def test_a_misspelt_template_gets_a_suggestion():
    with pytest.raises(NotFound) as caught:
        templates["momentun"]
    assert (caught.value.code, caught.value.hint) == ("unknown_template", "did you mean 'momentum'?")


@pytest.mark.parametrize("name", QUICK)
def test_each_template_trades_as_a_maker_only(name, swings):
    run = Backtest(templates[name](**QUICK[name]), swings, store=False).run(modes=("base",))
    assert run.metrics.fills > 0
    assert run.metrics.maker_share == 1
    assert run.orders["status"].is_in(["refused"]).sum() == 0
    assert not any(run.to_dict()["rules"]["refused"].values())


def test_the_legs_of_a_pair_stay_together(swings):
    strategy = templates.pairs_trading(**QUICK["pairs_trading"], size=10, lead=4)
    run = Backtest(strategy, swings, store=False).run(modes=("base",))
    positions, worst = {}, 0.0
    for contract, side, size in run.fills.sort("ts").select("contract", "side", "size").rows():
        positions[contract] = positions.get(contract, 0.0) + (size if side == "BUY" else -size)
        worst = max(worst, abs(sum(size for each, size in positions.items() if each[-1] == contract[-1])))
    assert len(positions) > 2
    assert worst <= 2 * 4  # both legs may rest for the lead at the same time


def test_a_model_knows_only_what_has_settled(swings):
    """Before enough contracts have settled nothing is asked, and then results of the past are all it was told."""

    class Watching(templates.ml_prediction):
        def on_settlement(self, settlement):
            super().on_settlement(settlement)
            self.record(settled=self.settled, examples=len(self.results), yes=sum(self.results))

    run = Backtest(Watching(**QUICK["ml_prediction"]), swings, store=False).run(modes=("base",))
    assert run.records.filter(run.records["name"] == "settled").height == 12
    fourth = run.settlements.sort("ts")["ts"][3]
    assert run.orders.height > 0
    assert run.orders["ts"].min() > fourth


def test_a_model_is_the_same_each_time(swings):
    runs = [
        Backtest(templates.ml_prediction(**QUICK["ml_prediction"]), swings, store=False).run(modes=("base",))
        for _ in range(2)
    ]  # fmt: skip
    assert runs[0].to_dict()["fills_hash"] == runs[1].to_dict()["fills_hash"]


def test_a_model_goes_on_after_a_restart():
    strategy, after = templates.ml_prediction(), templates.ml_prediction()
    for each in (strategy, after):
        each.on_start()
    strategy.examples = [[number / 7, number % 3, 0.01, 0.0, 0.0, 0.1] for number in range(40)]
    strategy.results = [int(number > 15) for number in range(40)]
    strategy.weights, strategy.settled, strategy.unseen = [0.5] * 40, 8, 10
    strategy.fit()
    after.on_load(json.loads(json.dumps(strategy.on_save())))
    some = [[2.0, 1, 0.01, 0.0, 0.0, 0.1]]
    assert after.model.predict_proba(some).tolist() == strategy.model.predict_proba(some).tolist()
    assert after.settled == 8


def test_a_missing_package_names_its_extra(swings, monkeypatch):
    for name in [each for each in sys.modules if each.partition(".")[0] == "sklearn"]:
        monkeypatch.delitem(sys.modules, name)
    real = builtins.__import__

    def without(name, *arguments, **named):
        if name.partition(".")[0] == "sklearn":
            raise ModuleNotFoundError("No module named 'sklearn'", name=name)
        return real(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ConfigError) as caught:
        Backtest(templates.ml_prediction, swings, store=False).run(modes=("base",))
    assert (caught.value.code, caught.value.hint) == ("missing_extra", "pip install 'ntp[ml]'")
    assert caught.value.details["extra"] == "ml"
