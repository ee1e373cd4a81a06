"""Edge: what an order expects to earn per contract, what of it is lost on the way, and when it is enough."""

from ntp.pricing.edge.configured import edge_costs, entry_rule
from ntp.pricing.edge.entry import EntryRule, required_edge
from ntp.pricing.edge.fee import fee_per_contract, fees_per_contract
from ntp.pricing.edge.parts import (
    EdgeCosts,
    EdgeParts,
    adverse_selection,
    edge_columns,
    edge_parts,
    gross_edge,
    lock_up,
    model_uncertainty,
    net_edge,
)
from ntp.pricing.edge.size import size_factor, weighed_slope

__all__ = [
    "EdgeCosts",
    "EdgeParts",
    "EntryRule",
    "adverse_selection",
    "edge_columns",
    "edge_costs",
    "edge_parts",
    "entry_rule",
    "fee_per_contract",
    "fees_per_contract",
    "gross_edge",
    "lock_up",
    "model_uncertainty",
    "net_edge",
    "required_edge",
    "size_factor",
    "weighed_slope",
]
