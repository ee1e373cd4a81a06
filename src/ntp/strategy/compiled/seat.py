"""Seat: a compiled strategy in a replay; owns its memory, runs it and brings back what it noted."""

from __future__ import annotations

import ctypes
import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from ntp.core import NtpError, StrategyError, format_duration, format_ns
from ntp.engine import records as r
from ntp.engine.compile import address_of_function
from ntp.engine.fair import value_of
from ntp.engine.kernel import run
from ntp.engine.memory import address_of
from ntp.rules import first_rule
from ntp.strategy.compiled.assembly import program_of
from ntp.strategy.compiled.indicators import samples_of
from ntp.strategy.compiled.inside import link as k
from ntp.strategy.compiled.kinds import ARRAY, BOOL, INT, MAYBE, NONE, TEXT
from ntp.strategy.compiled.module import entry_of
from ntp.strategy.compiled.program import ABSENT, ABSENT_NUMBER, Field, Site
from ntp.strategy.compiled.views import kind_of
from ntp.strategy.indicators.indicator import BAR_FIELDS
from ntp.strategy.objects import Order

if TYPE_CHECKING:
    from ntp.strategy.runtime import EngineRuntime

_ASK: Final = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)
_RUN: Final = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)
_GROWING: Final = {
    k.GROW_RECORDS: ("records", k.RECORD, "record_capacity"),
    k.GROW_REFUSED: ("refused", k.REFUSED, "refused_capacity"),
}
_FIRST_ROOM: Final = 256
_LIBRARY: Final = ctypes.CDLL(None)


