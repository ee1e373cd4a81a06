"""Which events count, and who gets them."""

import numpy as np
import pytest
from recording import T0, Recording, dataset

from ntp.backtest import Backtest
from ntp.backtest.experiment.events import data_events, draw
from ntp.backtest.experiment.plan import name_variants
from ntp.core import SECOND, ConfigError


def found_in(data):
    return data_events(*Backtest("maker", data, store=False).opened())


def quoted(symbol, event, *, settled=None, state="settled"):
    made = Recording(symbol, event=event).quote(0, 0.4, 0.6)
    return made if settled is None else made.settle(settled, None if state == "voided" else 1.0, state)


def test_an_event_is_over_when_its_last_contract_is(tmp_path):
    data = dataset(
        tmp_path, quoted("A1", "A", settled=50), quoted("A2", "A", settled=70), quoted("B1", "B", settled=60),
        quoted("B2", "B"), quoted("C1", "C", settled=40, state="voided"),
        Recording("C2", event="C").settle(90, 0.0),  # never quoted: nobody could trade it
        quoted("D1", "D", settled=30, state="determined"),
    )
    found = found_in(data)
    assert found.settled == {"A": T0 + 70 * SECOND, "C": T0 + 40 * SECOND}
    assert found.open == {"B", "D"}


def test_contracts_must_name_their_events(tmp_path):
    with pytest.raises(ConfigError, match="which event they belong to"):
        found_in(dataset(tmp_path, quoted("A", "", settled=10)))


def test_the_lot_is_fair_and_the_same_everywhere():
    names = [f"EVENT-{number}" for number in range(6_000)]
    given = [draw("mine", 0, name, ("a", "b", "c")) for name in names]
    counts = np.array([given.count(each) for each in "abc"])
    assert (np.abs(counts - 2_000) < 150).all()
    assert given == [draw("mine", 0, name, ("a", "b", "c")) for name in names]
    other = [draw("yours", 0, name, ("a", "b", "c")) for name in names]
    assert np.mean([one == two for one, two in zip(given, other, strict=True)]) == pytest.approx(1 / 3, abs=0.03)
    assert draw("mine", 0, "EVENT-1", ("a", "b")) == "a"  # on any machine


def test_variants_are_named_by_their_strategies():
    assert name_variants(["maker", "v10", "maker", "maker"]) == ["maker", "v10", "maker-2", "maker-3"]
    assert name_variants(["x-2", "x", "x"]) == ["x-2", "x", "x-3"]
