"""Strategies made from a description."""

import json

import pytest

from ntp import Backtest, ConfigError, Indicator, NotFound, Signal, Strategy, templates
from ntp.core import SECOND
from ntp.strategy import code_hash_of, declaration_of, parameters_of

DIP = {
    "indicators": {"RSI": Indicator("RSI", 3, bar="4s"), "MACD": Indicator("MACD", 3, 6, 3, bar="4s")},
    "entry_conditions": {"RSI": "<30"}, "exit_conditions": {"profit": ">5%"},
}  # fmt: skip


def played(strategy, data, **options):
    return Backtest(strategy, data, store=False, **options).run(modes=("base",))


def test_the_description_of_the_page_is_a_strategy():
    made = templates["momentum"].customize(
        indicators=["RSI", "MACD"], entry_conditions={"RSI": "<30"}, exit_conditions={"profit": ">5%"}
    )
    assert issubclass(made, Strategy)
    assert made.__name__ == "CustomMomentum"
    assert made(size=3).size == 3
    assert set(parameters_of(made)) == set(parameters_of(templates.momentum))
    assert templates.momentum().customize(size=2)().size == 2  # of an instance too


def test_entries_are_bought_and_exits_sold(swings):
    class Watched(templates["momentum"].customize(**DIP, stop_loss=None)):
        """Holds each answer against the conditions, worked out here."""

        def analyze(self, data):
            rsi, held = data.indicators.get("rsi"), data.position
            gain = held.unrealised_usd / held.cost if held.size else 0.0
            action = super().analyze(data).action
            assert held.size >= -self.size  # an order that was replaced may have been filled on the way
            assert data.state.leaving == "profit" or gain <= 0.05
            if data.state.leaving:
                assert action == "CLOSE"
            else:
                assert action == ("BUY" if rsi is not None and rsi < 30 else "HOLD")
            self.record(**{action: 1.0})
            return action if action != "BUY" else Signal("BUY", size=self.size)

    run = played(Watched, swings)
    assert run.metrics.trades > 0
    assert set(run.records["name"]) == {"BUY", "HOLD", "CLOSE"}


def test_all_entries_must_hold_and_any_exit_does(swings):
    never = {**DIP, "entry_conditions": {"RSI": "<30", "mid": ">1"}}
    assert played(templates.momentum.customize(**never), swings).metrics.fills == 0
    at_once = {**DIP, "exit_conditions": {"profit": ">500%", "mid": ">0"}}
    assert played(templates.momentum.customize(**at_once), swings).metrics.fills == 0


def test_a_side_may_be_sold(swings):
    made = templates.mean_reversion.customize(**DIP | {"entry_conditions": {"RSI": ">70"}}, side="SELL")
    run = played(made, swings)
    first = run.fills.sort("ts").group_by("contract", maintain_order=True).first()
    assert first.height
    assert set(first["side"]) == {"SELL"}


def test_a_position_is_held_no_longer_than_said(swings):
    made = templates.momentum.customize(
        indicators=DIP["indicators"], entry_conditions={"RSI": "<30"}, exit_conditions={"held": ">20s"}, stop_loss=None
    )
    run = played(made, swings)
    sells = run.orders.filter(run.orders["side"] == "SELL")
    buys = run.fills.filter(run.fills["side"] == "BUY")
    assert sells.height
    for contract, ts in sells.select("contract", "ts").rows():
        entered = buys.filter((buys["contract"] == contract) & (buys["ts"] < ts))["ts"]
        assert (ts - entered.min()).total_seconds() > 20


def test_a_crossing_enters_once_and_not_while_it_lasts(swings):
    made = templates.momentum.customize(
        indicators=DIP["indicators"], entry_conditions={"MACD": "crosses_above MACD.signal"},
        exit_conditions={"MACD": "crosses_below MACD.signal"},
    )
    assert played(made, swings).metrics.trades > 3


