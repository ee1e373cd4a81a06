"""Child: replays a strategy in a process of its own and tells the digest of its decisions."""

from __future__ import annotations

import importlib
import pickle
import sys
from pathlib import Path
from typing import Any

from ntp.backtest.check.determinism import digest
from ntp.backtest.check.laboratory import Laboratory, Subject
from ntp.backtest.loader import LoadedData
from ntp.strategy.loader import describe_class, load_file


def main(job: Path) -> None:
    """Carry out a job that :mod:`ntp.backtest.check.determinism` wrote."""
    told = pickle.loads(job.read_bytes())  # noqa: S301 - written by the process that started this one
    label, path, module, qualname, parameters, settings, sources, folders, answer = told
    sys.path[:] = folders
    if path is not None and not module.startswith("ntp."):
        declared = load_file(path, qualname, name=label)
    else:
        found: Any = importlib.import_module(module)
        for name in qualname.split("."):
            found = getattr(found, name)
        declared = describe_class(label, found, path)
    loaded = LoadedData(sources, [source.name for source in sources], "")
    decisions = Laboratory(Subject(declared.make(parameters), declared, settings, sources, loaded)).replay()
    answer.write_text(digest(decisions.orders, decisions.records))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
