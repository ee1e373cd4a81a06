"""Assembly: a strategy's methods and what happens between them, as the text of one module."""

from __future__ import annotations

import ast
import types
from typing import Any, Final

from ntp.core import format_duration
from ntp.engine import records as r
from ntp.strategy.base import Strategy
from ntp.strategy.compiled.indicators import check_indicators, imports_of, indicator_text
from ntp.strategy.compiled.kinds import FILL, INDEX_VALUE, INDICATORS, NONE, SELF, SETTLEMENT, TIMER, VIEW
from ntp.strategy.compiled.program import Program, shape_of
from ntp.strategy.compiled.refusal import Refused, not_compilable
from ntp.strategy.compiled.source import Function
from ntp.strategy.compiled.statements import compiled_function
from ntp.strategy.declaration import warmup_of
from ntp.strategy.reasons import token_bits

ARGUMENTS: Final = {
    "analyze": VIEW, "on_quote": VIEW, "on_book": VIEW, "on_trade": VIEW, "on_bar": VIEW, "on_fill": FILL,
    "on_timer": TIMER, "on_index": INDEX_VALUE, "on_settlement": SETTLEMENT,
}  # fmt: skip
"""Callbacks with a compiled form, and the kind of what they are given."""
IN_PYTHON: Final = frozenset({"on_start", "on_stop"})
"""Callbacks that run in Python, once."""
_PASSES: Final = 25
_INSIDE: Final = (
    "arrays", "driving", "fair", "fills", "indicators", "link", "look_back", "numbers", "reads", "single", "sizing",
    "wishes",
)  # fmt: skip
_HEADER: Final = '''"""A strategy in compiled form; written by ntp.strategy.compiled."""

from math import copysign, fabs, inf, isfinite, isinf, isnan, nan, sqrt

from ntp.engine.compile import callback, kernel
from ntp.engine.memory import call_at, load_f64, load_i64, store_i64
from ntp.engine.records import context_at, wake_at
{imports}

'''


def program_of(strategy: Strategy) -> Program:
    """Translate the methods of a strategy, once for all instances of the class whose attributes are of the same kinds.

    Raises
    ------
    StrategyError
        ``not_compilable``, with file and line.
    """
    cls: Any = type(strategy)
    if "_compiled_programs" not in vars(cls):
        cls._compiled_programs = {}
    known: dict[Any, Program] = cls._compiled_programs
    key = (shape_of(strategy), warmup_of(strategy) > 0)
    found = known.get(key)
    if found is None or any(names.get(name) is not value for names, name, value in found.read):
        found = known[key] = _translated(strategy)
    return found


def _translated(strategy: Strategy) -> Program:
    """Translate the methods of a strategy.

    Raises
    ------
    StrategyError
        ``not_compilable``, with file and line.
    """
    program = Program(strategy)
    check_indicators(program)
    entries = sorted(program.declaration.callbacks - IN_PYTHON)
    for span in program.declaration.wake.timers:
        program.text(format_duration(span))
    for text in ("stop_loss", "take_profit"):
        program.text(text)
    for _ in range(_PASSES):
        program.begin()
        for name in entries:
            _entry(program, name)
        if not program.changed:
            return program
    raise not_compilable(program.name, "variables whose kinds cannot be told", "", 0)


def _entry(program: Program, name: str) -> None:
    function = getattr(type(program.strategy), name)
    if not isinstance(function, types.FunctionType):
        raise not_compilable(program.name, f"{name}, which is no plain method", "", 0)
    code = function.__code__
    if name not in ARGUMENTS:
        raise not_compilable(
            program.name, f"the callback {name}", code.co_filename, Function(function, program.name).node.lineno,
            "it runs in Python only",
        )
    try:
        compiled_function(program, function, entry_kinds(function, name), ast.Pass(), follows=name == "analyze")
    except Refused as refused:
        raise not_compilable(
            program.name, refused.what, refused.file or code.co_filename, refused.line or code.co_firstlineno,
            refused.hint,
        ) from None


def entry_kinds(function: types.FunctionType, name: str) -> dict[str, str]:
    """Kinds of the arguments of a callback."""
    code = function.__code__
    names = code.co_varnames[: code.co_argcount]
    kinds: tuple[str, ...] = (SELF, ARGUMENTS[name])[-len(names) :]  # a static method takes no self
    if name == "analyze" and names[2:] == ("indicators",):
        kinds = (*kinds, INDICATORS)
    if len(names) != len(kinds):
        raise Refused(f"{name} with more arguments than it is given", ast.Pass())
    return dict(zip(names, kinds, strict=True))


