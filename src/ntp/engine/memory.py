"""Raw memory for the kernel: loads, stores and records at an address.

Arrays handed to compiled functions cost reference counting on every call, tens of nanoseconds an
event. The kernel therefore works on addresses: one integer is passed in, and records are pointers
into memory that Python owns and keeps alive.
"""

import ctypes
import mmap
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
from llvmlite import ir
from numba import from_dtype, types
from numba.core import cgutils
from numba.extending import intrinsic


def _element(value: types.Type, width: ir.Type) -> Callable[..., Any]:
    @intrinsic
    def load(typing_context: Any, address: Any, index: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            pointer = builder.inttoptr(args[0], width.as_pointer())
            word = builder.load(builder.gep(pointer, [args[1]]))
            return word if value in (types.int64, types.float64) else builder.sext(word, ir.IntType(64))

        result = value if value in (types.int64, types.float64) else types.int64
        return result(types.int64, types.int64), codegen

    return load


load_i64 = _element(types.int64, ir.IntType(64))
load_f64 = _element(types.float64, ir.DoubleType())
load_i32 = _element(types.int32, ir.IntType(32))
load_i16 = _element(types.int16, ir.IntType(16))


@intrinsic
def store_i64(typing_context: Any, address: Any, index: Any, value: Any) -> Any:
    """Store an integer at ``address[index]``."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = builder.inttoptr(args[0], ir.IntType(64).as_pointer())
        builder.store(args[2], builder.gep(pointer, [args[1]]))
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), codegen


@intrinsic
def store_f64(typing_context: Any, address: Any, index: Any, value: Any) -> Any:
    """Store a float at ``address[index]``."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = builder.inttoptr(args[0], ir.DoubleType().as_pointer())
        builder.store(args[2], builder.gep(pointer, [args[1]]))
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.float64), codegen


@intrinsic
def store_i32(typing_context: Any, address: Any, index: Any, value: Any) -> Any:
    """Store an integer at ``address[index]`` of 32-bit words."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        word = ir.IntType(32)
        pointer = builder.inttoptr(args[0], word.as_pointer())
        builder.store(builder.trunc(args[2], word), builder.gep(pointer, [args[1]]))
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), codegen


@intrinsic
def high_product(typing_context: Any, a: Any, b: Any) -> Any:
    """Upper 64 bits of the 128-bit product of two integers that are not negative."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        wide = ir.IntType(128)
        product = builder.mul(builder.zext(args[0], wide), builder.zext(args[1], wide))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), ir.IntType(64))

    return types.int64(types.int64, types.int64), codegen


