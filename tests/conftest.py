"""Fixtures that every room may use."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A loaded machine is no failure, and a test that passed yesterday passes today; `make soak` draws anew.
SOAK, MORE, MOST = "soak", 10, 1_000
settings.register_profile("test", deadline=None, derandomize=True)
settings.register_profile(SOAK, deadline=None, max_examples=MOST)
settings.load_profile("test")

# Runs of the tests are kept only where a test says so.
os.environ.pop("NTP_HOME", None)

_SETTINGS = "_hypothesis_internal_use_settings"  # hypothesis keeps them at the test and has no door for this

CHECKOUT = Path(__file__).resolve().parents[1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a soak draw more for the tests that say how much they draw, too."""
    if settings.get_current_profile_name() != SOAK:
        return
    for item in items:
        test = getattr(item, "obj", None)
        said = getattr(test, _SETTINGS, None)
        if said is not None and said.max_examples < MOST:
            setattr(test, _SETTINGS, settings(said, max_examples=min(MORE * said.max_examples, MOST)))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of recorded markets, no part of the project; tests that need it skip without it."""
    folder = Path(os.environ.get("NTP_SHARED", CHECKOUT.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip(f"no recorded markets: expected the folder {folder} (or NTP_SHARED/data)")
    return folder
