"""The recording of a market-only replay: what a strategy would have been shown at each of its wakes."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ntp.core import Absent, ConfigError
from ntp.engine import player as p
from ntp.engine import records as r
from ntp.engine.memory import address_of
from ntp.engine.replay import Replay
from ntp.strategy.base import Strategy
from ntp.strategy.declaration import Declaration, declaration_of
from ntp.strategy.indicators.declared import DeclaredIndicator
from ntp.strategy.objects import Contract

Floats = npt.NDArray[np.float64]
WORDS: Final = ("ts", "contract", "bid", "ask", "bid_size", "ask_size", "price", "volume", "close_time")
"""What is noted of each wake as integers: price units and millionths of a contract, -1 where absent."""
BAR_FIELDS: Final = ("open", "high", "low", "close")
_NOW: Final = r.field(r.CONTEXT, "now")
_BOOK: Final = tuple(
    r.field(r.CONTRACT, name)
    for name in ("view_bid", "view_ask", "view_bid_size", "view_ask_size", "last_price", "last_size")
)
_NOT: Final = float("nan")


@dataclass(frozen=True)
class Recording:
    """All wakes of a strategy's contracts in the order in which they come; nothing in it depends on orders.

    Attributes
    ----------
    words : ndarray
        One row per wake, columns of `WORDS`.
    extras : mapping of str to ndarray
        Further columns by name as float64, NaN where absent: `spot`, `fair_value`, bars, inputs, custom fields.
    contracts : mapping of int to Contract
        Contracts of the universe by number.
    with_quotes : frozenset of int
        Numbers of those whose data has quotes.
    absent : mapping of str to int
        How often an indicator wanted what was not there.
    """

    words: npt.NDArray[np.int64]
    extras: Mapping[str, Floats]
    contracts: Mapping[int, Contract]
    with_quotes: frozenset[int] = frozenset()
    absent: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.words)

    def column(self, name: str) -> npt.NDArray[np.int64]:
        """One of `WORDS`."""
        return self.words[:, WORDS.index(name)]

    @cached_property
    def wake_of_contract(self) -> npt.NDArray[np.int64]:
        """Wakes of the same contract before each wake."""
        numbers = self.column("contract")
        counted = np.empty(len(numbers), np.int64)
        if not len(numbers):
            return counted
        order = np.argsort(numbers, kind="stable")
        ordered = numbers[order]
        starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
        lengths = np.diff(np.append(starts, len(ordered)))
        counted[order] = np.arange(len(ordered)) - np.repeat(starts, lengths)
        return counted


@dataclass
class Notes:
    """What is written down while the market is replayed without orders."""

    words: array[int] = field(default_factory=lambda: array("q"))
    floats: dict[str, array[float]] = field(default_factory=dict)
    customs: list[Mapping[str, Any] | None] = field(default_factory=list)


class Recorder:
    """Writes down what each wake shows.

    Parameters
    ----------
    declaration : Declaration
        Of the strategy whose wakes these are.
    pricing : bool
        Whether fair values are wanted.
    """

    def __init__(self, declaration: Declaration, *, pricing: bool) -> None:
        self.declaration = declaration
        self.notes = Notes()
        self._pricing = pricing
        self._span = declaration.wake.bars[0] if declaration.wake.bars else 0
        self._stepped = [name for name, each in declaration.indicators.items() if not in_bulk(each)]
        names = [
            *(["fair_value"] if pricing else []), *(BAR_FIELDS if self._span else ()), *declaration.inputs,
            *self._stepped,
        ]
        self.notes.floats = {name: array("d") for name in ("spot", *names)}

    @property
    def plain(self) -> bool:
        """Whether wakes show nothing but the book and the last price."""
        return not (
            self._pricing or self._span or self._stepped or self.declaration.inputs
        ) and self.declaration.wake.tokens <= {"best", "quote", "book", "trade"}

    def note(self, view: Any) -> None:
        """Write down one wake of a contract."""
        runtime = view._runtime
        words, base = view._words, view._base
        close = view.contract.close_time
        self.notes.words.extend((
            runtime.ts, view.index, *(words[base + place] for place in _BOOK), -1 if close is None else close,
        ))  # fmt: skip
        floats = self.notes.floats
        floats["spot"].append(_NOT if view.spot_index < 0 else _or_nan(lambda: runtime.index_value(view.spot_index)))
        for alias in self.declaration.inputs:
            floats[alias].append(_or_nan(partial(_input_value, runtime, alias)))
        if self._pricing:
            floats["fair_value"].append(_or_nan(view.fair_value))
        if self._span:
            self._note_bar(runtime, view)
        for name in self._stepped:
            floats[name].append(float(view.indicators.get(name, _NOT)))
        custom = runtime._newest.get(view.index)
        if custom is not None or self.notes.customs:
            customs = self.notes.customs
            customs.extend([None] * (len(self.notes.words) // len(WORDS) - 1 - len(customs)))
            customs.append(custom)

    def _note_bar(self, runtime: Any, view: Any) -> None:
        try:
            bar = runtime.bars(view, self._span, 1)
        except Absent:
            bar = None
        for name in BAR_FIELDS:
            self.notes.floats[name].append(_NOT if bar is None else float(getattr(bar, name)[-1]))

    def recording(
        self, contracts: Mapping[int, Contract], with_quotes: frozenset[int], absent: Mapping[str, int]
    ) -> Recording:
        """Everything that was written down."""
        words = np.frombuffer(self.notes.words, dtype=np.int64).reshape(-1, len(WORDS)).copy()
        extras = {name: np.frombuffer(values, dtype=np.float64).copy() for name, values in self.notes.floats.items()}
        customs = _customs(self.notes.customs, len(words))
        return Recording(words, {**extras, **customs}, contracts, with_quotes, absent)


def recorder_of(strategy: Strategy) -> tuple[Strategy, Recorder]:
    """Make a strategy that is woken as another one and only writes down what it is shown.

    Raises
    ------
    ConfigError
        ``bad_declaration`` if an input or an indicator is called like a column of the frame.
    """
    declaration, cls = declaration_of(strategy), type(strategy)
    taken = {*COLUMNS, *BAR_FIELDS, *OUTPUTS, "fair_value"}
    for what, names in (("inputs", declaration.inputs), ("indicators", declaration.indicators)):
        for name in names:
            if name in taken:
                raise ConfigError(
                    f"expected {what} of {cls.__name__} not to be called like a column of the frame, was {name!r}",
                    code="bad_declaration", hint=f"for example my_{name}", details={"name": name},
                )
    recorder = Recorder(declaration, pricing=cls.pricing is not Strategy.pricing)

    def analyze(self: Any, data: Any) -> None:
        recorder.note(data)

    body: dict[str, Any] = {name: getattr(cls, name) for name in ("universe", "watch", "inputs", "wake", "pricing")}
    indicators = {
        name: each.indicator or each.custom for name, each in declaration.indicators.items() if not in_bulk(each)
    }
    own = {name: each for name, each in cls._parameters.items() if name not in Strategy._parameters}
    kinds = {name: each.kind if each.default is not None else each.kind | None for name, each in own.items()}
    body |= {**own, "__annotations__": kinds, **indicators, "analyze": analyze, "__module__": Strategy.__module__}
    made = type(f"{cls.__name__}Recorder", (Strategy,), body)()
    made.__dict__.update(strategy.parameters())
    return made, recorder


def record(runtime: Any, replay: Replay, chunks: Any, first: int, recorder: Recorder) -> Recording:
    """Replay a tape for a recorder.

    Parameters
    ----------
    runtime : EngineRuntime
        Runs the strategy of `recorder_of`.
    replay : Replay
        Its market, to be fed.
    chunks : iterable of Chunk
        The rows.
    first : int
        Time of the first row.
    recorder : Recorder
        What writes down.
    """
    replay.state.context["wake_mask"] |= r.W_PAYLOAD
    runtime.start(first)
    for chunk in chunks:
        replay.feed(chunk.columns, chunk.candles, chunk.payloads, checked=True)
        runtime.run()
    replay.finish()
    runtime.run()
    runtime.stop()
    return recorder.recording(*_traded(runtime, replay), dict(runtime.absent))


def recorded_in_kernel(
    runtime: Any, replay: Replay, chunks: Any, first: int, recorder: Recorder
) -> Recording | None:
    """Record without Python at the wakes; None where these show more than the book and the last price.

    Parameters are those of :func:`record`.
    """
    if not recorder.plain or any(view is not None and view.spot_index >= 0 for view in runtime.views):
        return None
    player = np.zeros(1, p.PLAYER)
    player["kind"], player["bits"] = p.NOTES, runtime._analyze_bits
    context = replay.state.context
    context["strategy"], context["player"], context["now"] = p.PLAYED, address_of(player), first
    parts: list[npt.NDArray[np.int64]] = []

    def run(rows: int) -> None:
        table = np.empty(rows + 1, p.SHOWN)
        player["row"], player["intents"] = 0, address_of(table)
        runtime.run()
        parts.append(table[: int(player["row"][0])].view(np.int64).reshape(-1, len(WORDS)).copy())

    for chunk in chunks:
        if len(chunk.payloads):
            return None
        left = len(replay.state.left_unseen())
        replay.feed(chunk.columns, chunk.candles, chunk.payloads, checked=True)
        run(len(chunk.columns["ts"]) + left)
    left = len(replay.state.left_unseen())
    replay.finish()
    run(left)
    words = np.concatenate(parts)
    spots = {"spot": np.full(len(words), _NOT)}
    return Recording(words, spots, *_traded(runtime, replay))


def _traded(runtime: Any, replay: Replay) -> tuple[dict[int, Contract], frozenset[int]]:
    contracts = {view.index: view.contract for view in runtime.views if view is not None and runtime.traded[view.index]}
    quoted = replay.state.contracts["has_quotes"]
    return contracts, frozenset(number for number in contracts if quoted[number])


COLUMNS: Final = (
    "ts", "contract", "event", "bid", "ask", "bid_size", "ask_size", "mid", "spread", "price", "volume",
    "seconds_to_close", "spot",
)
"""Columns of every frame."""
OUTPUTS: Final = (
    "signal", "target", "quote_bid", "quote_ask", "size", "limit", "confidence", "fair", "match", "ttl", "tag",
)
"""Columns that `signals` may add."""


def in_bulk(each: DeclaredIndicator) -> bool:
    """Whether columns of the frame are all that an indicator is computed from, one value per wake."""
    return each.indicator is not None and each.span is None


def _or_nan(read: Any) -> float:
    try:
        return float(read())
    except Absent:
        return _NOT


def _input_value(runtime: Any, alias: str) -> float:
    """Newest value of an input: of an index, or the number that a forecast or custom event states."""
    number = runtime._aliases[alias]
    newest = runtime._newest.get(number)
    if newest is None:
        return float(runtime.index_value(number))
    found = newest.get("value", newest.get("price"))
    return float(found) if _is_number(found) else _NOT


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _customs(rows: Sequence[Mapping[str, Any] | None], count: int) -> dict[str, Floats]:
    """Columns ``x_name`` of the numbers in custom fields."""
    found: dict[str, Floats] = {}
    for place, row in enumerate(rows):
        for name, value in (row or {}).items():
            if _is_number(value):
                column = found.setdefault(f"x_{name}", np.full(count, _NOT))
                column[place] = float(value)
    return dict(sorted(found.items()))


__all__ = [
    "BAR_FIELDS", "COLUMNS", "OUTPUTS", "WORDS", "Recorder", "Recording", "in_bulk", "record", "recorded_in_kernel",
    "recorder_of",
]  # fmt: skip
