"""Python's own C interface, in compiled code: functions and attributes that Python reaches without a detour.

A call of a numba function from Python costs about 150 ns and a Python property 60 ns; what speaks the
interpreter's C interface costs 20 to 35. What runs at every wake of a Python strategy is therefore such
a function: it takes and returns addresses of objects, 0 means that an exception is set, and the
interpreter's lock is held throughout, as in any extension module.
"""

import ctypes
from typing import Any, Final

from numba import types

from ntp.engine.compile import address_of_function

_INT, _FLOAT, _NOTHING = types.int64, types.float64, types.void
_WORD: Final = 8
_NO_ARGUMENTS: Final = 0x0004  # METH_NOARGS
_KEYWORDS: Final = 0x0082  # METH_FASTCALL | METH_KEYWORDS


def _found(name: str, result: Any, *arguments: Any) -> Any:
    return types.ExternalFunction(name, result(*arguments))


as_float = _found("PyFloat_AsDouble", _FLOAT, _INT)
bytes_at = _found("PyBytes_AsString", _INT, _INT)
call_one = _found("PyObject_CallOneArg", _INT, _INT, _INT)
call_vector = _found("PyObject_Vectorcall", _INT, _INT, _INT, _INT, _INT)
clear_error = _found("PyErr_Clear", _NOTHING)
as_int = _found("PyLong_AsLongLong", _INT, _INT)
dict_item = _found("PyDict_GetItem", _INT, _INT, _INT)
dict_size = _found("PyDict_Size", _INT, _INT)
drop = _found("Py_DecRef", _NOTHING, _INT)
keep = _found("Py_IncRef", _NOTHING, _INT)
new_float = _found("PyFloat_FromDouble", _INT, _FLOAT)
new_int = _found("PyLong_FromLongLong", _INT, _INT)
tuple_item = _found("PyTuple_GetItem", _INT, _INT, _INT)
tuple_size = _found("PyTuple_Size", _INT, _INT)

REFERENCES_WORD: Final = 0
"""Word of every object that counts who holds it."""
TYPE_WORD: Final = 1
"""Word of every object that holds the address of its type."""


class _MethodDef(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p), ("call", ctypes.c_void_p), ("flags", ctypes.c_int), ("doc", ctypes.c_char_p),
    )  # fmt: skip


class _GetSetDef(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p), ("get", ctypes.c_void_p), ("set", ctypes.c_void_p), ("doc", ctypes.c_char_p),
        ("closure", ctypes.c_void_p),
    )  # fmt: skip


_new_function: Any = ctypes.pythonapi.PyCFunction_NewEx
_new_function.restype = ctypes.py_object
_new_function.argtypes = (ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)
_new_attribute: Any = ctypes.pythonapi.PyDescr_NewGetSet
_new_attribute.restype = ctypes.py_object
_new_attribute.argtypes = (ctypes.py_object, ctypes.c_void_p)
_lasting: list[Any] = []  # definitions that Python points to for as long as the process lives


def _definition(name: str, make: Any) -> int:
    made = make(name.encode())
    _lasting.append(made)
    return ctypes.addressof(made)


class Builtin:
    """A compiled function that Python code can call, once it is bound to the object it works for.

    Parameters
    ----------
    name : str
        What tracebacks and `repr` show.
    function : compiled function
        ``f(self, unused)``; with `keywords` ``f(self, arguments, count, names)``.
    keywords : bool
        Whether it takes arguments.
    """

    def __init__(self, name: str, function: Any, *, keywords: bool = False) -> None:
        self._name, self._function, self._keywords = name, function, keywords
        self._definition = 0

    def bound(self, owner: Any) -> Any:
        """Return the callable that works for `owner` and keeps it alive."""
        if not self._definition:
            address = address_of_function(self._function, 4 if self._keywords else 2)
            flags = _KEYWORDS if self._keywords else _NO_ARGUMENTS
            self._definition = _definition(self._name, lambda name: _MethodDef(name, address, flags, None))
        return _new_function(self._definition, owner, None)


def attribute(owner: type, name: str, getter: Any, closure: int, doc: str | None) -> Any:
    """Make a read-only attribute of a class whose compiled ``getter(object, closure)`` gives the value."""
    address = address_of_function(getter, 2)
    text = (doc or "").encode()
    at = _definition(name, lambda label: _GetSetDef(label, address, None, text, closure))
    return _new_attribute(owner, at)


def slot_word(cls: type, name: str) -> int:
    """Word of an object at which its slot `name` lies, found by looking.

    Raises
    ------
    RuntimeError
        If objects of this interpreter are not laid out in words.
    """
    instance: Any = object.__new__(cls)
    marker = object()
    vars(cls)[name].__set__(instance, marker)
    for word in range(2, cls.__basicsize__ // _WORD):
        if ctypes.c_int64.from_address(id(instance) + word * _WORD).value == id(marker):
            return word
    raise RuntimeError(f"expected the slot {name} inside of {cls.__name__}, was elsewhere")


__all__ = [
    "REFERENCES_WORD", "TYPE_WORD", "Builtin", "as_float", "as_int", "attribute", "bytes_at", "call_one",
    "call_vector", "clear_error", "dict_item", "dict_size", "drop", "keep", "new_float", "new_int", "slot_word",
    "tuple_item", "tuple_size",
]  # fmt: skip
