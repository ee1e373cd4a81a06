import polars as pl
import pytest
from factory import START, Replay, context, run, season

from ntp.backtest import ModeOutput, Run
from ntp.backtest.table import verdict_of
from ntp.core import ConfigError, NtpError


def test_frames_are_in_dollars_contracts_and_utc():
    made = run()
    first = made.fills.row(0, named=True)
    assert made.fills.columns[:14] == [
        "ts", "contract", "side", "price", "size", "fee", "is_maker", "order_id", "queue_ahead", "wait_s",
        "fair", "edge", "tag", "exit_reason",
    ]
    assert made.fills.schema["ts"] == pl.Datetime("ns", "UTC")
    assert (first["price"], first["size"], first["side"], first["wait_s"]) == (0.45, 10.0, "BUY", 2.0)
    assert first["edge"] == pytest.approx(0.10)
    assert made.equity.columns == ["ts", "equity", "equity_gross", "cash", "locked"]
    assert made.trades["pnl_net"].sum() == pytest.approx(made.metrics.pnl_net_usd)
    assert made.settlements["value"].to_list()[0] == 1.0
    assert len(made.orders) == 105
    assert made.records.is_empty()


@pytest.mark.parametrize("cents", range(1, 100))
def test_prices_are_the_floats_people_write(cents):
    made = Run(context(), {"base": Replay().fill(START, 1, cents, 1).output()})
    assert made.fills["price"][0] == float(f"0.{cents:02d}")


def test_profitable_only_if_pessimistic_is():
    win = season(30, lucky=2.0).output()
    loss = Replay().fill(START, 1, 40, 1).settle(START + 1, 0.0).output()
    assert Run(context(), {"pessimistic": win, "base": loss}).profitable is True
    assert Run(context(), {"pessimistic": loss, "base": win}).profitable is False
    assert Run(context(), {"base": win}).profitable is None


def test_a_gain_in_few_events_is_not_judged():
    few = Run(context(), dict.fromkeys(("pessimistic", "base"), season(29, lucky=2.0).output()))
    assert few.profitable is None
    assert "Too little to judge" in verdict_of(few)


def test_warnings_name_open_positions_and_missing_modes():
    made = Run(context(), {"base": Replay().fill(START, 1, 40, 1).output()})
    assert made.warnings[0] == "volume steps of one file are doubled"
    assert any("1 positions were still open" in warning for warning in made.warnings)
    assert any("pessimistic, optimistic" in warning for warning in made.warnings)


def test_headline_must_have_been_replayed():
    with pytest.raises(ConfigError, match="was 'optimistic'"):
        Run(context(fill_mode="optimistic"), {"base": Replay().output()})


def test_a_wrong_column_of_the_engine_is_named():
    output = Replay().output()
    with pytest.raises(NtpError, match="column locked of equity"):
        ModeOutput(output.fills, output.orders, output.settlements, output.equity.drop("locked"))


def test_representations():
    made = run()
    assert "maker" in repr(made)
    assert "<table>" in made._repr_html_()
    figure = made.plot()
    assert len(figure.data) == 6


def test_empty_output():
    made = Run(context(), {"base": ModeOutput.empty()})
    assert made.metrics.fills == 0
    assert made.fills.is_empty()
