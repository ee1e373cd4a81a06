"""Strategies of different kinds, each the same in Python and compiled."""

import math

import numpy as np

from ntp import Array, Indicator, Param, Pricing, Signal, Strategy

NOISE = 1e-9


class Momentum(Strategy):
    """v10 as a user writes it."""
    lookback: int = Param(5, ge=2)
    threshold: float = Param(0.01, ge=0)
    size: float = Param(5.0, gt=0)

    class State:
        average: float = 0.0
        last: float = 0.0
        changes: int = -1

    def analyze(self, data):
        state = data.state
        mid = data.mid
        if state.changes < 0:
            state.average = state.last = mid
            state.changes = 0
            return None
        if abs(mid - state.last) > NOISE:
            state.average = state.average + 2.0 / (self.lookback + 1.0) * (mid - state.average)
            state.last = mid
            state.changes += 1
        if state.changes < self.lookback:
            return None
        momentum = mid - state.average
        if momentum > self.threshold + NOISE:
            return Signal("BUY", size=self.size, tag="up")
        if momentum < -(self.threshold + NOISE):
            return Signal("SELL", size=self.size, tag="down")
        held = data.position.size
        if (held > 0.0 and momentum < NOISE) or (held < 0.0 and momentum > -NOISE):
            return Signal("CLOSE")
        return None


class Kelly(Strategy):
    fair: float = Param(0.5, ge=0, le=1)

    def analyze(self, data):
        edge = self.fair - data.ask
        if edge > 0.03:
            return Signal("BUY", confidence=0.6, size=self.kelly_sizing(self.fair, data.ask), fair=self.fair, ttl="30s")
        if data.bid - self.fair > 0.03:
            return Signal("SELL", confidence=0.7)
        return "CLOSE" if abs(edge) < 0.01 else None


class Numbers(Strategy):
    """What a number means."""
    stop_loss = 0.5
    take_profit = 0.4
    warmup = 3

    def analyze(self, data):
        h = data.history("mid", 10)
        m, s = h.mean(), h.std()
        if s == 0.0:
            return None
        z = (h[-1] - m) / s
        self.record(z=z, last=float(h[-1]))
        if abs(z) > 1.5:
            return -z
        return 0 if abs(z) < 0.2 else None


class Looking(Strategy):
    wake = ("quote", "trade", "timer:30s", "fill")
    n: int = 7

    class State:
        seen: int = 0
        window = Array(8)
        best: float | None = None

    def on_start(self):
        self.total = 0.0
        self.beats = 0
        self.call_at("10s", "soon")

    def on_quote(self, data):
        state = data.state
        state.window[state.seen % 8] = data.mid
        state.seen += 1
        if state.best is None or data.mid > state.best:
            state.best = data.mid
        if state.seen >= 8:
            top = 0.0
            for i in range(8):
                if state.window[i] > top:
                    top = state.window[i]
            low = min(state.window)
            self.quote(bid=low - 0.01, ask=top + 0.01, bid_size=3 + state.seen % 3, size=4.5, tag="looking",
                       fair=self._middle(low, top))

    def _middle(self, low, high):
        if low > high:
            return low
        return round((low + high) / 2, 3)

    def on_trade(self, data):
        side = data.trade.taker_side
        if side == "BUY" and data.volume > 20:
            self.record(big=data.trade.size * data.price)

    def on_fill(self, fill):
        self.total += fill.size * fill.price
        self.record(total=self.total, maker=1.0 if fill.is_maker else 0.0)
        if fill.side == "SELL" and fill.size > 3.9:
            self.cancel(fill.contract)

    def on_timer(self, timer):
        self.beats += 1
        if timer.name == "30s" and self.beats % 4 == 0:
            for data in self.markets:
                if data.position.size != 0:
                    self.target(data.contract, position=0)
        elif timer.name == "soon":
            self.record(soon=self.cash)
            self.call_at(self.ts + 60_000_000_000, "later")
        elif timer.name == "later":
            self.record(later=self.equity, free=self.available)

    def on_stop(self):
        self.record(final=self.total, beats=self.beats)


