from decimal import Decimal
from pathlib import Path

import pytest

import ntp.backtest
from ntp.cli.errors import UsageError
from ntp.cli.requests import Request, prepare
from ntp.cli.strategies import pick_strategy
from ntp.core import ConfigError, NotFound
from ntp.core.workspace import open_workspace


class FakeBacktest:
    """Keeps what it was made with."""

    def __init__(self, strategy, data_source, **options):
        self.strategy = strategy
        self.data_source = data_source
        self.options = options


@pytest.fixture(autouse=True)
def _fake(monkeypatch):
    monkeypatch.setattr(ntp.backtest, "Backtest", FakeBacktest, raising=False)


def request(**words):
    return Request(**({"strategy": "maker", "data": ["sample"]} | words))


@pytest.mark.parametrize(
    ("option", "names", "picked"),
    [
        (None, ["maker"], ("maker", [])),
        ("maker", None, ("maker", [])),
        (None, ["maker", "b"], ("maker", ["b"])),
        ("maker", ["b"], ("maker", ["b"])),
    ],
)
def test_the_strategy_is_named_either_way(option, names, picked):
    assert pick_strategy(option, names) == picked


def test_without_a_strategy_it_is_wrong_usage():
    with pytest.raises(UsageError, match="expected a strategy"):
        pick_strategy(None, None)


def test_words_become_objects(workspace):
    made = prepare(
        workspace,
        request(
            settings=["half_spread=0.03", "max_position=none"],
            capital="2_500.50",
            waive=["maker_only"],
            seed=5,
        ),
    )
    assert made.strategy == "maker"
    assert made.options["parameters"] == {"half_spread": 0.03, "max_position": None}
    assert [source.name for source in made.data_source] == ["sample"]
    assert made.options["capital"] == Decimal("2500.50")
    assert made.options["waive"] == ("maker_only",)
    assert made.options["engine"]["seed"] == 5
    assert made.options["fills"] == "base"
    assert made.options["compiled"] is None


SETTINGS = """
[engine]
queue = "fifo"
seed = 3
[backtest]
capital = 10
fills = "pessimistic"
[rules]
waive = ["a"]
[accounts.kalshi]
precision = "member"
[underlyings]
BRTI = "coinbase:BTC-USD"
"""


def test_the_workspace_gives_the_defaults_and_the_command_overrides_them(workspace):
    workspace.file.write_text(SETTINGS)
    engine = ["feed_latency.kalshi=5ms", "order_latency=1ms", "seed=4"]
    options = prepare(open_workspace(workspace.root), request(engine=engine, waive=["b", "a"])).options
    assert options["engine"] == {"feed_latency": {"kalshi": "5ms"}, "order_latency": "1ms", "seed": 4}
    assert options["config"].engine.queue == "fifo"
    assert options["capital"] == 10
    assert options["fills"] == "pessimistic"
    assert options["waive"] == ("b", "a")


def test_a_path_is_a_source_too(workspace, tmp_path):
    path = tmp_path / "quotes.csv"
    path.write_text("")
    assert prepare(workspace, request(data=[str(path)])).data_source == [Path(path)]


@pytest.mark.parametrize(
    ("words", "error", "hint"),
    [
        ({"strategy": "makr"}, NotFound, "did you mean 'maker'?"),
        ({"data": ["sampel"]}, NotFound, "did you mean 'sample'?"),
        ({"settings": ["half_sprea=1"]}, ConfigError, "did you mean 'half_spread'?"),
        ({"settings": ["half_spread=9"]}, ConfigError, ""),
        ({"engine": ["queu=fifo"]}, ConfigError, "did you mean 'queue'?"),
        ({"data": []}, UsageError, "--data sample always exists"),
        ({"capital": "much"}, UsageError, ""),
        ({"capital": "-1"}, UsageError, ""),
        ({"capital": "inf"}, UsageError, ""),
        ({"capital": "nan"}, UsageError, ""),
        ({"settings": ["half_spread"]}, UsageError, ""),
        ({"fills": "bse"}, UsageError, "did you mean 'base'?"),
        ({"allocate": ["kalshi=most"]}, UsageError, ""),
        ({"allocate": ["kalshi=1.5"]}, UsageError, ""),
    ],
)
def test_wrong_words_are_refused_with_a_hint(workspace, words, error, hint):
    with pytest.raises(error) as caught:
        prepare(workspace, request(**words))
    assert hint in caught.value.hint


@pytest.mark.parametrize(("begun", "seen", "said"), [(True, True, True), (True, False, False), (False, True, False)])
def test_a_person_is_told_why_a_first_run_takes_longer(workspace, monkeypatch, capsys, begun, seen, said):
    monkeypatch.setattr("ntp.engine.warm.begin", lambda: begun)
    monkeypatch.setattr("sys.stderr.isatty", lambda: seen, raising=False)
    prepare(workspace, Request(strategy="maker", data=["sample"]))
    found = capsys.readouterr()
    assert ("compiling the engine" in found.err) is said
    assert found.out == ""
