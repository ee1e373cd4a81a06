"""The record that a compiled strategy works on: where everything lies, and where it stands."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from ntp.engine.compile import kernel
from ntp.engine.memory import bits_as_f64, record_at
from ntp.engine.records import context_at, contract_at

MATHS: Final = (
    "pow", "exp", "log", "log2", "log10", "log1p", "expm1", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh",
    "tanh", "atan2",
)
"""Functions of the C library, reached where Python's own calls reach them; its `hypot` is not Python's."""
LINK: Final = np.dtype([(name, "<i8") for name in (
    "context run row rows fault number current "
    # by contract: whether traded, whether there is a view, gone, instrument of the spot, wakes left, grids
    "traded viewed gone spots wakes_left grids opens strikes events aliases named inputs tags timers n_timers "
    # what the strategy remembers
    "own states state_words fresh "
    # what it looks back on
    "series n_series bars n_bars completed "
    "indicators indicator_words indicator_places indicator_fresh n_indicators pasts samples n_samples "
    # what it tells
    "absents records n_records record_capacity refused n_refused refused_capacity command_capacity "
    "ask value costs scratch " + " ".join(MATHS)
).split()])  # fmt: skip
SERIES: Final = np.dtype([(name, "<i8") for name in ("times", "values", "count", "capacity")])
"""Changes of one field of one contract."""
GROWING: Final = np.dtype(
    [(name, "<i8") for name in ("columns", "count", "capacity", "used", "touched", "closed")]
    + [(name, "<f8") for name in ("open", "high", "low", "close", "volume")]
)
"""Bars of one duration of one contract: those that are complete, column by column, and the one that grows."""
SAMPLE: Final = np.dtype(
    [(name, "<i8") for name in ("touched", "closed", "done")]
    + [(name, "<f8") for name in ("open", "high", "low", "close", "last_open", "last_high", "last_low", "last_close")]
)
"""Bar of a field of a contract, or of an input: the one that grows, and the last one that is complete."""
GRID: Final = np.dtype([("count", "<i8")] + [
    (f"{name}{band}", "<i8") for band in range(3) for name in ("start", "end", "step")
])  # fmt: skip
"""Price steps of a contract."""
RECORD: Final = np.dtype([("ts", "<i8"), ("name", "<i8"), ("value", "<f8")])
REFUSED: Final = np.dtype([(name, "<i8") for name in ["id", "contract", "side", "price", "size", "tag", "ts", "rule"]])
GROW_COMMANDS: Final = 1
GROW_RECORDS: Final = 2
GROW_REFUSED: Final = 3
GROW_SERIES: Final = 4
GROW_BARS: Final = 5
NOTE_ABSENT: Final = 6
GROW_PASTS: Final = 7

NONE_BITS: Final = 0x7FF8_0000_4E6F_6E65
FAULT: Final = 100
"""What the strategy's code comes back with where it cannot go on."""
CHANGED_TERMS: Final = 101
"""What it comes back with where the terms of a contract changed, which Python notes."""

link_at = record_at(LINK)
series_at = record_at(SERIES)
growing_at = record_at(GROWING)
grid_at = record_at(GRID)
sample_at = record_at(SAMPLE)
record_row_at = record_at(RECORD)
refused_at = record_at(REFUSED)


class Stop(Exception):  # noqa: N818 - ends a call, whatever for
    """Ends a call of the strategy; the link says why."""


def _call(*kinds: Any) -> Any:
    """Make a call of the function at an address: arguments and result are of the kinds given, the result first."""
    result, *given = kinds

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        words = [context.get_value_type(kind) for kind in given]
        pointer = ir.FunctionType(context.get_value_type(result), words).as_pointer()
        return builder.call(builder.inttoptr(args[0], pointer), args[1:])

    return codegen, result(types.int64, *given)


@intrinsic
def call_ask(typing_context: Any, function: Any, kind: Any, argument: Any) -> Any:
    """Call ``int64 f(int64, int64)`` at an address."""
    codegen, signature = _call(types.int64, types.int64, types.int64)
    return signature, codegen


@intrinsic
def call_math(typing_context: Any, function: Any, x: Any) -> Any:
    """Call ``double f(double)`` at an address."""
    codegen, signature = _call(types.float64, types.float64)
    return signature, codegen


@intrinsic
def call_math2(typing_context: Any, function: Any, x: Any, y: Any) -> Any:
    """Call ``double f(double, double)`` at an address."""
    codegen, signature = _call(types.float64, types.float64, types.float64)
    return signature, codegen


@intrinsic
def bits_of(typing_context: Any, number: Any) -> Any:
    """Read the bits of a float as an integer."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.IntType(64))

    return types.int64(types.float64), codegen


def _overflowing(name: str) -> Any:
    tuple_of: Any = types.Tuple
    pair = tuple_of((types.int64, types.int64))

    @intrinsic
    def operation(typing_context: Any, a: Any, b: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            pair = getattr(builder, name)(args[0], args[1])
            return context.make_tuple(
                builder, signature.return_type,
                [builder.extract_value(pair, 0), builder.zext(builder.extract_value(pair, 1), ir.IntType(64))],
            )

        return pair(types.int64, types.int64), codegen

    return operation


add_overflows = _overflowing("sadd_with_overflow")
sub_overflows = _overflowing("ssub_with_overflow")
mul_overflows = _overflowing("smul_with_overflow")


@kernel
def none():  # type: ignore[no-untyped-def]
    """None, among floats."""
    return bits_as_f64(NONE_BITS)


@kernel
def is_none(number):  # type: ignore[no-untyped-def]
    """Whether a float stands for None."""
    return bits_of(number) == NONE_BITS


@kernel
def fail(me, site):  # type: ignore[no-untyped-def]
    """End the call for the reason of a site."""
    link_at(me, 0).fault = site
    raise Stop


@kernel
def fail_with(me, site, number):  # type: ignore[no-untyped-def]
    """End the call for the reason of a site and a number that belongs into the message."""
    link_at(me, 0).number = bits_of(number)
    link_at(me, 0).fault = site
    raise Stop


@kernel
def must(me, value, site):  # type: ignore[no-untyped-def]
    """Value that is not None, else the end of the call."""
    if is_none(value):
        fail(me, site)
    return value


@kernel
def context_of(me):  # type: ignore[no-untyped-def]
    """Context of the replay."""
    return context_at(link_at(me, 0).context, 0)


@kernel
def contract_of(me, k):  # type: ignore[no-untyped-def]
    """Record of a contract."""
    return contract_at(context_of(me).contracts, k)
