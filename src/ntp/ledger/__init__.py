"""Accounts, holdings, reservations and the audit that closes the books."""

from ntp.ledger.account import Account, AccountKey
from ntp.ledger.audit import Audit, FillRow, SettlementRow, audit
from ntp.ledger.events import (
    CashDeposited,
    CashWithdrawn,
    FillBooked,
    NoConverted,
    OrderReserved,
    PairsMerged,
    PairsSplit,
    Posting,
    RebateCredited,
    ReservationReleased,
    SettlementPaid,
    VoidRefunded,
)
from ntp.ledger.holdings import Holdings, payout

__all__ = [
    "Account",
    "AccountKey",
    "Audit",
    "CashDeposited",
    "CashWithdrawn",
    "FillBooked",
    "FillRow",
    "Holdings",
    "NoConverted",
    "OrderReserved",
    "PairsMerged",
    "PairsSplit",
    "Posting",
    "RebateCredited",
    "ReservationReleased",
    "SettlementPaid",
    "SettlementRow",
    "VoidRefunded",
    "audit",
    "payout",
]
