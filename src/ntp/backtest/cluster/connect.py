"""Connect: from what a person asked for to an executor."""

from __future__ import annotations

import os
from typing import Any, Final

from ntp.backtest.cluster.auto import Auto
from ntp.backtest.cluster.executor import Executor
from ntp.backtest.cluster.inline import Inline
from ntp.backtest.cluster.local import Local
from ntp.backtest.cluster.threads import Threads
from ntp.core import ConfigError

_MOST: Final = 1_024
_KINDS: Final = ("tcp", "tls", "ray")


def connect(workers: int | None = None, cluster: str | None = None, *, threads: bool = False) -> Executor:
    """Choose an executor.

    Parameters
    ----------
    workers : int, optional
        Processes on this machine; 1 is this process itself, by default one for each processor once it is
        known that the work is long enough to start them.
    cluster : str, optional
        Address of a cluster instead: ``tcp://`` or ``tls://`` of a Dask scheduler, ``ray://auto`` or
        ``ray://host:port`` of Ray.
    threads : bool
        Whether the work allows several batches at once in one process: then threads take the place of processes.

    Raises
    ------
    ConfigError
        If both are given, the number is out of range, the address is of no kind known, or nobody answers there.
    """
    check_workers(workers, cluster)
    if cluster is not None:
        return _cluster(cluster)
    if threads and workers != 1:
        return Threads(workers or processors())
    if workers is None:
        return Auto(processors())
    return Inline() if workers == 1 else Local(workers)


def check_workers(workers: int | None, cluster: str | None) -> None:
    """Refuse what :func:`connect` could never make an executor of, without connecting to anything.

    Raises
    ------
    ConfigError
        If both are given, the number is out of range, or the address is of no kind known.
    """
    if cluster is not None and workers is not None:
        raise ConfigError(
            "expected workers or a cluster, was both", code="workers_or_cluster", hint="a cluster has its own workers"
        )
    given: Any = workers
    if workers is not None and (type(given) is not int or not 1 <= given <= _MOST):
        raise ConfigError(f"expected 1 to {_MOST:,} workers, was {workers!r}", code="bad_workers")
    if cluster is not None and cluster.partition("://")[0] not in _KINDS:
        raise ConfigError(
            f"expected the address of a cluster, was {cluster!r}", code="bad_cluster",
            hint="tcp://HOST:8786 is a Dask scheduler, ray://auto the Ray cluster of this machine",
            details={"cluster": cluster},
        )


def processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cluster(address: str) -> Executor:
    if address.startswith("ray://"):
        from ntp.backtest.cluster.on_ray import OnRay

        return OnRay(address)
    from ntp.backtest.cluster.on_dask import OnDask

    return OnDask(address)
