"""Checks of lives: coverage, rows that stop before the close, results that are missing or told too early."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

import polars as pl

from ntp.core import MINUTE
from ntp.data.quality.report import Finding, Severity, in_words
from ntp.data.schema import Kind
from ntp.markets.instrument import Instrument, InstrumentKind

_EARLY: Final = 2 * MINUTE
_EARLY_SHARE: Final = 0.1
_LATE: Final = MINUTE
_MARKET_DATA: Final = (Kind.BOOK, Kind.QUOTE, Kind.TRADE, Kind.CANDLE)


def spans(frames: Mapping[Kind, pl.DataFrame]) -> dict[str, tuple[int, int]]:
    """First and last market row of each symbol."""
    parts = [frames[kind].select("symbol", "ts_event") for kind in _MARKET_DATA if kind in frames]
    if not parts:
        return {}
    both = (
        pl.concat(parts)
        .group_by("symbol")
        .agg(pl.col("ts_event").min().alias("first"), pl.col("ts_event").max().alias("last"))
    )
    return {name: (first, last) for name, first, last in both.iter_rows()}


class Life(Protocol):
    """From when to when something was traded: an instrument, or a part of its life."""

    @property
    def symbol(self) -> str:
        """Its name."""
        ...

    @property
    def open_time(self) -> int | None:
        """First moment in nanoseconds UTC."""
        ...

    @property
    def close_time(self) -> int | None:
        """Last moment in nanoseconds UTC."""
        ...


def life_coverage(
    frames: Mapping[Kind, pl.DataFrame],
    lives: Iterable[Life],
    seen: Mapping[str, tuple[int, int]],
) -> dict[str, float]:
    """Measure the recorded part of each life whose open and close are known.

    Where lifecycle rows say that a recording broke off (halted) and went on (open), the time between
    does not count; otherwise the time from the first to the last row counts.
    """
    breaks = _recorded(frames.get(Kind.LIFECYCLE))
    result = {}
    for item in lives:
        if item.symbol not in seen or item.open_time is None or item.close_time is None:
            continue
        life = item.close_time - item.open_time
        if life <= 0:
            continue
        stretches = breaks.get(item.symbol) or [seen[item.symbol]]
        inside = sum(
            max(0, min(end, item.close_time) - max(start, item.open_time)) for start, end in stretches
        )
        result[item.symbol] = min(1.0, inside / life)
    return result


def _recorded(lifecycle: pl.DataFrame | None) -> dict[str, list[tuple[int, int]]]:
    """Stretches from open to halted or closed, of contracts that were halted at least once."""
    if lifecycle is None:
        return {}
    result: dict[str, list[tuple[int, int]]] = {}
    halted = lifecycle.filter(pl.col("state") == "halted")["symbol"].unique()
    since: dict[str, int] = {}
    rows = lifecycle.filter(pl.col("symbol").is_in(halted.to_list())).sort("ts_event", maintain_order=True)
    for ts, symbol, state in rows.select("ts_event", "symbol", "state").iter_rows():
        if state == "open":
            since.setdefault(symbol, ts)
        elif state in ("halted", "closed") and symbol in since:
            result.setdefault(symbol, []).append((since.pop(symbol), ts))
    return result


def check_ends(
    frames: Mapping[Kind, pl.DataFrame],
    instruments: Sequence[Instrument],
    seen: Mapping[str, tuple[int, int]],
) -> list[Finding]:
    """Contracts without a result, and contracts whose rows stop well before the close."""
    settled = set(frames[Kind.SETTLEMENT]["symbol"]) if Kind.SETTLEMENT in frames else set()
    found = []
    newest = {item.symbol: item for item in instruments if item.kind is InstrumentKind.CONTRACT}
    for name, item in sorted(newest.items()):
        if name not in seen:
            continue
        first, last = seen[name]
        if name not in settled:
            found.append(
                Finding(
                    check="no_settlement",
                    severity=Severity.INFO,
                    contract=name,
                    start=first,
                    end=last,
                    count=1,
                    penalty=0.1,
                    message="no result recorded: positions held to the end cannot be valued",
                )
            )
        if item.close_time is None:
            continue
        missing = item.close_time - last
        life = item.close_time - (item.open_time if item.open_time is not None else first)
        if missing > _EARLY and life > 0 and missing > _EARLY_SHARE * life:
            found.append(
                Finding(
                    check="stops_early",
                    severity=Severity.INFO,
                    contract=name,
                    start=last,
                    end=item.close_time,
                    count=1,
                    penalty=0.2 * min(1.0, missing / life),
                    message=f"rows stop {in_words(missing)} before the close",
                )
            )
    return found


def check_after_result(frames: Mapping[Kind, pl.DataFrame]) -> list[Finding]:
    """Market rows of a contract more than a minute after its first result was told: one of both times is wrong."""
    if Kind.SETTLEMENT not in frames:
        return []
    told = frames[Kind.SETTLEMENT].group_by("symbol").agg(told=pl.col("ts_event").min())
    parts = [frames[kind].select("symbol", "ts_event") for kind in _MARKET_DATA if kind in frames]
    if not parts:
        return []
    late = (
        pl.concat([part.join(told, on="symbol").filter(pl.col("ts_event") > pl.col("told") + _LATE) for part in parts])
        .group_by("symbol").agg(
            count=pl.len(), told=pl.col("told").first(), start=pl.col("ts_event").min(), end=pl.col("ts_event").max()
        ).sort("symbol")
    )  # fmt: skip
    return [
        Finding(
            check="after_result",
            severity=Severity.WARNING,
            contract=row["symbol"],
            start=row["start"],
            end=row["end"],
            count=row["count"],
            penalty=0.3,
            message=(
                f"expected nothing to be quoted or traded after the result, {row['count']} rows come up to "
                f"{in_words(row['end'] - row['told'])} later: the result was not known yet, or the clocks differ"
            ),
        )
        for row in late.to_dicts()
    ]
