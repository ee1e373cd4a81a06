"""On Ray: work done by an existing Ray cluster, the optional extra ``ray``."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Any, Final

from ntp.backtest.cluster.retry import Attempts
from ntp.backtest.cluster.work import Work, do_batch
from ntp.core import ConfigError
from ntp.core.extras import import_extra

_AHEAD: Final = 2


class OnRay:
    """Executor on a Ray cluster.

    Parameters
    ----------
    address : str
        ``ray://auto`` for the cluster that this machine is part of, ``ray://host:10001`` for another one.

    Raises
    ------
    ConfigError
        ``missing_extra`` without the extra, ``no_cluster`` if nobody answers there.
    """

    name = "Ray"
    seconds = 1.0

    def __init__(self, address: str) -> None:
        self._ray = import_extra("ray", extra="ray")
        here = address == "ray://auto"
        if not here:
            import_extra("grpc", extra="ray", package="ray[client]")
        try:
            self._ray.init(
                "auto" if here else address, logging_level=logging.ERROR, log_to_driver=False,
                namespace="ntp", ignore_reinit_error=True,
            )
        except (ConnectionError, OSError, ValueError, RuntimeError) as error:
            raise ConfigError(
                f"expected a Ray cluster at {address}, was none: {error}", code="no_cluster",
                hint="ray start --head starts one on this machine", details={"cluster": address},
            ) from error
        self._do = self._ray.remote(do_batch).options(max_retries=0, num_cpus=1)

    @property
    def workers(self) -> int:
        """Processors of all nodes."""
        return max(1, int(self._ray.cluster_resources().get("CPU", 1)))

    def map(self, work: Work, batches: Iterator[Sequence[Any]]) -> Iterator[tuple[Sequence[Any], list[Any]]]:
        """Do batches; what dies with a worker or a node is done again elsewhere."""
        attempts = Attempts(batches)
        pending: dict[Any, int] = {}
        try:
            while True:
                while len(pending) < _AHEAD * self.workers:
                    task = attempts.next()
                    if task is None:
                        break
                    pending[self._do.remote(work, task[1])] = task[0]
                if not pending:
                    return
                done, _ = self._ray.wait(list(pending), num_returns=1)
                for reference in done:
                    complete = self._taken(reference, pending.pop(reference), attempts)
                    if complete is not None:
                        yield complete
        finally:
            for reference in pending:
                self._ray.cancel(reference)

    def _taken(self, reference: Any, number: int, attempts: Attempts) -> tuple[Sequence[Any], list[Any]] | None:
        errors = self._ray.exceptions
        try:
            return attempts.done(number, self._ray.get(reference))
        except errors.RayTaskError as error:
            raise (error.cause or error) from None
        except (errors.OwnerDiedError, errors.NodeDiedError, errors.ObjectLostError):
            attempts.back(number)  # the node is to blame, not what it did
            return None
        except errors.RayError as error:
            return attempts.lost(number, f"it took its worker on the Ray cluster down: {type(error).__name__}")

    def close(self) -> None:
        """Leave the cluster."""
        self._ray.shutdown()
