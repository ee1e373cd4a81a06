"""Recordings of real venues in the layouts they were published in, read as unified events."""

from pathlib import Path
from typing import Final

from ntp.data.recorded.archive_both import ARCHIVE
from ntp.data.recorded.archive_kalshi import ARCHIVE_KALSHI
from ntp.data.recorded.archive_polymarket import ARCHIVE_POLYMARKET
from ntp.data.recorded.assets import ASSET_CANDLES
from ntp.data.recorded.kalshi_candles import MENTION_CANDLES, TEMPERATURE_CANDLES, TRADE_CANDLES
from ntp.data.recorded.kalshi_crypto import KALSHI_CRYPTO
from ntp.data.recorded.kalshi_daily_high import KALSHI_DAILY_HIGH
from ntp.data.recorded.kalshi_l2 import KALSHI_L2
from ntp.data.recorded.kalshi_settlements import KALSHI_SETTLEMENTS
from ntp.data.recorded.kalshi_worldcup import KALSHI_WORLDCUP
from ntp.data.recorded.part import RecordedPart
from ntp.data.recorded.polymarket_l5 import POLYMARKET_L5
from ntp.data.recorded.polymarket_updown import POLYMARKET_POLLED, POLYMARKET_SETTLEMENT
from ntp.data.recorded.polymarket_us import POLYMARKET_US
from ntp.data.recorded.recorded_set import RecordedSet, first_match

RECORDED_SETS: Final = (
    KALSHI_L2,
    KALSHI_DAILY_HIGH,
    KALSHI_CRYPTO,
    TEMPERATURE_CANDLES,
    MENTION_CANDLES,
    KALSHI_WORLDCUP,
    KALSHI_SETTLEMENTS,
    TRADE_CANDLES,
    POLYMARKET_L5,
    POLYMARKET_US,
    POLYMARKET_SETTLEMENT,
    POLYMARKET_POLLED,
    ARCHIVE,
    ARCHIVE_KALSHI,
    ARCHIVE_POLYMARKET,
    ASSET_CANDLES,
)
"""Known layouts; where two match, the earlier one is meant."""


def detect(path: Path) -> RecordedSet | None:
    """Recognise a recorded set by the columns of its files.

    Parameters
    ----------
    path : Path
        A folder, or one file of it.

    Returns
    -------
    RecordedSet or None
        The layout, None if the files are of no known one.
    """
    return first_match(RECORDED_SETS, path)


__all__ = ["RECORDED_SETS", "RecordedPart", "RecordedSet", "detect"]
