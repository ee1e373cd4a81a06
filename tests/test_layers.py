"""Imports point down only, and every room stands on a floor."""

import tomllib
from pathlib import Path

from importlinter.cli import lint_imports

CHECKOUT = Path(__file__).resolve().parents[1]


def test_imports_point_down(monkeypatch, capsys):
    monkeypatch.chdir(CHECKOUT)
    code = lint_imports(config_filename="pyproject.toml", no_cache=True)
    assert code == 0, capsys.readouterr().out


def test_every_room_stands_on_a_floor():
    settings = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["importlinter"]
    floors = settings["contracts"][0]["layers"]
    rooms = {room.strip().removeprefix("ntp.") for floor in floors for room in floor.split("|")}
    packages = {path.name for path in (CHECKOUT / "src" / "ntp").iterdir() if any(path.glob("*.py"))}
    assert packages <= rooms
