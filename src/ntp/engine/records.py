"""Records of the kernel: fields are eight bytes, so that Python reads them as words; logs are packed."""

from typing import Any, Final

import numpy as np

from ntp.engine.memory import record_at
from ntp.rules import RULES

# Row kinds. A row is (ts, seen, meta, contract, price, size); meta packs kind, flags and side.
SET: Final = 0  # book level takes a new total
DELTA: Final = 1  # book level changes by a signed size
CLEAR: Final = 2  # side (0: both) becomes empty
TRADE: Final = 3
BID: Final = 4  # best bid of a quote; price NONE: side empty; size UNKNOWN: not recorded
ASK: Final = 5
CANDLE: Final = 6  # size is the row of the candle table
INDEX: Final = 7  # size holds the bits of a float64
STATE: Final = 8  # price is a contract state
SETTLE: Final = 9  # size is the value of YES in 1e-6 dollar; price says determined, settled or voided
PAYLOAD: Final = 10  # size is the row of a table of Python objects
CHANGE: Final = 11  # size is the version of the contract that holds from now on

META_GROUP_END: Final = 16
META_BLOCK: Final = 32
META_INFERRED: Final = 64
META_BID: Final = 256
META_ASK: Final = 512

NONE: Final = -1  # an absent price
UNKNOWN: Final = -1  # an absent size
FAR: Final = 2**62  # later than any time

# Contract states
PENDING: Final = 0
OPEN: Final = 1
HALTED: Final = 2
CLOSED: Final = 3
GAP: Final = 4  # the recording has a hole: nothing matches, own orders are withdrawn
DETERMINED: Final = 10
SETTLED: Final = 11
VOIDED: Final = 12
CHANGED: Final = 20  # told to the strategy with a new version; no state of its own

# Order life at the venue
SENT: Final = 0
RESTING: Final = 1
DONE: Final = 2
DELAYED: Final = 3  # a taker order waiting out the venue's delay

# Why an order ended
R_NONE: Final = 0
R_FILLED: Final = 1
R_CANCELLED: Final = 2
R_EXPIRED: Final = 3
R_POST_ONLY: Final = 4
R_FUNDS: Final = 5
R_INACTIVE: Final = 6
R_SIZE: Final = 7
R_TICK: Final = 8
R_IOC: Final = 9  # immediate-or-cancel remainder
R_FOK: Final = 10
R_CLOSED: Final = 11
R_GAP: Final = 12
R_SELF: Final = 13
R_REFUSED: Final = 14
R_REACTIVATED: Final = 15
R_REDUCE: Final = 16
R_END: Final = 17
R_EXPIRY: Final = 18
R_RULE: Final = 19  # and the four that follow: refused by a rule, in the order of ntp.rules.RULES
R_LIMIT: Final = R_RULE + len(RULES)  # beyond a limit of the run
REASONS: Final = (
    "", "filled", "cancelled", "expired", "post_only_would_cross", "insufficient_funds",
    "market_inactive", "below_minimum_size", "off_grid", "not_immediately_filled", "not_fully_filled",
    "market_closed", "recording_gap", "self_trade", "refused", "market_reactivated", "nothing_to_reduce",
    "end_of_data", "expires_too_soon", *RULES, "limit",
)  # fmt: skip

# Time in force
GTC: Final = 0
GTD: Final = 1
IOC: Final = 2
FOK: Final = 3

# Origins of an order
BY_ORDER: Final = 0
BY_QUOTE: Final = 1
BY_TARGET: Final = 2

# Commands
C_NEW: Final = 0
C_CANCEL: Final = 1
C_CANCEL_CONTRACT: Final = 2
C_CANCEL_ALL: Final = 3
C_QUOTE: Final = 4
C_TARGET: Final = 5
C_REPLACE: Final = 6
C_TIMER: Final = 7

# Messages on their way to the venue
M_NEW: Final = 0
M_CANCEL: Final = 1
M_DECREASE: Final = 2

# Notices on their way to the strategy
N_FILL: Final = 0
N_DONE: Final = 1
N_ACCEPTED: Final = 2

# Alarms on the venue's or the strategy's clock
A_EXPIRE: Final = 0
A_THROUGH: Final = 1
A_TAKE: Final = 2
A_EQUITY: Final = 3
A_TIMER: Final = 4
A_WITHDRAW: Final = 5

# Wake reasons, a bit set
W_BEST: Final = 1
W_QUOTE: Final = 2
W_BOOK: Final = 4
W_TRADE: Final = 8
W_BAR: Final = 16
W_INDEX: Final = 32
W_PAYLOAD: Final = 64
W_TIMER: Final = 128
W_FILL: Final = 256
W_ORDER: Final = 512
W_STATE: Final = 1024
W_SETTLED: Final = 2048

# What run() came back for
DRAINED: Final = 0
WAKE: Final = 1
GROW: Final = 2
STUCK: Final = 3  # time does not move on: each wake of the strategy makes the next