class Seat:
    """A compiled strategy in one replay.

    Parameters
    ----------
    runtime : EngineRuntime
        Of the replay; its strategy has had `on_start`.

    Raises
    ------
    StrategyError
        ``not_compilable``.
    """

    def __init__(self, runtime: EngineRuntime) -> None:
        self._runtime = runtime
        self.program = program_of(runtime.strategy)
        self._entry = _RUN(entry_of(self.program))
        self._link = np.zeros(1, k.LINK)
        self._kept: dict[str, npt.NDArray[Any]] = {}
        self._columns: dict[int, npt.NDArray[Any]] = {}
        self._bar_columns: dict[int, npt.NDArray[Any]] = {}
        self._answer = _ASK(self._asked)
        self._absent: dict[int, int] = {}
        self._failed: BaseException | None = None
        self._fill()

    # memory

    def _put(self, name: str, table: npt.NDArray[Any]) -> None:
        self._kept[name] = table
        self._link[name] = address_of(table)

    def _fill(self) -> None:
        runtime, link, program = self._runtime, self._link, self.program
        state, views = runtime.replay.state, runtime.views
        count = len(views)
        link["context"], link["run"] = state.address, address_of_function(run, 1)
        link["current"] = -1
        link["ask"] = ctypes.cast(self._answer, ctypes.c_void_p).value
        link["value"] = address_of_function(value_of, 2)
        costs = runtime.edge_costs
        self._put("costs", np.array([
            costs.adverse_selection, costs.uncertainty, costs.lock_up_rate, costs.unknown_settlement_s,
        ]))  # fmt: skip
        for name in k.MATHS:
            link[name] = ctypes.cast(getattr(_LIBRARY, name), ctypes.c_void_p).value
        words = {
            "traded": [int(each) for each in runtime.traded],
            "viewed": [int(view is not None) for view in views],
            "gone": [int(number in runtime._gone) for number in range(count)],
            "spots": [-1 if view is None else view.spot_index for view in views],
            "wakes_left": runtime._wakes_left,
            "opens": [-1 if view is None else _time(view.contract.open_time) for view in views],
            "events": self._events(),
            "aliases": [self._alias(number) for number in range(count)],
            "named": [int(number in runtime._alias_of) for number in range(count)],
            "inputs": [runtime._aliases[alias] for alias in program.inputs],
            "timers": self._timers(), "indicator_places": self._indicator_places(),
            "tags": [self._tag(text) for text in program.texts],
            "absents": [word for site in program.sites for word in (_excuse(site), 0)],
        }
        for name, values in words.items():
            self._put(name, np.array([*values, 0], dtype=np.int64))
        contracts = [None if view is None else view.contract for view in views]
        ends = [(None, None) if each is None else (each.strike_low, each.strike_high) for each in contracts]
        none = float(np.array([k.NONE_BITS]).view(np.float64)[0])
        strikes = [none if value is None else value for pair in ends for value in pair]
        self._put("scratch", np.zeros(4 * 64, np.int64))
        self._put("strikes", np.array([*strikes, 0.0]))
        grids = [_grid(() if view is None else view.contract.tick_bands) for view in views]
        self._put("grids", np.array(grids, dtype=k.GRID))
        self._remembered(count)
        link["command_capacity"] = len(state.tables["commands"])
        for name, dtype, capacity in _GROWING.values():
            self._put(name, np.zeros(_FIRST_ROOM, dtype))
            link[capacity] = _FIRST_ROOM

    def _remembered(self, count: int) -> None:
        link, program = self._link, self.program
        own = np.zeros(len(program.own) + 1, np.int64)
        for name, field in program.own.items():
            _store(own, field, self._value(vars(self._runtime.strategy)[name]))
        self._put("own", own)
        fresh = np.zeros(program.state_words + 1, np.int64)
        for field in program.state.values():
            if field.kind != ARRAY:
                _store(fresh, field, self._value(field.value))
        self._put("fresh", fresh)
        link["state_words"] = program.state_words
        self._put("states", np.append(np.tile(fresh[: program.state_words], count), 0))
        link["n_series"], link["n_bars"] = len(program.series), len(program.spans)
        self._put("completed", np.full(len(program.spans) + 1, -1, np.int64))
        self._put("series", np.zeros(max(count * len(program.series), 1), k.SERIES))
        self._put("bars", np.zeros(max(count * len(program.spans), 1), k.GROWING))

        self._indicators(count)

    def _indicators(self, count: int) -> None:
        link, declared = self._link, self.program.declaration.indicators
        fresh = np.concatenate([np.zeros(0), *self._starts()])
        self._put("indicator_fresh", np.append(fresh, 0.0))
        self._put("indicators", np.append(np.tile(fresh, count), 0.0))
        samples = samples_of(self.program)
        link["indicator_words"], link["n_indicators"], link["n_samples"] = len(fresh), len(declared), len(samples)
        self._put("pasts", np.zeros(max(count * len(declared), 1), k.SERIES))
        self._put("samples", np.zeros(max(count * len(samples), 1), k.SAMPLE))

    def _starts(self) -> list[npt.NDArray[np.float64]]:
        """States of the indicators before their first value."""
        declared = self.program.declaration.indicators.values()
        made = [(kind_of(each), each.indicator) for each in declared if each.indicator is not None]
        return [kind.start(indicator.values(self._runtime.strategy)) for kind, indicator in made]

    def _indicator_places(self) -> list[int]:
        words: list[int] = []
        place = 0
        for start in self._starts():
            words += [place, len(start)]
            place += len(start)
        return words

    def _value(self, value: Any) -> Any:
        return self.program.text(value) if isinstance(value, str) else value

    def _events(self) -> list[int]:
        names: dict[str, int] = {}
        return [
            -1 if view is None else names.setdefault(view.contract.event, len(names)) for view in self._runtime.views
        ]

    def _alias(self, number: int) -> int:
        runtime = self._runtime
        name = runtime._alias_of.get(number) or runtime.replay.tape.instruments[number].symbol
        texts = self.program.texts
        return texts.index(name) if name in texts else len(texts) + number

    def _timers(self) -> list[int]:
        declared = self.program.declaration.wake
        spans = {format_duration(span): span for span in declared.timers}
        words: list[int] = []
        for place, name in enumerate(self._runtime._timers):
            texts = self.program.texts
            if name.startswith("bar:"):
                words += [int(name[4:]), self.program.spans.index(int(name[4:])), -1]
            else:
                words += [spans.get(name, 0), -1, texts.index(name) if name in texts else len(texts) + place]
        return words

    def _tag(self, text: str) -> int:
        used = self.program.every_tag or text in self.program.tags or text in ("stop_loss", "take_profit")
        return self._runtime._commands.tag(text) if used else -1

    # running

    def drive(self) -> int:
        """Run until the engine needs Python, and say for what."""
        while True:
            code = int(self._entry(address_of(self._link)))
            if self._failed is not None:
                raise self._failed
            if code == k.CHANGED_TERMS:
                self._changed()
                continue
            if code != r.GROW:
                self._bring_back()
            if code == k.FAULT:
                raise self._error()
            return code

    def _changed(self) -> None:
        """Let the contract have the terms that it has now."""
        runtime = self._runtime
        row = runtime.replay.state.tables["wakes"][int(self._link["row"][0]) - 1]
        number = int(row["contract"])
        view = runtime.views[number]
        assert view is not None
        runtime._changed(view, int(row["value"]))
        self._kept["grids"][number] = _grid(view.contract.tick_bands)
        self._kept["opens"][number] = _time(view.contract.open_time)

    def _asked(self, kind: int, argument: int) -> int:
        try:
            self._answer_to(kind, argument)
        except BaseException as error:
            self._failed = error
        return 0

    def _answer_to(self, kind: int, argument: int) -> None:
        if kind == k.GROW_COMMANDS:
            state = self._runtime.replay.state
            state.grow_commands()
            self._link["command_capacity"] = len(state.tables["commands"])
        elif kind == k.GROW_SERIES:
            self._grow_columns(self._kept["series"][argument], argument, ("times", "values"))
        elif kind == k.GROW_PASTS:
            self._grow_columns(self._kept["pasts"][argument], ~argument, ("values",))
        elif kind == k.GROW_BARS:
            self._grow_bars(self._kept["bars"][argument], argument)
        elif kind == k.NOTE_ABSENT:
            number = int(self._link["number"][0])
            name = self.program.sites[argument].text.format(number)
            self._runtime.absent[name] = self._runtime.absent.get(name, 0) + 1
        else:
            name, _, capacity = _GROWING[kind]
            self._put(name, np.concatenate([self._kept[name], np.zeros_like(self._kept[name])]))
            self._link[capacity] = len(self._kept[name])

    def _grow_columns(self, row: Any, number: int, names: tuple[str, ...]) -> None:
        count = int(row["count"])
        size = max(2 * int(row["capacity"]), 64)
        fresh = np.zeros((len(names), size), np.int64)
        if count:
            fresh[:, :count] = self._columns[number][:, :count]
        self._columns[number] = fresh
        for place, name in enumerate(names):
            row[name] = address_of(fresh) + 8 * size * place
        row["capacity"] = size

    def _grow_bars(self, row: Any, number: int) -> None:
        count, size = int(row["count"]), max(2 * int(row["capacity"]), 64)
        fresh = np.zeros((len(BAR_FIELDS), size))
        if count:
            fresh[:, :count] = self._bar_columns[number][:, :count]
        self._bar_columns[number] = fresh
        row["columns"], row["capacity"] = address_of(fresh), size

    # what it noted

    def _bring_back(self) -> None:
        """Hand what was noted to the runtime."""
        runtime, program, link = self._runtime, self.program, self._link
        rows = self._kept["records"][: int(link["n_records"][0])]
        runtime.rows += [(int(row["ts"]), program.curves[row["name"]], float(row["value"])) for row in rows]
        link["n_records"] = 0
        counts = self._kept["absents"]
        for number, site in enumerate(program.sites):
            count = int(counts[2 * number + 1])
            if count:
                runtime.absent[site.text] = runtime.absent.get(site.text, 0) + count
                counts[2 * number + 1] = 0
        self._bring_refused()
        for name, field in program.own.items():
            if ("self", name) in program.assigned:
                setattr(runtime.strategy, name, _load(self._kept["own"], field, program.texts))

    def _bring_refused(self) -> None:
        runtime, link = self._runtime, self._link
        for row in self._kept["refused"][: int(link["n_refused"][0])]:
            view = runtime.views[int(row["contract"])]
            assert view is not None
            rule = first_rule(int(row["rule"]))
            runtime.refused_orders.append(Order(
                int(row["id"]), view.contract, "BUY" if row["side"] > 0 else "SELL", int(row["price"]) / view._one,
                int(row["size"]) / 1e6, status="refused", reason=rule,
                tag=None if row["tag"] < 0 else runtime.tags[int(row["tag"])], ts=int(row["ts"]),
            ))  # fmt: skip
        link["n_refused"] = 0

    def _error(self) -> NtpError:
        """Error for what ended the run, as Python would have told it."""
        runtime, site = self._runtime, self.program.sites[int(self._link["fault"][0])]
        number = int(self._link["current"][0])
        view = runtime.views[number] if number >= 0 else None
        contract = None if view is None else view.contract.id
        ts = runtime.ts
        place = f"(line {site.line} of {site.file}" + (f", contract {contract}" if contract else "")
        place += f", at {format_ns(ts)})"
        details = {"contract": contract, "ts": ts, "time": format_ns(ts), "file": site.file, "line": site.line}
        value = float(self._link["number"].view(np.float64)[0])
        if site.code:
            return StrategyError(
                f"{site.text.format(value)} {place}", code=site.code, hint=site.hint, details=details
            )
        return StrategyError(
            f"expected {type(runtime.strategy).__name__} to run, it raised {site.text} {place}",
            code="strategy_raised", details=details,
        )


