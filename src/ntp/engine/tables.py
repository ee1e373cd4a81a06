"""Tables of a replay: how large each begins, and what the context calls its count, its room and its place."""

from typing import Final

from ntp.engine import records as r

_RING: Final = 1 << 10
TABLES: Final = {
    "commands": (r.COMMAND, 1 << 10),
    "wakes": (r.WAKE_ROW, 1 << 10),
    "fills": (r.FILL, 1 << 12),
    "done": (r.DONE_ORDER, 1 << 12),
    "equity": (r.EQUITY, 1 << 12),
    "settlements": (r.SETTLEMENT, 1 << 10),
    "alarms": (r.ALARM, 1 << 12),
    "messages": (r.MESSAGE, _RING),
    "notices": (r.NOTICE, _RING),
    "orders": (r.ORDER, 1 << 10),
}
PLACES: Final = (
    "contracts", "accounts", "steps", "candles", "versions", "fifo", "params", "latencies", "dirty", "gate_counts",
    "matches",
)  # fmt: skip
RINGS: Final = (("messages", "message_head", "message_tail"), ("notices", "notice_head", "notice_tail"))
SHARE: Final = {"fills": 25, "done": 50}
"""Rows of a log to make room for, in percent of the rows replayed."""
CAPACITY: Final = {
    "fills": "fill_capacity",
    "done": "done_capacity",
    "equity": "equity_capacity",
    "wakes": "wake_capacity",
    "settlements": "settlement_capacity",
    "alarms": "alarm_capacity",
}
COUNT: Final = {
    "fills": "n_fills",
    "done": "n_done",
    "equity": "n_equity",
    "wakes": "n_wakes",
    "settlements": "n_settlements",
    "alarms": "n_alarms",
}
