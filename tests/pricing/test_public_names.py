"""The door of the room: every name it shows can be fetched through it, and coming in costs nothing."""

import pkgutil
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


def test_no_name_hides_behind_a_module() -> None:
    modules = {module.name for module in pkgutil.iter_modules(ntp.pricing.__path__)}
    assert not modules & set(ntp.pricing.__all__), "once loaded, the module would be found instead of the name"
