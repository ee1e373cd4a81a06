"""Quick replays of whole-column strategies: what all points of a sweep share is worked out once."""

from ntp.backtest.columns.quick import Quick, QuickPlayer, quick_player

__all__ = ["Quick", "QuickPlayer", "quick_player"]
