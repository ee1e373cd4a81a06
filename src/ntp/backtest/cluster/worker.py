"""Worker: one process of :class:`~ntp.backtest.cluster.local.Local`, at the other end of its line."""

from __future__ import annotations

import pickle
import sys
from multiprocessing.connection import Connection
from typing import Any


def serve(line: Connection) -> None:
    """Do what comes over a line until nobody is at its other end."""
    try:
        sys.path[:] = pickle.loads(line.recv_bytes())  # noqa: S301 - from the process that started this one
        from ntp.backtest.cluster.work import do_batch, unpacked

        packed: dict[str, bytes] = {}
        while True:
            number, key, sent, batch = pickle.loads(line.recv_bytes())  # noqa: S301
            packed[key] = sent or packed[key]
            results: list[Any] | None = None
            failed: BaseException | None = None
            try:
                results = do_batch(unpacked(key, packed[key]), batch)
            except Exception as error:  # whatever it is, the process that asked must know
                failed = _told(error)
            line.send_bytes(pickle.dumps((number, results, failed), pickle.HIGHEST_PROTOCOL))
    except (EOFError, ConnectionError):
        return


def _told(error: Exception) -> Exception:
    """Return an error that can be sent, with where it happened."""
    try:
        return pickle.loads(pickle.dumps(error))  # type: ignore[no-any-return]  # noqa: S301
    except Exception:  # exceptions of users may refuse to be packed in any way they like
        return RuntimeError(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
