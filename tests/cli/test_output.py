from decimal import Decimal
from pathlib import Path

import pytest

from ntp.cli.output import Output, ask, table, to_json


def test_json_is_one_document_without_nan(capsys):
    Output(as_json=True).show({"a": Decimal("1.5"), "b": Path("x"), "c": ("p", "q")}, "for people")
    assert capsys.readouterr().out == '{\n  "a": 1.5,\n  "b": "x",\n  "c": [\n    "p",\n    "q"\n  ]\n}\n'
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json({"a": float("nan")})
    with pytest.raises(TypeError, match="was object"):
        to_json({"a": object()})


def test_people_see_tables_whole_in_a_pipe(capsys):
    name = "x" * 150
    Output(as_json=False).show({}, table(("name", "n"), [(name, None)], right=("n",)), "[not] markup")
    out = capsys.readouterr().out
    assert name in out
    assert "–" in out
    assert "[not] markup\n" in out


def test_progress_is_silent_without_a_terminal(capsys):
    with Output(as_json=False).progress("work") as advance:
        advance(1, 2)
    assert capsys.readouterr() == ("", "")


def test_nobody_is_asked_without_a_terminal(capsys):
    assert ask("sure?")
    assert capsys.readouterr() == ("", "")
