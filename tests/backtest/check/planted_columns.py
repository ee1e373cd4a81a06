"""Whole-column strategies that look ahead, each in another way; the culprit's line is marked."""

HEAD = '''
import numpy as np
import polars as pl

from ntp import Strategy


class Planted(Strategy):
    def signals(self, frame):
'''

SHIFTED = HEAD + '''
        later = pl.col("mid").shift(-1)  # here
        return frame.with_columns(signal=(later - pl.col("mid")).fill_null(0.0))
'''

CENTRED = HEAD + '''
        smooth = frame["mid"].rolling_mean(5, center=True)  # here
        return frame.with_columns(signal=(frame["mid"] - smooth).fill_null(0.0))
'''

WHOLE_MEAN = HEAD + '''
        return frame.with_columns(
            signal=pl.col("mid")
            - pl.col("mid").mean(),  # here
        )
'''

WHOLE_MAXIMUM = HEAD + '''
        top = frame["mid"].max()  # here
        return frame.with_columns(signal=pl.when(pl.col("mid") > 0.9 * top).then(-1.0).otherwise(1.0))
'''

BACKWARD_FILL = HEAD + '''
        known = pl.when(pl.int_range(pl.len()) % 7 == 6).then(pl.col("mid"))
        marked = frame.with_columns(mark=known)
        filled = marked["mark"].backward_fill()  # here
        return frame.with_columns(signal=(filled - frame["mid"]).fill_null(0.0))
'''

RANKED = HEAD + '''
        ranks = frame["mid"].rank("ordinal")  # here
        return frame.with_columns(signal=(ranks.cast(pl.Float64) - frame.height / 2).sign())
'''

INCOMPLETE_BAR = HEAD + '''
        bars = frame.group_by_dynamic("ts", every="1m").agg(close=pl.col("mid").last())  # here
        joined = frame.join_asof(bars, on="ts")
        return frame.with_columns(signal=joined["close"] - joined["mid"])
'''

REVERSED = HEAD + '''
        best = frame["mid"].reverse().cum_max().reverse()  # here
        return frame.with_columns(signal=best - frame["mid"] - 0.02)
'''

FORWARD_JOIN = HEAD + '''
        some = frame.select("ts", other="mid").gather_every(5)
        joined = frame.join_asof(some, on="ts", strategy="forward")  # here
        return frame.with_columns(signal=(joined["other"] - joined["mid"]).fill_null(0.0))
'''

FITTED = HEAD + '''
        line = np.polyfit(np.arange(frame.height), frame["mid"].to_numpy(), 1)  # here
        fit = np.polyval(line, np.arange(frame.height))
        return frame.with_columns(signal=pl.Series(fit) - frame["mid"])
'''

ARRAY_TURNED = HEAD + '''
        prices = frame["mid"].to_numpy()
        later = prices[::-1].cumsum()[::-1]  # here
        return frame.with_columns(signal=pl.Series(later - 40.0))
'''

SEQUENCE = HEAD + '''
        total = sum(frame["mid"].to_list())  # here
        return frame.with_columns(signal=pl.col("mid") - total / frame.height)
'''

LAZY = HEAD + '''
        return frame.lazy().with_columns(
            signal=pl.col("mid").diff(-1),  # here
        )
'''

LOOKING_AHEAD = {
    "shifted": SHIFTED, "centred": CENTRED, "whole_mean": WHOLE_MEAN, "whole_maximum": WHOLE_MAXIMUM,
    "backward_fill": BACKWARD_FILL, "ranked": RANKED, "incomplete_bar": INCOMPLETE_BAR, "reversed": REVERSED,
    "forward_join": FORWARD_JOIN, "fitted": FITTED, "array_turned": ARRAY_TURNED, "sequence": SEQUENCE, "lazy": LAZY,
}

HONEST = HEAD + '''
        fast, slow = pl.col("mid").ewm_mean(span=5), pl.col("mid").rolling_mean(20, min_samples=1)
        return frame.with_columns(signal=fast - slow, size=pl.lit(1.0))
'''
