import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import polars as pl
import pytest
from factory import START, Replay, context, place, run, season

from ntp.backtest import Run, StrategyInfo
from ntp.backtest.report import report_html
from ntp.backtest.report_charts import thin
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
    return json.loads(re.search(r'id="charts">(.*?)</script>', html, re.DOTALL)[1])


def test_one_file_that_asks_the_network_for_nothing(page, html):
    for tag, attrs in page.tags:
        assert "src" not in attrs
        if tag == "link":
            assert attrs["href"] == "data:,"
    assert "default-src 'none'" in html
    assert "Plotly" in html


def test_sections_are_linked_and_headed(page):
    wanted = "result equity fills queue groups metrics assumptions data manifest"
    assert set(wanted.split()) <= page.ids
    assert all(anchor[1:] in page.ids for anchor in page.anchors)
    assert "records" not in page.ids


def test_figures_have_texts_and_tables_have_captions_and_scopes(page, html):
    plots = [attrs for attrs in page.of("div") if attrs.get("class") == "plot"]
    assert len(plots) == len(charts(html)) >= 5
    assert all(attrs["role"] == "img" and attrs["aria-label"] for attrs in plots)
    tables = page.of("table")
    assert len(page.of("caption")) == len(tables)
    assert all(attrs["scope"] in ("col", "row") for attrs in page.of("th"))
    assert page.of("html")[0]["lang"] == "en"
    assert any(attrs.get("name") == "viewport" for attrs in page.of("meta"))


def test_equity_shows_all_modes_with_and_without_fees(html):
    names = [trace["name"] for trace in charts(html)[0]["data"]]
    assert names == [
        "pessimistic", "pessimistic before fees", "base", "base before fees", "optimistic",
        "optimistic before fees",
    ]
    base = charts(html)[0]["data"][2]
    assert base["y"][0] == 10_000.0
    assert base["y"][-1] == pytest.approx(10_000 + run().metrics.pnl_net_usd)


def test_header_and_verdict(html):
    for text in ("edge = 0.03", run().manifest.hash, "2024-10-04 to 2024-11-13", "quote_inferred", "98.00 %",
                 "Profitable: the pessimistic replay made $32.54 after fees."):
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
    assert EVIL in [trace["name"] for chart in charts(html) for trace in chart["data"]]


def test_a_run_in_which_nothing_happened_has_a_report(tmp_path):
    made = Run(context(), {"base": Replay().output()})
    path = made.report(tmp_path / "deep" / "report.html")
    assert path.exists()
    assert "No order was filled." in path.read_text(encoding="utf-8")
    assert made.to_dict()["report"] == str(path)
    assert [file.name for file in path.parent.iterdir()] == ["report.html"]


def test_fills_are_drawn_on_quotes():
    replay = season(3)
    contract = replay.fills[0]["contract"]
    quotes = pl.DataFrame({
        "ts": [START, START + SECOND], "contract": [contract] * 2, "bid": [0.44, None], "ask": [0.46, 0.47],
    })
    html = report_html(Run(context(), {"base": replay.output()}, prices=quotes))
    drawn = [[trace["name"] for trace in chart["data"]] for chart in charts(html)]
    assert ["bid", "ask", "buy as maker", "sell as maker"] in drawn


def test_same_run_same_bytes(html):
    assert report_html(run()) == html


def test_thinning_keeps_ends_and_extremes():
    values = pl.Series(range(10_000)).cast(pl.Float64).to_numpy().copy()
    values[4_321] = -5.0
    values[7_777] = 99_999.0
    kept = thin(values, 200)
    assert len(kept) <= 202
    assert {0, 4_321, 7_777, 9_999} <= set(kept.tolist())
    assert thin(values[:50], 200).tolist() == list(range(50))
