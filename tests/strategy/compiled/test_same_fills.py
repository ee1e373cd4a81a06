"""A strategy in compiled form does what the same methods do in Python, to the byte."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from ntp import Backtest, Strategy
from ntp.strategy.shipped.maker import Maker
from strategy.compiled import examples

WINDOW = {"start": "2026-01-05T00:00", "end": "2026-01-05T02:00"}
EVERY = [
    each for each in vars(examples).values()
    if inspect.isclass(each) and issubclass(each, Strategy) and each.__module__ == examples.__name__
]


class OwnMaker(Maker):
    """The shipped maker as somebody's own."""


def both(strategy: Any, data: Any = "sample", window: dict[str, str] | None = None, **options: Any) -> list[Any]:
    """Results in Python and compiled."""
    return [
        Backtest(strategy, data, compiled=compiled, **options).run(**(WINDOW if window is None else window))
        for compiled in (False, True)
    ]


def assert_same(plain: Any, compiled: Any) -> None:
    """Check that nothing tells two runs apart."""
    for mode, one in plain.fill_modes.items():
        other = compiled.fill_modes[mode]
        for what in ("fills", "orders", "records"):
            assert getattr(one, what).equals(getattr(other, what)), (mode, what)
    first, second = plain.to_dict(), compiled.to_dict()
    for key in ("fills_hash", "absent", "rules", "orders", "metrics", "by"):
        assert first[key] == second[key], key


@pytest.mark.parametrize("strategy", EVERY, ids=lambda each: each.__name__)
def test_compiled_and_plain_are_the_same(strategy):
    plain, compiled = both(strategy)
    assert len(plain.orders)
    assert_same(plain, compiled)


def test_an_own_maker_is_the_shipped_one():
    plain, compiled = both(OwnMaker)
    shipped = Backtest("maker", "sample", compiled=True).run(**WINDOW)
    assert_same(plain, compiled)
    assert compiled.to_dict()["fills_hash"] == shipped.to_dict()["fills_hash"]
