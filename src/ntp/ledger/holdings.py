"""Holdings of one contract: YES and NO, netted by the venue or held side by side."""

from dataclasses import dataclass

from ntp.core import PRICE_ONE, VerificationFailed
from ntp.markets import Side, cash_change, legs_of


@dataclass(slots=True)
class Holdings:
    """Quantities of one contract and what they cost.

    Attributes
    ----------
    nets : bool
        Whether YES and NO cancel out by themselves.
    yes, no : int
        In 0.000001 contract; with netting at most one of them is not zero.
    paid : int
        Cash units paid for the contract so far less what came back, fees included: what a void
        refunds.
    """

    nets: bool = True
    yes: int = 0
    no: int = 0
    paid: int = 0

    @property
    def position(self) -> int:
        """Signed position: YES less NO."""
        return self.yes - self.no

    @property
    def flat(self) -> bool:
        """Whether nothing is held."""
        return not self.yes and not self.no

    def change(self, side: Side, size: int, *, hold_both: bool = False) -> tuple[int, int]:
        """Change of (yes, no) by a fill on the YES book.

        What is held of the other outcome is given up first. With `hold_both`, on a venue that does
        not net, the bought outcome is added instead: a buy adds YES, a sell adds NO.
        """
        if hold_both and not self.nets:
            return (size, 0) if side is Side.BUY else (0, size)
        yes = no = 0
        for leg in legs_of(side, 0, size, yes=self.yes, no=self.no):
            if leg.outcome == "YES":
                yes += leg.side * leg.size
            else:
                no += leg.side * leg.size
        return yes, no

    def proceeds(self, side: Side, price: int, size: int, *, hold_both: bool = False) -> int:
        """Cash of a fill before its fee, in cash units, rounded down once."""
        if hold_both and not self.nets:
            return cash_change(side, price, size)
        return cash_change(side, price, size, yes=self.yes, no=self.no)

    def move(self, yes: int, no: int) -> None:
        """Apply a change.

        Raises
        ------
        VerificationFailed
            If more would be given up than is held.
        """
        if self.yes + yes < 0 or self.no + no < 0:
            raise VerificationFailed(
                f"expected holdings to cover the change ({yes}, {no}), was ({self.yes}, {self.no})",
                code="holdings",
            )
        self.yes += yes
        self.no += no

    def payout(self, value: int) -> int:
        """Cash units that the holdings pay at a value of YES in price units, rounded down once."""
        return payout(self.yes, self.no, value)


def payout(yes: int, no: int, value: int) -> int:
    """Cash units that (yes, no) pay at a value of YES in price units, rounded down once."""
    return (yes * value + no * (PRICE_ONE - value)) // PRICE_ONE
