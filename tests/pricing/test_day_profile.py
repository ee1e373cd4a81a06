import numpy as np
import pytest

from ntp.core import DAY, HOUR, MINUTE, DataError
from ntp.pricing import TimeOfDay, time_of_day


def test_a_profile_is_found_again():
    random = np.random.default_rng(1)
    times = np.arange(1, 60 * 1_440 + 1) * MINUTE
    busy = ((times - 1) // HOUR % 24 >= 13) & ((times - 1) // HOUR % 24 < 21)
    found = time_of_day(times, random.standard_normal(len(times)) * np.where(busy, 2.0, 1.0), parts=24)
    expected = np.where((np.arange(24) >= 13) & (np.arange(24) < 21), 4.0, 1.0)
    assert found.factors == pytest.approx(expected / expected.mean(), rel=0.1)
    assert found.factors.mean() == pytest.approx(1)


def test_parts_with_few_returns_are_drawn_to_the_mean():
    times = [HOUR * 12] * 400 + [HOUR * 13]
    found = time_of_day(times, [0.001] * 400 + [0.01], parts=24)
    assert found.factors[12] < 6, "one wild return says little"


def test_stretches_are_means_of_their_parts():
    profile = TimeOfDay(np.array([0.5, 1.5, 0.5, 1.5]))
    quarter = DAY // 4
    assert profile.between(0, DAY) == pytest.approx(1)
    assert profile.between(5 * DAY, 5 * DAY + quarter) == pytest.approx(0.5)
    assert profile.between(quarter // 2, quarter + quarter // 2) == pytest.approx(1.0)
    assert profile.between(DAY - quarter // 2, DAY + quarter // 2) == pytest.approx(1.0)
    assert profile.between(quarter, 3 * DAY + quarter) == pytest.approx(1.0)


@pytest.mark.parametrize(
    "call",
    [
        lambda: time_of_day([], []), lambda: time_of_day([1, 2], [0.1]), lambda: time_of_day([1], [0.0]),
        lambda: time_of_day([1], [0.1], parts=0), lambda: TimeOfDay(np.ones(2)).between(5, 5),
    ],
)  # fmt: skip
def test_no_profile_without_a_history(call):
    with pytest.raises(DataError) as error:
        call()
    assert error.value.code == "no_price"
