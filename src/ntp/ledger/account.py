"""Accounts: cash, reservations and holdings that only postings change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from ntp.core import RuleViolation, VerificationFailed
from ntp.ledger.events import (
    CashDeposited,
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
from ntp.ledger.holdings import Holdings
from ntp.markets import Role, Side

P = TypeVar("P", bound=Posting)


@dataclass(frozen=True, slots=True, order=True)
class AccountKey:
    """Name of an account; currencies are never added up.

    Attributes
    ----------
    venue : str
    subaccount : str
    shard : int
        Part of the venue that keeps a balance of its own.
    currency : str
        ``USD``, ``pUSD``, ``MANA``.
    """

    venue: str
    subaccount: str = ""
    shard: int = 0
    currency: str = "USD"


@dataclass(slots=True)
class Account:
    """Cash and holdings at one venue.

    Every change goes through :meth:`post` and stays in the journal, so that the books can be closed
    at any time from the journal alone.

    Attributes
    ----------
    key : AccountKey
        Its name.
    nets : bool
        Whether the venue nets YES and NO.
    start_cash : int
        Cash units at the beginning.
    """

    key: AccountKey
    nets: bool = True
    start_cash: int = 0
    cash: int = field(init=False)
    holdings: dict[str, Holdings] = field(init=False, default_factory=dict)
    reservations: dict[str, int] = field(init=False, default_factory=dict)
    journal: list[Posting] = field(init=False, default_factory=list)
    _settled: set[str] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self.cash = self.start_cash

    @property
    def reserved(self) -> int:
        """Cash units locked by orders."""
        return sum(self.reservations.values())

    @property
    def available(self) -> int:
        """Cash units that are free."""
        return self.cash - self.reserved

    def of(self, contract: str) -> Holdings:
        """Return the holdings of a contract, empty if there are none."""
        return self.holdings.get(contract) or Holdings(self.nets)

    def equity(self, marks: Mapping[str, int]) -> int:
        """Cash plus holdings at marks (value of YES in price units by contract), in cash units."""
        held = ((name, h) for name, h in self.holdings.items() if not h.flat)
        return self.cash + sum(h.payout(marks[name]) for name, h in held)

    def reserve(self, order: str, amount: int, *, ts: int = 0) -> OrderReserved:
        """Lock cash for an order.

        Raises
        ------
        RuleViolation
            Code ``insufficient_funds`` if less is free.
        """
        if amount > self.available:
            raise RuleViolation(
                f"expected at least {amount} cash units free for order {order}, was {self.available}",
                code="insufficient_funds",
            )
        return self._post(OrderReserved(ts=ts, order=order, amount=amount))

    def release(self, order: str, *, ts: int = 0) -> ReservationReleased:
        """Free what an order still has locked."""
        return self._post(ReservationReleased(ts=ts, order=order))

    def fill(
        self,
        contract: str,
        side: Side,
        price: int,
        size: int,
        fee: int,
        *,
        role: Role = Role.TAKER,
        order: str = "",
        released: int = 0,
        hold_both: bool = False,
        ts: int = 0,
    ) -> FillBooked:
        """Book a fill stated in YES terms; see :class:`FillBooked`.

        With `hold_both`, on a venue that does not net, a sell buys NO even while YES is held.
        """
        held = self.of(contract)
        yes, no = held.change(side, size, hold_both=hold_both)
        return self._post(
            FillBooked(
                ts=ts,
                contract=contract,
                side=side,
                price=price,
                size=size,
                fee=fee,
                yes=yes,
                no=no,
                proceeds=held.proceeds(side, price, size, hold_both=hold_both),
                role=role,
                order=order,
                released=released,
            )
        )

    def settle(self, contract: str, value: int, *, ts: int = 0) -> SettlementPaid:
        """Pay a contract's holdings at its value in price units."""
        held = self.of(contract)
        return self._post(
            SettlementPaid(
                ts=ts,
                contract=contract,
                value=value,
                yes=held.yes,
                no=held.no,
                amount=held.payout(value),
            )
        )

    def void(self, contract: str, *, ts: int = 0) -> VoidRefunded:
        """Give back what a contract's fills cost, fees included, whatever is held of it now."""
        held = self.of(contract)
        return self._post(VoidRefunded(ts=ts, contract=contract, yes=held.yes, no=held.no, amount=held.paid))

    def merge(self, contract: str, size: int, *, ts: int = 0) -> PairsMerged:
        """Turn pairs of YES and NO into cash."""
        return self._post(PairsMerged(ts=ts, contract=contract, size=size))

    def split(self, contract: str, size: int, *, ts: int = 0) -> PairsSplit:
        """Turn cash into pairs of YES and NO."""
        return self._post(PairsSplit(ts=ts, contract=contract, size=size))

    def convert(
        self, given: tuple[str, ...], gained: tuple[str, ...], size: int, *, ts: int = 0
    ) -> NoConverted:
        """Turn NO of exclusive outcomes into cash and YES of the others."""
        return self._post(NoConverted(ts=ts, given=given, gained=gained, size=size))

    def deposit(self, amount: int, *, ts: int = 0) -> CashDeposited:
        """Add cash."""
        return self._post(CashDeposited(ts=ts, amount=amount))

    def credit_rebate(self, amount: int, *, contract: str = "", ts: int = 0) -> RebateCredited:
        """Add a rebate from the venue's pool."""
        return self._post(RebateCredited(ts=ts, amount=amount, contract=contract))

    def _post(self, posting: P) -> P:
        self.post(posting)
        return posting

    def post(self, posting: Posting) -> None:
        """Apply a posting and keep it.

        Raises
        ------
        VerificationFailed
            If it gives up more than is held, settles a contract twice or frees more than is locked.
        """
        match posting:
            case OrderReserved():
                self.reservations[posting.order] = self.reservations.get(posting.order, 0) + posting.amount
            case ReservationReleased():
                self.reservations.pop(posting.order, None)
            case FillBooked():
                self._move(posting.contract, posting.yes, posting.no, -posting.cash)
                self._free(posting.order, posting.released)
            case SettlementPaid() | VoidRefunded():
                self._close(posting)
            case PairsMerged():
                self._move(posting.contract, -posting.size, -posting.size, -posting.cash)
            case PairsSplit():
                self._move(posting.contract, posting.size, posting.size, -posting.cash)
            case NoConverted():
                for name in posting.given:
                    self._move(name, 0, -posting.size, 0)
                for name in posting.gained:
                    self._move(name, posting.size, 0, 0)
        self.cash += posting.cash
        self.journal.append(posting)

    def _close(self, posting: SettlementPaid | VoidRefunded) -> None:
        if posting.contract in self._settled:
            raise VerificationFailed(
                f"expected one settlement of {posting.contract}, was a second one", code="settled_twice"
            )
        self._move(posting.contract, -posting.yes, -posting.no, -posting.cash)
        if not self.of(posting.contract).flat:
            raise VerificationFailed(
                f"expected all of {posting.contract} to be settled, was a part", code="holdings"
            )
        self._settled.add(posting.contract)

    def _move(self, contract: str, yes: int, no: int, paid: int) -> None:
        held = self.holdings.setdefault(contract, Holdings(self.nets))
        held.move(yes, no)
        held.paid += paid

    def _free(self, order: str, amount: int) -> None:
        if not amount:
            return
        left = self.reservations.get(order, 0) - amount
        if left < 0:
            raise VerificationFailed(
                f"expected order {order} to have {amount} reserved, was {left + amount}", code="reservation"
            )
        self.reservations[order] = left

    def check_balance(self) -> None:
        """Close the books from the journal alone.

        Raises
        ------
        VerificationFailed
            If start cash and all movements do not make the cash, the holdings do not follow from
            the postings, netted contracts are held on both sides, or more is locked than there is.
        """
        again = Account(self.key, self.nets, self.start_cash)
        for posting in self.journal:
            again.post(posting)
        differences: dict[str, tuple[object, object]] = {
            name: (expected, found)
            for name, expected, found in (
                ("cash", self.start_cash + sum(p.cash for p in self.journal), self.cash),
                ("holdings", _quantities(again.holdings), _quantities(self.holdings)),
                ("reservations", again.reserved, self.reserved),
                ("both sides held", [], self._both_sides()),
                ("overdrawn", 0, min(self.available, 0)),
            )
            if expected != found
        }
        if differences:
            what, (expected, found) = next(iter(differences.items()))
            raise VerificationFailed(
                f"expected {what} of {self.key.venue} to be {expected}, was {found}",
                code="books",
                details={name: [str(value) for value in pair] for name, pair in differences.items()},
            )

    def _both_sides(self) -> list[str]:
        return [name for name, h in self.holdings.items() if h.nets and h.yes and h.no]


def _quantities(holdings: Mapping[str, Holdings]) -> dict[str, tuple[int, int, int]]:
    return {name: (h.yes, h.no, h.paid) for name, h in sorted(holdings.items())}
