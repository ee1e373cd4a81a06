import numpy as np
import pytest
from recording import Recording, dataset

from ntp import Strategy
from ntp.backtest import Backtest, RunStore
from ntp.core import DataError
from ntp.data import DataSource, UnifiedEvent

HOUR = 3_600


class Timed(Strategy):
    """Buys in the first minutes of each event, when it is cheap."""

    def analyze(self, data):
        if data.ask < 0.45:
            self.target(position=10)


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    """Events that cost 42 cents for their first five minutes and 58 then, and settle at 50 cents on average."""
    made = []
    for number in range(20):
        first = number * HOUR
        one = Recording(f"E{number:02}")
        for minute in range(50):
            price = 0.42 if minute < 5 else 0.58
            one.quote(first + 60 * minute, price - 0.02, price + 0.02)
            one.trade(first + 60 * minute + 30, price - 0.02, 400, -1)
            one.trade(first + 60 * minute + 31, price + 0.02, 400, 1)
        made.append(one.settle(first + HOUR - 1, float(number % 2)))
    return dataset(tmp_path_factory.mktemp("catalog"), *made)


def judged(strategy, market, **options):
    backtest = Backtest(strategy, market, capital=1_000, store=False)
    run = backtest.run()
    return run, backtest.random_entries(run, workers=1, **options)


def test_timing_that_is_worth_something_is_told_from_luck(market):
    run, entries = judged(Timed, market, draws=39)
    assert run.metrics.trades == 20
    assert entries.pnl_net_usd == run.metrics.pnl_net_usd > 0
    assert entries.p_value == 1 / 40
    assert entries.drawn.max() < entries.pnl_net_usd
    assert len(set(entries.drawn.tolist())) > 10


def test_entries_keep_side_and_size(market):
    _, entries = judged(Timed, market, draws=30)
    # bought at 56 cents nine times in ten, and at 40 else; half of the events pay a dollar
    assert np.median(entries.drawn) == pytest.approx(200 * (0.5 - 0.544), abs=6)


def test_draws_are_repeatable(market):
    one, two = (judged(Timed, market, draws=5)[1].drawn.tolist() for _ in range(2))
    assert one == two


def test_draws_are_kept_nowhere_and_are_no_trial(market, tmp_path):
    store = RunStore(tmp_path)
    backtest = Backtest(Timed, market, capital=1_000, store=store)
    run = backtest.run()
    backtest.random_entries(run, draws=3, workers=1)
    assert store.ledger.trials(run.context.data.content_hash).count == 1
    assert len(store.list()) == 1


class Turning(Strategy):
    """Buys in one minute and sells in the next."""

    def on_trade(self, data):
        self.target(position=10 * (data.ts // 60_000_000_000 % 2))


class Told(DataSource):
    """Ten minutes of one market, read anew each time it is asked."""

    venue = "kalshi"
    times = 0

    def read(self, start=None, end=None):
        Told.times += 1
        yield from range(600)

    def transform(self, raw):
        quote = {"bid": 0.40, "ask": 0.44, "bid_size": 50, "ask_size": 50}
        trade = {"price": 0.44 if raw % 2 else 0.40, "volume": 80, "taker": "buy" if raw % 2 else "sell"}
        return [UnifiedEvent(1_767_225_600 + raw, "kalshi", "KXBTC-1", data) for data in (quote, trade)]


def test_a_source_is_read_once_for_all_draws():
    Told.times = 0
    backtest = Backtest(Turning, Told(), store=False)
    run = backtest.run()
    assert Told.times == 1
    backtest.random_entries(run, draws=3, workers=1)
    assert Told.times == 2


def test_without_trades_there_is_nothing_to_begin_anew(market):
    class Idle(Strategy):
        def analyze(self, data):
            return None

    for strategy, draws, code in ((Idle, 5, "no_trades"), (Timed, 0, "bad_draws")):
        with pytest.raises(DataError) as refused:
            judged(strategy, market, draws=draws)
        assert refused.value.code == code
