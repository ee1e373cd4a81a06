"""Quick replays of whole-column strategies: what all points of a sweep share is worked out once."""

from ntp.backtest.columns.figures import Figures, figures_hash, figures_metrics
from ntp.backtest.columns.quick import Quick, QuickPlayer, in_memory, quick_player, quickly

__all__ = ["Figures", "Quick", "QuickPlayer", "figures_hash", "figures_metrics", "in_memory", "quick_player", "quickly"]
