"""On Ray: work done by an existing Ray cluster, the optional extra ``ray``."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from ntp.backtest.cluster.remote import Done, Remote
from ntp.backtest.cluster.retry import Attempts
from ntp.backtest.cluster.work import Work, do_batch
from ntp.core import ConfigError
from ntp.core.extras import import_extra


class OnRay(Remote):
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

    def _sent(self, work: Work, batch: Sequence[Any]) -> Any:
        return self._do.remote(work, batch)

    def _dropped(self, handles: list[Any]) -> None:
        for handle in handles:
            self._ray.cancel(handle)

    def _ended(self, handles: list[Any]) -> list[Any]:
        return list(self._ray.wait(handles, num_returns=1)[0])

    def _taken(self, handle: Any, number: int, attempts: Attempts) -> Done | None:
        errors = self._ray.exceptions
        try:
            return attempts.done(number, self._ray.get(handle))
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
