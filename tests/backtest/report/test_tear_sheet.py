"""Prediction quality, exposure and calendar: figures that can be worked out by hand."""

import re

from factory import START, Replay, context, place, run

from ntp.backtest import Run
from ntp.backtest.pages import Page
from ntp.backtest.report.calendar import calendar
from ntp.backtest.report.exposure import exposure
from ntp.backtest.report.forecasts import forecasts
from ntp.core import DAY, SECOND


def made(replay, **changes):
    outputs = dict.fromkeys(("pessimistic", "base", "optimistic"), replay.output())
    return Run(context(**changes), outputs)


def rows(html, caption):
    """Cells of the table with this caption."""
    [body] = re.findall(rf"<caption>{re.escape(caption)}</caption>.*?<tbody>(.*?)</tbody>", html, re.DOTALL)
    return [
        [re.sub("<.*?>", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row)]
        for row in re.findall(r"<tr>(.*?)</tr>", body)
    ]


def two_trades():
    """A purchase of YES that pays and a sale of YES that costs, a day apart."""
    replay = Replay()
    first, second = place(1), place(2)
    replay.fill(START + 30 * SECOND, 1, 40, 10, first, fair=0.50, mid=0.42)
    replay.settle(START + 90 * SECOND, 1.0, first)
    replay.fill(START + DAY, -1, 70, 10, second, fair=0.65, mid=0.71)
    replay.settle(START + DAY + 3 * 3_600 * SECOND, 1.0, second)
    return replay


def test_forecasts_are_scored_beside_the_market():
    html = forecasts(made(two_trades()), Page())
    own, market = rows(html, "Forecasts against results")
    assert (own[1], own[2]) == ("2", f"{((1 - 0.50) ** 2 + (1 - 0.65) ** 2) / 2:.4f}")
    assert market[2] == f"{((1 - 0.42) ** 2 + (1 - 0.71) ** 2) / 2:.4f}"
    assert "over 2 contracts" in html


def test_a_sale_is_a_purchase_of_the_other_side():
    html = forecasts(made(two_trades()), Page())
    assert rows(html, "Edge by price paid for the side bought") == [
        ["30 to 40 ¢", "1", "10", "0.00 %", "+5.00", "-30.00"],
        ["40 to 50 ¢", "1", "10", "100.00 %", "+10.00", "+60.00"],
    ]  # fmt: skip
    times = rows(html, "Edge by time from the fill to settlement")
    assert [row[0] for row in times] == ["1 to 5 minutes", "1 to 6 hours"]


def test_without_forecasts_or_results_the_reason_stands_there():
    html = forecasts(made(Replay().fill(START, 1, 40, 10)), Page())
    assert "no forecast to score" in html
    assert "no edge was realised" in html


def test_locked_capital_is_averaged_over_time():
    replay = Replay()
    replay.fill(START, 1, 40, 10)
    replay.settle(START + 10 * DAY, 0.0)
    html = exposure(made(replay, days=40), Page())
    assert "Most: $4.00; average over time: $1.00" in html


def test_events_stand_in_the_order_of_what_was_paid_in():
    html = exposure(made(two_trades()), Page())
    assert rows(html, "Events that most was paid into") == [
        ["KXBTC15M-1", "$4.00", "0.04 %", "$6.00"], ["KXBTC15M-2", "$3.00", "0.03 %", "-$3.00"],
    ]  # fmt: skip
    assert "Gains over losses: 2.000" in html
    assert rows(html, "Trades")[0][4:] == ["$1.50", "$6.00", "-$3.00"]


def test_money_is_told_in_the_currency_of_the_account():
    html = exposure(made(two_trades(), currency="MANA"), Page())
    assert rows(html, "Trades")[0][4:] == ["1.50 MANA", "6.00 MANA", "-3.00 MANA"]


def test_net_of_unknown_fees_nothing_is_told():
    outputs = dict.fromkeys(("pessimistic", "base", "optimistic"), two_trades().output(stamps=["fees unknown"]))
    html = exposure(Run(context(), outputs), Page())
    assert "Capital locked" in html
    assert "<caption>Trades" not in html


def test_the_calendar_adds_up_to_the_whole():
    whole = run()
    html = calendar(whole, Page())
    for caption in ("By month", "By week", "By day of the week", "By hour"):
        found = rows(html, caption)
        assert sum(int(row[1]) for row in found) == whole.metrics["trades"]
        cash = sum(float(row[3].replace("$", "").replace(",", "")) for row in found)
        assert abs(cash - whole.metrics["pnl_net_usd"]) < 0.01 * len(found)


def test_one_day_is_no_curve():
    page = Page()
    assert "P&amp;L by day" not in calendar(made(Replay().fill(START, 1, 40, 1).settle(START + 1, 1.0)), page)
    assert page.readings == []