class Spans(Strategy):
    wake = ("best", "bar:1m")

    def on_bar(self, data):
        bars = data.bars("1m", 5)
        self.record(close=bars.close[-1], high=bars.high.max(), volume=bars.volume.sum())

    def analyze(self, data):
        fast = data.bars("1m", 3).close.mean()
        slow = np.mean(data.bars("1m", 8).close)
        h = data.history("bid", "2m")
        if fast > slow and len(h) > 2:
            return Signal("BUY", size=2 + len(h) % 3, price=data.bid - 0.01)
        if fast < slow:
            return Signal("SELL", size=2, outcome="YES")
        return None


class Orders(Strategy):
    wake = "quote"

    class State:
        n: int = 0

    def analyze(self, data):
        data.state.n += 1
        n = data.state.n
        if n % 5 == 1:
            self.buy(size=3, tag="b", reduce_only=False)
        elif n % 5 == 2:
            self.sell(size=2.5, price=data.ask + 0.01, fair=0.4)
        elif n % 5 == 3:
            self.buy(size=2, outcome="NO", price=1 - data.ask, tif="gtd", expire="30s")
        elif n % 7 == 0:
            self.cancel(data.contract)
        elif n % 11 == 0:
            self.buy(size=1, post_only=False)
        elif n % 13 == 0:
            self.cancel()


class Math(Strategy):
    """Functions of math and integer arithmetic."""
    size: int = 3

    class State:
        n: int = 0
        x: float = 0.1

    def analyze(self, data):
        s = data.state
        s.n += 1
        spread = data.get("spread", 0.02)
        left = data.get("seconds_to_close")
        weight = 1.0 if left is None else math.exp(-left / 3600.0) if left > 0 else 2.0
        s.x = math.log(1.0 + s.x ** 2) + math.sin(s.n) + math.sqrt(abs(s.x)) ** 1.5 - s.x // 0.3 + s.x % 0.7
        if s.x > 10 or s.x < -10:
            s.x = 0.5
        k = (s.n * 7919 + 13) % 101 // 10 - s.n // -3
        self.record(x=s.x, k=k, w=weight, r=round(s.x, 2), f=math.floor(s.x), e=math.tanh(s.x))
        i = 0
        total = 0
        while i < 5:
            i += 1
            if i == 2:
                continue
            if i == 4:
                break
            total += i
        bid, _ = data.bid, data.ask
        if not (0.05 < bid < 0.95) or spread > 0.2:
            return None
        want = max(1, min(self.size, total)) if s.x > 0 else -2
        if data.position.size * want < 0 or self.ts % 2 == 0:
            return [Signal("BUY" if want > 0 else "SELL", size=abs(want)), None]
        return None


class Hooks(Strategy):
    fair: float = 0.5

    def analyze(self, data):
        return (data.mid - self.fair) * 10

    def generate_signal(self, analysis):
        if analysis > 1:
            return Signal("SELL", confidence=0.9)
        if analysis < -1:
            return Signal("BUY", confidence=0.8)
        return None

    def calculate_position_size(self, signal):
        if signal.side == "BUY":
            return 2 * signal.confidence
        return self.contracts(100.0, None, "SELL")


class Event(Strategy):
    wake = "best"

    def analyze(self, data):
        total = 0.0
        n = 0
        for contract in data.event.contracts:
            mid = self.market(contract).get("mid")
            if mid is not None:
                total += mid
                n += 1
        if n > 1 and total < 0.97:
            return Signal("BUY", size=1)
        if n > 1 and total > 1.03 and data.bid > 0.1:
            return Signal("SELL", size=1)
        low = data.contract.strike_low
        if low is not None:
            self.record(low=low, tick=data.contract.tick(0.5))
        return None


class Long(Strategy):
    short = False

    def analyze(self, data):
        if data.mid > 0.6:
            return Signal("SELL", size=4)
        if data.mid < 0.4 and data.bid_size > data.ask_size:
            return Signal("BUY", size=4, outcome="YES")
        return Signal("HOLD") if data.spread > 0.05 else None


