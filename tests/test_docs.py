"""What the documentation shows is what the code does: its examples run."""

import re
from pathlib import Path

import pytest
import yaml

from ntp.core import format_duration, format_ns
from ntp.data import Catalog, Mapping, frame_to_events, import_path, parse_sources
from ntp.data.schema import BOOK_CLEAR

DOCS = Path(__file__).resolve().parents[1] / "docs"
BLOCK = re.compile(r"^```(\w+)( source)?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


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
