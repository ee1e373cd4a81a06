import io

from factory import START, Replay, context, run, season
from rich.console import Console

from ntp.backtest import Run, RunStore, StrategyInfo
from ntp.backtest.table import diff_table, result_table, runs_table


def printed(renderable):
    console = Console(file=io.StringIO(), width=120)
    console.print(renderable, highlight=False, markup=False)
    return console.file.getvalue()


def test_result_tells_modes_orders_speed_and_verdict():
    text = printed(result_table(run()))
    for part in ("pessimistic", "optimistic", "Net P&L", "105 placed", "2,000,000 events/s", "quote_inferred",
                 "warning: volume steps", "Profitable: the pessimistic replay made $32.54"):
        assert part in text


def test_absent_metrics_are_dashes_and_markup_is_text():
    strategy = StrategyInfo("[red]x", "1", "h")
    text = printed(result_table(Run(context(strategy=strategy), {"base": Replay().output()})))
    assert "[red]x" in text
    assert "–" in text
    assert "Not judged" in text


def test_a_loss_is_not_called_profitable():
    loss = Replay().fill(START, 1, 40, 1).settle(START + 1, 0.0).output()
    text = printed(result_table(Run(context(), {"pessimistic": loss, "base": season().output()})))
    assert "Not shown to be profitable: the pessimistic replay lost $0.40" in text


def test_runs_and_differences(tmp_path):
    store = RunStore(tmp_path)
    store.save(run())
    assert "abc123" in printed(runs_table(store.list()))
    assert "are equal" in printed(diff_table(run().compare(run())))
    other = Run(context(days=50), {"base": season(3).output()})
    text = printed(diff_table(run().compare(other)))
    assert "configuration.end" in text
    assert "equal fills, then they part" in text
