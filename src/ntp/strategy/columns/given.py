"""Which values of a column of numbers are given: read where they lie, by the Arrow C data interface.

A query for it costs more than all else that is done with a column of which few values are given.
See https://arrow.apache.org/docs/format/CDataInterface.html for the structures.
"""

from __future__ import annotations

import ctypes
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from ntp.engine.compile import entry
from ntp.engine.memory import address_of, load_i64, store_i64

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
_KINDS: Final[dict[Any, str]] = {
    pl.Float64: "f8", pl.Float32: "f4", pl.Int8: "i1", pl.Int16: "i2", pl.Int32: "i4", pl.Int64: "i8", pl.UInt8: "u1",
    pl.UInt16: "u2", pl.UInt32: "u4", pl.UInt64: "u8",
}  # fmt: skip
_WORD, _AT = ctypes.c_int64, ctypes.c_void_p
_RELEASE: Final = ctypes.CFUNCTYPE(None, _AT)


class _Array(ctypes.Structure):
    _fields_ = (
        ("length", _WORD), ("null_count", _WORD), ("offset", _WORD), ("n_buffers", _WORD), ("n_children", _WORD),
        ("buffers", ctypes.POINTER(_AT)), ("children", _AT), ("dictionary", _AT), ("release", _RELEASE),
        ("private_data", _AT),
    )  # fmt: skip


class _Stream(ctypes.Structure):
    _fields_ = (
        ("get_schema", _AT), ("get_next", ctypes.CFUNCTYPE(ctypes.c_int, _AT, ctypes.POINTER(_Array))),
        ("get_last_error", _AT), ("release", _AT), ("private_data", _AT),
    )  # fmt: skip


_pointer: Any = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.restype, _pointer.argtypes = _AT, (ctypes.py_object, ctypes.c_char_p)
_memory: Any = ctypes.pythonapi.PyMemoryView_FromMemory
_memory.restype, _memory.argtypes = ctypes.py_object, (_AT, ctypes.c_ssize_t, ctypes.c_int)
_READ: Final = 0x100  # PyBUF_READ
_put: Any = store_i64  # its types do not say that compiled code passes less


class Numbers:
    """Values of a column of numbers and which of them are given.

    Parameters
    ----------
    column : polars.Series
        Of a numeric type, or of nulls alone.
    """

    def __init__(self, column: pl.Series) -> None:
        self._valid: npt.NDArray[np.uint8] | None = None
        self._rows: Rows | None = None
        self._length, self._absent = len(column), column.null_count()
        kind = _KINDS.get(column.dtype)
        if not self._absent and kind is not None:
            self._values: npt.NDArray[Any] = column.to_numpy()
        elif kind is None:
            self._values = column.cast(pl.Float64).to_numpy()
            self._valid = np.packbits(column.is_not_null().to_numpy(), bitorder="little")
        else:
            self._read(column.rechunk() if column.n_chunks() > 1 else column, kind)

    def _read(self, column: pl.Series, kind: str) -> None:
        """Copy nothing but the bits that say what is given; the column keeps its values alive."""
        capsule = column.__arrow_c_stream__()
        address = _pointer(capsule, b"arrow_array_stream")
        array = _Array()
        _Stream.from_address(address).get_next(address, ctypes.byref(array))
        try:
            offset, count = int(array.offset), self._length
            width = int(kind[1])
            bits = _bytes_at(array.buffers[0] or 0, (offset + count + 7) // 8)
            self._values = _bytes_at((array.buffers[1] or 0) + offset * width, count * width).view(kind)
            if offset % 8:
                bits = np.packbits(np.unpackbits(bits, bitorder="little")[offset : offset + count], bitorder="little")
            else:
                bits = bits[offset // 8 :].copy()
                if count % 8:
                    bits[-1] &= (1 << count % 8) - 1
            self._valid = bits
            self._column = column
        finally:
            array.release(ctypes.addressof(array))

    def rows(self) -> Rows:
        """Rows whose value is given, ascending."""
        if self._valid is None:
            return np.arange(self._length)
        if self._rows is None:
            self._rows = np.empty(self._length - self._absent, np.int64)
            words = np.zeros(len(self._valid) // 8 + 1, np.int64)  # bits beyond the last row are not set
            words.view(np.uint8)[: len(self._valid)] = self._valid
            _write_places(address_of(words), len(words), address_of(self._rows))
        return self._rows

    def at(self, rows: Rows) -> tuple[Floats, npt.NDArray[np.bool_] | None]:
        """Values at some rows, NaN where absent, and which are given; None where all are."""
        values = self._values[rows].astype(np.float64)
        if self._valid is None or rows is self._rows:
            return values, None
        given = (self._valid[rows >> 3] >> (rows & 7).astype(np.uint8)) & 1 == 1
        values[~given] = np.nan
        return values, given


@intrinsic
def _lowest_bit(typing_context: Any, word: Any) -> Any:
    """Place of the lowest bit that is set in a word; one is."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), codegen


_lowest: Any = _lowest_bit


@entry
def _write_places(words, count, places):  # type: ignore[no-untyped-def]
    """Write the places of the bits that are set in words at an address."""
    found = 0
    for number in range(count):
        word = load_i64(words, number)
        while word:
            _put(places, found, 64 * number + _lowest(word))
            found += 1
            word &= word - 1


def _bytes_at(address: int, count: int) -> npt.NDArray[np.uint8]:
    """Bytes at an address that the caller keeps alive."""
    return np.frombuffer(_memory(address, count, _READ), dtype=np.uint8) if count else np.zeros(0, np.uint8)


__all__ = ["Numbers"]
