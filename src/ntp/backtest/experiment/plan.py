"""The plan of an experiment: everything that is fixed before its first event is traded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from ntp.backtest.experiment.metric import DEFAULT_METRIC, read_metric
from ntp.backtest.results import StrategyInfo
from ntp.backtest.settings import RunSettings
from ntp.core import CASH_ONE, ConfigError
from ntp.statistics.sequential import mixture_weight

MINIMUM_EVENTS: Final = 20
ALPHA: Final = 0.05
_SHORTEST: Final = 50
"""Events that intervals are made for at least, however few the first data has."""
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True)
class Variant:
    """One of the strategies compared.

    Attributes
    ----------
    name : str
        What it is called in the experiment.
    strategy : StrategyInfo
        Strategy, version, code and parameters.
    """

    name: str
    strategy: StrategyInfo

    @property
    def identity(self) -> tuple[str, str]:
        """What decides what it does: code and parameters."""
        return self.strategy.code_hash, repr(sorted(self.strategy.parameters.items()))


@dataclass(frozen=True)
class Plan:
    """What an experiment compares, by what and how; the same from its first event to its last.

    Attributes
    ----------
    name : str
        Of the experiment.
    variants : tuple of Variant
        The first is the control.
    metric : str
        Key of its metric.
    paired : bool
        Whether every variant trades every event, and differences per event are compared; else each event is given
        to one variant by lot.
    seed : int
        Of the lot.
    settings : Mapping
        Capital, contracts, engine and rules of the backtests, as JSON values.
    minimum : int
        Events of a comparison before anybody may conclude anything.
    alpha : float
        Probability that any of the conclusions in a fill mode is wrong.
    planned : int
        Events for which the intervals are made smallest: those of the first data.
    """

    name: str
    variants: tuple[Variant, ...]
    metric: str = DEFAULT_METRIC
    paired: bool = False
    seed: int = 0
    settings: Mapping[str, Any] | None = None
    minimum: int = MINIMUM_EVENTS
    alpha: float = ALPHA
    planned: int = 0

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ConfigError(
                f"expected a name of letters, digits, dots and dashes for the experiment, was {self.name!r}",
                code="bad_name",
            )
        if len(self.variants) < 2:
            raise ConfigError(
                f"expected two strategies or more to compare, was {len(self.variants)}", code="one_variant",
                hint="the first --strategy is the control; the same strategy twice is an A/A test",
            )
        names = [each.name for each in self.variants]
        if len(set(names)) < len(names):
            raise ConfigError(f"expected a name for each variant, was {', '.join(names)}", code="bad_name")
        if self.minimum < 2:
            raise ConfigError(f"expected two events or more as the minimum, was {self.minimum}", code="bad_minimum")
        read_metric(self.metric)

    @property
    def control(self) -> Variant:
        """What the others are compared with."""
        return self.variants[0]

    @property
    def challengers(self) -> tuple[Variant, ...]:
        """The others."""
        return self.variants[1:]

    @property
    def level(self) -> float:
        """Error probability of each comparison: they share that of the experiment (Bonferroni)."""
        return self.alpha / len(self.challengers)

    @property
    def weight(self) -> float:
        """Weight that makes intervals smallest at the events planned, or at each challenger's share of them."""
        share = self.planned if self.paired else 2 * self.planned // len(self.variants)
        return mixture_weight(max(share, _SHORTEST), self.level)

    def same(self, variant: Variant) -> bool:
        """Whether a variant is the control once more, so that this is an A/A test."""
        return variant.identity == self.control.identity

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Plan:
        """Read what :meth:`to_dict` wrote."""
        variants = tuple(Variant(each["name"], StrategyInfo(**each["strategy"])) for each in values["variants"])
        return cls(**{**values, "variants": variants})


def settings_document(settings: RunSettings) -> dict[str, Any]:
    """Describe the settings of a backtest that its outcome depends on, as JSON values."""
    engine = settings.engine
    return {
        "capital_usd": settings.capital / CASH_ONE, "contracts": settings.contracts, "queue": engine.queue,
        "feed_latency": engine.feed_text, "order_latency": engine.order_text, "seed": engine.seed, **engine.extra,
        "waived": list(settings.waive),
        "allocate": {name: str(share) for name, share in sorted(settings.allocate.items())},
        "precision": dict(settings.precision), "underlyings": dict(settings.underlyings),
        "enforced": sorted(settings.enforce), "limits": settings.limits, "edge": settings.edge_changes,
    }  # fmt: skip


def check_frozen(stored: Plan, asked: Plan) -> None:
    """Refuse to go on with an experiment in another way than it was begun.

    Raises
    ------
    ConfigError
        ``experiment_frozen``, naming the first thing that differs.
    """
    for what, before, now in _differences(stored, replace(asked, planned=stored.planned)):
        raise ConfigError(
            f"expected {what} of experiment {stored.name!r} as it was begun, {before}, was {now}",
            code="experiment_frozen", details={"experiment": stored.name, "what": what},
            hint="whoever changes the question after seeing answers finds what he likes: begin another experiment",
        )


def _differences(stored: Plan, asked: Plan) -> Iterator[tuple[str, Any, Any]]:
    names = [[each.name for each in plan.variants] for plan in (stored, asked)]
    if names[0] != names[1]:
        yield "the variants", ", ".join(names[0]), ", ".join(names[1])
        return
    for before, now in zip(stored.variants, asked.variants, strict=True):
        for what, one, other in (
            ("the strategy", before.strategy.name, now.strategy.name),
            ("the code", before.strategy.code_hash, now.strategy.code_hash),
            ("the parameters", dict(before.strategy.parameters), dict(now.strategy.parameters)),
        ):
            if one != other:
                yield f"{what} of variant {before.name!r}", one, other
    for what, key in (
        ("the metric", "metric"), ("the pairing", "paired"), ("the seed", "seed"), ("the minimum of events", "minimum"),
        ("the error probability", "alpha"), ("the settings", "settings"),
    ):
        one, other = getattr(stored, key), getattr(asked, key)
        if one != other:
            yield what, _short(one, other), _short(other, one)


def _short(value: Any, other: Any) -> Any:
    """Of two mappings only what differs."""
    if not isinstance(value, Mapping) or not isinstance(other, Mapping):
        return value
    return {key: each for key, each in value.items() if other.get(key) != each}


def name_variants(strategies: Sequence[str]) -> list[str]:
    """Call each variant by its strategy; one that comes again gets a number."""
    names: list[str] = []
    for strategy in strategies:
        name, count = strategy, 1
        while name in names:
            count += 1
            name = f"{strategy}-{count}"
        names.append(name)
    return names
