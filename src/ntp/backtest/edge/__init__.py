"""Edge of a run: where it goes, order by order, and whether what was predicted came."""

from ntp.backtest.edge.decompose import EDGE, with_edges
from ntp.backtest.edge.markets import KEY_METRICS, market_rows
from ntp.backtest.edge.outcome import EdgeOutcome, edge_document, edge_outcome
from ntp.backtest.edge.scaled import scaled_weeks

__all__ = [
    "EDGE", "KEY_METRICS", "EdgeOutcome", "edge_document", "edge_outcome", "market_rows", "scaled_weeks", "with_edges",
]  # fmt: skip
