"""Content hashes: one canonical form, one algorithm, one notation."""

import hashlib
import json
from pathlib import Path
from typing import Any


def sha256_bytes(data: bytes | memoryview) -> str:
    """``sha256:`` and the hexadecimal digest of bytes."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def sha256_file(path: Path) -> str:
    """``sha256:`` and the hexadecimal digest of a file's content."""
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def canonical_json(value: Any) -> str:
    """JSON text that is equal for equal values: sorted keys, no spaces, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256_json(value: Any) -> str:
    """Digest of a JSON value in canonical form."""
    return sha256_bytes(canonical_json(value).encode())
