from pathlib import Path

import pytest

from ntp.core.errors import ConfigError
from ntp.core.workspace import FOLDERS, create_workspace, find_workspace, user_data_folder


def test_the_nearest_file_upward_wins(tmp_path):
    outer, _ = create_workspace(tmp_path)
    inner, _ = create_workspace(tmp_path / "a" / "b")
    below = inner.root / "c"
    below.mkdir()
    assert find_workspace(below, {"NTP_HOME": "/nowhere"}).root == inner.root
    assert find_workspace(tmp_path / "a", {}).root == outer.root


def test_without_a_file_home_comes_next_and_the_data_folder_last(tmp_path):
    assert find_workspace(tmp_path, {"NTP_HOME": str(tmp_path / "home")}).root == tmp_path / "home"
    found = find_workspace(tmp_path, {"XDG_DATA_HOME": str(tmp_path / "xdg")})
    assert found.root == tmp_path / "xdg" / "ntp"
    assert not found.declared


def test_a_new_workspace_has_its_folders_and_a_valid_file(tmp_path):
    workspace, created = create_workspace(tmp_path / "new")
    assert workspace.declared
    assert all((workspace.root / name).is_dir() for name in FOLDERS)
    assert workspace.file in created
    for folder in (workspace.catalog, workspace.runs, workspace.logs):
        assert folder.parent == workspace.root / ".ntp"


def test_what_exists_is_left_alone(tmp_path):
    (tmp_path / "ntp.toml").write_text("[engine]\nseed = 3\n")
    workspace, _ = create_workspace(tmp_path)
    assert workspace.config.engine.seed == 3
    assert create_workspace(tmp_path)[1] == []


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path):
    (tmp_path / "strategies").write_text("")
    with pytest.raises(ConfigError, match="expected a folder"):
        create_workspace(tmp_path)


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {"HOME": "/h"}, "/h/.local/share/ntp"),
        ("linux", {"HOME": "/h", "XDG_DATA_HOME": "/x"}, "/x/ntp"),
        ("darwin", {"HOME": "/h"}, "/h/Library/Application Support/ntp"),
        ("win32", {"USERPROFILE": "/h", "LOCALAPPDATA": "/l"}, "/l/ntp"),
    ],
)
def test_the_data_folder_follows_the_system(platform, environment, expected):
    assert user_data_folder(environment, platform) == Path(expected)
