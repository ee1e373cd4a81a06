"""Runtime: drives a strategy over the engine, one wake after another."""

from __future__ import annotations

import inspect
import json
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import numpy as np

from ntp.core import Absent, NtpError, PluginInterface, format_duration
from ntp.engine import records as r
from ntp.engine.kernel import run as run_kernel
from ntp.engine.replay import Replay
from ntp.rules import COULD_TAKE, Gate
from ntp.strategy.blame import placed, user_error
from ntp.strategy.bridge import ROW
from ntp.strategy.declaration import warmup_of
from ntp.strategy.fair import Appraiser
from ntp.strategy.fills import told
from ntp.strategy.history import Published, Series
from ntp.strategy.objects import Contract, Forecast, Game, Settlement, Timer, Value
from ntp.strategy.readings import Readings
from ntp.strategy.reasons import token_bits, wake_mask
from ntp.strategy.saving import load_state, save_state
from ntp.strategy.signals import apply_analysis, exit_reason
from ntp.strategy.view import ASK, BID, LAST_PRICE, POSITION, MarketView

_WORDS: Final = r.CONTRACT.itemsize // 8
_HAS_QUOTES: Final = r.field(r.CONTRACT, "has_quotes")
_HAS_TAPE: Final = r.field(r.CONTRACT, "has_tape")
_GAME_FIELDS: Final = ("home", "away", "home_score", "away_score", "period", "seconds_left", "status")
_LAST_TS: Final = r.field(r.CONTRACT, "last_ts")
_STATE_NAMES: Final = {
    r.OPEN: "open", r.HALTED: "halted", r.CLOSED: "closed", r.GAP: "halted", r.DETERMINED: "determined",
    r.SETTLED: "settled", r.VOIDED: "voided", r.CHANGED: "attributes",
}  # fmt: skip


