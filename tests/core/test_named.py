"""A name that a mapping does not have gets a suggestion, and is a missing key for Python too."""

import pickle

import pytest

from ntp.core import Named, NotFound


def test_a_missing_name_gets_a_suggestion():
    found = Named("a fruit", {"apple": 1, "pear": 2})
    with pytest.raises(NotFound, match="expected a fruit, was 'appel'; did you mean 'apple'") as problem:
        found["appel"]
    assert problem.value.code == "not_found"
    assert problem.value.hint == "did you mean 'apple'?"


def test_for_python_it_is_a_dictionary():
    found = Named("a fruit", {"apple": 1})
    assert found == {"apple": 1}
    assert "pear" not in found
    assert found.get("pear") is None
    with pytest.raises(KeyError):
        found["pear"]
    again = pickle.loads(pickle.dumps(found))
    with pytest.raises(NotFound, match="a fruit"):
        again["pear"]
