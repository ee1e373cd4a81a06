"""What was asked of a run, as the engine needs it: latencies, queue model, inputs and underlyings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from ntp.backtest.results import MODES
from ntp.core import ConfigError, DataError, format_duration, parse_duration, sha256_json, suggest
from ntp.core.config import EdgeConfig
from ntp.engine.queues import UserQueue, compile_queue, parse_queue
from ntp.engine.records import Q_USER
from ntp.engine.state import EngineSettings
from ntp.engine.tape import Tape
from ntp.markets import DOLLARS, asset_of_source, currency_of, settlement_of
from ntp.markets.instrument import Instrument, InstrumentKind
from ntp.pricing.edge import EdgeCosts, edge_costs
from ntp.rules.matches import MatchRow

_NAMES: Final = ("feed_latency", "order_latency", "queue", "seed")
_DEFAULTS: Final[Mapping[str, Any]] = {
    "feed_latency": "20ms", "order_latency": "50ms", "queue": "power:2", "seed": 0,
}  # fmt: skip
_CAREFUL: Final = {"pessimistic": "risk_averse", "optimistic": "proportional"}
"""Queue models of the modes in which the user has no say."""
_PRECISION: Final = {"direct": "direct", "member": "non_direct"}
"""From a person's word for an account to the fee schedule's: who trades through a member is not direct."""


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """Settings of the engine as a person gave them, read and checked.

    Attributes
    ----------
    feed : Mapping of str to int
        Feed latency in nanoseconds by source, ``default`` for the rest.
    order : int
        Order latency in nanoseconds; the median where it is drawn.
    drawn : sequence of int
        Recorded order latencies to draw from; empty for a constant.
    venues : Mapping of str to int
        Order latencies of venues that have one of their own.
    queue : str
        Name of the queue model of the base mode.
    seed : int
        Seed of the random streams.
    own_queue : UserQueue, optional
        The user's compiled queue model; held here because the kernel knows only its address.
    named, named_venues : frozenset of str
        Sources and venues that the run itself gives a latency, so that they must be among its data.
    """

    feed: Mapping[str, int]
    order: int
    drawn: Sequence[int]
    venues: Mapping[str, int]
    queue: str
    seed: int
    own_queue: UserQueue | None = None
    named: frozenset[str] = frozenset()
    named_venues: frozenset[str] = frozenset()

    @property
    def feed_text(self) -> str:
        """Feed latency in words."""
        if set(self.feed) == {"default"}:
            return format_duration(self.feed["default"])
        return _by_name(self.feed)

    @property
    def order_text(self) -> str:
        """Order latency in words."""
        median = format_duration(self.order)
        usual = f"drawn from {len(self.drawn)}, median {median}" if self.drawn else median
        return f"default {usual}, {_by_name(self.venues)}" if self.venues else usual

    @property
    def extra(self) -> dict[str, Any]:
        """What the manifest needs beyond the texts: names and medians do not say all."""
        found = {} if self.own_queue is None else {"queue_hash": self.own_queue.source_hash}
        return found | ({"order_latencies_hash": sha256_json(list(self.drawn))} if self.drawn else {})

    def of_mode(self, mode: str, equity_every: int) -> EngineSettings:
        """Build the engine's settings in a fill mode."""
        own = self.own_queue if mode == "base" else None
        model, power = (Q_USER, 0.0) if own is not None else parse_queue(_CAREFUL.get(mode, self.queue))
        return EngineSettings(
            order_latency=self.order, feed_latency=self.feed.get("default", 0), order_latencies=self.drawn,
            venue_latencies=self.venues,
            queue_model=model, queue_power=power, queue_function=own.address if own is not None else 0,
            inferred_prints=mode != "pessimistic", touch_fills=mode == "optimistic",
            seed=self.seed * len(MODES) + MODES.index(mode), equity_every=equity_every,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """Everything about a run but strategy and data.

    Attributes
    ----------
    capital : int
        1e-6 dollar.
    contracts : str
        Pattern of the contracts traded.
    fills : str
        Fill mode of the headline.
    engine : EngineChoice
        How venue and latency are simulated.
    waive : sequence of str
        Rules that do not hold.
    enforce : sequence of str
        Rules beside ``maker_only`` that refuse instead of being counted.
    matches : sequence of MatchRow
        Which contracts of two venues are the same claim.
    compiled : bool
        Whether the strategy's compiled form runs.
    allocate : Mapping of str to Decimal
        Share of the capital by venue; empty for equal shares.
    precision : Mapping of str to str
        Precision class of the account by venue, in the words of the fee schedules.
    underlyings : Mapping of str to str
        Index to the feed that stands for it.
    events : frozenset of str, optional
        Events whose contracts are traded; None for all.
    edge : EdgeConfig
        What edges pay for.
    max_event_loss, max_position : float, optional
        Dollars that an event may lose in its worst state, and contracts held of one contract.
    """

    capital: int
    contracts: str
    fills: str
    engine: EngineChoice
    waive: Sequence[str] = ()
    enforce: Sequence[str] = ()
    matches: Sequence[MatchRow] = ()
    compiled: bool = False
    allocate: Mapping[str, Decimal] = field(default_factory=dict)
    precision: Mapping[str, str] = field(default_factory=dict)
    underlyings: Mapping[str, str] = field(default_factory=dict)
    events: frozenset[str] | None = None
    edge: EdgeConfig = field(default_factory=EdgeConfig)
    max_event_loss: float | None = None
    max_position: float | None = None

    @property
    def edge_costs(self) -> EdgeCosts:
        """What edges pay for, in numbers."""
        return edge_costs(self.edge)

    @property
    def edge_changes(self) -> dict[str, Any]:
        """Settings of edges that are not the defaults."""
        usual = asdict(EdgeConfig())
        return {name: value for name, value in asdict(self.edge).items() if value != usual[name]}

    @property
    def limits(self) -> dict[str, float]:
        """Limits that are set."""
        named = {"max_event_loss": self.max_event_loss, "max_position": self.max_position}
        return {name: value for name, value in named.items() if value is not None}

    def cash_of(self, venues: Sequence[str]) -> dict[str, int]:
        """Capital of each venue's account in 0.000001 of its currency.

        Dollars are split over the accounts that hold dollars. Play money is not bought with them: an
        account of it begins with as many units as the run has dollars.

        Raises
        ------
        ConfigError
            If shares name venues without data or do not add up to 1.
        """
        shared = counted_venues(venues)
        unknown = sorted(set(self.allocate) - set(shared))
        if unknown:
            raise ConfigError(
                f"expected venues of this data{'' if shared == list(venues) else ' that hold dollars'}, was "
                f"{', '.join(unknown)}", code="unknown_venue", hint=suggest(unknown[0], shared),
            )
        total = sum(self.allocate.values())
        if self.allocate and total != 1:
            raise ConfigError(f"expected shares that add up to 1, was {total}", code="bad_allocation")
        if self.allocate:
            cash = {venue: int(self.capital * self.allocate.get(venue, Decimal(0))) for venue in shared}
        else:
            cash = dict.fromkeys(shared, self.capital // len(shared))
        cash[max(cash, key=lambda venue: cash[venue])] += self.capital - sum(cash.values())
        return cash | {venue: self.capital for venue in venues if venue not in cash}


def counted_venues(venues: Sequence[str]) -> list[str]:
    """Venues whose money makes up the result: those with dollars, or all where there is only play money."""
    dollars = [venue for venue in venues if currency_of(venue) in DOLLARS]
    return dollars or list(venues)


def read_engine(given: Mapping[str, Any], defaults: Mapping[str, Any] | None = None) -> EngineChoice:
    """Read and check the engine's settings.

    Parameters
    ----------
    given : Mapping
        Settings of the run.
    defaults : Mapping, optional
        Those of the workspace, which may name sources that are not among this run's data.

    Raises
    ------
    ConfigError
        If a setting is unknown or out of range.
    """
    for name in (*given, *(defaults or {})):
        if name not in _NAMES:
            raise ConfigError(
                f"expected a setting of the engine, was {name!r}", code="unknown_key",
                hint=suggest(name, _NAMES), details={"key": name},
            )
    values = {**_DEFAULTS, **(defaults or {}), **given}
    by_source = _by_source("feed_latency", given, defaults or {})
    by_venue = _by_source("order_latency", given, defaults or {})
    order = by_venue.pop("default")
    drawn: list[int] = []
    if isinstance(order, Sequence) and not isinstance(order, str):
        drawn = [parse_duration(each) for each in order]
        order = sorted(drawn)[len(drawn) // 2] if drawn else _DEFAULTS["order_latency"]
    seed = values["seed"]
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise ConfigError(f"expected a whole number as seed, was {seed!r}", code="bad_seed")
    queue, own = values["queue"], None
    if isinstance(queue, str):
        parse_queue(queue)
    else:
        own = compile_queue(queue)
        queue = own.name
    return EngineChoice(
        {name: parse_duration(each) for name, each in by_source.items()}, parse_duration(order), drawn,
        {name: _one_duration(name, each) for name, each in by_venue.items()}, queue, seed, own,
        *(frozenset(_table(given.get(name))) - {"default"} for name in ("feed_latency", "order_latency")),
    )  # fmt: skip


def check_sources(named: Iterable[str], known: Iterable[str], setting: str = "feed_latency") -> None:
    """Hold the sources, or the venues, that a run gives a latency against those of its data.

    Raises
    ------
    ConfigError
        ``unknown_source``, with a suggestion.
    """
    names = sorted(known)
    for name in sorted(set(named) - set(names)):
        raise ConfigError(
            f"expected a {'source' if setting == 'feed_latency' else 'venue'} of this data for {setting}, was {name!r}",
            code="unknown_source",
            hint=suggest(name, names), details={"source": name, "known": names},
        )


def _table(given: Any) -> Mapping[str, Any]:
    """Latency by source, one that was not given by source as that of all."""
    if given is None:
        return {}
    return given if isinstance(given, Mapping) else {"default": given}


def _by_source(name: str, given: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Latency by source: a single one of the run replaces all that the workspace says."""
    own, usual = given.get(name), defaults.get(name)
    before = _table(usual) if own is None or isinstance(own, Mapping) else {}
    return {"default": _DEFAULTS[name], **before, **_table(own)}


def _by_name(latencies: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {format_duration(each)}" for name, each in sorted(latencies.items()))


def _one_duration(venue: str, given: Any) -> int:
    if isinstance(given, Sequence) and not isinstance(given, str):
        raise ConfigError(
            f"expected one duration as order_latency of {venue}, was a list", code="bad_latency",
            hint="a list of recorded latencies holds for all venues that have none of their own",
            details={"venue": venue},
        )
    return parse_duration(given)


def read_precision(given: Mapping[str, str]) -> dict[str, str]:
    """Translate the precision class of each account, ``direct`` or ``member``, for the fee schedules.

    Raises
    ------
    ConfigError
        If a class is unknown.
    """
    for venue, name in given.items():
        if name not in _PRECISION:
            raise ConfigError(
                f"expected direct or member as precision class of {venue}, was {name!r}",
                code="bad_precision", hint=suggest(name, _PRECISION), details={"venue": venue},
            )
    return {venue: _PRECISION[name] for venue, name in given.items()}


def aliases_of(inputs: Mapping[str, str], by_id: Mapping[str, int]) -> dict[str, int]:
    """Find the instruments behind a strategy's inputs.

    Raises
    ------
    DataError
        If one is missing or ambiguous.
    """
    found = {}
    for alias, name in inputs.items():
        hits = [number for key, number in by_id.items() if name in (key, key.partition(":")[2])]
        if len(hits) != 1:
            was = "ambiguous" if hits else "missing"
            raise DataError(
                f"expected input {alias!r} ({name}) in the data, was {was}",
                code="missing_input", hint=suggest(name, by_id),
            )
        found[alias] = hits[0]
    return found


def spots_of(contracts: Iterable[int], tape: Tape, underlyings: Mapping[str, str]) -> dict[int, int]:
    """Find the underlying of each contract: the index that its record names or that it settles on.

    Else it is the only index of the asset that it settles on; where nothing is known of what it settles on, the only
    one there is.

    Parameters
    ----------
    contracts : iterable of int
        Numbers of contracts.
    tape : Tape
        Where the indices are.
    underlyings : mapping of str to str
        Index to the feed that stands for it.
    """
    indices = {
        instrument.id: number for number, instrument in enumerate(tape.instruments)
        if instrument.kind is InstrumentKind.REFERENCE
    }
    known = {key.partition(":")[2]: number for key, number in indices.items()} | indices
    found = {}
    for number in contracts if indices else ():
        source = _source(tape.instruments[number])
        named = str(tape.instruments[number].attributes.get("underlying", ""))
        names = [name for name in (named, source, source.partition(":")[2]) if name]
        hits = [known[name] for each in names for name in (underlyings.get(each, each),) if name in known]
        asset = asset_of_source(source) or asset_of_source(f"cfbenchmarks:{named}")
        alike = [place for key, place in indices.items() if asset and asset in key.partition(":")[2].upper()]
        if hits:
            found[number] = hits[0]
        elif len(alike) == 1:
            found[number] = alike[0]
        elif len(indices) == 1 and not (asset or named):  # what is known to be another one prices nothing
            found[number] = next(iter(indices.values()))
    return found


def _source(instrument: Instrument) -> str:
    """Source that a contract settles on, empty where its rules cannot be told; a strike is not needed to tell it."""
    try:
        return settlement_of(replace(instrument, strike_low=instrument.strike_low or "0")).observable.source
    except DataError:
        return ""
