"""Calls on self: outside a run they raise, inside they are the runtime's own."""

import inspect

import pytest

from ntp.core import StrategyError
from ntp.strategy import Runtime, Strategy
from ntp.strategy.calls import BOUND_CALLS, READINGS

from .fake_runtime import HOME, OTHER, FakeRuntime, bound


@pytest.mark.parametrize("name", [*BOUND_CALLS, *READINGS])
def test_outside_a_run_everything_raises(name):
    strategy = Strategy()
    arguments = {
        "replace": (None,), "input": ("spot",), "call_at": (0, "x"), "asset": ("a",),
    }.get(name, ())
    with pytest.raises(StrategyError, match=f"self.{name}") as caught:
        getattr(strategy, name)(*arguments)
    assert caught.value.code == "outside_run"


@pytest.mark.parametrize("name", BOUND_CALLS)
def test_bound_calls_are_the_runtimes_own(name):
    strategy = Strategy()
    runtime = bound(strategy)
    assert strategy.__dict__[name] == getattr(runtime, name)
    strategy._unbind()
    assert name not in strategy.__dict__


@pytest.mark.parametrize("name", READINGS)
def test_readings_come_from_the_runtime(name):
    strategy = Strategy()
    runtime = bound(strategy)
    assert getattr(strategy, name) is getattr(runtime, name)


@pytest.mark.parametrize("name", BOUND_CALLS)
def test_the_port_has_the_signatures_people_call(name):
    assert inspect.signature(getattr(Strategy, name)) == inspect.signature(getattr(Runtime, name))


@pytest.mark.parametrize("name", ["buy", "sell"])
def test_order_signature(name):
    signature = inspect.signature(getattr(Strategy, name))
    assert [parameter.name for parameter in signature.parameters.values()] == [
        "self", "contract", "size", "price", "post_only", "tif", "expire", "reduce_only", "outcome", "fair",
        "match", "tag",
    ]
    assert signature.parameters["post_only"].default is True
    assert signature.parameters["tif"].default == "gtc"


def test_the_class_delegates_where_an_instance_is_not_bound_directly():
    strategy = Strategy()
    runtime = FakeRuntime()
    strategy._runtime = runtime
    order = strategy.buy(OTHER, 3, 0.4, post_only=False, tag="t")
    strategy.sell(size=1)
    strategy.replace(order, 0.5)
    strategy.cancel(order)
    strategy.target(HOME, 5, ttl="1s")
    strategy.quote(bid=0.4, ask=0.5, size=2)
    strategy.record(edge=0.1)
    strategy.call_at(7, "later")
    assert strategy.asset("model.json") == "model.json"
    assert strategy.input("spot").price == 1.0
    assert strategy.position(HOME).size == 0.0
    assert strategy.market("kalshi:HOME").contract is HOME
    assert [name for name, _ in runtime.calls] == [
        "buy", "sell", "replace", "cancel", "target", "quote", "record", "call_at", "asset", "input",
    ]
    assert runtime.called("buy")[0]["post_only"] is False
    assert runtime.called("quote")[0]["bid"] == 0.4
