"""On Dask: work done by an existing Dask cluster, the optional extra ``dask``."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final

from ntp.backtest.cluster.executor import TRIES
from ntp.backtest.cluster.remote import Done, Remote
from ntp.backtest.cluster.retry import Attempts
from ntp.backtest.cluster.work import Work, do_batch
from ntp.core import ConfigError, NtpError
from ntp.core.extras import import_extra

_CONNECT_S: Final = 15
_ALONE_S: Final = 120.0
"""How long to wait for a worker where there is none left."""


class OnDask(Remote):
    """Executor on a Dask cluster.

    Nothing is scattered: a batch names its data by content and opens it where it runs, so that a node that dies
    takes nothing with it. Dask itself does again what a dead worker had; what took three workers down comes back
    here and is tried item by item.

    Parameters
    ----------
    address : str
        Of the scheduler, ``tcp://host:8786`` or ``tls://host:8786``.

    Raises
    ------
    ConfigError
        ``missing_extra`` without the extra, ``no_cluster`` if nobody answers there.
    """

    name = "Dask"

    def __init__(self, address: str) -> None:
        self._dask = import_extra("distributed", extra="dask")
        try:
            self._client = self._dask.Client(address, timeout=_CONNECT_S, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"expected a Dask scheduler at {address}, was none: {error}", code="no_cluster",
                hint="dask scheduler, then dask worker tcp://HOST:8786 on each machine",
                details={"cluster": address},
            ) from error
        self._seen = time.monotonic()

    @property
    def workers(self) -> int:
        """Worker processes: each does one batch at a time, however many threads it has."""
        return max(1, len(self._client.nthreads()))

    def _sent(self, work: Work, batch: Sequence[Any]) -> Any:
        return self._client.submit(do_batch, work, batch, pure=False)

    def _dropped(self, handles: list[Any]) -> None:
        self._client.cancel(handles, force=True)

    def _ended(self, handles: list[Any]) -> list[Any]:
        """Wait for some to end; complain if nobody is there to do them."""
        while True:
            try:
                with self._client.as_current():
                    return list(self._dask.wait(handles, timeout=5, return_when="FIRST_COMPLETED").done)
            except TimeoutError:
                if self._client.nthreads():
                    self._seen = time.monotonic()
                elif time.monotonic() - self._seen > _ALONE_S:
                    raise NtpError(
                        f"expected workers on the Dask cluster, was none for {_ALONE_S:.0f} s", code="no_workers",
                        hint="dask worker ADDRESS starts one; what is done is kept",
                    ) from None

    def _taken(self, handle: Any, number: int, attempts: Attempts) -> Done | None:
        if handle.status == "finished":
            return attempts.done(number, handle.result())
        if handle.status in ("cancelled", "lost"):
            attempts.back(number)
            return None
        error = handle.exception()
        if isinstance(error, self._dask.KilledWorker):
            return attempts.lost(number, "it took its workers on the Dask cluster down", TRIES)
        raise error

    def close(self) -> None:
        """Leave the cluster."""
        self._client.close()
