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
                {"max_spot_age": "soon"}]
)
def test_other_options_are_refused(options):
    with pytest.raises(ConfigError):
        Pricing(**options)


def test_misspelt_estimators_get_a_suggestion():
    with pytest.raises(ConfigError) as caught:
        Pricing(vol="emwa:5m")
    assert "'ewma'" in caught.value.hint