def module_text(program: Program) -> str:
    """Write the module of a program."""
    imports = [f"from ntp.strategy.compiled.inside.{name} import *" for name in _INSIDE]
    helpers = indicator_text(program)
    parts = [_HEADER.format(imports="\n".join([*imports, *imports_of(program)])), *helpers]
    parts += ["\n".join(lines) for lines in program.functions.values()]
    parts += [_call(program, name) for name in sorted(program.declaration.callbacks - IN_PYTHON)]
    parts += [_analysis(program), _market_wake(program), _happenings(program), _DRIVE]
    return "\n\n\n".join(parts) + "\n"


def _has(program: Program, name: str) -> bool:
    return name in program.declaration.callbacks


def _call(program: Program, name: str) -> str:
    """Write the call of a callback, which may end because something is absent."""
    function = getattr(type(program.strategy), name)
    kinds = entry_kinds(function, name)
    written, _ = compiled_function(program, function, kinds, ast.Pass(), follows=name == "analyze")
    given = ["about"] * sum(kind != SELF for kind in kinds.values())
    return (
        f"@kernel\ndef call_{name}(me, about):\n    try:\n        {written}({', '.join(['me', *given])})\n"
        "    except Exception:\n        return excused(me)\n    return True"
    )


def _analysis(program: Program) -> str:
    lines = ["@kernel", "def run_analyze(me, k):"]
    lines += ["    if load_i64(link_at(me, 0).traded, k) == 0:", "        return True"]
    if warmup_of(program.strategy):
        lines += [
            "    left = load_i64(link_at(me, 0).wakes_left, k)", "    if left > 0:",
            "        store_i64(link_at(me, 0).wakes_left, k, left - 1)", "        return True",
        ]  # fmt: skip
    stops = [_limit(program, name) for name in ("stop_loss", "take_profit")]
    if any(stop != "none()" for stop in stops):
        loss, profit = (program.text(name) for name in ("stop_loss", "take_profit"))
        lines += [
            "    if contract_of(me, k).position_seen != 0:", f"        why = stopped(me, k, {stops[0]}, {stops[1]})",
            "        if why:", f"            tag = tag_of(me, {loss} if why == 1 else {profit}) + 1",
            "            target_units(me, k, 0, none(), 0, none(), -1, tag, 0)", "            return True",
        ]  # fmt: skip
    lines.append("    return call_analyze(me, k)" if _has(program, "analyze") else "    return True")
    return "\n".join(lines)


def _limit(program: Program, name: str) -> str:
    field = program.own[name]
    if field.kind == NONE:
        return "none()"
    return f"own_f(me, {field.place})" if field.kind != "int" else f"float(own_i(me, {field.place}))"


def _market_wake(program: Program) -> str:
    wake = program.declaration.wake
    lines = ["@kernel", "def market_wake(me, k, reasons):"]
    if program.series:
        lines.append(f"    if reasons & {r.W_BEST | r.W_TRADE}:")
        codes = {
            "bid": "price_at(me, k, BID_WORD)", "ask": "price_at(me, k, ASK_WORD)", "mid": "mid(me, k)",
            "spread": "spread(me, k)", "price": "price_at(me, k, LAST_WORD)",
        }  # fmt: skip
        lines += [f"        note(me, k, {place}, {codes[name]})" for place, name in enumerate(program.series)]
    if program.spans:
        lines += [f"    if reasons & {r.W_BEST} and not has_tape(me, k):", "        price = quoted(me, k)"]
        lines.append("        if not is_none(price):")
        lines += [f"            grow_bar(me, k, {place}, price, 0.0)" for place in range(len(program.spans))]
    bits = token_bits(wake)
    if program.declaration.indicators:
        lines += ["    sample(me, k)", f"    if reasons & {bits}:", "        woke(me, k)"]
    for name, mask in (("on_quote", r.W_QUOTE if "quote" in wake else r.W_BEST), ("on_book", r.W_BOOK)):
        if _has(program, name):
            lines += [f"    if reasons & {mask} and not call_{name}(me, k):", "        return False"]
    if bits:
        lines += [f"    if reasons & {bits} and not run_analyze(me, k):", "        return False"]
    return "\n".join([*lines, "    return True"])


def _happenings(program: Program) -> str:
    spans = program.spans
    traded = ["@kernel", "def trade_wake(me, k, units, size):"]
    traded += ["    price = units / float(contract_of(me, k).price_unit)"] if spans else []
    traded += [f"    grow_bar(me, k, {place}, price, size / 1e6)" for place in range(len(spans))]
    traded.append(f"    return {'call_on_trade(me, k)' if _has(program, 'on_trade') else 'True'}")
    filled = ["@kernel", "def fill_wake(me, ref):"]
    filled.append(f"    return {'call_on_fill(me, ref)' if _has(program, 'on_fill') else 'True'}")
    settled = ["@kernel", "def settled_wake(me, k, ref):"]
    settled.append(f"    going = {'call_on_settlement(me, ref)' if _has(program, 'on_settlement') else 'True'}")
    settled += ["    forget(me, k)", "    return going"]
    return "\n\n\n".join("\n".join(lines) for lines in (traded, filled, settled, _index(program), _timer(program)))


