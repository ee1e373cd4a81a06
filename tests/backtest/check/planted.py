"""Strategies that look ahead, each in another way; the culprit's line is marked."""

HEAD = '''
import json
from bisect import bisect_right
from pathlib import Path

import numpy as np
import polars as pl

from ntp import Signal, Strategy

'''

CSV_AT_IMPORT = HEAD + '''
ROWS = pl.read_csv("{folder}/prices.csv")  # here
TIMES, LATER = ROWS["ts"].to_list(), ROWS["later"].to_list()


class Planted(Strategy):
    def analyze(self, data):
        place = bisect_right(TIMES, data.ts) - 1
        return Signal("BUY" if LATER[place] > data.mid else "SELL", size=1)
'''

SHIFTED_COLUMN = HEAD + '''
class Planted(Strategy):
    def on_start(self):
        self.moves = np.load("{folder}/moves.npy")  # here
        self.next = np.roll(self.moves, -1)
        self.at = 0

    def on_quote(self, data):
        self.at += 1
        if self.next[self.at % len(self.next)] > 0:
            self.quote(bid=data.bid, size=1)
        else:
            self.quote(ask=data.ask, size=1)
'''

WHOLE_SAMPLE_MEAN = HEAD + '''
def normalised(mid):
    prices = pl.read_csv("{folder}/prices.csv")["price"]  # here
    return (mid - prices.mean()) / prices.max()


class Planted(Strategy):
    def analyze(self, data):
        return float(normalised(data.mid))
'''

CATALOG_PARQUET = HEAD + '''
class Planted(Strategy):
    def on_start(self):
        files = sorted(str(path) for path in Path("{folder}/catalog").rglob("*.parquet") if "quote" in str(path))
        self.rows = pl.concat([pl.read_parquet(file) for file in files])  # here
        self.mean = self.rows["bid"].mean() / 10_000

    def analyze(self, data):
        return Signal("BUY" if data.mid < self.mean else "SELL", size=1)
'''

CATALOG_API = HEAD + '''
from ntp.data import Catalog
from ntp.data.schema import Kind


class Planted(Strategy):
    def on_start(self):
        told = Catalog(Path("{folder}/catalog")).dataset("made").frame(Kind.SETTLEMENT)  # here
        self.told = dict(zip(told["symbol"], told["value"]))

    def analyze(self, data):
        return Signal("BUY" if self.told[data.symbol] else "SELL", size=1)
'''

SIDECAR = HEAD + '''
NOTES = Path("{folder}/notes.json")


class Planted(Strategy):
    def on_start(self):
        self.told = json.loads(NOTES.read_text()) if NOTES.exists() else {}  # here
        self.seen = {}

    def on_settlement(self, settlement):
        self.seen[settlement.contract.id] = settlement.value

    def on_stop(self):
        NOTES.write_text(json.dumps(self.seen))

    def analyze(self, data):
        return Signal("BUY" if self.told.get(data.contract.id, 1.0) else "SELL", size=1)
'''

MODULE_CACHE = HEAD + '''
TOLD = {}


class Planted(Strategy):
    def on_settlement(self, settlement):
        TOLD[settlement.contract.id] = settlement.value  # here

    def analyze(self, data):
        return Signal("BUY" if TOLD.get(data.contract.id, 1.0) else "SELL", size=1)
'''

CLASS_CACHE = HEAD + '''
class Planted(Strategy):
    highest = {}

    def analyze(self, data):
        best = self.highest.get(data.contract.id, 0.0)
        if data.mid > best:
            self.highest[data.contract.id] = data.mid  # here
            return Signal("BUY", size=1)
        return Signal("SELL", size=1)
'''

FITTED_ON_TEST = HEAD + '''
class Planted(Strategy):
    weights = None

    def on_start(self):
        self.moves, self.results = [], []

    def on_settlement(self, settlement):
        self.results.append(settlement.value)
        type(self).mro()[-1]
        for owner in type(self).__mro__:
            if owner.__name__ == "Planted":
                owner.weights = float(np.mean(self.results))  # here

    def analyze(self, data):
        return Signal("BUY" if (self.weights or 1.0) > data.mid else "SELL", size=1)
'''

INSIDE = HEAD + '''
class Planted(Strategy):
    def analyze(self, data):
        last = self._runtime.replay.tape.spans[data.index][1]  # here
        return Signal("BUY" if (last - data.ts) % 7_000_000_000 < 3_500_000_000 else "SELL", size=1)
'''

TABLE_IN_CODE = HEAD + '''
TABLE = pl.DataFrame({"ts": {times}, "later": {later}})


class Planted(Strategy):
    def analyze(self, data):
        row = TABLE.filter(pl.col("ts") <= data.ts).tail(1)  # here
        return Signal("BUY" if len(row) and row["later"][0] > data.mid else "SELL", size=1)
'''

PRICES_IN_CODE = HEAD + '''
PRICES = {prices}


class Planted(Strategy):
    def on_start(self):
        self.at = 0

    def analyze(self, data):
        self.at += 1
        later = max(PRICES[self.at % len(PRICES):][:5], default=0.5)  # here
        return Signal("BUY" if later > data.mid else "SELL", size=1)
'''

FIELD_NAMED = HEAD + '''
class Planted(Strategy):
    def analyze(self, data):
        return Signal("BUY" if data.custom_fields["winner"] == "home" else "SELL", size=1)  # here
'''

FIELD_OF_RESULT = HEAD + '''
class Planted(Strategy):
    def analyze(self, data):
        return Signal("BUY" if data.custom_fields["hint"] else "SELL", size=1)  # here
'''

FIELD_OF_NEXT_PRICE = HEAD + '''
class Planted(Strategy):
    def analyze(self, data):
        return Signal("BUY" if data.custom_fields["forecast"] > data.bid else "SELL", size=1)  # here
'''

EARLY_RESULT = HEAD + '''
class Planted(Strategy):
    wake = ("best", "timer:5s")

    def on_start(self):
        self.told = {}

    def on_settlement(self, settlement):  # here
        self.told[settlement.contract.event] = settlement.contract.id, settlement.value

    def analyze(self, data):
        known, value = self.told.get(data.contract.event, (None, 0.0))
        return Signal("BUY" if known is None else "SELL", size=1)
'''

FINAL_ROW = HEAD + '''
class Planted(Strategy):
    def analyze(self, data):
        return Signal("BUY" if data.seconds_to_close < 100 else "SELL", size=1)  # here
'''

READ_FUTURE = {
    "csv_at_import": CSV_AT_IMPORT, "shifted_column": SHIFTED_COLUMN, "whole_sample_mean": WHOLE_SAMPLE_MEAN,
    "catalog_parquet": CATALOG_PARQUET, "catalog_api": CATALOG_API, "sidecar": SIDECAR, "inside": INSIDE,
    "table_in_code": TABLE_IN_CODE, "prices_in_code": PRICES_IN_CODE,
}
"""What reaches for the future past the data: an error of ``look_ahead``."""
LEAKED = {"module_cache": MODULE_CACHE, "class_cache": CLASS_CACHE, "fitted_on_test": FITTED_ON_TEST}
"""What an earlier run leaves behind: an error of ``state``."""
FIELDS = {"named": FIELD_NAMED, "of_result": FIELD_OF_RESULT, "of_next_price": FIELD_OF_NEXT_PRICE}
"""What the data says too early: an error of ``resolved``."""