# Queue models
Q_RISK_AVERSE: Final = 0
Q_POWER: Final = 1
Q_LOG: Final = 2
Q_POWER3: Final = 3
Q_USER: Final = 4
Q_FIFO: Final = 5

# Fee models and rounding, as in ntp.markets
MODEL_ZERO: Final = 0
MODEL_QUADRATIC: Final = 1
MODEL_UNKNOWN: Final = 2
MODEL_FLAT: Final = 3
MODEL_FLAT_MAKER: Final = 4
ROUND_EXACT6: Final = 0
ROUND_KALSHI: Final = 1
ROUND_CENT: Final = 2
ROUND_CENTICENT: Final = 3
ROUND_FLOOR5: Final = 4
ROUND_BANKERS_CENT: Final = 5

# Flags of a fill
F_MAKER: Final = 1
F_THROUGH: Final = 2
F_INFERRED: Final = 4
F_UNSIZED: Final = 8  # taken from a quote whose size was not recorded

# Fidelity of a contract
FID_NONE: Final = 0
FID_L2: Final = 1
FID_QUOTES: Final = 2
FID_TRADES: Final = 3
FID_CANDLES: Final = 4


def record(integers: str, floats: str = "") -> np.dtype[Any]:
    """Record of eight-byte fields; a float among the integers is marked by ``:f``."""
    names = [name.partition(":") for name in integers.split()]
    fields = [(name, "<f8" if kind else "<i8") for name, _, kind in names]
    return np.dtype(fields + [(name, "<f8") for name in floats.split()])


def _packed(words: str, halves: str, bytes_: str, floats: str) -> np.dtype[Any]:
    """Record of a log: there are many of them, so that every byte costs memory and time."""
    kinds = ((words, "<i8"), (floats, "<f8"), (halves, "<i4"), (bytes_, "<i1"))
    return np.dtype([(name, kind) for names, kind in kinds for name in names.split()], align=True)


