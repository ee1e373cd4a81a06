"""Hash of the code of a strategy, for manifests and certificates."""

import inspect
from pathlib import Path

from ntp.core import sha256_bytes
from ntp.strategy.code_names import functions_of


def source_hash(source: bytes, class_name: str) -> str:
    """Hash of a file's content and the class meant in it."""
    return sha256_bytes(source + b"\0" + class_name.encode())


def code_hash_of(cls: type) -> str:
    """Hash of the file a class is written in and its name.

    A class typed into an interpreter has no file: its source text, else its byte code is hashed.
    """
    loaded = vars(cls).get("_code_hash")
    if isinstance(loaded, str):
        return loaded
    try:
        file = inspect.getsourcefile(cls)
        if file is not None and Path(file).is_file():
            return source_hash(Path(file).read_bytes(), cls.__qualname__)
        return source_hash(inspect.getsource(cls).encode(), cls.__qualname__)
    except (OSError, TypeError):
        parts = [
            repr((name.__qualname__, name.__code__.co_names, name.__code__.co_consts)).encode()
            + name.__code__.co_code
            for name in functions_of(cls)
        ]
        return source_hash(b"\0".join(parts), cls.__qualname__)
