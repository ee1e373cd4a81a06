"""Hashes of strategy code."""

from ntp.strategy import Strategy, code_hash_of
from ntp.strategy.shipped import V10, Maker


def test_each_class_has_its_own():
    assert code_hash_of(Maker).startswith("sha256:")
    assert code_hash_of(Maker) == code_hash_of(Maker)
    assert code_hash_of(Maker) != code_hash_of(V10)


def typed(text):
    """Class as an interpreter makes it: without a file."""
    scope = {"Strategy": Strategy, "__name__": "typed_in"}
    exec(text, scope)
    return scope["Own"]


def test_classes_without_a_file_are_hashed_by_their_code():
    one = "class Own(Strategy):\n def analyze(self, data): return data.bid > 1"
    assert code_hash_of(typed(one)) == code_hash_of(typed(one))
    assert code_hash_of(typed(one)) != code_hash_of(typed(one.replace("1", "2")))
    assert code_hash_of(typed(one)) != code_hash_of(typed(one.replace("bid", "ask")))
