"""Arithmetic as Python does it: the same operations in the same order, and its errors instead of wrong numbers."""

from __future__ import annotations

import math
from typing import Any

from numba import types
from numba.extending import intrinsic

from ntp.engine.compile import kernel
from ntp.strategy.compiled.inside.link import (
    add_overflows,
    call_math,
    call_math2,
    fail,
    link_at,
    mul_overflows,
    sub_overflows,
)

_EXACT = 2**53  # integers up to here are floats too
_MOST = 9.2e18


@intrinsic
def fused(typing_context, a, b, c):  # type: ignore[no-untyped-def]
    """Compute ``a * b + c``, rounded once."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.fma(*args)

    double = types.float64
    return double(double, double, double), codegen


@intrinsic
def remainder(typing_context, a, b):  # type: ignore[no-untyped-def]
    """Rest of a division of floats with the sign of the dividend: C's ``fmod``."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.frem(*args)

    return types.float64(types.float64, types.float64), codegen


@kernel
def exactly(me, whole, site):  # type: ignore[no-untyped-def]
    """Float of an integer where that is the same number: Python would keep the integer."""
    if not -_EXACT <= whole <= _EXACT:
        fail(me, site)
    return float(whole)


@kernel
def against(whole, real):  # type: ignore[no-untyped-def]
    """Compare an integer with a float as Python does, exactly: -1, 0, 1, or 2 beside NaN."""
    if real != real:
        return 2
    if real >= 2.0**63:
        return -1
    if real < -(2.0**63):
        return 1
    floor = math.floor(real)
    other = int(floor)
    if whole != other:
        return -1 if whole < other else 1
    return -1 if real > floor else 0


def _within_64_bits(operation: Any) -> Any:
    """Make an operation of integers whose result must be one of 64 bits."""

    @kernel
    def checked(me, a, b, site):  # type: ignore[no-untyped-def]
        result, lost = operation(a, b)
        if lost:
            fail(me, site)
        return result

    return checked


add = _within_64_bits(add_overflows)
sub = _within_64_bits(sub_overflows)
mul = _within_64_bits(mul_overflows)


@kernel
def int_power(me, a, b, site):  # type: ignore[no-untyped-def]
    """Power of integers with an exponent of at least 0."""
    total = 1
    for _ in range(b):
        total = mul(me, total, a, site)
    return total


@kernel
def divide(me, a, b, site):  # type: ignore[no-untyped-def]
    """Quotient of floats."""
    if b == 0.0:
        fail(me, site)
    return a / b


@kernel
def divide_ints(me, a, b, site):  # type: ignore[no-untyped-def]
    """Quotient of integers, rounded once, however large they are."""
    if b == 0:
        fail(me, site)
    if abs(a) <= _EXACT and abs(b) <= _EXACT:
        return a / b
    negative = (a < 0) != (b < 0)
    a, b = abs(a), abs(b)
    whole, rest, shift = a // b, a % b, 0
    if b > 2**61:
        fail(me, site)
    while whole < 2**55 and shift < 1100:
        rest *= 2
        bit = 1 if rest >= b else 0
        whole, rest, shift = 2 * whole + bit, rest - bit * b, shift + 1
    if rest:
        whole |= 1
    result = math.ldexp(float(whole), -shift)
    return -result if negative else result


@kernel
def floor_divide_ints(me, a, b, site):  # type: ignore[no-untyped-def]
    """Quotient of integers, rounded down."""
    if b == 0:
        fail(me, site)
    return a // b


@kernel
def modulo_ints(me, a, b, site):  # type: ignore[no-untyped-def]
    """Rest of a division of integers, with the sign of the divisor."""
    if b == 0:
        fail(me, site)
    return a % b


@kernel
def floor_divide(me, a, b, site):  # type: ignore[no-untyped-def]
    """Quotient of floats, rounded down, as CPython's ``float_floor_div``."""
    if b == 0.0:
        fail(me, site)
    rest = remainder(a, b)
    quotient = (a - rest) / b
    if rest != 0.0 and (b < 0.0) != (rest < 0.0):
        quotient -= 1.0
    if quotient == 0.0:
        return math.copysign(0.0, a / b)
    floor = math.floor(quotient)
    whole = float(floor)
    return whole + 1.0 if quotient - whole > 0.5 else whole


