"""Files of users, found in a folder."""

from ntp.core.user_code import python_files


def test_files_are_known_by_their_stems_and_helpers_are_left_out(tmp_path):
    for name in ("two.py", "one.py", "_helper.py", ".hidden.py", "notes.txt"):
        (tmp_path / name).write_text("")
    (tmp_path / "folder.py").mkdir()
    assert list(python_files(tmp_path)) == ["one", "two"]
    assert python_files(tmp_path)["one"] == tmp_path / "one.py"
    assert python_files(tmp_path / "none") == python_files(None) == {}
