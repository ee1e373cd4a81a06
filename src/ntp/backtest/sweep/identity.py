"""Identity: the manifest hash of each point, the same that a run of its own would have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from ntp.backtest.manifest import Manifest, manifest_inputs
from ntp.backtest.results import RunContext
from ntp.core import sha256_bytes, sha256_json
from ntp.core.hashing import canonical_json
from ntp.strategy.params import Value

_PLACE: Final = "@parameters@"


class Identity:
    """Hashes points of one sweep.

    All but the parameters is the same for all of them, and is put into words once.

    Parameters
    ----------
    context : RunContext
        Of any run of the sweep.
    base : Mapping
        Values of all parameters; a point replaces those that vary.
    """

    def __init__(self, context: RunContext, base: Mapping[str, Value]) -> None:
        self._inputs = manifest_inputs(context)
        self._base = dict(base)
        open_text = canonical_json(self._with(_PLACE))
        self._before, _, self._after = open_text.partition(json.dumps(_PLACE))

    def _with(self, parameters: Any) -> dict[str, Any]:
        return {**self._inputs, "strategy": {**self._inputs["strategy"], "parameters": parameters}}

    def key(self, values: Mapping[str, Value]) -> str:
        """Manifest hash of a point."""
        return sha256_bytes(f"{self._before}{canonical_json({**self._base, **values})}{self._after}".encode())

    def trial(self, values: Mapping[str, Value]) -> str:
        """Digest of what is tried at a point, as the ledger of trials counts it."""
        return Manifest(self._with({**self._base, **values}), {}).trial

    def of_sweep(self, question: Mapping[str, Any]) -> str:
        """Digest of a whole sweep: its inputs without the parameters, and what is asked."""
        return sha256_json({"inputs": self._with(_PLACE), "base": self._base, "question": dict(question)})
