"""Windows: several streams of rows, each sorted by time, cut at common times."""

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from ntp.data.frames import stacked


def windows(streams: Sequence[Iterator[pl.DataFrame]]) -> Iterator[tuple[int | None, list[pl.DataFrame | None]]]:
    """Go through streams side by side, holding no more than a frame or two of each.

    Parameters
    ----------
    streams : sequence of iterators of polars.DataFrame
        Frames with ``ts_event``, sorted by it within and from one to the next.

    Yields
    ------
    int or None
        All rows before this time have been given, and none of later windows is before it; None: all.
    list of polars.DataFrame or None
        The rows of each stream in this window, None where it has none.
    """
    held = [_Held(stream) for stream in streams]
    for each in held:
        each.read()
    while True:
        ends = [each.last for each in held if not each.ended]
        if not ends:
            yield None, [each.take(None) for each in held]
            return
        horizon = min(ends)  # more rows of this very time may follow
        taken = [each.take(horizon) for each in held]
        for each in held:
            if not each.ended and each.last == horizon:
                each.read()
        if any(frame is not None for frame in taken):
            yield horizon, taken


class _Held:
    """A stream with the frames that were read and not given yet."""

    def __init__(self, stream: Iterator[pl.DataFrame]) -> None:
        self._stream = stream
        self._frames: list[pl.DataFrame] = []
        self.last = 0
        self.ended = False

    def read(self) -> None:
        frame = next(self._stream, None)
        if frame is None:
            self.ended = True
        elif frame.height:
            self._frames.append(frame)
            self.last = int(frame["ts_event"][-1])
        else:
            self.read()

    def take(self, before: int | None) -> pl.DataFrame | None:
        """Give up the rows before a time, or all of them."""
        given, kept = [], []
        for frame in self._frames:
            count = frame.height if before is None else int(np.searchsorted(frame["ts_event"].to_numpy(), before))
            if count:
                given.append(frame.head(count))
            if count < frame.height:
                kept.append(frame.slice(count))
        self._frames = kept
        return stacked(given) if given else None


__all__ = ["windows"]
