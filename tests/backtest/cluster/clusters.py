"""Clusters of real processes on this machine, for tests that kill parts of them."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
PYTHONPATH = os.pathsep.join([str(HERE.parents[2] / "src"), os.environ.get("PYTHONPATH", "")])
ENVIRONMENT = {
    **os.environ, "PYTHONPATH": PYTHONPATH, "RAY_USAGE_STATS_ENABLED": "0", "RAY_DEDUP_LOGS": "0",
    "DASK_DISTRIBUTED__DEPLOY__LOST_WORKER_TIMEOUT": "1s", "POLARS_MAX_THREADS": "1",
}  # fmt: skip


class DaskCluster:
    """A scheduler, and nodes of a nanny with one worker each."""

    def __init__(self, folder, nodes=2):
        file = Path(folder) / "scheduler.json"
        self._processes = [
            self._started("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))
        ]
        until = time.monotonic() + 30
        while not file.exists() and time.monotonic() < until:
            time.sleep(0.05)
        self.address = json.loads(file.read_text())["address"]
        self.nodes = [self._node() for _ in range(nodes)]

    @staticmethod
    def _started(*words):
        return subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_" + words[0], *words[1:], "--no-dashboard"],
            env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip

    def _node(self):
        process = self._started("worker", self.address, "--host", "127.0.0.1", "--nthreads", "1")
        self._processes.append(process)
        return process

    def kill_node(self, executor):
        """Kill the nanny and the worker of a node."""
        kill_group(self.nodes.pop())

    def stop(self):
        """End all processes."""
        for process in reversed(self._processes):
            kill_group(process)


class RayCluster:
    """A head that works on nothing, and nodes with one processor each."""

    address = "ray://auto"

    def __init__(self, folder, nodes=2):
        from ray.cluster_utils import Cluster

        names = ("PYTHONPATH", "RAY_ADDRESS", "RAY_USAGE_STATS_ENABLED")
        self._before = {name: os.environ.get(name) for name in names}
        os.environ.update({name: ENVIRONMENT[name] for name in ("PYTHONPATH", "RAY_USAGE_STATS_ENABLED")})
        small = {"object_store_memory": 100_000_000, "include_dashboard": False}
        self._cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, **small})
        self._nodes = [self._cluster.add_node(num_cpus=1, wait=False, **small) for _ in range(nodes)]
        os.environ["RAY_ADDRESS"] = self._cluster.address
        self._cluster.wait_for_nodes()

    def kill_node(self, executor):
        """Kill a node with all its processes."""
        self._cluster.remove_node(self._nodes.pop(), allow_graceful=False)

    def stop(self):
        """End all processes."""
        self._cluster.shutdown()
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def kill_group(process):
    """Kill a process and all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
