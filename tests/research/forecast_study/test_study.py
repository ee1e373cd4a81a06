from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from tests.research.forecast_study.recorded import FIRST, dataset

from ntp.core import SECOND, NotFound
from ntp.data import Catalog, import_path
from ntp.pricing import market_weight
from ntp.research.forecast_study import (
    Series,
    forecasts,
    pooled,
    recomputed_results,
    recorded_events,
    replayed_events,
    run_study,
    scored,
    volatility_of,
)
from ntp.research.forecast_study.__main__ import main
from ntp.research.forecast_study.pages import study_html, study_markdown

PAIRS = [("fair", "digital"), ("fair", "mid")]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return dataset(tmp_path_factory.mktemp("made"))


def test_events_are_what_was_recorded(made):
    recording = recorded_events(made)
    assert (len(recording.events), recording.left_out) == (40, {})
    assert (recording.basis.mean, len(recording.basis)) == (pytest.approx(7.0, abs=0.01), 40)
    assert recording.basis.change_sd() < 0.01
    found = recomputed_results(made)
    assert (found.official, found.recomputed, found.wrong) == (40, 39, ())


def test_a_result_that_the_rule_contradicts_is_told(made):
    wrong = {"KXBTC15M-T003": 1.0, "KXBTC15M-T004": 1.0, "KXBTC15M-T005": 0.0}
    right = {each.name: each.outcome for each in recorded_events(made).events}
    found = recomputed_results(made, wrong)
    assert set(found.wrong) == {name for name, value in wrong.items() if right[name] != value}
    assert found.wrong


def test_the_volatility_of_a_walk(made):
    feed = recorded_events(made).events[0].spot
    found = volatility_of(feed)
    assert found.values[100:].mean() == pytest.approx(0.5, rel=0.1)
    changed = Series(feed.times, np.where(np.arange(len(feed.times)) > 3_000, feed.values * 1.01, feed.values))
    before = found.times < feed.times[3_000]
    assert (volatility_of(changed).values[before] == found.values[before]).all(), "nothing is known ahead"


def test_forecasts_know_nothing_ahead(made):
    recording = replace(recorded_events(made), events=recorded_events(made).events[:2])
    events = recording.events
    plain = forecasts(recording)
    cut = events[1].close_time - 100 * SECOND
    kept = events[0].spot.times <= cut
    short = Series(events[0].spot.times[kept], events[0].spot.values[kept])
    again = forecasts(replace(recording, events=tuple(replace(each, spot=short) for each in events)))
    both = plain.join(again, on=["event", "seconds_left"], suffix="_short")
    assert both.height > 300
    assert both["fair"].to_list() == both["fair_short"].to_list()


def test_a_window_beats_a_digital_where_prices_walk(made):
    played = replayed_events("rule", recorded_events(made).events[0].spot, 300)
    rows = {row.bucket: row for row in scored(forecasts(played), ["fair", "digital"], PAIRS[:1])}
    assert rows[(0, 60)].events == len(played.events) == 122
    assert rows[(0, 60)].log_loss["fair - digital"].high < 0
    assert rows[(0, 60)].brier["fair - digital"].high < 0
    assert rows[(0, 60)].log_loss["fair"].value < rows[(180, 300)].log_loss["fair"].value


def test_weights_go_to_the_better_forecast(made, tmp_path):
    good = pooled(forecasts(recorded_events(made)))
    noisy = pooled(forecasts(recorded_events(dataset(tmp_path, noise=0.3))))
    assert all(0 <= weight <= 1 for weight in good.by_bucket.values())
    assert sum(noisy.by_bucket.values()) < sum(good.by_bucket.values())
    assert noisy.by_bucket[(0, 60)] < 0.4
    few = replace(recorded_events(made), events=recorded_events(made).events[:9])
    assert pooled(forecasts(few)) is None
    frame = good.frame
    low, high = (frame.select(each("fair", "mid")).to_series() for each in (pl.min_horizontal, pl.max_horizontal))
    inside = (frame["blend"] >= low.clip(0.001, 0.999) - 1e-9) & (frame["blend"] <= high.clip(0.001, 0.999) + 1e-9)
    assert inside.all()


