"""The whole public trade archive: both venues below one folder."""

from collections.abc import Iterator
from typing import Final

from ntp.data.recorded.archive_kalshi import ARCHIVE_KALSHI
from ntp.data.recorded.archive_polymarket import ARCHIVE_POLYMARKET
from ntp.data.recorded.part import Located, RecordedPart
from ntp.data.recorded.recorded_set import RecordedSet

_KALSHI: Final = "kalshi_"
_POLYMARKET: Final = "polymarket_"


def read(located: Located) -> Iterator[RecordedPart]:
    """Yield the parts of both venues."""
    for prefix, half in ((_KALSHI, ARCHIVE_KALSHI), (_POLYMARKET, ARCHIVE_POLYMARKET)):
        tables = {
            role.removeprefix(prefix): files
            for role, files in located.tables.items()
            if role.startswith(prefix)
        }
        yield from half.reader(Located(located.folder, tables))


ARCHIVE: Final = RecordedSet(
    name="trade_archive",
    required={_KALSHI + role: names for role, names in ARCHIVE_KALSHI.required.items()}
    | {_POLYMARKET + role: names for role, names in ARCHIVE_POLYMARKET.required.items()},
    reader=read,
)
