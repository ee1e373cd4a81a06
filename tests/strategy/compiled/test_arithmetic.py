"""Compiled arithmetic is Python's and NumPy's to the bit."""

from __future__ import annotations

import ctypes
import math
import random

import numpy as np
import pytest

from ntp.engine.compile import address_of_function, callback
from ntp.engine.memory import load_f64, load_i64, store_f64
from ntp.strategy.compiled.inside import arrays, numbers
from ntp.strategy.compiled.inside.link import LINK

OUTPUTS = 11


@callback
def compute(memory):  # type: ignore[no-untyped-def]
    me, x, y = load_i64(memory, 0), load_f64(memory, 1), load_f64(memory, 2)
    i, j = load_i64(memory, 3), load_i64(memory, 4)
    array = (load_i64(memory, 5), load_i64(memory, 6))
    out = memory + 56
    store_f64(out, 0, numbers.rounded(me, x, 100.0, 0))
    store_f64(out, 1, numbers.rounded(me, x, 10000.0, 0))
    store_f64(out, 2, numbers.numpy_rounded(x, 100.0))
    store_f64(out, 3, float(numbers.nearest(me, x, 0)))
    store_f64(out, 4, numbers.floor_divide(me, x, y, 0))
    store_f64(out, 5, numbers.modulo(me, x, y, 0))
    store_f64(out, 6, numbers.divide_ints(me, i, j, 0))
    store_f64(out, 7, arrays.array_sum(me, array))
    store_f64(out, 8, arrays.array_mean(me, array))
    store_f64(out, 9, arrays.array_std(me, array, 0))
    store_f64(out, 10, arrays.plain_sum(array))
    return i


def expected(x: float, y: float, i: int, j: int, values: np.ndarray) -> list[float]:
    return [
        round(x, 2), round(x, 4), round(np.float64(x), 2), float(round(x)), x // y, x % y, i / j, values.sum(),
        values.mean(), values.std(), sum(values),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def calculator():
    function = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(address_of_function(compute, 1))
    scratch, link = np.zeros(4 * 64, np.int64), np.zeros(1, LINK)

    def calculate(x: float, y: float, i: int, j: int, values: np.ndarray) -> list[float]:
        memory = np.zeros(7 + OUTPUTS)
        link["scratch"] = scratch.ctypes.data  # named here, it lives as long as this function
        words = memory.view(np.int64)
        words[0], memory[1], memory[2], words[3], words[4] = link.ctypes.data, x, y, i, j
        words[5], words[6] = values.ctypes.data, len(values)
        function(memory.ctypes.data)
        return memory[7:].tolist()

    return calculate


@pytest.mark.parametrize("seed", range(4))
def test_the_same_bits(calculator, seed):
    rng = random.Random(seed)
    for turn in range(2_000):
        x = rng.choice([
            rng.uniform(-10, 10), rng.randint(-1000, 1000) / 200, rng.randint(-(10**6), 10**6) / 8, rng.gauss(0, 1e5),
            round(rng.uniform(-1, 1), 3),
        ])  # fmt: skip
        y = rng.choice([rng.uniform(0.001, 3), -rng.uniform(0.001, 3), 0.1, -0.1, 0.25, 7.0])
        i = rng.choice([rng.randint(-(10**18), 9 * 10**18), rng.randint(-100, 100), 1_767_000_000_123_456_789])
        j = rng.choice([10**9, 60, 7, -3, rng.randint(1, 10**17), 10**15 + 1])
        count = rng.choice([1, 3, 7, 8, 9, 20, 128, 129, 300, 1000, 2049]) if turn % 20 == 0 else 5
        values = np.array([rng.gauss(0.5, 0.1) for _ in range(count)])
        for got, wanted in zip(calculator(x, y, i, j, values), expected(x, y, i, j, values), strict=True):
            assert got == wanted
            assert math.copysign(1.0, got) == math.copysign(1.0, wanted)
