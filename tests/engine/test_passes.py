"""Compiling the kernel leaves numba as it was, and what it compiles means what Python means."""

import gc

import numba
import numpy as np
import pytest
from numba.core import event, ir, types
from numba.core.compiler import run_frontend
from numba.core.errors import TypingError

from ntp.engine.compile import entry
from ntp.engine.parts import as_whole
from ntp.engine.passes import Lean, attending


def _mixed(count, share):
    total = 0.0
    for step in range(count):
        if step % 3 == 0 and share > 0.5:
            total += step // 2 * share
        elif step > 4:
            total -= abs(share - step) ** 2
        else:
            total = max(total, -1.0)
    return total


@pytest.mark.parametrize("share", [0.25, 0.75])
def test_the_passes_left_keep_the_meaning(share):
    compiled = as_whole(numba.njit(pipeline_class=Lean, error_model="numpy")(_mixed))
    assert compiled(20, share) == _mixed(20, share)
    assert compiled(20, int(share + 0.5)) == _mixed(20, int(share + 0.5))


def state_of_numba():
    return (
        types.BaseFunction.get_call_type, types.Record.__repr__, ir.Inst._rec_list_vars, event.broadcast,
        gc.isenabled(),
    )  # fmt: skip


def test_numba_is_left_as_it_was():
    before = state_of_numba()
    with attending(), attending():
        assert not any(one is other for one, other in zip(state_of_numba(), before, strict=True))
        assert not gc.isenabled()
    assert state_of_numba() == before


def test_variables_of_instructions_are_those_that_numba_finds():
    def many_kinds(a, b):
        pairs = [(a, b), (b, a)]
        for one, other in pairs:
            b = max(one, other, key=None) if one else pairs[0][1]
        return {"a": a, "b": b}

    def found():
        return [
            [variable.name for variable in one.list_vars()]
            for block in run_frontend(many_kinds).blocks.values() for one in block.body
        ]

    theirs = found()
    with attending():
        assert found() == theirs
    assert sum(map(len, theirs)) > 20


def test_the_text_of_a_record_is_numbas_own():
    record = numba.from_dtype(np.dtype([("price", np.int32), ("size", np.int64)]))
    theirs = repr(record)
    with attending():
        assert repr(record) == repr(record) == theirs


def test_an_error_of_a_type_names_the_function_and_leaves_numba_as_it_was():
    def adds_text(number):
        return number + "a"

    before = state_of_numba()
    compiled = as_whole(numba.njit(pipeline_class=Lean)(adds_text))
    with pytest.raises(TypingError, match="add"):
        compiled.compile((types.int64,))
    assert state_of_numba() == before


def test_entries_are_compiled_by_these_passes():
    assert entry(_mixed)._compiler.pipeline_class is Lean
