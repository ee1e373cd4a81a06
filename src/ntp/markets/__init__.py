"""Contracts, ticks, fees, order rules, settlement and names of venues."""

from ntp.markets.amm import AmmTrade, Pool, is_amm
from ntp.markets.categories import category_of
from ntp.markets.collateral import (
    Leg,
    cash_change,
    convert_no,
    group_return,
    legs_of,
    order_reserve,
    void_refund,
)
from ntp.markets.complement import bid_of_no, complement, is_yes, to_yes
from ntp.markets.currencies import DOLLARS, MANA, PUSD, USD, currency_of
from ntp.markets.dated import changed
from ntp.markets.fee_model import FeeModel, FeeRounding, FeeStep, FillFee, Role, Side, fill_fee, model_fee
from ntp.markets.fees import VENUES, check_venue, fee_at, fee_steps
from ntp.markets.groups import OutcomeGroup, Relation, group_of
from ntp.markets.instrument import Instrument, InstrumentKind
from ntp.markets.kalshi_fees import FeeChange, fee_changes
from ntp.markets.named_contracts import named_contracts
from ntp.markets.probabilities import probability
from ntp.markets.rules import AmendPriority, OrderRules, SelfTrade, order_rules, rules_at
from ntp.markets.settlement import (
    Aggregation,
    Comparison,
    DayBoundary,
    Named,
    Observable,
    Observed,
    Scalar,
    SettlementSpec,
    State,
    Void,
    VoidBranch,
)
from ntp.markets.settlement_sources import asset_of_source, opening_of, settlement_of
from ntp.markets.symbols import (
    KalshiTicker,
    PolymarketSlug,
    canonical_kalshi,
    kalshi_aliases,
    parse_kalshi,
    parse_polymarket,
)
from ntp.markets.ticks import (
    TickGrid,
    grid_of,
    kalshi_price_ranges,
    kalshi_structure,
    polymarket_amounts,
    polymarket_grid,
)

__all__ = [
    "DOLLARS",
    "MANA",
    "PUSD",
    "USD",
    "VENUES",
    "Aggregation",
    "AmendPriority",
    "AmmTrade",
    "Comparison",
    "DayBoundary",
    "FeeChange",
    "FeeModel",
    "FeeRounding",
    "FeeStep",
    "FillFee",
    "Instrument",
    "InstrumentKind",
    "KalshiTicker",
    "Leg",
    "Named",
    "Observable",
    "Observed",
    "OrderRules",
    "OutcomeGroup",
    "PolymarketSlug",
    "Pool",
    "Relation",
    "Role",
    "Scalar",
    "SelfTrade",
    "SettlementSpec",
    "Side",
    "State",
    "TickGrid",
    "Void",
    "VoidBranch",
    "asset_of_source",
    "bid_of_no",
    "canonical_kalshi",
    "cash_change",
    "category_of",
    "changed",
    "check_venue",
    "complement",
    "convert_no",
    "currency_of",
    "fee_at",
    "fee_changes",
    "fee_steps",
    "fill_fee",
    "grid_of",
    "group_of",
    "group_return",
    "is_amm",
    "is_yes",
    "kalshi_aliases",
    "kalshi_price_ranges",
    "kalshi_structure",
    "legs_of",
    "model_fee",
    "named_contracts",
    "opening_of",
    "order_reserve",
    "order_rules",
    "parse_kalshi",
    "parse_polymarket",
    "polymarket_amounts",
    "polymarket_grid",
    "probability",
    "rules_at",
    "settlement_of",
    "to_yes",
    "void_refund",
]
