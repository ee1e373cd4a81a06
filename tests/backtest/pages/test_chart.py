import math
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntp.backtest.pages.chart import Axis, Chart, Line, Marks, line_of, quiet, thin
from ntp.backtest.pages.chart_axis import ticks_of, write
from ntp.backtest.pages.chart_svg import draw, readings

HOUR = 3_600_000.0


def test_thinning_keeps_ends_extremes_and_gaps():
    values = np.arange(10_000, dtype=np.float64)
    values[4_321], values[7_777], values[6_000] = -5.0, 99_999.0, np.nan
    kept = thin(values, 200)
    assert len(kept) <= 203
    assert {0, 4_321, 6_000, 7_777, 9_999} <= set(kept.tolist())
    assert thin(values[:50], 200).tolist() == list(range(50))
    assert thin(np.full(1_000, np.nan), 100)[-1] == 999


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9), st.integers(2, 9))
def test_marks_of_an_axis_are_few_and_within(low, width, count):
    ticks = ticks_of(Axis("linear", "money"), low, low + width, count)
    assert len(ticks) <= count + 1
    slack = width * 1e-6 + 4 * math.ulp(abs(low) + width)  # a mark is no nearer than floats of its size are
    assert all(low - slack <= value <= low + width + slack for value, _ in ticks)


def test_what_is_written_on_an_axis():
    money = [text for _, text in ticks_of(Axis("linear", "money"), -250.0, 1_000.0, 5)]
    assert money == ["-$250", "$0", "$250", "$500", "$750", "$1,000"]
    price = [text for _, text in ticks_of(Axis("linear", "price"), 0.4, 0.6, 4)]
    assert price == ["$0.40", "$0.45", "$0.50", "$0.55", "$0.60"]
    assert [text for _, text in ticks_of(Axis("linear", "percent"), -0.025, 0.0, 3)] == ["-2 %", "-1 %", "0 %"]
    assert [text for _, text in ticks_of(Axis("log", "seconds"), 0.02, 300.0, 7)] == ["0.1 s", "1 s", "10 s", "100 s"]
    assert write("percent", -0.00001, 2) == "0 %"


def test_a_date_is_said_once_on_an_axis_of_times():
    start = 1_767_571_200_000.0  # 2026-01-05
    texts = [text for _, text in ticks_of(Axis("time", "time"), start + 21 * HOUR, start + 26 * HOUR, 7)]
    assert texts == ["21:00\n2026-01-05", "22:00", "23:00", "00:00\n2026-01-06", "01:00", "02:00"]
    assert ticks_of(Axis("time", "time"), start, start + 96 * HOUR, 4)[1][1] == "2026-01-06"


def test_times_are_marked_where_every_full_hour_is_cut_out():
    start, minute = 1_767_571_200_000.0, HOUR / 60
    cuts = tuple((start + (15 * turn - 4) * minute, start + (15 * turn + 4) * minute) for turn in range(1, 16))
    ticks = ticks_of(Axis("time", "time", cuts=cuts), start, start + 226 * minute, 7)
    assert 4 <= len(ticks) <= 12  # six tenths of the usual distance are enough
    assert not any(begin < value < end for value, _ in ticks for begin, end in cuts)


def test_what_happened_is_drawn_in_steps_and_a_function_straight():
    x, y = np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, math.nan])
    for straight, moves in ((False, "MHVH"), (True, "ML")):
        drawn = draw(Chart([Line("worth", x, y, "--base", straight=straight)], (), Axis(), Axis()), "worth")
        (path,) = re.findall(r'<path data-series="0" d="([^"]*)"', drawn)
        assert "".join(re.findall("[A-Z]", path)) == moves


def test_long_quiet_stretches_are_drawn_short():
    hours = [np.arange(10) * HOUR, 500 * HOUR + np.arange(10) * HOUR]
    start = 1_767_571_200_000.0
    times = [start + part for part in hours]
    ((begin, end),) = quiet(times)
    assert start + 9 * HOUR < begin < start + 10 * HOUR
    axis = Axis("time", "time", cuts=((begin, end),))
    values, places = axis.stops(times[0][0], times[1][-1])
    assert places.tolist() == sorted(places.tolist())
    assert 0.4 < places[1] < places[2] < 0.6
    ticks = ticks_of(axis, values[0], values[-1], 7)
    assert 4 <= len(ticks) <= 8
    assert [text.partition("\n")[2] for _, text in ticks if "\n" in text] == ["2026-01-05", "2026-01-25", "2026-01-26"]
    line = line_of("equity", np.concatenate(times), np.arange(20.0), "--base")
    chart = Chart((line,), (), axis, Axis())
    assert draw(chart, "equity").count('class="cut"') == 1
    assert readings(chart)["stops"][1] == [round(place, 6) for place in places]
    assert quiet([start + np.arange(20) * HOUR]) == ()
    assert quiet([np.array([0.0, 1.0, 1e9])]) == ()


def test_a_line_is_drawn_in_steps_with_its_gaps():
    line = line_of("bid", np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.0, 10.0, np.nan, 10.0]), "--bid")
    html = draw(Chart((line,), (), Axis(), Axis()), "a bid")
    assert re.search(r' d="(.*?)"', html)[1] == "M0 955H667V45H1333M2000 45"
    assert 'aria-label="a bid"' in html


def test_names_are_escaped_and_readings_are_whole():
    evil = '"><script>'
    marks = Marks(evil, np.array([1.0]), np.array([2.0]), "--buy", "up", notes=["10 at $0.5"])
    line = line_of(evil, np.array([0.0, 2.5]), np.array([1.23456789, np.nan]), "--bid")
    chart = Chart((line,), (marks,), Axis(), Axis("linear", "price", evil))
    html = draw(chart, evil)
    assert "<script" not in html
    HTMLParser().feed(html)
    assert readings(chart)["lines"] == [{"name": evil, "x": [0.0, 2.5], "y": [1.234568, None]}]
    assert readings(chart)["marks"] == [[f"{evil}: 10 at $0.5"]]


@pytest.mark.parametrize("scale", ["linear", "log", "time"])
def test_one_point_or_none_has_an_axis(scale):
    for count in (0, 1):
        values = np.full(count, 5.0)
        chart = Chart((line_of("x", values, values, "--base"),), (), Axis(scale), Axis())
        assert "NaN" not in draw(chart, "x")
