"""Classical indicators, each one implementation for every way a strategy runs.

An indicator is a step function over a small float64 array, its state::

    [outputs, main one first] [parameters] [scratch, zero at the start]

    rsi = indicator_named("RSI")           # an IndicatorKind; NotFound with a suggestion
    values = rsi.values(14)                # parameters in order, by position or keyword, defaults filled in
    state = rsi.start(values)              # float64 array of rsi.width(values) slots
    value = rsi.step(state, price)         # main output, NaN as long as there is none; the others: state[1], ...
    table = rsi.column(state, prices)      # the same step over whole columns: one row per output

``step`` takes the state and one number for each of ``inputs`` (``close``, or ``high low close``, and so on).
It is compiled (numba, kept on disk) and may be called from Python and from compiled code alike; it allocates
nothing and needs nothing but a place for its state, so the state of many indicators may lie in one array. All
that an indicator remembers is in its state: to store it, store the array. ``column`` goes on from the state it
is given, so a column in pieces is the column at once, and both are the step to the last bit, because there is
no second implementation. A row with a NaN among its inputs changes nothing and repeats the outputs.

Why not a library at run time: no library gives the same bits in bulk and one value at a time, and none can be
called inside of a compiled event loop. TA-Lib is the oracle of the tests; where definitions differ from its own,
the step says so.

Importing this package does not import numba; the first use of a step does.
"""

from ntp.statistics.indicators.kind import IndicatorKind, Setting
from ntp.statistics.indicators.table import INDICATORS, indicator_named

__all__ = ["INDICATORS", "IndicatorKind", "Setting", "indicator_named"]
