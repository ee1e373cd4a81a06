import ntp.data


def test_the_door_lists_every_name_once_in_order():
    names = ntp.data.__all__
    assert len(set(names)) == len(names)
    assert all(hasattr(ntp.data, name) for name in names)
    groups = [n for n in names if n.isupper()], [n for n in names if n[0].isupper() and not n.isupper()]
    lower = [n for n in names if n[0].islower()]
    assert [*groups[0], *groups[1], *lower] == names
    assert all(group == sorted(group) for group in (*groups, lower))