def _excuse(site: Site) -> int:
    return {ABSENT: 1, ABSENT_NUMBER: 2}.get(site.kind, 0)


@lru_cache(maxsize=1024)  # half a million contracts have a few grids
def _grid(bands: tuple[tuple[int, int, int], ...]) -> tuple[int, ...]:
    words = [word for band in bands[:3] for word in band]
    return (len(bands), *words, *[0] * (9 - len(words)))


def _time(value: int | None) -> int:
    return -1 if value is None else value


def _store(words: npt.NDArray[np.int64], field: Field, value: Any) -> None:
    if field.kind in (BOOL, INT):
        words[field.place] = int(value)
    elif field.kind == TEXT:
        words[field.place] = -1 if value is None else value
    else:
        words.view(np.float64)[field.place] = math.nan
        words[field.place] = k.NONE_BITS if value is None else np.array([float(value)]).view(np.int64)[0]


def _load(words: npt.NDArray[np.int64], field: Field, texts: list[str]) -> Any:
    word = int(words[field.place])
    if field.kind in (BOOL, INT):
        return bool(word) if field.kind == BOOL else word
    if field.kind == TEXT:
        return None if word < 0 else texts[word]
    if field.kind == NONE or (field.kind == MAYBE and word == k.NONE_BITS):
        return None
    return float(words.view(np.float64)[field.place])

