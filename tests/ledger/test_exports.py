import ntp.ledger


def test_the_public_names_are_sorted_and_exist():
    names = ntp.ledger.__all__
    assert names == sorted(names)
    assert "audit" in names
    assert all(hasattr(ntp.ledger, name) for name in names)
