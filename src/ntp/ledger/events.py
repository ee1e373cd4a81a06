"""What happened to an account, as immutable postings in the past tense.

Every amount is an integer: cash in 0.000001 of the account's currency, sizes in 0.000001 contract,
prices in 0.0001. A posting states what it did to cash; nothing else moves cash.
"""

from dataclasses import dataclass

from ntp.markets import Role, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """Base of all postings.

    Attributes
    ----------
    ts : int
        Nanoseconds UTC.
    """

    ts: int = 0

    @property
    def cash(self) -> int:
        """Cash units that it moved into the account; negative out of it."""
        return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CashDeposited(Posting):
    """Money came in."""

    amount: int

    @property
    def cash(self) -> int:
        """Cash units that it moved into the account."""
        return self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class CashWithdrawn(Posting):
    """Money went out."""

    amount: int

    @property
    def cash(self) -> int:
        """Cash units that it moved into the account."""
        return -self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReserved(Posting):
    """An order locked cash; it is still the account's, but not free."""

    order: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationReleased(Posting):
    """What an order still had locked became free."""

    order: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FillBooked(Posting):
    """A fill moved contracts and cash.

    Attributes
    ----------
    contract : str
        Contract concerned.
    side : Side
        On the YES book.
    price, size : int
        Of YES; size in 0.000001 contract.
    fee : int
        Cash units charged, negative if paid out.
    yes, no : int
        Change of the holdings.
    proceeds : int
        Cash before the fee: negative where it was paid.
    role : Role
        Taker or maker.
    order : str
        Order it belongs to; its reservation shrinks by `released`.
    released : int
        Part of the order's reservation that became free.
    """

    contract: str
    side: Side
    price: int
    size: int
    fee: int
    yes: int
    no: int
    proceeds: int
    role: Role = Role.TAKER
    order: str = ""
    released: int = 0

    @property
    def cash(self) -> int:
        """Cash units that it moved into the account."""
        return self.proceeds - self.fee


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementPaid(Posting):
    """A contract was settled: its holdings are gone, their payout came.

    Attributes
    ----------
    contract : str
        Contract concerned.
    value : int
        Payout per YES in price units, 0 to 10000.
    yes, no : int
        Holdings that were settled.
    amount : int
        Cash units paid.
    """

    contract: str
    value: int
    yes: int
    no: int
    amount: int

    @property
    def cash(self) -> int:
        """Cash units that it moved into the account."""
        return self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidRefunded(Posting):
    """A contract was voided: what its fills cost and the fees came back."""

    contract: str
    yes: int
    no: int
    amount: int

    @property
    def cash(self) -> int:
        """Cash units that it moved into the account."""
        return self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class RebateCredited(Posting):
    """A venue paid a rebate from its pool."""

    amount: int
    contract: str = ""

    @property
    def cash(self) -> int:
        """Cash units that it moved into the account."""
        return self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class PairsMerged(Posting):
    """YES and NO of one contract became one dollar each pair."""

    contract: str
    size: int

    @property
    def cash(self) -> int:
        """Cash units that it moved into the account."""
        return self.size


@dataclass(frozen=True, slots=True, kw_only=True)
class PairsSplit(Posting):
    """One dollar each became YES and NO of one contract."""

    contract: str
    size: int

    @property
    def cash(self) -> int:
        """Cash units that it moved into the account."""
        return -self.size


@dataclass(frozen=True, slots=True, kw_only=True)
class NoConverted(Posting):
    """NO of several exclusive outcomes became cash and YES of the others.

    Attributes
    ----------
    given : tuple of str
        Contracts whose NO was given up.
    gained : tuple of str
        Contracts whose YES was gained.
    size : int
        Size of each.
    """

    given: tuple[str, ...]
    gained: tuple[str, ...]
    size: int

    @property
    def cash(self) -> int:
        """Cash units that it moved into the account."""
        return (len(self.given) - 1) * self.size
