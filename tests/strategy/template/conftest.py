"""Fixtures of templates."""

import pytest
from tests.strategy.template.market import market


@pytest.fixture(scope="session")
def swings(tmp_path_factory):
    """The made market as a stored data set."""
    return market(tmp_path_factory.mktemp("swings"))
