import pytest
from recording import Recording, at, dataset, play

CENTS = ((0, 10_000, 100),)


def life(name: str = "A") -> Recording:
    """A life of 100 seconds."""
    return Recording(name, tick_bands=CENTS, open_time=at(0), close_time=at(100))


def test_it_is_the_recorded_part_of_the_life(tmp_path):
    done = play(dataset(tmp_path, life().quote(10, 0.40, 0.45).quote(70, 0.41, 0.45)), [])
    assert done.to_dict()["data"]["coverage"] == pytest.approx(0.6)


def test_what_a_halt_says_was_not_recorded_does_not_count(tmp_path):
    made = life().life(0, "open").quote(10, 0.40, 0.45).life(40, "halted").life(80, "open").quote(90, 0.41, 0.45)
    assert play(dataset(tmp_path, made.life(100, "closed")), []).to_dict()["data"]["coverage"] == pytest.approx(0.6)


def test_it_is_the_mean_over_contracts_and_unknown_without_lives(tmp_path):
    half = life("B").quote(0, 0.40, 0.45).quote(50, 0.41, 0.45)
    whole = life("A").quote(0, 0.40, 0.45).quote(100, 0.41, 0.45)
    both = dataset(tmp_path / "a", half, whole)
    assert play(both, []).to_dict()["data"]["coverage"] == pytest.approx(0.75)
    unknown = dataset(tmp_path / "b", Recording("C", tick_bands=CENTS).quote(0, 0.40, 0.45).quote(9, 0.4, 0.44))
    assert play(unknown, []).to_dict()["data"]["coverage"] is None
