"""The runtime of whole-column strategies: each wake looks up its row of what `signals` returned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ntp.core import NtpError
from ntp.engine.bridge import BRIDGE
from ntp.engine.records import field
from ntp.strategy.columns.frames import Frames
from ntp.strategy.columns.market_only import MarketOnly
from ntp.strategy.columns.plan import QUOTES, SIGNALS, Plan, plan_of
from ntp.strategy.columns.playing import Playing, Seat, playable, within_reach
from ntp.strategy.columns.recording import Recording
from ntp.strategy.declaration import warmup_of
from ntp.strategy.runtime import EngineRuntime
from ntp.strategy.signal import ACTIONS, Signal
from ntp.strategy.signals import follow_signal

_DIRECT: Final = field(BRIDGE, "direct")


class ColumnsRuntime(EngineRuntime):
    """Runs `signals` once and then carries its rows out, one wake after another.

    Parameters
    ----------
    recording : Recording
        What a market-only replay of the same tape showed.
    frames : Frames
        Its frames.
    *arguments
        Those of :class:`EngineRuntime`.
    """

    def __init__(self, recording: Recording, frames: Frames, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._bridge.words[_DIRECT] = 0  # every wake counts as a row, also those that a warm-up or a stop uses up
        self._recording, self._frames = recording, frames
        self._row = -1
        self._playing: Playing | None = None
        self.plan: Plan

    def start(self, first_ts: int) -> None:
        """Bind the strategy, call `on_start`, then `signals`."""
        super().start(first_ts)
        self.strategy._bind(MarketOnly(self))
        self._user(None, self._make_plan)
        self.strategy._bind(self)
        if playable(self.strategy, self.declaration) and within_reach(self.plan, self._recording):
            self._play()
        else:
            self._lay_out()

    @property
    def analyze_bits(self) -> int:
        """Wake reasons that make a row."""
        return self._analyze_bits

    def stop(self) -> None:
        """See that everything was carried out, call `on_stop` and unbind."""
        playing = self._playing
        if playing is not None:
            if not playing.ended(len(self._recording)):
                raise NtpError("expected the wakes of the market-only replay, was others", code="columns_diverged")
            for name, count in (*playing.absent.items(), *self._recording.absent.items()):
                self.absent[name] = self.absent.get(name, 0) + count
        super().stop()

    def _play(self) -> None:
        """Let the kernel carry out the plan."""
        plan = self.plan
        self._seat = Seat(self._recording.contracts, len(self.views), self._analyze_bits)
        tags = [self._commands.tag(text) for text in plan.tags]
        self._playing = Playing(plan, self.strategy, self._seat, tags)
        self._playing.bind(self.replay)

    def _make_plan(self) -> None:
        strategy = self.strategy
        frames = self._frames.by(self.declaration.frame_by, strategy)
        self.plan = plan_of(self._recording, frames, strategy.signals, warmup_of(strategy))

    def _lay_out(self) -> None:
        """Turn the plan's arrays into lists, which are read faster one by one."""
        plan = self.plan
        self._places = {row: place for place, row in enumerate(plan.rows.tolist())}
        self._times = self._recording.column("ts").tolist()
        self._numbers = self._recording.column("contract").tolist()
        given: dict[str, Sequence[Any]] = {
            name: [None if value != value else value for value in values.tolist()]
            for name, values in plan.numbers.items()
        }
        if plan.ttl is not None:
            given["ttl"] = [None if span < 0 else span for span in plan.ttl.tolist()]
        if plan.tag is not None:
            given["tag"] = [None if tag < 0 else plan.tags[tag] for tag in plan.tag.tolist()]
        if plan.match is not None:
            given["match"] = plan.match
        names = {"limit": "price", "target": "position", "quote_bid": "bid", "quote_ask": "ask"}
        self._given = {names.get(name, name): values for name, values in given.items()}
        self._codes = plan.codes.tolist()
        self._analyze = self._act

    def _run_analyze(self, number: int, view: Any) -> None:
        if not self.traded[number]:
            return
        self._row += 1
        row = self._row
        if row >= len(self._times) or self._times[row] != self._ts or self._numbers[row] != number:
            raise NtpError(
                f"expected the wakes of the market-only replay, was another one of {view.contract.id}",
                code="columns_diverged", details={"row": row, "ts": self._ts},
            )
        super()._run_analyze(number, view)

    def _act(self, view: Any) -> None:
        """Make the call that this wake's row describes."""
        place = self._places.get(self._row)
        if place is None:
            return
        arguments = {name: values[place] for name, values in self._given.items()}
        if self.plan.kind == SIGNALS:
            if arguments.get("confidence", 0.0) is None:
                del arguments["confidence"]
            follow_signal(self.strategy, view, Signal(ACTIONS[self._codes[place] - 1], **arguments))
        elif self.plan.kind == QUOTES:
            self.quote(view, **arguments)
        else:
            self.target(view, **arguments)


__all__ = ["ColumnsRuntime"]
