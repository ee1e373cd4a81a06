"""Fixtures of backtests; being here it puts their helpers within reach of the tests below."""

import numpy as np
import pytest
from recording import Recording, dataset

EVENTS = 34


def market(number, rng):
    """A contract whose price wanders and then settles; each is an event of its own."""
    made = Recording(f"C{number:02d}", event=f"E{number:02d}")
    price = 0.5
    for step in range(30):
        when = 100.0 * number + step * 2
        price = float(np.clip(price + rng.normal(0, 0.02), 0.1, 0.9))
        bid = round(price - 0.02, 2)
        made.quote(when, bid, round(bid + 0.04, 2), size=5)
        made.trade(when + 0.5, bid if step % 2 else round(bid + 0.04, 2), 30, -1 if step % 2 else 1)
    made.settle(100.0 * number + 70, float(rng.random() < price))
    return made


@pytest.fixture(scope="session")
def recorded(tmp_path_factory):
    """A small recording of many events as a stored data set."""
    rng = np.random.default_rng(7)
    return dataset(tmp_path_factory.mktemp("catalog"), *(market(number, rng) for number in range(EVENTS)))
