import pytest


def test_makers_and_takers_of_the_sample(ntp, tmp_path):
    page = tmp_path / "page.html"
    found = ntp("analytics", "sample", "--by", "all,price", "--report", str(page), "--json").document
    rows = {row["role"]: row for row in found["rows"] if (row["by"], row["weighting"]) == ("all", "event")}
    assert rows["maker"]["excess"] == pytest.approx(-rows["taker"]["excess"])
    assert rows["yes"]["trades"] == found["trades"] > 0
    text = page.read_text()
    assert "Calibration" in text
    assert text.count(">All trades<") == 2, "in the list of sections and above its table, which does not repeat it"
    assert "src=" not in text, "it asks the network for nothing"


def test_people_get_tables(ntp):
    assert "takers lose at" in ntp("analytics", "--data", "sample", "--by", "price,hour").out


def test_bad_input(ntp):
    for words, code, exit_code in (
        (("sample", "--by", "prise"), "unknown_division", 4),
        (("sample", "--weighting", "events"), "usage", 2),
        (("sample", "--zone", "Mars/Olympus"), "usage", 2),
        (("nothing",), "unknown_dataset", 3),
        (("sample", "--venue", "sim_x"), "unknown_venue", 3),
        (("sample", "--from", "2030-01-01"), "no_trades", 4),
        ((), "usage", 2),
    ):
        error = ntp("analytics", *words, "--json").document["error"]
        assert (error["code"], error["exit_code"]) == (code, exit_code), words
