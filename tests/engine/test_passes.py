"""Compiling the kernel leaves numba as it was, and what it compiles means what Python means."""

import gc

import numba
import pytest
from numba.core import event, types
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


def test_numba_is_left_as_it_was():
    before = types.BaseFunction.get_call_type, event.broadcast, gc.isenabled()
    with attending(), attending():
        assert types.BaseFunction.get_call_type is not before[0]
        assert not gc.isenabled()
    assert (types.BaseFunction.get_call_type, event.broadcast, gc.isenabled()) == before


def test_an_error_of_a_type_names_the_function_and_leaves_numba_as_it_was():
    def adds_text(number):
        return number + "a"

    before = types.BaseFunction.get_call_type, event.broadcast, gc.isenabled()
    compiled = as_whole(numba.njit(pipeline_class=Lean)(adds_text))
    with pytest.raises(TypingError, match="add"):
        compiled.compile((types.int64,))
    assert (types.BaseFunction.get_call_type, event.broadcast, gc.isenabled()) == before


def test_entries_are_compiled_by_these_passes():
    assert entry(_mixed)._compiler.pipeline_class is Lean
