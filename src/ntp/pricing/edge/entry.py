"""When an edge is large enough to enter."""

from dataclasses import dataclass
from typing import Final

from ntp.core import ConfigError, suggest
from ntp.pricing.edge.parts import EdgeParts

SCALES: Final = ("flat", "variance")
_SLACK: Final = 5e-7


def required_edge(threshold: float, scaled: int, price: float) -> float:
    """Dollars per contract that the edge must reach at a price; `scaled` 1: in proportion to p(1 - p).

    Plain arithmetic, so that the compiled engine may call it.
    """
    return threshold * 4.0 * price * (1.0 - price) if scaled == 1 else threshold


@dataclass(frozen=True, slots=True)
class EntryRule:
    """Trade the mispriced side only where its edge reaches a threshold and something is left of it after costs.

    Parameters
    ----------
    threshold : float
        Dollars per contract of edge before costs.
    scale : str
        ``flat``: the same at all prices; ``variance``: times 4p(1 - p), the whole threshold at 50 cents and less
        towards 0 and 1, where a result is nearer to certain.

    Raises
    ------
    ConfigError
        ``bad_edge``.

    Examples
    --------
    >>> from ntp.pricing import EntryRule, edge_parts
    >>> rule = EntryRule()
    >>> rule.admits(edge_parts(1, 0.56, 0.50, 0.0044), 0.50), rule.admits(edge_parts(1, 0.54, 0.50, 0.0044), 0.50)
    (True, False)
    >>> round(EntryRule(scale="variance").required(0.10), 6)
    0.018
    """

    threshold: float = 0.05
    scale: str = "flat"

    def __post_init__(self) -> None:
        if not 0.0 <= self.threshold < 1.0:
            raise ConfigError(f"expected a threshold from 0 to below 1 dollar, was {self.threshold!r}", code="bad_edge")
        if self.scale not in SCALES:
            raise ConfigError(
                f"expected flat or variance as scale of the threshold, was {self.scale!r}", code="bad_edge",
                hint=suggest(str(self.scale), SCALES),
            )

    def required(self, price: float) -> float:
        """Dollars per contract that the edge must reach at a price."""
        return required_edge(self.threshold, 1 if self.scale == "variance" else 0, price)

    def admits(self, parts: EdgeParts[float], price: float) -> bool:
        """Whether an order with this edge may enter at this price; an unknown edge may not."""
        return self.passes(parts.gross, parts.net, price)

    def passes(self, gross: float, net: float, price: float) -> bool:
        """Whether an edge before and after costs is enough at a price."""
        return gross + _SLACK >= self.required(price) and net > 0.0