def _unsigned(name: str) -> Any:
    @intrinsic
    def operation(typing_context: Any, a: Any, b: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return getattr(builder, name)(args[0], args[1])

        return types.int64(types.int64, types.int64), codegen

    return operation


# Python's // and % look at signs and at zero first; where neither can be, that costs more than the division.
quotient = _unsigned("udiv")
remainder = _unsigned("urem")


@intrinsic
def prefetch(typing_context: Any, address: Any) -> Any:
    """Ask for the line of memory at an address before it is needed."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        word = ir.IntType(32)
        pointer = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [pointer, word, word, word])
        insert: Any = cgutils.get_or_insert_function
        function = insert(builder.module, kind, "llvm.prefetch.p0")
        how = [ir.Constant(word, value) for value in (1, 3, 1)]  # to write, keep it near, data
        builder.call(function, [builder.inttoptr(args[0], pointer), *how])
        return context.get_dummy_value()

    return types.void(types.int64), codegen


@intrinsic
def bits_as_f64(typing_context: Any, bits: Any) -> Any:
    """Read the bits of an integer as a float."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), codegen


@intrinsic
def call_queue_model(typing_context: Any, function: Any, front: Any, prev: Any, new: Any, traded: Any) -> Any:
    """Call a user's queue model ``double f(double front, double prev, double new, double traded)``."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        double = ir.DoubleType()
        kind = ir.FunctionType(double, [double] * 4)
        return builder.call(builder.inttoptr(args[0], kind.as_pointer()), args[1:])

    return types.float64(types.int64, types.float64, types.float64, types.float64, types.float64), codegen


@intrinsic
def call_at(typing_context: Any, function: Any, argument: Any) -> Any:
    """Call the function ``int64 f(int64)`` at an address."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        word = ir.IntType(64)
        kind = ir.FunctionType(word, [word])
        return builder.call(builder.inttoptr(args[0], kind.as_pointer()), args[1:])

    return types.int64(types.int64, types.int64), codegen


def record_at(dtype: np.dtype[Any]) -> Any:
    """Make the compiled function ``f(address, index)`` that returns a record of `dtype` in place.

    Parameters
    ----------
    dtype : numpy.dtype
        Structured type of the records at the address.

    Returns
    -------
    Callable
        Usable in compiled code only; writing to the record writes to memory.
    """
    record = from_dtype(dtype)
    size = dtype.itemsize

    @intrinsic
    def at(typing_context: Any, address: Any, index: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            offset = builder.mul(args[1], ir.Constant(ir.IntType(64), size))
            target = context.get_value_type(record)
            return builder.inttoptr(builder.add(args[0], offset), target)

        return record(types.int64, types.int64), codegen

    return at


class Log:
    """Records of zeros in memory that costs nothing until it is written to.

    Large arrays of NumPy ask for huge pages, and a fresh one is slow to come by under a hypervisor; small
    pages cost a fault each. A log is written once from its beginning, so it asks for pages in advance, in
    pieces that grow with it: a short run needs few pages, a long one should not come back for each few.

    Parameters
    ----------
    dtype : numpy.dtype
        Of a record.
    rows : int
        Records there is room for.
    """

    def __init__(self, dtype: np.dtype[Any], rows: int) -> None:
        self._pages = mmap.mmap(-1, rows * dtype.itemsize, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        if hasattr(mmap, "MADV_NOHUGEPAGE"):
            self._pages.madvise(mmap.MADV_NOHUGEPAGE)
        self.table: np.ndarray[Any, Any] = np.frombuffer(self._pages, dtype=dtype, count=rows)
        self._ready = 0
        self.more()

    @property
    def rows(self) -> int:
        """Records whose memory is at hand."""
        return min(self._ready // self.table.itemsize, len(self.table))

    def more(self) -> None:
        """Ask for the next pages."""
        length = min(max(self._ready, _FIRST_PIECE), _LARGEST_PIECE, len(self._pages) - self._ready)
        with suppress(OSError):  # kernels before 5.14 do not know it: the pages come one by one
            self._pages.madvise(_POPULATE_WRITE, self._ready, length)
        self._ready += length


def aligned_zeros(dtype: np.dtype[Any], rows: int) -> np.ndarray[Any, Any]:
    """Make records of zeros in memory that begins with a line: fields placed together are fetched together."""
    size = rows * dtype.itemsize
    raw = np.zeros(size + LINE, np.uint8)
    start = -address_of(raw) % LINE
    table: np.ndarray[Any, Any] = raw[start : start + size].view(dtype)
    return table


def aligned_copy(table: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Copy records to memory that begins with a line."""
    copy = aligned_zeros(table.dtype, len(table))
    copy[:] = table
    return copy


def address_of(array: np.ndarray[Any, Any]) -> int:
    """Address of the first element of an array; the caller keeps the array alive."""
    return int(array.ctypes.data)


def packed_address(address: int) -> bytes:
    """Pack an address so that compiled code finds it in the object itself."""
    return address.to_bytes(8, sys.byteorder)


def read_words(address: int, count: int) -> np.ndarray[Any, Any]:
    """Copy of `count` int64 words at an address that the caller keeps alive."""
    source: Any = (ctypes.c_int64 * count).from_address(address)
    words: np.ndarray[Any, Any] = np.frombuffer(source, dtype=np.int64).copy()
    return words


_FIRST_PIECE, _LARGEST_PIECE = 1 << 20, 1 << 22
_POPULATE_WRITE = 23  # of madvise, see its manual page; the mmap module has no name for it
LINE = 64
"""Bytes that come from memory together."""

__all__ = [
    "LINE",
    "Log",
    "address_of",
    "aligned_copy",
    "aligned_zeros",
    "bits_as_f64",
    "call_at",
    "call_queue_model",
    "high_product",
    "load_f64",
    "load_i16",
    "load_i32",
    "load_i64",
    "packed_address",
    "prefetch",
    "quotient",
    "read_words",
    "record_at",
    "remainder",
    "store_f64",
    "store_i32",
    "store_i64",
]
