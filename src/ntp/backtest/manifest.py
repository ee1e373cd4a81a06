"""Hashes of everything that went into a run and of what came out."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
import polars as pl

from ntp.backtest.results import RunContext
from ntp.core import sha256_json

_COLUMNS: Final = (
    "ts", "side", "price", "price_scale", "size", "fee", "rebate", "is_maker", "traded_through",
    "inferred", "wait_ns", "cash", "position",
)
"""Columns of a canonical fill. Order ids are left out: they number, they do not describe."""


@dataclass(frozen=True)
class Manifest:
    """What a run is made of.

    Attributes
    ----------
    inputs : Mapping
        JSON values of strategy, configuration, data and versions.
    outputs : Mapping
        `fills_hash` by fill mode.
    """

    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]

    @property
    def hash(self) -> str:
        """Digest of the inputs: equal for runs that must give equal results."""
        return sha256_json(self.inputs)

    @property
    def trial(self) -> str:
        """Digest of what was tried: the inputs but for what leaves the result of a fill mode as it is.

        That is with which versions it was tried, in which form the strategy ran, under which name the data goes,
        and which mode the headline shows.
        """
        aside = {"environment": None, "data": self.inputs["data"]["content_hash"]}
        engine = {**self.inputs["engine"], "version": None, "compiled": None}
        configuration = {**self.inputs["configuration"], "fill_mode": None}
        return sha256_json({**self.inputs, **aside, "engine": engine, "configuration": configuration})

    def fills_hash(self, mode: str) -> str:
        """Digest of the fills of a mode as they were when the run was made."""
        return str(self.outputs["fills_hash"][mode])

    def to_dict(self) -> dict[str, Any]:
        """JSON values, with the hash they should have."""
        return {"manifest_hash": self.hash, "inputs": dict(self.inputs), "outputs": dict(self.outputs)}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_dict` wrote."""
        return cls(document["inputs"], document["outputs"])


def manifest_inputs(context: RunContext) -> dict[str, Any]:
    """JSON values of everything that a run depends on."""
    strategy, engine, data = context.strategy, context.engine, context.data
    return {
        "schema": 1,
        "strategy": {
            "name": strategy.name, "version": strategy.version, "code_hash": strategy.code_hash,
            "parameters": dict(strategy.parameters),
        },
        "configuration": {
            **context.configuration,
            "capital": context.capital, "fill_mode": context.fill_mode, "waived": sorted(context.waived),
            "start": data.start, "end": data.end,
        },
        "engine": {
            **engine.settings,
            "version": engine.version, "queue": engine.queue, "feed_latency": engine.feed_latency,
            "order_latency": engine.order_latency, "compiled": engine.compiled,
        },
        "seeds": {"engine": engine.seed},
        "data": {"content_hash": data.content_hash, "sources": list(data.sources)},
        "environment": dict(context.environment),
    }


def manifest_of(context: RunContext, fills_hashes: Mapping[str, str]) -> Manifest:
    """Make the manifest of a run from its context and the digests of its fills by mode."""
    return Manifest(manifest_inputs(context), {"fills_hash": dict(fills_hashes)})


def fills_hash(fills: pl.DataFrame) -> str:
    """Digest of fills as canonical integer rows keyed by contract.

    Contracts come in order of their name: its length in bytes and the number of rows as 64-bit
    integers, the name in UTF-8, then the rows, sorted, each as little-endian 64-bit integers. So the
    digest depends neither on the order of contracts in a frame nor on how it is chunked.
    """
    ordered = fills.select("contract", *(pl.col(name).cast(pl.Int64) for name in _COLUMNS)).sort(
        "contract", *_COLUMNS
    )
    rows = np.ascontiguousarray(ordered.select(_COLUMNS).to_numpy(), dtype="<i8")
    counts = ordered.group_by("contract", maintain_order=True).len()
    ends = np.cumsum(counts["len"].to_numpy())
    return rows_hash(zip(counts["contract"].to_list(), np.split(rows, ends[:-1]), strict=False))


def rows_hash(parts: Iterable[tuple[str, npt.NDArray[np.int64]]]) -> str:
    """Digest of canonical fills: contracts in order of their name, each with its sorted rows."""
    digest = hashlib.sha256()
    for contract, rows in parts:
        name = contract.encode()
        digest.update(np.array([len(name), len(rows)], dtype="<i8").tobytes())
        digest.update(name)
        digest.update(rows.data)
    return "sha256:" + digest.hexdigest()
