"""Outcome: what one point of a sweep gave, in numbers small enough to keep by the thousand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from typing import Any

from ntp.backtest.metrics import Value
from ntp.backtest.validation.event_blocks import BlockSums
from ntp.statistics import ReturnMoments


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the replay of one point gave.

    Attributes
    ----------
    metrics : Mapping
        Values of all metrics; empty where the strategy failed.
    reasons : Mapping of str to str
        Why a metric is None.
    moments : ReturnMoments, optional
        Of the returns per event, with which the deflated Sharpe ratio follows the number of trials.
    blocks : pair of sequences, optional
        What it gained by block of events, with which the probability of over-fitting follows the number of points.
    fills_hash : str
        Digest of its fills.
    stamps : tuple of str
        What weakens it.
    error : str
        Why the strategy failed; empty if it did not.
    lost : bool
        Whether it took its workers down: then it is tried again the next time.
    """

    metrics: Mapping[str, Value]
    reasons: Mapping[str, str] = field(default_factory=dict)
    moments: ReturnMoments | None = None
    fills_hash: str = ""
    stamps: tuple[str, ...] = ()
    error: str = ""
    lost: bool = False
    blocks: BlockSums | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "metrics": dict(self.metrics), "reasons": dict(self.reasons), "fills_hash": self.fills_hash,
            "moments": None if self.moments is None else astuple(self.moments),
            "stamps": list(self.stamps), "error": self.error, "blocks": self.blocks,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Outcome:
        """Read what :meth:`to_dict` wrote."""
        moments = document["moments"]
        return cls(
            document["metrics"], document["reasons"], None if moments is None else ReturnMoments(*moments),
            document["fills_hash"], tuple(document["stamps"]), document["error"],
            blocks=document.get("blocks"),
        )
