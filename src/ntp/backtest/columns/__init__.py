"""Quick replays of whole-column strategies: what all points of a sweep share is worked out once."""

from ntp.backtest.columns.figures import Figures, figures_metrics
from ntp.backtest.columns.quick import Asked, Planned, Quick, QuickPlayer, in_memory, quick_player, quickly

__all__ = [
    "Asked",
    "Figures",
    "Planned",
    "Quick",
    "QuickPlayer",
    "figures_metrics",
    "in_memory",
    "quick_player",
    "quickly",
]
