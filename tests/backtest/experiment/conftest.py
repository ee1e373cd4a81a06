"""Fixtures of experiments; being here it puts their helpers within reach of the tests below."""

import pytest
from variants import clock, markets

from ntp.backtest import RunStore
from ntp.backtest.experiment import Experiments


@pytest.fixture(scope="session")
def paying(tmp_path_factory):
    """Eighty events of which nine in ten pay: who buys earns, who sells loses."""
    return markets(tmp_path_factory.mktemp("paying"), 0, 80)


@pytest.fixture
def experiments(tmp_path):
    """Experiments of an empty workspace."""
    return Experiments(RunStore(tmp_path / "state"), clock())
