"""What the engine hands over after one replay, and what a run was made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from ntp.core import NtpError
from ntp.markets import USD

MODES: Final = ("pessimistic", "base", "optimistic")
"""Fill modes from the most to the least careful."""

FEES_UNKNOWN: Final = "fees unknown"
"""Stamp of a replay whose venue charges nobody knows what: its net figures are null."""

_CONTRACT: Final[dict[str, pl.DataType]] = {
    "contract": pl.String(), "symbol": pl.String(), "event": pl.String(), "series": pl.String(),
    "venue": pl.String(),
}
FILLS: Final[dict[str, pl.DataType]] = {
    "ts": pl.Int64(), **_CONTRACT,
    "side": pl.Int8(), "price": pl.Int32(), "price_scale": pl.Int8(), "size": pl.Int64(),
    "fee": pl.Int64(), "rebate": pl.Int64(),
    "is_maker": pl.Boolean(), "traded_through": pl.Boolean(), "inferred": pl.Boolean(),
    "order_id": pl.Int64(), "queue_ahead": pl.Float64(), "wait_ns": pl.Int64(),
    "fair": pl.Float64(), "mid": pl.Float64(), "mid_10s": pl.Float64(),
    "cash": pl.Int64(), "position": pl.Int64(), "tag": pl.String(), "exit_reason": pl.String(),
}
"""Columns of the raw fills. Integers are exact units: price 10**-price_scale dollar, size 1e-6
contract, fee, rebate and cash 1e-6 dollar. `cash` is the whole movement, fee included; `fee` is what
was charged after the rebate, which is told for information. `queue_ahead` counts contracts at joining
and is null for a taker; `mid_10s` is the mid ten seconds later; `position` is that after the fill."""
ORDERS: Final[dict[str, pl.DataType]] = {
    "order_id": pl.Int64(), "ts": pl.Int64(), "arrived": pl.Int64(), "done": pl.Int64(), **_CONTRACT,
    "side": pl.Int8(), "price": pl.Int32(), "price_scale": pl.Int8(), "size": pl.Int64(),
    "filled": pl.Int64(), "status": pl.String(), "reason": pl.String(), "passive": pl.Boolean(),
    "queue_ahead": pl.Float64(), "tag": pl.String(),
}
"""Columns of the raw orders. `ts` is when it was sent, `arrived` when the venue had it, `done` when it
ended (null while at rest); `passive` marks a post-only order that the venue accepted."""
SETTLEMENTS: Final[dict[str, pl.DataType]] = {
    "ts": pl.Int64(), **_CONTRACT, "value": pl.Int64(), "position": pl.Int64(), "cash": pl.Int64(),
    "state": pl.String(),
}
"""Columns of the raw settlements. `value` is 1e-6 dollar per contract, null where the contract was
voided; `position` is what was held and ended here, `cash` what it paid."""
EQUITY: Final[dict[str, pl.DataType]] = {
    "ts": pl.Int64(), "equity": pl.Int64(), "equity_gross": pl.Int64(), "cash": pl.Int64(),
    "locked": pl.Int64(),
}
"""Columns of the raw equity, sampled at its changes, in 1e-6 dollar; gross is without fees."""

_OPTIONAL: Final[dict[str, dict[str, pl.DataType]]] = {
    "fills": {
        "bid": pl.Float64(), "ask": pl.Float64(), "match_mid": pl.Float64(), "queue_before": pl.Float64(),
        "print_size": pl.Float64(),
    },
    "orders": dict.fromkeys((
        "fair", "fair_sd", "bid", "ask", "edge_gross_cents", "edge_fee_cents", "edge_adverse_selection_cents",
        "edge_uncertainty_cents", "edge_lock_up_cents", "edge_net_cents",
    ), pl.Float64()),
    "settlements": {"fee": pl.Int64()},
}


@dataclass(frozen=True, eq=False)
class ModeOutput:
    """Raw output of one replay in one fill mode, in exact units.

    Attributes
    ----------
    fills, orders, settlements, equity : polars.DataFrame
        Columns of :data:`FILLS`, :data:`ORDERS`, :data:`SETTLEMENTS` and :data:`EQUITY`, rows in the
        order of the replay. Fills may add `bid` and `ask` (dollars, at the fill), `match_mid` (mid of the
        matched contract in dollars), `queue_before` (contracts ahead just before the fill) and `print_size`
        (contracts of the print that filled it); orders may add `fair` and `fair_sd` (the fair
        value it was sent with and its standard deviation), `bid`, `ask` (dollars, at its end) and the parts of
        its edge (cents per contract, see :mod:`ntp.pricing.edge`); settlements may add `fee` (charged at settlement,
        negative where a void refunds what was charged).
    counters : Mapping
        `events`, `wakes` (int); `absent`, `refused`, `breaches` (name to count); `stamps` (list);
        `unpriced_samples` (samples of the equity in which something held had no price, and all).
    accounts : sequence of mappings
        Each account at the end, in 0.000001 of its currency: `venue`, `subaccount`, `shard`,
        `currency`, `counted` (whether the equity holds it), `start`, `cash`, `reserved` (part of the
        cash that orders lock), `positions` (their value), `fees`, `rebates` (estimated) and `pnl`.
    open_positions : sequence of mappings
        What was still held at the end: `contract`, `event`, `series`, `venue`, `position` (1e-6
        contract), `value` (1e-6 dollar) and `marked`: by the ``result`` already determined, the ``touch``
        at which it could leave, the ``last`` price, or at ``cost`` where there is no price at all.
    records, signals : polars.DataFrame, optional
        What the strategy recorded (`ts name value`) and signalled.
    """

    fills: pl.DataFrame
    orders: pl.DataFrame
    settlements: pl.DataFrame
    equity: pl.DataFrame
    counters: Mapping[str, Any] = field(default_factory=dict)
    accounts: Sequence[Mapping[str, Any]] = ()
    open_positions: Sequence[Mapping[str, Any]] = ()
    records: pl.DataFrame | None = None
    signals: pl.DataFrame | None = None

    def __post_init__(self) -> None:
        for name, schema in (
            ("fills", FILLS), ("orders", ORDERS), ("settlements", SETTLEMENTS), ("equity", EQUITY),
        ):
            _check_frame(name, getattr(self, name), schema, _OPTIONAL.get(name, {}))

    @classmethod
    def empty(cls) -> "ModeOutput":
        """Output of a replay in which nothing happened."""
        return cls(
            fills=pl.DataFrame(schema=FILLS), orders=pl.DataFrame(schema=ORDERS),
            settlements=pl.DataFrame(schema=SETTLEMENTS), equity=pl.DataFrame(schema=EQUITY),
        )

    @property
    def apart(self) -> tuple[str, ...]:
        """Venues whose accounts are in another currency than the equity."""
        return tuple(account["venue"] for account in self.accounts if not account["counted"])


def _check_frame(
    name: str, frame: pl.DataFrame, schema: Mapping[str, pl.DataType], optional: Mapping[str, pl.DataType]
) -> None:
    for column, kind in {**schema, **{key: kind for key, kind in optional.items() if key in frame}}.items():
        found = frame.schema.get(column)
        if found != kind:
            raise NtpError(
                f"expected column {column} of {name} to be {kind}, was {found or 'missing'}",
                code="mode_output", details={"frame": name, "column": column},
            )


@dataclass(frozen=True)
class StrategyInfo:
    """Identity of the strategy that ran; `parameters` are JSON values, defaults included."""

    name: str
    version: str
    code_hash: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class EngineInfo:
    """Settings of the engine, as texts a user could write."""

    version: str
    queue: str = "power:2"
    feed_latency: str = "0ns"
    order_latency: str = "0ns"
    seed: int = 0
    compiled: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DataInfo:
    """What was replayed.

    Attributes
    ----------
    sources : sequence of str
        Names of the data sets.
    start, end : int
        Range in ns UTC, end excluded.
    events, contracts : int
        Market events and contracts replayed.
    coverage : float, optional
        Share of the range in which the recording was sound, 0 to 1.
    content_hash : str
        Digest of the content.
    fidelity, tape : str
        The weakest of what was replayed.
    warnings : sequence of str
        For people, in the order of their weight.
    """

    sources: Sequence[str]
    start: int
    end: int
    events: int
    contracts: int
    coverage: float | None
    content_hash: str
    fidelity: str
    tape: str
    warnings: Sequence[str] = ()


@dataclass(frozen=True)
class Performance:
    """What the run cost: wall seconds, events per second of the mode shown, peak memory."""

    wall_s: float | None = None
    events_per_s: float | None = None
    peak_rss_mb: float | None = None


@dataclass(frozen=True)
class RunContext:
    """Everything about a run that is not the outcome of its replay.

    Attributes
    ----------
    run_id : str
        Identifier, unique in a workspace.
    created : int
        ns UTC, from the injected clock.
    capital : int
        0.000001 of `currency`.
    currency : str
        Of equity and capital: ``USD``, or play money where nothing else was traded.
    fill_mode : str
        The mode that the headline shows.
    waived : sequence of str
        Rules waived.
    trials : int
        Distinct things tried against this data, this one included; 0 where nobody counted.
    family_trials : int
        Those of this strategy, whatever its code and parameters were.
    trial_variance : float, optional
        Variance of the Sharpe ratios per event over all those trials.
    configuration : Mapping
        What else was asked for (contracts, allocation, range), JSON values; enters the manifest.
    environment : Mapping
        Fingerprint of interpreter, machine, installed libraries and our own code.
    status : str
        ``done``, or ``failed`` or ``interrupted`` where the run ended early.
    """

    run_id: str
    created: int
    strategy: StrategyInfo
    engine: EngineInfo
    data: DataInfo
    capital: int
    currency: str = USD
    fill_mode: str = "base"
    waived: Sequence[str] = ()
    stamps: Sequence[str] = ()
    warnings: Sequence[str] = ()
    trials: int = 0
    family_trials: int = 0
    trial_variance: float | None = None
    configuration: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str | None] = field(default_factory=dict)
    status: str = "done"
    performance: Performance = field(default_factory=Performance)
