"""How far a curve fell below its highest value so far."""

import numpy as np
from numpy.typing import NDArray


def drawdowns(equity: NDArray[np.float64], opening: float) -> NDArray[np.float64]:
    """Fall below the running peak as a fraction of that peak, zero or negative.

    Parameters
    ----------
    equity : array of float64
        The curve.
    opening : float
        Its value before the first sample; positive, and the first peak.
    """
    peaks = np.maximum(np.maximum.accumulate(equity), opening)
    falls: NDArray[np.float64] = (equity - peaks) / peaks
    return falls


def max_drawdown(equity: NDArray[np.float64], opening: float) -> float:
    """Deepest fall below the running peak as a fraction of that peak, zero or negative."""
    return float(np.min(drawdowns(equity, opening))) if len(equity) else 0.0