@kernel
def modulo(me, a, b, site):  # type: ignore[no-untyped-def]
    """Rest of a division of floats, as CPython's ``float_rem``."""
    if b == 0.0:
        fail(me, site)
    rest = remainder(a, b)
    if rest == 0.0:
        return math.copysign(0.0, b)
    return rest + b if (b < 0.0) != (rest < 0.0) else rest


@kernel
def power(me, a, b, site):  # type: ignore[no-untyped-def]
    """Power of floats; what Python refuses or answers with a complex number ends the call."""
    if (a == 0.0 and b < 0.0) or (a < 0.0 and math.isfinite(a) and math.isfinite(b) and b != math.floor(b)):
        fail(me, site)
    result = call_math2(link_at(me, 0).pow, a, b)
    if math.isinf(result) and math.isfinite(a) and math.isfinite(b):
        fail(me, site)
    return result


@kernel
def numpy_power(me, a, b):  # type: ignore[no-untyped-def]
    """Power of NumPy numbers."""
    return call_math2(link_at(me, 0).pow, a, b)


@kernel
def apply(me, function, x, site):  # type: ignore[no-untyped-def]
    """Call a function of :mod:`math`; what it refuses ends the call."""
    result = call_math(function, x)
    if (math.isnan(result) and not math.isnan(x)) or (math.isinf(result) and math.isfinite(x)):
        fail(me, site)
    return result


@kernel
def apply2(me, function, x, y, site):  # type: ignore[no-untyped-def]
    """Call a function of :mod:`math` of two numbers; what it refuses ends the call."""
    result = call_math2(function, x, y)
    if (math.isnan(result) and not (math.isnan(x) or math.isnan(y))) or (
        math.isinf(result) and math.isfinite(x) and math.isfinite(y)
    ):
        fail(me, site)
    return result


@kernel
def root(me, x, site):  # type: ignore[no-untyped-def]
    """Square root."""
    if x < 0.0:
        fail(me, site)
    return math.sqrt(x)


@kernel
def within_integers(me, x, site):  # type: ignore[no-untyped-def]
    """Float within what integers hold."""
    if not -_MOST < x < _MOST:
        fail(me, site)
    return x


@kernel
def whole(me, x, site):  # type: ignore[no-untyped-def]
    """Integer of a float without its fraction."""
    return int(within_integers(me, x, site))


@kernel
def whole_down(me, x, site):  # type: ignore[no-untyped-def]
    """Largest integer up to a float."""
    return int(math.floor(within_integers(me, x, site)))


@kernel
def whole_up(me, x, site):  # type: ignore[no-untyped-def]
    """Smallest integer from a float."""
    return int(math.ceil(within_integers(me, x, site)))


@kernel
def half_even(x):  # type: ignore[no-untyped-def]
    """Nearest whole number, the even one of two."""
    low = float(math.floor(x))
    rest = x - low
    if rest > 0.5 or (rest == 0.5 and remainder(low, 2.0) != 0.0):
        return low + 1.0
    return low


@kernel
def nearest(me, x, site):  # type: ignore[no-untyped-def]
    """``round(x)``."""
    return whole(me, half_even(within_integers(me, x, site)), site)


@kernel
def rounded(me, x, scale, site):  # type: ignore[no-untyped-def]
    """``round(x, n)`` with ``scale = 10.0**n`` and n from 0 to 15: the exact decimal is what is rounded."""
    if x == 0.0 or not math.isfinite(x):
        return x
    product = x * scale
    if not -4.5e15 < product < 4.5e15:
        if abs(x) >= 4.5e15:
            return x
        fail(me, site)
    rest = fused(x, scale, -product)  # product + rest is exact
    low = float(math.floor(product))
    above = (product - low) - 0.5
    if above > 0.0 or (above == 0.0 and (rest > 0.0 or (rest == 0.0 and remainder(low, 2.0) != 0.0))):
        low += 1.0
    return math.copysign(abs(low) / scale, x) if low != 0.0 else math.copysign(0.0, x)


@kernel
def numpy_rounded(x, scale):  # type: ignore[no-untyped-def]
    """``round(x, n)`` of a NumPy number."""
    product = x * scale
    if not -4.5e15 < product < 4.5e15:
        return product / scale
    return math.copysign(half_even(product), product) / scale


@kernel
def larger(a, b):  # type: ignore[no-untyped-def]
    """``max(a, b)``."""
    return b if b > a else a


@kernel
def smaller(a, b):  # type: ignore[no-untyped-def]
    """``min(a, b)``."""
    return b if b < a else a
