import pytest

QUARTER = ("KXBTC15M-26SEP131715", "--vol", "50%")
INSIDE = (*QUARTER, "--spot", "100040", "--at", "2026-09-13T21:14:30Z", "--open-mean", "100050",
          "--observed", "30:100020")  # fmt: skip


def test_a_contract_inside_its_window(ntp):
    [row] = ntp("fairvalue", *INSIDE, "--json").document["contracts"]
    assert row["contract"] == "kalshi:KXBTC15M-26SEP131715-15"
    # to the cent a mean of 100,049.995 is enough: 0.5 cents below the published example
    assert row["fair_value_yes"] == pytest.approx(0.08295, abs=1e-4)
    assert row["low"] < row["fair_value_yes"] < row["high"]
    assert row["delta_per_usd"] > 0 > row["theta_per_minute"]


def test_an_event_sums_to_one_and_has_a_page(ntp, tmp_path):
    edges = [word for edge in range(72_500, 74_200, 100) for word in ("--strike", str(edge))]
    page = tmp_path / "page.html"
    found = ntp("fairvalue", "KXBTC-26SEP2901", "--spot", "73310", "--vol", "0.5", "--at", "2026-09-29T03:10:00Z",
                *edges, "--tails", "t:4", "--basis", "1:5", "--plot", str(page), "--json").document  # fmt: skip
    assert len(found["contracts"]) == 18
    assert found["sum"] == pytest.approx(1, abs=2e-5)
    assert (found["basis"], found["basis_sd"], found["tails"]) == (1.0, 5.0, "t:4")
    text = page.read_text()
    assert "when the window begins" in text
    assert "src=" not in text, "it asks the network for nothing"


def test_people_get_a_table(ntp):
    out = ntp("fairvalue", *INSIDE).out
    assert "≥ 100050" in out
    assert "30s to the close" in out


def test_before_the_open_no_strike_is_needed(ntp):
    words = ("fairvalue", *QUARTER, "--spot", "100000", "--at", "2026-09-13T20:50:00Z", "--json")
    assert ntp(*words).document["contracts"][0]["fair_value_yes"] == pytest.approx(0.5, abs=1e-4)


def test_contracts_of_a_stored_data_set(ntp):
    from ntp.cli.datasets import open_dataset

    contracts = [each for each in open_dataset("sample").instruments() if each.kind == "contract" and each.strike_low]
    one = next(each for each in contracts if each.strike_type == "greater_or_equal")
    at = str(one.close_time // 10**9 - 600)
    found = ntp("fairvalue", one.symbol, "--data", "sample", "--spot", one.strike_low, "--vol", "0.5", "--at", at,
                "--json").document  # fmt: skip
    assert found["contracts"][0]["fair_value_yes"] == pytest.approx(0.5, abs=0.02)


def test_contracts_of_files(ntp, shared_data):
    files = shared_data / "polymarket_btc5m_settlement"
    words = ("btc-updown-5m-1780876800", "--data", str(files), "--spot", "63000", "--vol", "0.5", "--at", "1780876900")
    found = ntp("fairvalue", *words, "--json").document
    assert found["seconds_left"] == 200
    assert found["contracts"][0]["strike_low"].startswith("6"), "the file tells it"


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (("--vol", "0.5", "--open-mean", "1"), "no_price", 4), (("--spot", "0", "--vol", "1"), "no_price", 4),
        (("--spot", "1", "--vol", "0"), "no_price", 4), (("--spot", "1", "--open-mean", "1"), "no_price", 4),
        (("--spot", "1", "--vol", "50"), "no_price", 4), (("--spot", "1", "--vol", "1"), "no_price", 4),
        (("--spot", "1", "--vol", "1", "--open-mean", "1", "--at", "2026-09-13T21:15:01Z"), "no_price", 4),
        (("--spot", "1", "--vol", "1", "--open-mean", "1", "--strike", "2"), "usage", 2),
        (("--spot", "1", "--vol", "1", "--open-mean", "1", "--tails", "fat"), "no_price", 4),
        (("--spot", "1", "--vol", "1", "--observed", "half"), "usage", 2),
        (("--spot", "1", "--vol", "1", "--strike", "2", "--strike", "1"), "no_price", 4),
        (("--spot", "x", "--vol", "1", "--open-mean", "1"), "usage", 2),
        (("--spot", "1", "--vol", "1", "--data", "sample"), "unknown_contract", 3),
        (("--spot", "1", "--vol", "1", "--data", "nothing"), "unknown_dataset", 3),
    ],
)  # fmt: skip
def test_no_price_and_a_reason(ntp, words, code, exit_code):
    at = () if "--at" in words else ("--at", "2026-09-13T21:05:00Z")
    error = ntp("fairvalue", "KXBTC15M-26SEP131715", *words, *at, "--json").error
    assert (error["code"], error["exit_code"]) == (code, exit_code)
