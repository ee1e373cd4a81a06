"""A kernel compiled in a process of its own: waited for, done without, and never left behind."""

import subprocess
import sys
from pathlib import Path

import pytest

from ntp.engine import ahead


@pytest.fixture
def helpers(monkeypatch):
    """Processes started by the test, none before it."""
    started = []
    monkeypatch.setattr(ahead, "_helpers", started)
    monkeypatch.setattr(ahead, "_meanwhile", [])
    monkeypatch.setattr(ahead, "_cores", lambda: 2)
    monkeypatch.setattr(ahead.atexit, "register", lambda done: None)
    yield started
    ahead._stop()


def compiling(monkeypatch, code):
    monkeypatch.setattr(ahead, "_COMPILE", code)


def test_whoever_needs_the_kernel_waits_for_it_and_works_meanwhile(helpers, monkeypatch, tmp_path):
    compiling(monkeypatch, f"import pathlib, time; time.sleep(0.2); pathlib.Path({str(tmp_path / 'done')!r}).touch()")
    told = []
    assert ahead.begin(tmp_path, lambda: told.append("meanwhile"))
    assert not ahead.finished("drive"), "only the kernel is compiled elsewhere"
    assert not told
    assert ahead.finished(ahead.PART)
    assert told == ["meanwhile"]
    assert (tmp_path / "done").exists()
    assert ahead.finished(ahead.PART), "asking again waits for nothing"
    assert told == ["meanwhile"]


def test_nothing_is_started_where_the_kernel_is_on_disk_or_one_core_is_all_there_is(helpers, monkeypatch, tmp_path):
    monkeypatch.setattr(ahead, "_cores", lambda: 1)
    assert not ahead.begin(tmp_path, list)
    monkeypatch.setattr(ahead, "_cores", lambda: 2)
    (tmp_path / "kernel.run-268.py311.1.nbc").touch()
    assert not ahead.begin(tmp_path, list)
    assert not helpers
    assert not ahead.finished(ahead.PART)


def test_one_process_is_started_at_most(helpers, monkeypatch, tmp_path):
    compiling(monkeypatch, "pass")
    assert ahead.begin(tmp_path, list)
    assert not ahead.begin(tmp_path, list)
    assert len(helpers) == 1


def test_a_process_that_cannot_be_started_is_done_without(helpers, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nowhere"))
    assert not ahead.begin(tmp_path, list)


def test_a_process_that_takes_too_long_is_ended(helpers, monkeypatch, tmp_path):
    compiling(monkeypatch, "import time; time.sleep(60)")
    monkeypatch.setattr(ahead, "_PATIENCE", 0.05)
    assert ahead.begin(tmp_path, list)
    assert ahead.finished(ahead.PART)
    assert helpers[0].returncode is not None


def test_what_is_still_compiled_ends_with_the_program(tmp_path):
    code = (
        "import pathlib; from ntp.engine import ahead; ahead._cores = lambda: 2\n"
        "ahead._COMPILE = 'import time; time.sleep(60)'\n"
        f"ahead.begin(pathlib.Path({str(tmp_path)!r}), list); print(ahead._helpers[0].pid)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert not process_lives(int(said.stdout))


def process_lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split()[2] != "Z"
    except OSError:
        return False


def test_the_part_compiled_elsewhere_is_kept_under_the_name_looked_for(tmp_path):
    from ntp.engine.compile import cache_folder
    from ntp.engine.warm import warm

    warm()
    assert not ahead.begin(cache_folder(), list), "the kernel is on disk"
