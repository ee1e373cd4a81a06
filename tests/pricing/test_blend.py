import numpy as np
import pytest

from ntp.core import DataError
from ntp.pricing import logit_pool, market_weight


def test_pools_lie_between_and_meet_both_ends():
    fair, market = np.array([0.2, 0.5, 0.9, 0.0]), np.array([0.4, 0.5, 0.6, 1.0])
    assert logit_pool(fair, market, 0.0) == pytest.approx([0.2, 0.5, 0.9, 0.001])
    assert logit_pool(fair, market, 1.0) == pytest.approx([0.4, 0.5, 0.6, 0.999])
    assert logit_pool(fair, market, 0.5)[3] == pytest.approx(0.5)
    half = np.exp(0.5 * (np.log(0.2 / 0.8) + np.log(0.4 / 0.6)))
    assert logit_pool(0.2, 0.4, 0.5) == pytest.approx(half / (1 + half))


def test_yes_and_no_are_pooled_alike():
    weight = market_weight(90.0)
    assert logit_pool(0.3, 0.45, weight) == pytest.approx(1 - logit_pool(0.7, 0.55, weight))


def test_default_weights():
    assert market_weight([0.0, 60.0, 61.0, 899.0, 900.0, 5_000.0]).tolist() == [0.51, 0.51, 0.57, 0.50, 0.50, 0.5]


@pytest.mark.parametrize(
    "call", [lambda: logit_pool(-0.1, 0.5, 0.5), lambda: logit_pool(0.1, np.nan, 0.5), lambda: market_weight(-1.0)]
)
def test_no_blend_without_its_inputs(call):
    with pytest.raises(DataError):
        call()
