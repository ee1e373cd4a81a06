import io
from dataclasses import replace

from factory import START, Replay, account, context, run, season
from rich.console import Console

from ntp.backtest import Run, RunStore, StrategyInfo
from ntp.backtest.diff_table import diff_table
from ntp.backtest.table import result_table, runs_table
from ntp.backtest.wording import write_verdict
from ntp.core import format_ns


def printed(renderable):
    console = Console(file=io.StringIO(), width=120)
    console.print(renderable, highlight=False, markup=False)
    return console.file.getvalue()


def test_result_tells_modes_orders_speed_and_verdict():
    text = printed(result_table(run()))
    for part in ("pessimistic", "optimistic", "Net P&L", "105 placed", "2,000,000 events/s", "quote_inferred",
                 "warning: volume steps", "Profitable, but luck could explain it: the pessimistic replay made $32.54"):
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
    assert write_verdict(profitable=False, pessimistic_pnl=0.0).endswith("neither made nor lost anything.")


def test_runs_and_differences(tmp_path):
    store = RunStore(tmp_path)
    store.save(run())
    assert f"{format_ns(START)} " in printed(runs_table(store.list()))
    store.save(Run(replace(context(), status="failed", fill_mode="pessimistic"), {"pessimistic": season().output()}))
    (line,) = [line for line in printed(runs_table(store.list())).splitlines() if "abc123" in line]
    assert "failed" in line
    assert "$" not in line, "the beginning of a run says nothing about its strategy"
    assert "pessimistic" not in line
    assert "are equal" in printed(diff_table(run().compare(run())))
    other = Run(context(days=50), {"base": season(3).output()})
    text = printed(diff_table(run().compare(other)))
    assert "2024-11-23T00:00:00Z" in text
    assert "equal fills, then they part" in text


def test_differences_are_few_and_in_peoples_units():
    changed = replace(season(lucky=0.8).output(), fills=season(lucky=0.8).output().fills[:40])
    outputs = dict.fromkeys(("pessimistic", "base", "optimistic"), changed)
    text = printed(diff_table(run().compare(Run(context(capital=20_000_000_000), outputs))))
    assert "20,000" in text
    assert "10000000000" not in text
    assert "differ in other modes or beyond the digits shown" in text
    rows = [line for line in text.splitlines() if "pessimistic: " in line or "optimistic: " in line]
    assert len([line for line in rows if "Net P&L" in line]) <= 2
    assert "at $0.4" in text


def test_accounts_are_told_where_there_is_more_than_dollars_at_one_venue():
    assert "account" not in printed(result_table(run()))
    accounts = [account(cash=5_000_000), account("manifold", "MANA", counted=False, start=9_000_000, cash=7_000_000)]
    text = printed(result_table(Run(context(), {"base": replace(season(2).output(), accounts=accounts)})))
    assert "manifold (MANA, apart)" in text
    assert "-2.00 MANA" in text


def test_a_gain_that_luck_explains_says_so():
    told = write_verdict(profitable=True, pessimistic_pnl=2.21, interval=[-16.98, 32.22])
    assert told.startswith("Profitable, but luck could explain it")
    assert "-$16.98 to $32.22" in told
    assert write_verdict(profitable=True, pessimistic_pnl=2.21, interval=[0.5, 4.0]).endswith("made $2.21 after fees.")
