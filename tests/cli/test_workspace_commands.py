import pytest


def test_init_makes_a_workspace_and_leaves_it_alone_after(ntp, tmp_path):
    first = ntp("init", str(tmp_path / "new"), "--json")
    assert first.code == 0
    assert str(tmp_path / "new" / "ntp.toml") in first.document["created"]
    assert ntp("init", str(tmp_path / "new"), "--json").document["created"] == []
    assert "nothing to do" in ntp("init", str(tmp_path / "new")).out


def test_config_shows_values_and_origins(ntp, workspace):
    workspace.file.write_text('[engine]\nqueue = "risk_averse"\n[backtest]\ncapital = 500.5\n')
    shown = {row["key"]: row for row in ntp("config", "show", "--origin", "--json").document["settings"]}
    assert shown["engine.queue"] == {
        "key": "engine.queue", "value": "risk_averse", "origin": str(workspace.file),
    }  # fmt: skip
    assert shown["backtest.capital"]["value"] == 500.5
    assert shown["engine.seed"]["origin"] == "default"
    assert "risk_averse" in ntp("config", "show").out


def test_a_wrong_configuration_stops_every_command(ntp, workspace):
    workspace.file.write_text("[engine]\nsed = 1\n")
    found = ntp("config", "show", "--json")
    assert found.code == 4
    assert found.error["hint"] == "did you mean 'seed'?"
    assert found.error["details"] == {"key": "sed", "file": str(workspace.file)}


def test_doctor_finds_a_healthy_installation(ntp, workspace):
    found = ntp("doctor", "--json")
    assert found.code == 0
    assert found.document["healthy"]
    assert {row["check"] for row in found.document["checks"]} >= {
        "ntp",
        "python",
        "polars",
        "workspace",
        "writable",
    }
    workspace.file.write_text("[engin]\n")
    ill = ntp("doctor", "--json")
    assert ill.code == 4
    assert not ill.document["healthy"]


@pytest.mark.parametrize("words", [("doctor",), ("config", "show"), ("init",)])
def test_people_get_text(ntp, words):
    found = ntp(*words)
    assert found.code == 0
    assert found.out
    assert not found.out.startswith("{")