class Indicators(Strategy):
    """Indicators of bars, of fields and of wakes."""
    wake = ("best", "bar:1m")
    fast: int = Param(3, ge=1)
    quick = Indicator("SMA", fast, bar="1m")
    slow = Indicator("EMA", 6, bar="1m")
    rsi = Indicator("RSI", 5, on="mid")
    bands = Indicator("BBANDS", 6, on="mid", bar="30s")
    width = Indicator("ATR", 4, on="spread", bar="30s")
    volume = Indicator("SMA", 3, on="volume", bar="1m")
    range = Indicator("ATR", 3)

    def on_bar(self, data):
        self.record(
            quick=data.indicators.quick, volume=data.indicators["volume"], past=data.indicators.slow.history(3).sum()
        )

    def analyze(self, data, indicators):
        bands = indicators.bands
        rsi = data.indicators.get("rsi", 50.0)
        gap = indicators.quick - indicators.slow
        self.record(upper=bands.upper, middle=bands, rsi=rsi, width=indicators.width.value, range=indicators.range)
        if data.mid > bands.upper and rsi > 60:
            return Signal("SELL", size=2, tag="high")
        if data.mid < bands.lower or gap > 0.02:
            return Signal("BUY", size=2, tag="low")
        return Signal("CLOSE") if abs(gap) < 0.001 else None


class Mixed(Strategy):
    """Texts, None, conditions and loops of many shapes."""
    wake = ("trade", "timer:1m", "quote")
    class State:
        a: float | None = None
        flag: bool = False
    def on_start(self):
        self.mode = "idle"
        self.n = 0
    def on_trade(self, data):
        s = data.state
        if s.a is None:
            s.a = data.price
            return
        s.flag = not s.flag
        self.n += 1 if data.trade.taker_side == "BUY" else -1
        if self.n > 3 and self.mode == "idle":
            self.mode = "long"
        elif self.n < -3:
            self.mode = "idle"
    def analyze(self, data):
        x, y = self._pair(data, scale=2.0), data.state.a or 0.5
        if self.mode == "long" and 0.1 < x <= 0.9 and (data.position.size or x) and not data.state.flag:
            sig = Signal("buy", size=1 + x)
        else:
            sig = None
        if sig is None and y > 0.6:
            return -1.0
        return sig
    def _pair(self, data, scale=1.0):
        best = None
        for p in (data.get("bid"), data.get("ask", 1.0)):
            if p is not None and (best is None or p < best):
                best = p
        return best * scale / 2 if best is not None else 0.0
    def on_timer(self, timer):
        total = 0.0
        for view in self.markets:
            total += view.position.cost if view.position.size else 0.0
            if view.get("spread", 1.0) > 0.2:
                continue
        self.record(total=total, n=self.n)


class Counting(Strategy):
    """Indices that are computed by a call which changes something."""

    class State:
        n: int = 0
        past = Array(5)

    def _next(self, data):
        data.state.n += 1
        return data.state.n

    def analyze(self, data):
        state = data.state
        state.past[self._next(data) % 5] = self._next(data) * 0.5
        state.past[self._next(data) % 5] *= 1.5
        state.past[-1] -= 0.25
        if state.n % 7 == 0:
            return Signal("BUY", size=abs(state.past[2]) % 9)
        if state.n % 5 == 0:
            return Signal("SELL", size=abs(state.past[3]) % 9)
        return None


class Pausing(Strategy):
    """Times in nanoseconds beside floats, which do not hold every one of them."""
    wake = ("best", "timer:5s")

    class State:
        until: float = 0.0
        n: int = 0
        met: int = 0

    def analyze(self, data):
        state = data.state
        if self.ts < state.until:
            return None
        state.until = self.ts + 5e9
        state.n += 1
        return Signal("BUY" if state.n % 2 else "SELL", size=1 + state.n % 5)

    def on_timer(self, timer):
        for data in self.markets:
            state = data.state
            if state.until >= self.ts:
                state.met += 1
            if state.until == self.ts or not state.until != self.ts:  # noqa: SIM202
                state.met += 1000
            if self.ts + 5e9 <= state.until:
                state.met += 7
            self.record(met=state.met)


class Priced(Strategy):
    """Trades what differs from its fair value, with all that a fair value tells."""

    pricing = Pricing(vol="ewma:30m", tails="t:5", blend=0.1, max_spot_age="10s", basis=5.0)
    least: float = Param(0.02, ge=0, le=0.5)

    def analyze(self, data):
        fair = data.fair_value()
        mid = data.get("fair_value", 0.5)
        if fair - data.bid > self.least + fair.sd and data.net_edge("BUY") > 0:
            self.quote(bid=data.bid, size=10, fair=fair)
        elif data.edge("SELL") > self.least:
            self.quote(ask=data.ask, size=10)
        else:
            self.quote()
        self.record(fair=mid, low=fair.low, high=fair.high, slopes=fair.delta + fair.vega + fair.theta, age=fair.age)