class EngineRuntime(Readings):
    """Binds a strategy to one replay and dispatches what it is woken for.

    Parameters
    ----------
    strategy : Strategy
        The instance of this replay.
    replay : Replay
        Its market and accounts.
    gate : Gate
        What every order passes.
    traded, watched : mapping of int to Contract
        Contracts by number.
    aliases : mapping of str to int
        Instruments behind the strategy's inputs.
    spots : mapping of int to int
        Contract number to the instrument that is its underlying.
    seed : int
        Seed of the strategy's random stream.
    """

    def __init__(
        self, strategy: Any, replay: Replay, gate: Gate, traded: Mapping[int, Contract],
        watched: Mapping[int, Contract], aliases: Mapping[str, int], spots: Mapping[int, int], seed: int,
    ) -> None:
        super().__init__(strategy, replay, gate, aliases)
        self.rng = np.random.default_rng(seed)
        self.log = logging.getLogger(f"ntp.strategy.{type(strategy).__name__}")
        self._alias_of = {number: alias for alias, number in aliases.items()}
        views: list[MarketView | None] = [None] * len(replay.tape.instruments)
        for number, contract in {**watched, **traded}.items():
            view = MarketView(self, number, contract)
            view.spot_index = spots.get(number, -1)
            views[number] = view
        self.views = views
        if self.declaration.uses_fair:
            self._appraiser = Appraiser(replay, spots, self.declaration.pricing)
            self.appraise = self._appraiser.value  # type: ignore[method-assign]
        self.traded = [number in traded for number in range(len(views))]
        self.by_contract = {view.contract.id: view for view in views if view is not None}
        self._prepare()

    def _prepare(self) -> None:
        strategy, declared = self.strategy, self.declaration
        indicators, spans = self._indicators, self._bars.spans
        self._keeps_history = "history" in declared.reads
        self._keeps_published, self._keeps_forecasts = "observed" in declared.reads, "forecasts" in declared.reads
        self._keeps_inputs = bool(self._aliases) and not declared.reads.isdisjoint(("history", "bars"))
        state = self.replay.state
        state.context["wake_mask"] = wake_mask(declared, indicators, spans)
        state.context["allow_taker"] = not self.gate.refusing & COULD_TAKE
        self.gate.counts = state.open_gate(self.gate.refusing, tested=self.gate.tested)
        state.context["wants_orders"] = "on_order" in declared.callbacks
        limit = getattr(strategy, "max_position", None)
        if limit is not None:
            state.contracts["max_position"] = int(limit * 1_000_000)
        calls = declared.callbacks
        self._analyze: Callable[[Any], Any] | None = _one_argument(strategy.analyze) if "analyze" in calls else None
        wake = declared.wake
        self._analyze_bits = token_bits(wake)
        self._on_quote = strategy.on_quote if "on_quote" in calls else None
        self._quote_bits = r.W_QUOTE if "quote" in wake else r.W_BEST
        self._on_book = strategy.on_book if "on_book" in calls else None
        self._on_trade = strategy.on_trade if "on_trade" in calls else None
        self._on_bar = strategy.on_bar if "on_bar" in calls else None
        self._on_index = strategy.on_index if "on_index" in calls else None
        self._on_forecast = strategy.on_forecast if "on_forecast" in calls else None
        self._on_game = strategy.on_game if "on_game" in calls else None
        self._on_custom = strategy.on_custom if "on_custom" in calls else None
        self._on_timer = strategy.on_timer if "on_timer" in calls else None
        self._on_fill = strategy.on_fill if "on_fill" in calls else None
        self._on_order = strategy.on_order if "on_order" in calls else None
        self._on_lifecycle = strategy.on_lifecycle if "on_lifecycle" in calls else None
        self._on_settlement = strategy.on_settlement if "on_settlement" in calls else None
        self._warmup = warmup_of(strategy)
        self._samples = indicators.samples_views
        self._stops = strategy.stop_loss is not None or strategy.take_profit is not None
        self._wakes_left = [self._warmup] * len(self.views)
        # Where nothing but calls of the strategy's methods is due at a wake, they are made by the bridge.
        plain = not (self._keeps_history or spans or self._warmup or self._stops or declared.indicators)
        calls_of = ((self._on_quote, self._quote_bits), (self._on_book, r.W_BOOK), (self._analyze, self._analyze_bits))
        self._drive, self.quote = self._bridge.connect(  # type: ignore[method-assign]
            self.views, self.traded, calls_of, direct=plain, follow=self._follow, on_trade=self._on_trade,
            on_fill=self._on_fill, tell_fill=self._fill, orders=self._orders,
            tags=self._commands.numbers, slow_quote=self.quote,
        )  # fmt: skip

    # running

    def start(self, first_ts: int) -> None:
        """Bind the strategy, call `on_start` and set its timers."""
        self.replay.state.context["now"] = first_ts
        self.strategy._bind(self)
        plugin = self.strategy
        if isinstance(plugin, PluginInterface):
            self._user(None, plugin.initialize, self.strategy.parameters())
        self._user(None, self.strategy.on_start)
        for span in self.declaration.wake.timers:
            self._set_timer(first_ts // span * span + span, format_duration(span), span)
        for span in self._bars.spans:
            self._set_timer(first_ts // span * span + span, f"bar:{span}", span)

    def run(self, progress: Callable[[int], None] | None = None) -> None:
        """Handle wakes until what was fed is used up."""
        replay, state = self.replay, self.replay.state
        compiled = bool(state.context["strategy"][0])
        go_on = partial(run_kernel, state.address) if compiled else self._drive
        while True:
            try:
                code = go_on()
            except Absent as error:
                self._note_absent(self._view, error)
                continue
            except NtpError as error:
                raise placed(error, self._view, self._ts) from error
            except Exception as error:
                raise user_error(error, self.strategy, self._view, self._ts) from error
            if code == r.WAKE:
                self._wake(self._bridge.words[ROW] - 1)
            elif code == r.GROW:
                state.grow()
            elif code == r.STUCK:
                raise state.stuck()
            elif replay.ended or not replay.next_window():
                break
            elif progress is not None:
                progress(replay.row)

    def stop(self) -> None:
        """Call `on_stop` and unbind."""
        self._view = None
        self._user(None, self.strategy.on_stop)
        if isinstance(self.strategy, PluginInterface):
            self._user(None, self.strategy.cleanup)
        self.strategy._unbind()

    def save_state(self) -> dict[str, Any]:
        """State of strategy, contracts and indicators in JSON types, see :mod:`ntp.strategy.saving`."""
        return save_state(self)

    def load_state(self, saved: Mapping[str, Any]) -> None:
        """Take up what :meth:`save_state` gave; called after `on_start`."""
        load_state(self, saved)

    def _wake(self, place: int) -> None:
        """Handle one row of what the strategy is woken for that the bridge left."""
        number, reasons, ref, size = self.replay.state.wake_words[4 * place : 4 * place + 4]
        view = self.views[number]
        if ref == -1 and reasons < r.W_ORDER:
            if view is not None:
                self._market_wake(number, view, reasons)
        elif reasons == r.W_ORDER:
            self._order_event(number, ref >> 8, ref & 255)
        elif reasons == r.W_STATE:
            if ref in (r.SETTLED, r.VOIDED):
                self._leave(number)
            if ref == r.CHANGED and view is not None:
                self._changed(view, size)
            if view is not None and self._on_lifecycle is not None:
                self._user(view, self._on_lifecycle, view.contract, _STATE_NAMES.get(ref, "halted"))
        elif reasons == r.W_SETTLED:
            self._settled(view, ref)
        elif reasons == r.W_TRADE:
            if view is not None:
                self._bars.printed(number, ref / view._one, size / 1e6)
                if self._on_trade is not None:
                    self._user(view, self._on_trade, view)
        elif reasons == r.W_INDEX:
            self._index(number)
        elif reasons == r.W_TIMER:
            self._timer(ref)
        elif reasons == r.W_PAYLOAD:
            self._payload(number, ref)

    def _market_wake(self, number: int, view: MarketView, reasons: int) -> None:
        if self._keeps_history and reasons & (r.W_BEST | r.W_TRADE):
            words, base = view._words, view._base
            view._kept().note(self._ts, words[base + BID], words[base + ASK], words[base + LAST_PRICE])
        if self._bars.spans and reasons & r.W_BEST:
            self._bars.quoted(view, has_tape=self._has_tape(number))
        if self._samples:
            self._indicators.sample(view)
        if reasons & self._analyze_bits:
            self._user(view, self._indicators.woke, view)
        if self._on_quote is not None and reasons & self._quote_bits:
            self._user(view, self._on_quote, view)
        if self._on_book is not None and reasons & r.W_BOOK:
            self._user(view, self._on_book, view)
        if reasons & self._analyze_bits:
            self._run_analyze(number, view)

    def _run_analyze(self, number: int, view: MarketView) -> None:
        if not self.traded[number]:
            return
        if self._wakes_left[number] > 0:
            self._wakes_left[number] -= 1
            return
        if self._stops and view._words[view._base + POSITION] and self._stopped(view):
            return
        if self._analyze is not None:
            self._user(view, self._analyze_and_follow, view)

    def _analyze_and_follow(self, view: MarketView) -> None:
        assert self._analyze is not None
        result = self._analyze(view)
        if result is not None:
            self._follow(view, result)

    def _follow(self, view: MarketView, result: Any) -> None:
        apply_analysis(self.strategy, view, result)

    def _stopped(self, view: MarketView) -> bool:
        try:
            reason = exit_reason(
                view.position.cost, view.position.unrealised_usd, self.strategy.stop_loss, self.strategy.take_profit
            )
        except Absent:
            return False
        if reason is None:
            return False
        self._view = view
        self.close_position(view, reason)
        return True

    def _user(self, view: MarketView | None, call: Callable[..., Any], *arguments: Any) -> None:
        self._view = view
        try:
            call(*arguments)
        except Absent as error:
            self._note_absent(view, error)
        except NtpError as error:
            raise placed(error, view, self._ts) from error
        except Exception as error:
            raise user_error(error, self.strategy, view, self._ts) from error

    def _note_absent(self, view: MarketView | None, error: Absent) -> None:
        self.absent[error.field] = self.absent.get(error.field, 0) + 1
        if view is not None:
            self.withdraw_quotes(view)

    # happenings

    def _fill(self, number: int, ref: int) -> None:
        """Tell a fill; called by the bridge, which lets go what this raises."""
        view = self.views[number]
        order = self.note_fill(ref) if self._orders else None
        if self._on_fill is not None and view is not None:
            self._on_fill(told(view, ref, order))

    def _order_event(self, number: int, order_id: int, reason: int) -> None:
        order = self.note_order(number, order_id, reason)
        view = self.views[number]
        if self._on_order is not None and order is not None and reason != r.R_FILLED:
            self._user(view, self._on_order, order)

    def _changed(self, view: MarketView, version: int) -> None:
        """Let the strategy's contract have the attributes that it now knows of."""
        view.contract = Contract.of(self.replay.tape.versions.instruments[version])
        if self._appraiser is not None:
            self._appraiser.change(view.index, self.replay.tape.versions.instruments[version])
        self._events.pop(view.contract.event, None)

    def _settled(self, view: MarketView | None, ref: int) -> None:
        row = self.replay.state.tables["settlements"][ref]
        if view is None:
            return
        if self._on_settlement is not None:
            self._user(view, self._on_settlement, Settlement(
                contract=view.contract, value=int(row["value"]) / 1e6, position=int(row["position"]) / 1e6,
                pnl_usd=(int(row["cash"]) - int(row["cost"])) / 1e6,
            ))  # fmt: skip
        view._state = None

    def _index(self, number: int) -> None:
        alias = self._alias_of.get(number)
        instrument = self.replay.tape.instruments[number]
        if alias is not None and self._keeps_inputs:
            now = self.index_value(number)
            self._inputs_past.setdefault(number, Series()).add(self._ts, now)
            self._bars.printed(number, now, 0.0)
        if self._keeps_published:
            self._published.setdefault(number, Published()).add(self._ts, self.index_value(number))
        self._indicators.sample_input(number)
        if self._on_index is not None:
            value = Value(alias or instrument.symbol, instrument.symbol, self.index_value(number), self._ts)
            self._user(None, self._on_index, value)
        if self._analyze_bits & r.W_INDEX:
            for other, view in enumerate(self.views):
                if view is not None and other not in self._gone and (alias is not None or view.spot_index == number):
                    self._user(view, self._indicators.woke, view)
                    self._run_analyze(other, view)

    def _timer(self, ref: int) -> None:
        name = self._timers[ref]
        if name.startswith("bar:"):
            span = int(name[4:])
            self._complete_bars()
            self.command_timer(self._ts + span, ref, span)
            for number, view in enumerate(self.views if span in self.declaration.wake.bars else ()):
                if view is not None and number not in self._gone and self._bars.has(number, span):
                    self._user(view, self._indicators.woke, view)
                    if self._on_bar is not None:
                        self._user(view, self._on_bar, view)
                    self._run_analyze(number, view)
            return
        spans = {format_duration(span): span for span in self.declaration.wake.timers}
        if name in spans:
            self.command_timer(self._ts + spans[name], ref, spans[name])
        if self._on_timer is not None:
            self._user(None, self._on_timer, Timer(name, self._ts))

    def _complete_bars(self) -> None:
        """End the bars of all durations that are over, before anybody looks at one of them."""
        for span in self._bars.complete(self._ts):
            for number, view in enumerate(self.views if self._indicators.end_bars(span, self._ts) else ()):
                if view is not None and number not in self._gone:
                    self._user(view, self._indicators.complete, span, self._ts, self._bars, view)

    def _leave(self, number: int) -> None:
        """Drop what is kept of a contract that is settled."""
        self._gone.add(number)
        self._bars.forget(number)
        self._indicators.forget(number)

    def _payload(self, number: int, ref: int) -> None:
        payload = json.loads(self.replay.payloads[ref])
        self._newest[number] = payload
        instrument = self.replay.tape.instruments[number]
        if "valid_at" in payload:
            forecast = Forecast(
                symbol=instrument.symbol, model=str(instrument.attributes.get("model", "")), value=payload["value"],
                issued=payload["issued_at"], target=payload["valid_at"], sd=payload["sd"], ts=self._ts,
            )  # fmt: skip
            self._forecasts[number, forecast.target] = forecast
            if self._on_forecast is not None:
                self._user(None, self._on_forecast, forecast)
        elif self._on_game is not None and "home_score" in payload:
            known = {name: payload.pop(name, None) for name in _GAME_FIELDS}
            self._user(None, self._on_game, Game(instrument.symbol, **known, ts=self._ts, custom_fields=payload))
        elif self._on_custom is not None:
            self._user(self.views[number], self._on_custom, payload)


__all__ = ["EngineRuntime"]


def _one_argument(analyze: Callable[..., Any]) -> Callable[[Any], Any]:
    """`analyze` as it is called; one that also takes indicators is given those of the contract."""
    taken = inspect.signature(analyze).parameters
    if len(taken) < 2 or "indicators" not in taken:
        return analyze
    return lambda data: analyze(data, data.indicators)
