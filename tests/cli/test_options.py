import pytest

from ntp.cli.errors import UsageError
from ntp.cli.options import key_values


def test_pairs_are_split_at_the_first_sign():
    assert key_values("--set", ["a=1", "b = x=y"]) == {"a": "1", "b": "x=y"}
    assert key_values("--set", None) == {}


@pytest.mark.parametrize("rows", [["a"], ["=1"], ["a=1", "a=2"]])
def test_anything_else_is_wrong_usage(rows):
    with pytest.raises(UsageError, match="--set"):
        key_values("--set", rows)
