"""Where sweeps run: one contract for this process, processes of this machine, Dask and Ray."""

from ntp.backtest.cluster.auto import Auto
from ntp.backtest.cluster.connect import check_workers, connect, processors
from ntp.backtest.cluster.executor import TRIES, Executor
from ntp.backtest.cluster.inline import Inline
from ntp.backtest.cluster.local import Local
from ntp.backtest.cluster.threads import Threads
from ntp.backtest.cluster.work import Doer, Lost, Work, do_batch, travels_by_value

__all__ = [
    "TRIES",
    "Auto",
    "Doer",
    "Executor",
    "Inline",
    "Local",
    "Lost",
    "Threads",
    "Work",
    "check_workers",
    "connect",
    "do_batch",
    "processors",
    "travels_by_value",
]
