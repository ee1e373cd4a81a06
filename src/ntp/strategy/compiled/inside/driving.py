"""What happens between the calls of a compiled strategy: counts of what was absent, state, timers."""

from __future__ import annotations

from ntp.engine.compile import kernel
from ntp.engine.memory import load_i64, store_i64
from ntp.engine.records import NONE
from ntp.strategy.compiled.inside.link import NOTE_ABSENT, call_ask, context_of, contract_of, link_at
from ntp.strategy.compiled.inside.wishes import withdraw


@kernel
def excused(me):  # type: ignore[no-untyped-def]
    """Whether a call ended for a value that is absent: counted, and its contract's quotes withdrawn."""
    link = link_at(me, 0)
    kind = load_i64(link.absents, 2 * link.fault)
    if kind == 0:
        return False
    if kind == 1:
        store_i64(link.absents, 2 * link.fault + 1, load_i64(link.absents, 2 * link.fault + 1) + 1)
    else:
        call_ask(link.ask, NOTE_ABSENT, link.fault)
    if link.current >= 0:
        withdraw(me, link.current)
    return True


@kernel
def forget(me, k):  # type: ignore[no-untyped-def]
    """Begin anew with what is remembered of a contract."""
    link = link_at(me, 0)
    for place in range(link.state_words):
        store_i64(link.states, k * link.state_words + place, load_i64(link.fresh, place))


@kernel
def listed(me, k):  # type: ignore[no-untyped-def]
    """Whether a contract is known by now."""
    opened = load_i64(link_at(me, 0).opens, k)
    return contract_of(me, k).view_ts != 0 or (opened != NONE and opened <= context_of(me).now)


@kernel
def on_market(me, k):  # type: ignore[no-untyped-def]
    """Whether a contract is among ``self.markets``."""
    link = link_at(me, 0)
    return load_i64(link.traded, k) != 0 and load_i64(link.gone, k) == 0 and listed(me, k)


@kernel
def in_event(me, k, event):  # type: ignore[no-untyped-def]
    """Whether a contract is among those of an event."""
    link = link_at(me, 0)
    return load_i64(link.viewed, k) != 0 and load_i64(link.events, k) == event and listed(me, k)
