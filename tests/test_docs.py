"""What the documentation shows is what the code does: its examples run."""

import inspect
import re
import runpy
from pathlib import Path

import pytest
import yaml

from ntp import Backtest, Signal, Strategy, templates
from ntp.backtest import RunStore
from ntp.core import format_duration, format_ns
from ntp.data import (
    Catalog,
    DataSource,
    Mapping,
    UnifiedEvent,
    frame_to_events,
    import_path,
    import_source,
    load_source,
    parse_sources,
)
from ntp.data.schema import BOOK_CLEAR
from ntp.statistics.indicators import INDICATORS
from ntp.strategy.view import MarketView

DOCS = Path(__file__).resolve().parents[1] / "docs"
BLOCK = re.compile(r"^```(\w+)( source| run)?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(page):
    """Fenced blocks of a page: language and text."""
    return [(found[1] + (found[2] or ""), found[3]) for found in BLOCK.finditer((DOCS / page).read_text())]


def mapped_examples():
    """File, mapping and events of each example of the page of mappings."""
    found = [block for block in blocks("mappings.md") if block[0] in ("csv", "jsonl", "yaml", "events")]
    return [(found[at], found[at + 1][1], found[at + 2][1]) for at in range(0, len(found), 3)]


def told(dataset):
    """Rows of a data set as the page writes them."""
    lines = []
    for kind in sorted(dataset.kinds()):
        for event in frame_to_events(kind, dataset.frame(kind), source=""):
            if event.data.get("action") == BOOK_CLEAR:
                lines.append(f"{kind} {event.symbol} at {format_ns(event.ts)}, cleared")
                continue
            data = event.data.to_dict()
            data |= data.pop("custom_fields", {})
            values = [f"{name} {_plain(name, value)}" for name, value in data.items() if name != "action"]
            received = [] if event.received is None else [f"received {format_ns(event.received)}"]
            lines.append(", ".join([f"{kind} {event.symbol} at {format_ns(event.ts)}", *values, *received]))
    for each in dataset.instruments():
        if each.open_time is not None:
            lines.append(f"contract {each.id}, open {format_ns(each.open_time)}, strike_low {each.strike_low}")
    return "".join(f"{line}\n" for line in lines)


def _plain(name, value):
    if name == "interval":
        return format_duration(value)
    if name.endswith("_at"):
        return format_ns(value)
    return f"{value:g}" if isinstance(value, int | float) else value


@pytest.mark.parametrize("example", mapped_examples(), ids=lambda example: example[1].splitlines()[0])
def test_mappings_do_what_their_page_shows(tmp_path, example):
    (ending, text), mapping, expected = example
    file = tmp_path / f"set.{ending}"
    file.write_text(text)
    catalog = Catalog(tmp_path / "catalog")
    report = import_path(catalog, file, name="set", mapping=Mapping.from_dict(yaml.safe_load(mapping)))
    assert report.quarantined == 0
    assert told(catalog.dataset("set")) == expected


def test_the_declared_source_of_the_page_is_one():
    (text,) = [text for language, text in blocks("mappings.md") if language == "yaml source"]
    (source,) = parse_sources(yaml.safe_load(text))
    assert (source.name, source.path) == ("my_quotes", "recordings/quotes.csv")


def python_examples(page, language="python"):
    """Blocks of Python of a page that define a class."""
    return [text for found, text in blocks(page) if found == language and "class " in text]


class Market(DataSource):
    """Ten minutes of one market whose price goes up and down, with prints on both sides."""

    venue = "kalshi"

    def read(self, start=None, end=None):
        yield from range(600)

    def transform(self, raw):
        at, bid = 1_767_225_600 + raw, 0.40 + abs(raw % 120 - 60) // 10 / 100
        quote = {"bid": bid, "ask": bid + 0.02, "bid_size": 50, "ask_size": 50}
        trade = {"price": bid + 0.02 * (raw % 2), "volume": 80, "taker": "sell" if raw % 2 == 0 else "buy"}
        return [UnifiedEvent(at, "kalshi", "KXBTC-1", quote), UnifiedEvent(at, "kalshi", "KXBTC-1", trade)]


@pytest.mark.parametrize(
    "text", [*python_examples("strategies.md"), *python_examples("indicators.md")],
    ids=lambda text: text.split("class ")[1][:12],
)
def test_the_strategies_of_the_page_trade(tmp_path, text):
    file = tmp_path / "example.py"
    file.write_text(text)
    run = Backtest(str(file), "sample" if "SIMBTC" in text else Market(), store=False).run(modes=("base",))
    assert len(run.orders) > 0
    assert run.metrics.fills > 0
    absent = run.shown.output.counters["absent"]
    # the first minute has no minute behind it, and indicators warm up
    assert all(name.startswith(("history(", "indicators.")) for name in absent)


def test_the_rules_of_the_page_hold(tmp_path):
    (text,) = python_examples("rules.md")
    (rows,) = [yaml.safe_load(found) for language, found in blocks("rules.md") if language == "yaml"]
    file = tmp_path / "example.py"
    file.write_text(text)
    run = Backtest(str(file), "sample", store=False, matches=rows[1:]).run(modes=("base",))
    assert run.metrics.fills > 0
    assert run.metrics.cross_venue_spread_cents > 0
    assert {"cross_venue_disagreement", "not_adjudicated"} & set(run.to_dict()["rules"]["breaches"])


def test_the_source_of_the_page_is_imported(tmp_path):
    (text,) = python_examples("sources.md", "python source")
    file = tmp_path / "feed.py"
    file.write_text(text)
    report = import_source(Catalog(tmp_path / "catalog"), load_source(file), name="recorded")
    assert (report.rows, report.kinds) == (132, {"quote": 120, "trade": 12})


@pytest.mark.parametrize(
    "text", [
        text for page in ("validation.md", "fair-value.md", "fair-values-in-runs.md")
        for found, text in blocks(page) if found == "python"
    ],
)
def test_examples_of_calculations_hold(tmp_path, text):
    file = tmp_path / "example.py"
    file.write_text(text)
    runpy.run_path(str(file), {"state": tmp_path})


@pytest.mark.parametrize("text", [text for found, text in blocks("edge.md") if found == "python"])
def test_the_edges_shown_are_those_computed(text):
    exec(compile(text, "edge.md", "exec"), {})


@pytest.mark.parametrize("text", [text for found, text in blocks("sweeps.md") if found == "python"])
def test_the_examples_of_the_page_of_sweeps_run(text, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    exec(compile(text, "sweeps.md", "exec"), {"__name__": "__main__"})
    assert "half_spread" in capsys.readouterr().out
    assert (tmp_path / "sweep.html").is_file()


@pytest.mark.parametrize("text", [text for found, text in blocks("ab-testing.md") if found == "python"])
def test_the_experiment_of_the_page_ends_as_it_says(text, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    exec(compile(text, "ab-testing.md", "exec"), {})
    said = capsys.readouterr().out.strip()
    assert f"It prints `{said}`" in (DOCS / "ab-testing.md").read_text()


def test_the_description_of_the_page_of_templates_trades(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NTP_HOME", str(tmp_path))
    (text,) = [text for language, text in blocks("templates.md") if language == "python"]
    names = {}
    exec(compile(text.replace(".run()", ".run(modes=('base',))"), "templates.md", "exec"), names)
    assert names["run"].metrics.fills > 0


@pytest.mark.parametrize("name", templates)
def test_every_template_has_a_notebook_that_runs_and_a_result(name, capsys):
    runpy.run_path(str(DOCS.parent / "examples" / "templates" / f"{name}.py"), run_name="__main__")
    assert "dollars" in capsys.readouterr().out
    assert f"| `{name}` |" in (DOCS / "templates.md").read_text()
    assert f"| sample | 10s | {name} |" in (DOCS / "template-results.md").read_text()


def test_the_signatures_of_the_page_are_those_of_the_code():
    lines = [line for found, text in blocks("strategies.md") if found == "signatures" for line in text.splitlines()]
    assert len(lines) == 10
    for line in lines:
        name = line.partition("(")[0]
        found = inspect.signature(Signal if name == "Signal" else getattr(Strategy, name))
        plain = [
            each.replace(annotation=inspect.Parameter.empty)
            for each in found.parameters.values() if each.name != "self"
        ]
        assert f"{name}{inspect.Signature(plain)}" == line


def test_every_indicator_is_on_the_page_with_its_defaults_and_outputs():
    rows = re.findall(r"^\| ((?:`\w+` ?)+) \| ([^|]*)\| ([^|]*)\|", (DOCS / "indicators.md").read_text(), re.MULTILINE)
    told = {name: (given, outputs) for names, given, outputs in rows for name in re.findall(r"`(\w+)`", names)}
    assert set(told) == set(INDICATORS)
    for name, kind in INDICATORS.items():
        given, outputs = told[name]
        defaults = ", ".join(
            f"{each.name}={int(each.default) if each.whole else each.default}" for each in kind.settings
        )
        assert given.partition(":")[0].strip(" `") == defaults
        assert outputs.strip(" `") == (" ".join(kind.outputs) if len(kind.outputs) > 1 else "")


def test_every_field_of_a_view_is_on_the_page():
    text = (DOCS / "strategies.md").read_text()
    section = text[text.index("## What it sees") : text.index("## Orders")]
    fields = {name for name in dir(MarketView) if not name.startswith("_")} - {"index", "spot_index"}
    assert not [name for name in sorted(fields) if not re.search(rf"`{name}[`(]", section)]


@pytest.mark.parametrize("text", [text for found, text in blocks("sdk.md") if found == "python run"])
def test_the_sdk_by_name_runs(tmp_path, monkeypatch, capsys, text):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NTP_HOME", str(tmp_path))
    exec(compile(text, "sdk.md", "exec"), {"__name__": "example"})
    told = capsys.readouterr().out.split()
    assert told
    assert told[0] != "0"  # every example does something


def test_pages_link_to_pages_that_exist():
    pages = [DOCS.parent / "README.md", *DOCS.glob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_index_lists_every_page():
    listed = set(re.findall(r"\]\(([^)#:]+)\)", (DOCS / "index.md").read_text()))
    assert {page.name for page in DOCS.glob("*.md")} - {"index.md"} <= listed


def test_the_python_of_the_readme_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NTP_HOME", str(tmp_path))
    (text,) = [found[3] for found in BLOCK.finditer((DOCS.parent / "README.md").read_text()) if found[1] == "python"]
    exec(compile(text.replace('"maker"', '"v10"'), "README.md", "exec"), {})
    assert (tmp_path / "report.html").stat().st_size > 10_000
    assert len(RunStore(tmp_path / ".ntp").list()) == 1


def test_the_example_of_the_analytics_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NTP_HOME", str(tmp_path))
    [example] = [text for language, text in blocks("analytics.md") if language == "python"]
    names = {}
    exec(compile(example, "analytics.md", "exec"), names)
    assert names["found"].rows("price", "taker", "event").height
