"""Contracts, ticks, fees, order rules, settlement and names of venues."""

from ntp.markets.fee_model import FeeModel, FeeRounding, FeeStep, FillFee, Role, Side, fill_fee, model_fee
from ntp.markets.fees import fee_at, fee_steps
from ntp.markets.instrument import Instrument, InstrumentKind
from ntp.markets.kalshi_fees import FeeChange, fee_changes
from ntp.markets.rules import AmendPriority, OrderRules, SelfTrade, order_rules, rules_at
from ntp.markets.ticks import (
    TickGrid,
    grid_of,
    kalshi_price_ranges,
    kalshi_structure,
    polymarket_amounts,
    polymarket_grid,
)

__all__ = [
    "AmendPriority",
    "FeeChange",
    "FeeModel",
    "FeeRounding",
    "FeeStep",
    "FillFee",
    "Instrument",
    "InstrumentKind",
    "OrderRules",
    "Role",
    "SelfTrade",
    "Side",
    "TickGrid",
    "fee_at",
    "fee_changes",
    "fee_steps",
    "fill_fee",
    "grid_of",
    "kalshi_price_ranges",
    "kalshi_structure",
    "model_fee",
    "order_rules",
    "polymarket_amounts",
    "polymarket_grid",
    "rules_at",
]