def test_a_rule_is_played_on_a_recorded_price(made):
    feed = recorded_events(made).events[0].spot
    played = replayed_events("rule", feed, 900)
    assert len(played.events) == 40
    official = {each.open_time: each.outcome for each in recorded_events(made).events}
    assert all(official[each.open_time] == each.outcome for each in played.events if each.open_time >= FIRST)
    gap = Series(np.delete(feed.times, slice(5_000, 5_100)), np.delete(feed.values, slice(5_000, 5_100)))
    assert len(replayed_events("rule", gap, 100, window=30).events) < 400


def test_the_pages_say_what_was_found(made):
    study = run_study([made])
    text, page = study_markdown(study), study_html(study)
    assert "beside the market" in text
    assert "| 40 | 39 | 0 |" in text
    assert "+7.00 ± 0.00" in text
    assert "src=" not in page, "it asks the network for nothing"
    assert max(len(line) for line in text.splitlines() if not line.startswith("|")) <= 130


def test_the_command_writes_what_it_finds(shared_data, tmp_path):
    folder = tmp_path / "sets"
    folder.mkdir()
    (folder / "polymarket_btc15m_l5").symlink_to(shared_data / "polymarket_btc15m_l5")
    out, page = tmp_path / "study.md", tmp_path / "study.html"
    assert main([str(folder), "--out", str(out), "--page", str(page)]) == 0
    assert "tell nothing" in out.read_text()
    with pytest.raises(NotFound):
        main([str(tmp_path / "nothing")])


def test_polled_markets_are_scored_roughly_and_say_so(shared_data, tmp_path):
    """Neither strike nor result was recorded: both are estimated, and nothing is concluded."""
    catalog = Catalog(tmp_path)
    import_path(catalog, shared_data / "kalshi_crypto15m_tob", name="set")
    recording = recorded_events(catalog.dataset("set"))
    assert {each.result_by for each in recording.events} == {"market"}
    assert all(each.strike_error > 0 and not each.own_strike for each in recording.events)
    study = run_study([catalog.dataset("set")])
    [part] = study.recorded
    assert (part.events, part.pooling, part.basis) == (25, None, None)
    text = study_markdown(study)
    assert "No conclusion is drawn" in text
    assert "leaves no doubt:" not in text


def test_recorded_seconds_under_the_rule_of_means(shared_data, tmp_path):
    """Where truth is known and there are many events, the window is worth most in the last two minutes."""
    catalog = Catalog(tmp_path)
    import_path(catalog, shared_data / "polymarket_btc5m_settlement", name="set")
    feed = recorded_events(catalog.dataset("set")).events[0].spot
    rows = {row.bucket: row for row in scored(
        forecasts(replayed_events("rule", feed, 300)), ["fair", "digital"], PAIRS[:1]
    )}  # fmt: skip
    for bucket in ((0, 60), (60, 120), (0, 120)):
        assert rows[bucket].events == 259
        assert rows[bucket].log_loss["fair - digital"].high < 0
    assert rows[(0, 60)].log_loss["fair - digital"].value < -0.05


def test_the_recorded_market(shared_data, tmp_path):
    """What the documentation publishes: the window helps, the market is better late, the blend is between."""
    catalog = Catalog(tmp_path)
    import_path(catalog, shared_data / "kalshi_btc15m_l2", name="set")
    recording = recorded_events(catalog.dataset("set"))
    assert recording.basis.mean == pytest.approx(8.78, abs=0.01)
    found = pooled(forecasts(recording))
    seconds = np.array([(low + high) / 2 for low, high in found.by_bucket])
    assert market_weight(seconds) == pytest.approx(list(found.by_bucket.values()), abs=0.0051)
    rows = {row.bucket: row for row in scored(found.frame, ["fair", "digital", "mid", "blend"], PAIRS)}
    assert rows[(0, 900)].log_loss["fair - digital"].high < 0
    assert rows[(0, 120)].log_loss["fair - digital"].value < 0
    assert rows[(120, 180)].log_loss["fair - mid"].low > 0
    for row in rows.values():
        assert row.log_loss["blend"].value < max(row.log_loss["fair"].value, row.log_loss["mid"].value)
