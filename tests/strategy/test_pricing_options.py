"""Options of the fair value."""

import pytest

from ntp.core import MINUTE, SECOND, ConfigError
from ntp.strategy import Pricing


def test_defaults():
    pricing = Pricing()
    assert (pricing.vol_ns, pricing.max_spot_age_ns) == (30 * MINUTE, 5 * SECOND)
    assert Pricing(vol="ewma:30m") == pricing


@pytest.mark.parametrize(
    "options", [{"vol": "ewma"}, {"vol": "emwa:5m"}, {"vol": "ewma:long"}, {"tails": "fat"}, {"blend": 1.5},
                {"max_spot_age": "soon"}, {"max_spot_age": "0s"}, {"vol": "ewma:0s"}, {"vol": "flat:-1"},
                {"vol": "flat:often"}, {"vol": "parkinson:1m"}, {"vol": "atr:5m:x"}, {"vol": "atr:5m:1"},
                {"vol": "ewma:5m:3"}, {"tails": "t"}, {"tails": "t:2"}, {"tails": "t:4.5"}, {"tails": "normal:3"},
                {"basis": -1.0}, {"basis": "x:1"}, {"basis": "5:"}, {"basis": "1:-2"}, {"sample": "0s"},
                {"vol": "close:1s"}]
)
def test_other_options_are_refused(options):
    with pytest.raises(ConfigError):
        Pricing(**options)


def test_misspelt_estimators_get_a_suggestion():
    with pytest.raises(ConfigError) as caught:
        Pricing(vol="emwa:5m")
    assert "'ewma'" in caught.value.hint


@pytest.mark.parametrize(
    ("vol", "grid", "bars"),
    [("ewma:30m", SECOND, 0), ("close:30m", SECOND, 1_801), ("parkinson:1m:30", MINUTE, 31), ("flat:0.6", SECOND, 0)],
)
def test_estimators_and_their_bars(vol, grid, bars):
    pricing = Pricing(vol=vol)
    assert (pricing.grid_ns, pricing.bars) == (grid, bars)
    assert Pricing(tails="t:4").freedom == 4


def test_a_basis_may_have_a_mean():
    assert (Pricing(basis="-8.8:5.8").shift, Pricing(basis="-8.8:5.8").basis_sd) == (-8.8, 5.8)
    assert (Pricing(basis=3.0).shift, Pricing(basis=3.0).basis_sd) == (0.0, 3.0)
