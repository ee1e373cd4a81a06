"""Fixtures that every room may use."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A loaded machine is no failure, and a test that passed yesterday passes today; `make soak` draws anew.
settings.register_profile("test", deadline=None, derandomize=True)
settings.register_profile("soak", deadline=None, max_examples=1_000)
settings.load_profile("test")

# Runs of the tests are kept only where a test says so.
os.environ.pop("NTP_HOME", None)

CHECKOUT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of recorded markets, no part of the project; tests that need it skip without it."""
    folder = Path(os.environ.get("NTP_SHARED", CHECKOUT.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip(f"no recorded markets: expected the folder {folder} (or NTP_SHARED/data)")
    return folder
