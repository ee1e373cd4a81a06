"""What the measurements must show: factors over peers and bounds on memory, each with floor and goal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Medians = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Factor:
    """A ratio of two arms: of rates per CPU second (ours over theirs) or of seconds (theirs over ours)."""

    work: str
    ours: str
    peer: str
    floor: float
    goal: float
    of: str = "events_per_s"

    def value(self, medians: Medians) -> float | None:
        """Return the factor, or None where one side was not measured."""
        mine, theirs = _both(medians, self.ours, self.peer, self.of)
        if mine is None or theirs is None:
            return None
        return mine / theirs if self.of == "events_per_s" else theirs / mine


@dataclass(frozen=True)
class Bound:
    """A value of one arm that must not exceed floor and, better, goal."""

    work: str
    ours: str
    floor: float
    goal: float
    of: str = "peak_rss_mb"

    def value(self, medians: Medians) -> float | None:
        """Return the value, or None where it was not measured."""
        return medians.get(self.ours, {}).get(self.of)


@dataclass(frozen=True)
class Evenness:
    """How much slower per event many contracts are than few, as a share."""

    work: str
    many: str
    few: str
    floor: float
    goal: float

    def value(self, medians: Medians) -> float | None:
        """Return the loss, or None where one side was not measured."""
        many, few = _both(medians, self.many, self.few, "events_per_s")
        return None if many is None or few is None else 1 - many / few


Claim = Factor | Bound | Evenness

CLAIMS: tuple[Claim, ...] = (
    Factor("one contract, compiled maker, over hftbacktest", "ours_maker_compiled", "hft_maker", 6, 10),
    Factor(
        "the same, Python woken on best and fills, over NautilusTrader",
        "ours_maker_best",
        "nautilus_maker",
        200,
        320,
    ),
    Factor("the same, over hftbacktest's compiled strategy", "ours_maker_best", "hft_maker", 1, 2),
    Factor(
        "the same, Python woken on every quote, over NautilusTrader",
        "ours_maker_quotes",
        "nautilus_maker",
        60,
        120,
    ),
    Factor(
        "many contracts, compiled, over hftbacktest without a strategy",
        "ours_contracts_compiled",
        "hft_contracts",
        100,
        200,
    ),
    Factor(
        "the same, over NautilusTrader without orders",
        "ours_contracts_compiled",
        "nautilus_contracts",
        100,
        200,
    ),
    Factor(
        "many contracts, Python, over hftbacktest without a strategy",
        "ours_contracts_python",
        "hft_contracts",
        40,
        60,
    ),
    Factor(
        "the same, over NautilusTrader without orders", "ours_contracts_python", "nautilus_contracts", 40, 60
    ),
    Evenness(
        "loss per event from few to many contracts", "ours_contracts_compiled", "ours_contracts_few", 0.3, 0.3
    ),
    Factor("bars, Python per bar, over backtesting.py", "ours_bars", "backtesting_bars", 4, 8),
    Factor(
        "Parquet to result, whole process, over hftbacktest",
        "ours_process",
        "hft_process",
        3,
        6,
        "process_cpu_s",
    ),
    Bound("peak memory in MB, one contract in memory", "ours_maker_compiled", 480, 300),
    Bound("peak memory in MB, streamed", "ours_streamed", 350, 250),
    Bound("the same, four times as long", "ours_streamed_long", 350, 250),
    Factor("sweep of 1,000 combinations over bars, over vectorbt", "ours_sweep_bars", "vectorbt_sweep_bars", 40, 60),
    Factor("the same, two workers, wall time", "ours_sweep_bars_2", "vectorbt_sweep_bars", 40, 60, "wall_s"),
    Factor("the same, two workers over one, wall time", "ours_sweep_bars_2", "ours_sweep_bars", 1.8, 1.9, "wall_s"),
    Factor(
        "sweep of the compiled maker, two workers over one", "ours_sweep_maker_2", "ours_sweep_maker_1", 1.8, 1.9,
        "wall_s",
    ),
)


def verdict(claim: Claim, value: float | None) -> str:
    """Say whether the floor and the goal are met."""
    if value is None:
        return "not measured"
    met = (lambda bound: value >= bound) if isinstance(claim, Factor) else (lambda bound: value <= bound)
    if met(claim.goal):
        return "goal"
    return "floor" if met(claim.floor) else "below floor"


def _both(medians: Medians, ours: str, peer: str, of: str) -> tuple[float | None, float | None]:
    return medians.get(ours, {}).get(of), medians.get(peer, {}).get(of)
