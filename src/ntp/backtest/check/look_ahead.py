"""Look-ahead: decisions must not change when what comes later does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from ntp.backtest.check.bench import Bench
from ntp.backtest.check.decisions import Parting, parting
from ntp.backtest.check.finding import Examined
from ntp.backtest.check.futures import cut_points, perturbed, truncated
from ntp.core import DataError, format_ns
from ntp.engine.tape import SourceFrames

_WORDS: Final = {"truncated": "is cut off", "perturbed": "is changed"}
_CUTS: Final = 4
_CUTS_QUICK: Final = 2


def planned(*, quick: bool) -> int:
    """Replays that it takes."""
    return 2 * (_CUTS_QUICK if quick else _CUTS)


def check_look_ahead(bench: Bench) -> Examined:
    """Replay on futures that are cut off and changed, and hold the decisions before the cut against each other."""
    result = Examined("look_ahead", "futures cut off and changed; decisions before the cut must stay")
    cuts = cut_points(bench.subject.sources, bench.decided, _CUTS_QUICK if bench.quick else _CUTS)
    if not cuts:
        result.unchecked.append("it decided nothing, so there is nothing that a future could have changed")
    futures = {"truncated": truncated, "perturbed": perturbed}
    for name, future in futures.items():
        for cut in cuts:
            found = _parts_on(bench, future, cut)
            if found is None:
                continue
            changed = future(bench.subject.sources, cut)
            place = bench.blame(found, bench.lab.replay, partial(bench.lab.replay, changed))
            result.add("error", _message(found, cut, _WORDS[name]), place)
            break
    return result


def _parts_on(
    bench: Bench, future: Callable[[Sequence[SourceFrames], int], list[SourceFrames]], cut: int
) -> Parting | None:
    try:
        other = bench.lab.replay(future(bench.subject.sources, cut))
    except DataError:
        return None  # nothing to trade was recorded by then
    return parting(bench.base, other, cut)


def _message(found: Parting, cut: int, word: str) -> str:
    return (
        f"what it decided at {found.where} changes when the future from {format_ns(cut)} on {word}: "
        f"{found.one} became {found.other}"
    )


__all__ = ["check_look_ahead", "planned"]