@pytest.mark.parametrize("name", ["pairs_trading", "ml_prediction", "event_driven", "maker"])
def test_the_other_templates_act_within_conditions(name, swings):
    settings = {
        "pairs_trading": {"window": 8, "entry": 1.0}, "ml_prediction": {"least": 4, "edge": 0.01},
        "event_driven": {"favourite": 0.55}, "maker": {},
    }[name]  # fmt: skip
    own = played(templates[name](**settings), swings)
    same = played(templates[name].customize(**settings), swings)
    assert own.to_dict()["fills_hash"] == same.to_dict()["fills_hash"]
    never = templates[name].customize(entry_conditions={"mid": ">1"}, **settings)
    assert played(never, swings).metrics.fills == 0
    early = played(templates[name].customize(exit_conditions={"held": ">4s", "loss": ">1%"}, **settings), swings)
    assert early.metrics.fills > 0
    assert early.to_dict()["fills_hash"] != own.to_dict()["fills_hash"]


def test_bars_are_those_of_the_template_and_of_what_is_added():
    made = templates.mean_reversion.customize(indicators=["RSI", Indicator("EMA", 5, bar="1s")], bar="1m")
    spans = {name: each.span for name, each in declaration_of(made).indicators.items()}
    assert spans == dict.fromkeys(("distance", "swing", "rsi"), 60 * SECOND) | {"ema": SECOND}
    assert declaration_of(made(window=7)).indicators["swing"].indicator.values(made(window=7)) == (7.0,)
    assert templates.pairs_trading.customize(bar="1h").wake == "bar:1h"
    assert {each.span for each in declaration_of(templates.mean_reversion).indicators.values()} == {10 * SECOND}


def test_other_descriptions_are_other_code():
    one, other = (
        templates.momentum.customize(indicators=["RSI"], entry_conditions={"RSI": f"<{limit}"}) for limit in (30, 31)
    )
    again = templates.momentum.customize(indicators=["RSI"], entry_conditions={"RSI": "<30"})
    assert code_hash_of(one) == code_hash_of(again) != code_hash_of(other)


@pytest.mark.parametrize(
    ("given", "error", "code", "hint"),
    [
        ({"indicators": ["RSJ"]}, NotFound, "unknown_indicator", "'RSI'"),
        ({"indicators": "RSI"}, ConfigError, "bad_indicator", '["RSI", "MACD"]'),
        ({"indicators": [14]}, ConfigError, "bad_indicator", "Indicator("),
        ({"indicators": ["RSI", "RSI"]}, ConfigError, "bad_indicator", "name them"),
        ({"indicators": {"size": "RSI"}}, ConfigError, "bad_indicator", "my_size"),
        ({"indicators": ["RSI"], "bar": "1 week"}, ConfigError, "bad_indicator", ""),
        ({"entry_conditions": {"RSI": "<30"}}, ConfigError, "unknown_condition", "among indicators"),
        ({"exit_conditions": {"profitt": ">5%"}}, ConfigError, "unknown_condition", "'profit'"),
        ({"exit_condition": {"profit": ">5%"}}, ConfigError, "unknown_parameter", "'exit_conditions'"),
        ({"threshhold": 0.1}, ConfigError, "unknown_parameter", "'threshold'"),
        ({"threshold": 7}, ConfigError, "bad_parameter", "joining"),
        ({"side": "LONG"}, ConfigError, "bad_side", "BUY"),
        ({"side": "SELL"}, ConfigError, "bad_side", "entry_conditions"),
        ({"name": "my strategy"}, ConfigError, "bad_name", ""),
        ({"universe": 5}, ConfigError, "bad_declaration", ""),
    ],
)
def test_wrong_descriptions_say_what_is_expected(given, error, code, hint):
    with pytest.raises(error) as caught:
        templates.momentum.customize(**given)
    assert caught.value.code == code
    assert caught.value.message.startswith("expected ")
    assert hint in caught.value.hint


def test_state_survives_in_json(swings):
    made = templates.momentum.customize(
        indicators=DIP["indicators"], entry_conditions={"MACD": "crosses_above 0"}, exit_conditions={"held": ">1m"}
    )

    class Saving(made):
        def on_fill(self, fill):
            super().on_fill(fill)
            state = vars(self.market(fill.contract).state)
            assert json.loads(json.dumps(state)) == state

    assert played(Saving, swings).orders.height > 0
