"""Fair value: a float that also says how sure it is and what moves it."""

from __future__ import annotations


class FairValue(float):
    """What YES is worth, in dollars, with what is known about it.

    It is a float in every way; arithmetic gives plain floats.

    Parameters
    ----------
    value : float
        Dollars of YES, 0 to 1.
    told : sequence of float
        Value, standard deviation, delta, vega, theta and age, see the attributes.
    """

    __slots__ = ("told",)
    told: tuple[float, ...]
    """Value of the engine, standard deviation, delta, vega, theta and age."""

    def __new__(cls, value: float, told: tuple[float, ...]) -> FairValue:  # noqa: D102 - the class says it
        made = float.__new__(cls, value)
        made.told = told
        return made

    def __getnewargs__(self) -> tuple[float, tuple[float, ...]]:  # type: ignore[override]
        return float(self), self.told

    @property
    def sd(self) -> float:
        """Standard deviation from what is not known of volatility and basis; not the risk of the result."""
        return self.told[1]

    @property
    def low(self) -> float:
        """One standard deviation below, at least 0."""
        return max(float(self) - self.told[1], 0.0)

    @property
    def high(self) -> float:
        """One standard deviation above, at most 1."""
        return min(float(self) + self.told[1], 1.0)

    @property
    def delta(self) -> float:
        """Change per dollar of the underlying."""
        return self.told[2]

    @property
    def vega(self) -> float:
        """Change per 1.00 of annual volatility."""
        return self.told[3]

    @property
    def theta(self) -> float:
        """Change per year that passes."""
        return self.told[4]

    @property
    def age(self) -> float:
        """Seconds since the spot it rests on."""
        return self.told[5]


__all__ = ["FairValue"]