CONTEXT = record(
    # rows of the window
    "ts seen meta contract price size order rows row ordered next_seen limit queues_rows sees_all "
    # views the venue pass leaves for the strategy pass
    "views "
    # tables
    "contracts accounts orders steps candles fills done equity wakes commands messages notices alarms latencies "
    "dirty params settlements versions ids fifo fifo_mask fifo_used fifo_clock underlyings claims "
    # what edges earned, and how sizes were scaled for it, week by week
    "earned scaled n_scaled scaled_capacity scaled_week "
    # what events may lose
    "risks "
    # counts and capacities
    "n_contracts n_accounts n_steps n_latencies free_order order_capacity "
    "n_fills fill_capacity n_done done_capacity n_equity equity_capacity n_wakes wake_capacity n_commands command_at "
    "n_settlements settlement_capacity "
    "message_head message_tail message_time ring_mask notice_head notice_tail notice_time "
    "n_alarms alarm_capacity alarm_count need_grow "
    "markout_next markout_time "
    "n_dirty next_order next_side now batch_time margin slack recounts free_count woke woke_at woke_count last_row "
    # configuration
    "order_latency feed_latency through_after queue_model queue_function inferred_prints touch_fills "
    "strategy player wake_mask track_book equity_every wants_orders allow_taker "
    # the gate: reasons that refuse, what every order breaks, counts by mask, and what the orders sent now come with
    "refusing untested gate_counts matches stated_match stated_tag stated_exit "
    "stops stop_wanted stop_filled "
    # life of the run
    "rng events wakes_count fees rebates crossed_waits last_time",
    "queue_power stated size_factor adverse_selection uncertainty lock_up_rate unknown_settlement_s smallest_fill "
    "stop_slip",
)
CONTRACT = record(
    # Eight fields to a line of memory; with thousands of contracts each line is a miss, so that each row, print,
    # wake, order and fill has its fields together. Bid and ask of a kind stand side by side: the side is an offset.
    # rows of a book
    "inverse bids asks bid ask bid_size ask_size book_known "
    "bid_prices ask_prices uses moved crossed n_orders state fidelity "
    # what is seen; the other way round: what is copied as a pair right after one of it was written waits
    "view_ask view_bid view_ask_size view_bid_size woken_bid woken_ask view_ts dirty "
    # prints, a new best price, own orders
    "first_order last_order unit levels traded mark has_quotes reasons "
    # a print that is seen, a wake, a quote
    "last_price last_size last_taker last_ts woken_bid_size woken_ask_size has_tape tradable "
    "quote_bid quote_ask quote_bid_size quote_ask_size quote_intact quote_version max_position position_seen "
    # orders on either side, then what the venue judges them by
    "account price_unit asset reserves step_now step_last feed_latency cost_seen "
    "ahead size_step min_size start0 end0 step0 band_count self_trade "
    # fills
    "position cost fees cash_flow reserved long_left short_left group "
    # what is seldom read
    "nets fair:f close_time taker_delay flow_seen risk hold_limit match_count "
    "bids_used asks_used seen_bids seen_asks value underlying open_time event "
    "start1 end1 step1 start2 end2 step2 cancels_on_reactivation state0 bar_close "
    "gtd_minimum gtd_early version_seen has_ids cleared "
    "group_next returned returned_seen decided decided_seen behind unsized settled_ref match_first stop_mark "
    "keeps_priority can_amend step_first result risk_place",
    "view_value state2 state3",
)
VERSION = record(
    "contract asset band_count start0 end0 step0 start1 end1 step1 start2 end2 step2 size_step min_size "
    "nets reserves keeps_priority can_amend cancels_on_reactivation self_trade taker_delay gtd_minimum gtd_early "
    "open_time close_time step_first step_last"
)
ACCOUNT = record("cash reserved cash_seen sent_reserve fees rebates start apart returned returned_seen order_latency")
ORDER = record(
    # what a look through the orders of a contract reads stands first
    "id contract state side price remaining next queue:f "
    "prev traded crossed_since reduce_only closing opening reserve reason "
    "seen_remaining seen_done cancel_sent sent_reserve origin size sent arrived "
    "tif post_only expire fee_acc passive tag queue_joined:f fair:f "
    "watched exit joined cancel_at fair_sd:f match stated decreased"
)
MATCH = record("other turned equal row count", "gap turned_gap")
"""A matched contract: its number, whether it is the complement, whether they were found equal, its row in the file,
and sums over orders of how far the mids were apart, as declared and turned the other way."""
EARNED = record("fills", "squares products")
"""Of an event: fills with a result and a fair value, and sums over them of what was predicted and what came."""
SCALED = record("ts events", "slope error factor")
"""How sizes were scaled from a moment on, and the regression that says so."""
RISK = record("members rows ids pays losses limit")
"""An event: what its contracts pay in each state, room to add up losses, and the most it may lose."""
STEP = record("from_ns model taker_rate maker_rate exponent rounding precision rebate_rate")
FIFO = record("id contract place joined remaining")  # place is the price, negative on the ask side
CANDLE_ROW = record(
    "start open high low close volume bid_open bid_high bid_low bid_close ask_open ask_high ask_low ask_close"
)
FILL = _packed(
    "ts size fee rebate cash position wait order_id", "contract price bid ask mid10 tag exit", "side flags",
    "queue_ahead fair fair_sd",
)
DONE_ORDER = _packed(
    "order_id size filled sent arrived done", "contract price tag bid ask",
    "side reason tif post_only origin passive", "queue_ahead fair fair_sd",
)
UNDERLYING = record(
    "instrument rows first_ts last_ts max_age slot ring ring_mask "  # what was seen, and the value at each second
    "estimator grid cell sampled_cell count claims bars n_bars bar_count prices",  # how variance is measured, so far
    "last sampled half_life weight sum squares weighed squared fast_weight fast_sum swings variance variance_sd "
    "shift open high low",
)
"""An instrument that contracts settle on, or that stands for it, as the strategy has seen it."""
BAR = record("cell prices", "open high low close")
"""A bar of an underlying, complete."""
CLAIM = record(
    "underlying refused functional window end open_end has_low low_counts has_high high_counts freedom next "
    "reason at rows",
    "low high step basis_sd blend seen fair sd delta vega theta age",
)
"""What a contract settles on, and what it is worth: one for each contract."""
EQUITY = record("ts equity gross cash locked unpriced")
SETTLEMENT = record("ts contract value position cash state cost fees")
WAKE_ROW = record("contract reasons ref value")
COMMAND = record(
    "kind contract side price size price2 size2 order_id tif post_only reduce_only expire tag exit watched slot match",
    "fair",
)
MESSAGE = record("time kind slot order_id value")
NOTICE = record("time kind slot order_id ref value")
ALARM = record("time priority count kind slot ref value")

context_at = record_at(CONTEXT)
contract_at = record_at(CONTRACT)
version_at = record_at(VERSION)
underlying_at = record_at(UNDERLYING)
bar_at = record_at(BAR)
claim_at = record_at(CLAIM)
fifo_at = record_at(FIFO)
account_at = record_at(ACCOUNT)
order_at = record_at(ORDER)
match_at = record_at(MATCH)
step_at = record_at(STEP)
earned_at = record_at(EARNED)
scaled_at = record_at(SCALED)
risk_at = record_at(RISK)
candle_at = record_at(CANDLE_ROW)
fill_at = record_at(FILL)
done_at = record_at(DONE_ORDER)
equity_at = record_at(EQUITY)
settlement_at = record_at(SETTLEMENT)
wake_at = record_at(WAKE_ROW)
command_at = record_at(COMMAND)
message_at = record_at(MESSAGE)
notice_at = record_at(NOTICE)
alarm_at = record_at(ALARM)


def field(dtype: np.dtype[Any], name: str) -> int:
    """Position of a field in a record seen as a row of eight-byte words."""
    assert dtype.fields is not None
    return int(dtype.fields[name][1]) // 8