def _index(program: Program) -> list[str]:
    lines = ["@kernel", "def index_wake(me, number):", "    link = link_at(me, 0)", "    link.current = -1"]
    lines += ["    sample_input(me, number)"] if program.declaration.indicators else []
    if _has(program, "on_index"):
        lines += ["    if not call_on_index(me, number):", "        return False"]
    if "index" in program.declaration.wake:
        lines += [
            "    for k in range(context_of(me).n_contracts):",
            "        if load_i64(link.gone, k):", "            continue",
            "        about = load_i64(link.named, number) != 0 or load_i64(link.spots, k) == number",
            "        if about and load_i64(link.viewed, k):", "            link.current = k",
            "            woke(me, k)", "            if not run_analyze(me, k):", "                return False",
        ]  # fmt: skip
    return [*lines, "    return True"]


def _timer(program: Program) -> list[str]:
    told = "call_on_timer(me, {})" if _has(program, "on_timer") else "True"
    lines = ["@kernel", "def timer_wake(me, ref):", "    link = link_at(me, 0)", "    link.current = -1"]
    lines += ["    if ref >= TIMER_NAMES:", f"        return {told.format('ref - TIMER_NAMES')}"]
    lines += ["    span, place = load_i64(link.timers, 3 * ref), load_i64(link.timers, 3 * ref + 1)"]
    if program.spans:
        lines += ["    if place >= 0:", *_bars_end(program)]
    lines += ["    if span > 0:", "        timer(me, now(me) + span, ref)"]
    return [*lines, f"    return {told.format('load_i64(link.timers, 3 * ref + 2)')}"]


def _bars_end(program: Program) -> list[str]:
    """Write what is due at the end of bars: all that are over end before anybody looks at one of them."""
    spans = list(enumerate(program.spans))
    lines = [f"        over_{place} = complete(me, {place}, {span})" for place, span in spans]
    for place, _ in spans:
        lines += [f"        if over_{place}:", f"            completed_{place}(me)"]
    lines.append("        timer(me, now(me) + span, ref)")
    named = [str(place) for place, span in spans if span in program.declaration.wake.bars]
    if named:
        lines += [
            f"        if place in ({', '.join(named)},):", "            for k in range(context_of(me).n_contracts):",
            "                there = load_i64(link.viewed, k) != 0 and load_i64(link.gone, k) == 0",
            "                if there and has_bars(me, k, place):", "                    link.current = k",
            "                    woke(me, k)",
        ]  # fmt: skip
        if _has(program, "on_bar"):
            lines += ["                    if not call_on_bar(me, k):", "                        return False"]
        lines += ["                    if not run_analyze(me, k):", "                        return False"]
    return [*lines, "        return True"]


_DRIVE: Final = f'''@callback
def drive(me):
    link = link_at(me, 0)
    ctx = context_at(link.context, 0)
    while True:
        if link.row == link.rows:
            link.row = link.rows = 0
            code = call_at(link.run, link.context)
            if code != {r.WAKE}:
                return code
            link.rows = ctx.n_wakes
        wake = wake_at(ctx.wakes, link.row)
        k, reasons, ref = wake.contract, wake.reasons, wake.ref
        value = wake.value
        link.row += 1
        seen = load_i64(link.viewed, k) != 0
        link.current = k if seen else -1
        going = True
        if ref == -1 and reasons < {r.W_ORDER}:
            if seen:
                going = market_wake(me, k, reasons)
        elif reasons == {r.W_FILL}:
            if seen:
                going = fill_wake(me, ref)
        elif reasons == {r.W_TRADE}:
            if seen:
                going = trade_wake(me, k, ref, value)
        elif reasons == {r.W_TIMER}:
            going = timer_wake(me, ref)
        elif reasons == {r.W_INDEX}:
            going = index_wake(me, k)
        elif reasons == {r.W_SETTLED}:
            if seen:
                going = settled_wake(me, k, ref)
        elif reasons == {r.W_STATE}:
            if ref == {r.SETTLED} or ref == {r.VOIDED}:
                leave(me, k)
            elif ref == {r.CHANGED} and seen:
                return CHANGED_TERMS
        if not going:
            return FAULT'''
