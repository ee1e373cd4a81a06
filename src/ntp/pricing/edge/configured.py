"""Costs and entry rule as the section ``[edge]`` of ``ntp.toml`` states them."""

from ntp.core import SECOND, parse_duration
from ntp.core.config import EdgeConfig
from ntp.pricing.edge.entry import EntryRule
from ntp.pricing.edge.parts import EdgeCosts


def edge_costs(config: EdgeConfig) -> EdgeCosts:
    """Costs of an edge as configured."""
    return EdgeCosts(
        adverse_selection=config.adverse_selection, uncertainty=config.uncertainty, lock_up_rate=config.lock_up_rate,
        unknown_settlement_s=parse_duration(config.unknown_settlement) / SECOND, smallest_fill=config.smallest_fill,
    )


def entry_rule(config: EdgeConfig) -> EntryRule:
    """Entry rule as configured."""
    return EntryRule(config.threshold, config.scale)
