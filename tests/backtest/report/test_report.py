import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import polars as pl
import pytest
from factory import START, Replay, account, context, place, run, season

from ntp.backtest import Run, StrategyInfo
from ntp.backtest.report import report_html
from ntp.core import SECOND

EVIL = "<script>alert('x')</script>"


class Page(HTMLParser):
    """Collects what the tests ask about."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.anchors = [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        if "id" in attrs:
            assert attrs["id"] not in self.ids, "identifiers are unique"
            self.ids.add(attrs["id"])
        if tag == "a":
            self.anchors.append(attrs["href"])

    def of(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def html():
    return report_html(run())


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def charts(html):
    return json.loads(re.search(r'id="readings">(.*?)</script>', html, re.DOTALL)[1])


def names_of(chart):
    return [line["name"] for line in chart["lines"]] + [notes[0].split(":")[0] for notes in chart["marks"]]


def test_one_file_that_asks_the_network_for_nothing(page, html):
    for tag, attrs in page.tags:
        assert "src" not in attrs
        if tag == "link":
            assert attrs["href"] == "data:,"
    assert "default-src 'none'" in html
    assert len(html) < 200_000


def test_sections_are_linked_and_headed(page):
    wanted = "result equity fills queue groups metrics assumptions data manifest"
    assert set(wanted.split()) <= page.ids
    assert all(anchor[1:] in page.ids for anchor in page.anchors)
    assert "records" not in page.ids


def test_figures_have_texts_and_tables_have_captions_and_scopes(page, html):
    plots = [attrs for attrs in page.of("div") if attrs.get("class") == "plot"]
    assert len(plots) == len(charts(html)) >= 5
    assert all(attrs["role"] == "img" and attrs["aria-label"] for attrs in plots)
    assert html.count("<summary>Data of this figure</summary>") == len(plots)
    assert all("aria-pressed" in attrs for attrs in page.of("button") if "data-series" in attrs)
    tables = page.of("table")
    assert len(page.of("caption")) == len(tables)
    assert all(attrs["scope"] in ("col", "row") for attrs in page.of("th"))
    assert page.of("html")[0]["lang"] == "en"
    assert any(attrs.get("name") == "viewport" for attrs in page.of("meta"))


def test_equity_shows_all_modes_with_and_without_fees_and_the_headline_on_top(html):
    lines = charts(html)[0]["lines"]
    assert [line["name"] for line in lines] == [
        "pessimistic before fees", "pessimistic", "optimistic before fees", "optimistic", "base before fees", "base",
    ]
    assert lines[-1]["y"][0] == 10_000.0
    assert lines[-1]["y"][-1] == pytest.approx(10_000 + run().metrics.pnl_net_usd)
    dashes = re.findall(r'style="stroke:var\(--[a-z]+\)[^"]*"( stroke-dasharray="[^"]*")?', html)
    assert len(set(dashes[:6])) == 4, "modes are told apart without colour"


def test_modes_with_the_same_fills_are_said_to_lie_on_one_line():
    output = season(3).output()
    html = report_html(Run(context(), dict.fromkeys(("pessimistic", "base"), output)))
    assert "The fills of pessimistic are those of base: one line." in html


def test_accounts_are_shown_in_their_currency():
    accounts = [account(cash=7_000_000), account("manifold", "MANA", counted=False, cash=5_000_000, start=9_000_000)]
    made = Run(context(), {"base": replace(season(2).output(), accounts=accounts)})
    html = report_html(made)
    assert "Play money at manifold is in no figure in dollars." in html
    assert "-4.00 MANA" in html


def test_header_and_verdict(html):
    for text in ("edge = 0.03", run().manifest.hash, "2024-10-04 to 2024-11-13", "quote_inferred", "98.00 %",
                 "Profitable, but luck could explain it: the pessimistic replay made $32.54 after fees"):
        assert text in html


def test_user_text_is_escaped():
    where = {**place(EVIL), "contract": f"kalshi:{EVIL}"}
    replay = Replay().fill(START, 1, 40, 1, where, tag=EVIL)
    output = replace(replay.output(absent={EVIL: 1}), records=pl.DataFrame({
        "ts": [START], "name": [EVIL], "value": [1.0],
    }))
    made = Run(context(
        strategy=StrategyInfo(EVIL, EVIL, "h", {EVIL: EVIL}), warnings=[EVIL], waived=[EVIL],
        data={"sources": [EVIL]},
    ), {"base": output})
    html = report_html(made)
    assert EVIL not in html
    assert html.count("alert(") >= 8
    assert EVIL in [line["name"] for chart in charts(html) for line in chart["lines"]]


def test_a_run_in_which_nothing_happened_has_a_report(tmp_path):
    made = Run(context(), {"base": Replay().output()})
    path = made.report(tmp_path / "deep" / "report.html")
    assert path.exists()
    assert "No order was filled." in path.read_text(encoding="utf-8")
    assert made.to_dict()["report"] == str(path)
    assert [file.name for file in path.parent.iterdir()] == ["report.html"]


def test_fills_are_drawn_on_quotes_sampled_and_of_fills_and_orders():
    replay = season(3)
    contract, ts = replay.fills[0]["contract"], replay.fills[0]["ts"]
    quotes = pl.DataFrame({
        "ts": [ts - SECOND, ts + SECOND], "contract": [contract] * 2, "bid": [0.44, None], "ask": [0.46, 0.47],
    })
    output = replay.output()
    html = report_html(Run(context(), {"base": output}, prices=quotes))
    assert ["ask", "bid", "buy as maker", "sell as maker"] in [sorted(names_of(chart)) for chart in charts(html)]
    told = {
        name: getattr(output, name).with_columns(bid=pl.lit(bid), ask=pl.lit(0.49))
        for name, bid in (("fills", 0.41), ("orders", 0.42))
    }
    html = report_html(Run(context(), {"base": replace(output, **told)}))
    drawn = [chart for chart in charts(html) if names_of(chart)[0] == "bid"]
    assert len(drawn) == 3, "every contract has the quotes of its fills"
    assert {0.41, 0.42} <= set(drawn[0]["lines"][0]["y"])


def test_no_quote_is_held_for_long_where_none_was_seen():
    replay = Replay().fill(START, 1, 40, 1).fill(START + 3_600 * SECOND, -1, 50, 1)
    output = replay.output()
    fills = output.fills.with_columns(bid=pl.lit(0.40), ask=pl.lit(0.42))
    html = report_html(Run(context(), {"base": replace(output, fills=fills)}))
    assert charts(html)[2]["lines"][0]["y"] == [0.40, None, 0.40]


def test_same_run_same_bytes(html):
    assert report_html(run()) == html


def _luminance(colour):
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_colours_can_be_told_from_their_ground(html, theme):
    block = re.findall(r":root(?:\[[^{]*)? \{(.*?)\}", html, re.DOTALL)[theme]
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))
    texts = ("ink", "soft", "accent", "good", "bad")
    lines = ("pessimistic", "base", "optimistic", "buy", "sell", "bid", "ask")
    pairs = [(name, ground, 4.5) for name in texts for ground in ("ground", "card")]
    pairs += [("good", "good-ground", 4.5), ("bad", "bad-ground", 4.5), *((name, "card", 3.0) for name in lines)]
    for name, ground, least in pairs:
        dark, light = sorted((_luminance(colours[name]), _luminance(colours[ground])))
        assert (light + 0.05) / (dark + 0.05) >= least, (name, ground)
