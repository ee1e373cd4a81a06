"""The door of the room: every name it shows can be fetched through it, and coming in costs nothing."""

import subprocess
import sys

import ntp.pricing


def test_every_public_name_is_there() -> None:
    assert sorted(ntp.pricing.__all__) == ntp.pricing.__all__
    assert all(getattr(ntp.pricing, name) is not None for name in ntp.pricing.__all__)


def test_coming_in_does_not_load_scipy() -> None:
    code = "import sys, ntp.pricing; print('scipy' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
