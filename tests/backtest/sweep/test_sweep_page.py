"""Charts of sweeps: figures for notebooks and a page that works offline."""

import re

import pytest
from swept import Fader

from ntp import Backtest
from ntp.core import ConfigError


@pytest.fixture(scope="module")
def swept(recorded):
    return Backtest(Fader, recorded, store=False).sweep(
        {"offset": [0.0, 0.01, 0.02], "size": [5, 10], "side": ["both", "buy"]}, workers=1, objective="pnl_net_usd"
    )


def test_a_heat_map_shows_the_best_over_what_it_does_not_show(swept):
    trace = swept.heatmap("offset", "size").data[0]
    assert list(trace.x) == ["0.0", "0.01", "0.02"]
    assert list(trace.y) == ["5", "10"]
    for row, size in enumerate((5, 10)):
        for column, offset in enumerate((0.0, 0.01, 0.02)):
            values = [
                point.metrics.pnl_net_usd for point in swept
                if (point.parameters["offset"], point.parameters["size"]) == (offset, size)
            ]
            assert trace.z[row][column] == max(values)
    assert swept.heatmap("size", "offset", "fees_usd").data[0].z[0][0] >= 0


def test_parallel_coordinates_hold_all_points(swept):
    dimensions = {each.label: each for each in swept.parallel().data[0].dimensions}
    assert list(dimensions) == ["offset", "size", "side", "Net P&L"]
    assert len(dimensions["offset"]["values"]) == len(swept) == 12
    assert list(dimensions["side"].ticktext) == list(dict.fromkeys(p.parameters["side"] for p in swept.ranked()))


@pytest.mark.parametrize(
    ("x", "y", "metric"), [("ofset", "size", None), ("size", "size", None), ("offset", "size", "x")]
)
def test_impossible_maps_are_refused(swept, x, y, metric):
    with pytest.raises(ConfigError):
        swept.heatmap(x, y, metric)


def test_the_page_is_one_file_that_works_offline(swept, tmp_path):
    path = swept.report(tmp_path / "deep" / "sweep.html")
    page = path.read_text()
    assert not re.search(r"(?:src|href)=[\"'](?:https?:)?//", page)
    assert page.count("<rect") == 3 * 2 + 3 * 2 + 2 * 2  # three maps of two parameters each
    assert page.count("<polyline") == 12
    assert all(point.run_id in page for point in swept)
    assert "prefers-color-scheme: dark" in page
    assert swept.best().metrics.pnl_net_usd > 0
    assert "no point made money" not in page
    assert {path.name for path in path.parent.iterdir()} == {"sweep.html"}


def test_a_page_without_a_best_point_says_so(recorded, tmp_path):
    found = Backtest(Fader, recorded, store=False).sweep({"size": [1]}, objective="sharpe_ratio", workers=1)
    page = found.report(tmp_path / "sweep.html").read_text()
    assert "No point has a Sharpe ratio." in page
    assert "needs 30 days" in page
    assert "none with sharpe_ratio" in repr(found)


@pytest.mark.parametrize(("objective", "words"), [
    ("sharpe_ratio", "Sharpe ratio: unknown at every point"),
    ("fees_usd", "Fees: the same at every point that has it"),  # there were none
])  # fmt: skip
def test_an_objective_that_tells_no_points_apart_leaves_the_charts_to_money(recorded, tmp_path, objective, words):
    grid = {"offset": [0.0, 0.02], "size": [5, 10]}
    found = Backtest(Fader, recorded, store=False).sweep(grid, objective=objective, workers=1)
    assert len({point.metrics.pnl_net_usd for point in found}) > 1
    assert any("at all 4 points that have it" in text for text in found.warnings) == (objective == "fees_usd")
    page = found.report(tmp_path / "sweep.html").read_text()
    assert f"{words}, so the charts show Net P&amp;L." in page
    assert page.count("<polyline") == 4
    assert "Net P&amp;L over offset and size" in page


def test_names_of_users_are_escaped(recorded, tmp_path):
    class Odd(Fader):
        side: str = "both"

    Odd.__qualname__ = Odd.__name__ = "<script>alert(1)</script>"
    found = Backtest(Odd, recorded, store=False).sweep({"size": [1, 2]}, workers=1)
    assert "<script>alert" not in found.report(tmp_path / "sweep.html").read_text()
    assert "<script>alert" not in found._repr_html_()


def test_notebooks_show_the_best_points(swept):
    shown = swept._repr_html_()
    assert shown.index(swept.ranked()[0].run_id) < shown.index(swept.ranked()[1].run_id)
    assert "best pnl_net_usd" in repr(swept)
