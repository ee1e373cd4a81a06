"""Declaration: everything about a strategy class that the runtime needs to know before it runs."""

import types
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from ntp.core import ConfigError
from ntp.strategy.callbacks import CALLBACKS, Callbacks
from ntp.strategy.code_names import names_read
from ntp.strategy.indicators.declared import DeclaredIndicator, declared_indicators
from ntp.strategy.inputs import input_aliases, patterns
from ntp.strategy.pricing_options import Pricing
from ntp.strategy.wake import Wake, parse_wake

FRAMES: Final = ("contract", "event", "all")
"""What a frame of whole columns may cover."""


@dataclass(frozen=True)
class Declaration:
    """What a strategy class declares.

    Attributes
    ----------
    name, module : str
        The class.
    version : str
        What the author calls it.
    universe, watch : tuple of str
        Patterns of contracts traded and only read.
    inputs : Mapping of str to str
        Alias to ``source:symbol``.
    wake : Wake
        Tokens it is woken by.
    warmup : int or None
        Wakes before `analyze` counts; None where a property decides, see :func:`warmup_of`.
    pricing : Pricing
        Options of fair values.
    priced : bool
        Whether the class says itself how it prices.
    short : bool
        Whether SELL may go below 0.
    independent : bool
        Whether contracts of different events never influence each other.
    frame_by : str
        ``contract``, ``event`` or ``all``.
    compiled : bool
        Whether it runs in its compiled form.
    assets : tuple of str
        Files it reads.
    callbacks : frozenset of str
        Methods of `CALLBACKS` it defines.
    state : type or None
        Inner class ``State``.
    indicators : Mapping of str to DeclaredIndicator
        Indicators by the name of their attribute.
    reads : frozenset of str
        Names its code and its module mention: what is not among them is never read.
    """

    name: str
    module: str
    version: str
    universe: tuple[str, ...]
    watch: tuple[str, ...]
    inputs: Mapping[str, str]
    wake: Wake
    warmup: int | None
    pricing: Pricing
    short: bool
    independent: bool
    frame_by: str
    compiled: bool
    assets: tuple[str, ...]
    callbacks: frozenset[str]
    state: type | None
    indicators: Mapping[str, DeclaredIndicator]
    reads: frozenset[str] = field(repr=False)
    priced: bool = False

    @cached_property
    def uses_book(self) -> bool:
        """Whether levels beyond the best are needed."""
        return "book" in self.wake or "on_book" in self.callbacks or "book" in self.reads

    @property
    def uses_fair(self) -> bool:
        """Whether fair values are wanted: then the engine follows underlyings."""
        return self.priced or not self.reads.isdisjoint(("fair_value", "fair_values", "edge", "net_edge"))

    def to_dict(self) -> dict[str, Any]:
        """JSON values for manifests and ``plugins info``."""
        return {
            "name": self.name, "version": self.version, "universe": list(self.universe),
            "watch": list(self.watch), "inputs": dict(self.inputs), "wake": sorted(self.wake.tokens),
            "bars_ns": list(self.wake.bars), "timers_ns": list(self.wake.timers), "warmup": self.warmup,
            "short": self.short, "independent": self.independent, "frame_by": self.frame_by,
            "compiled": self.compiled, "assets": list(self.assets), "callbacks": sorted(self.callbacks),
            "uses_book": self.uses_book,
            "indicators": {name: each.to_dict() for name, each in self.indicators.items()},
            "pricing": {
                "vol": self.pricing.vol, "tails": self.pricing.tails, "blend": self.pricing.blend,
                "max_spot_age": self.pricing.max_spot_age,
            },
        }


def declaration_of(strategy: object) -> Declaration:
    """Return the declaration of a strategy or strategy class.

    Raises
    ------
    ConfigError
        If a class attribute is not what it may be, or `on_bar` is defined and `wake` names no bar.
    """
    cls: Any = strategy if isinstance(strategy, type) else type(strategy)
    known = cls.__dict__.get("_declaration")
    if isinstance(known, Declaration):
        return known
    declaration = declare(cls, reads=names_read(cls))
    customs = {type(each.custom) for each in declaration.indicators.values() if each.custom is not None}
    declaration = replace(declaration, reads=declaration.reads.union(*map(names_read, customs)))
    if "on_bar" in declaration.callbacks and not declaration.wake.bars:
        raise ConfigError(
            f"expected a bar in the wake tokens of {cls.__name__} because it defines on_bar, was none",
            code="bad_wake", hint='for example wake = ("best", "bar:1m")',
        )
    cls._declaration = declaration
    return declaration


def declare(cls: Any, reads: frozenset[str] = frozenset()) -> Declaration:
    """Read and check the class attributes of a strategy class.

    Raises
    ------
    ConfigError
        If one is not what it may be.
    """
    pricing, state, frame_by = cls.pricing, getattr(cls, "State", None), cls.frame_by
    if not isinstance(pricing, Pricing):
        raise _bad(cls, "pricing", "Pricing(...)", pricing)
    if frame_by not in FRAMES:
        raise _bad(cls, "frame_by", "'contract', 'event' or 'all'", frame_by)
    if state is not None and not isinstance(state, type):
        raise _bad(cls, "State", "an inner class", state)
    if not isinstance(cls.version, str):
        raise _bad(cls, "version", "a text", cls.version)
    for flag in ("short", "independent", "compiled"):
        if not isinstance(getattr(cls, flag), bool):
            raise _bad(cls, flag, "True or False", getattr(cls, flag))
    return Declaration(
        name=cls.__name__, module=cls.__module__, version=cls.version,
        universe=patterns("universe", cls.universe), watch=patterns("watch", cls.watch),
        inputs=types.MappingProxyType(input_aliases(cls.inputs)), wake=parse_wake(cls.wake),
        warmup=_class_warmup(cls), pricing=pricing, short=cls.short, independent=cls.independent,
        frame_by=frame_by, compiled=cls.compiled, assets=patterns("assets", cls.assets),
        callbacks=defined_callbacks(cls), state=state,
        indicators=declared_indicators(cls), reads=reads, priced=_priced(cls),
    )


def _priced(cls: Any) -> bool:
    """Whether a class has another `pricing` than the base of all strategies."""
    return cls.pricing is not [vars(owner)["pricing"] for owner in cls.__mro__ if "pricing" in vars(owner)][-1]


def defined_callbacks(cls: type) -> frozenset[str]:
    """Names of `CALLBACKS` that a class overrides."""
    return frozenset(name for name in CALLBACKS if getattr(cls, name) is not getattr(Callbacks, name))


def warmup_of(strategy: Any) -> int:
    """Wakes of a contract before `analyze` counts, with the strategy's present parameters.

    Raises
    ------
    ConfigError
        ``bad_declaration`` if it is not a whole number of at least 0.
    """
    return _checked_warmup(type(strategy), strategy.warmup)


def _class_warmup(cls: Any) -> int | None:
    if isinstance(cls.warmup, property | cached_property):
        return None
    return _checked_warmup(cls, cls.warmup)


def _checked_warmup(cls: type, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _bad(cls, "warmup", "a whole number of wakes of at least 0", value)
    return value


def _bad(cls: type, attribute: str, expected: str, was: object) -> ConfigError:
    return ConfigError(
        f"expected {expected} for {attribute!r} of {cls.__name__}, was {was!r}", code="bad_declaration",
        details={"attribute": attribute},
    )
