"""Fair values, as the engine works them out for everybody; reasons why there is none follow each other from a site."""

from __future__ import annotations

from ntp.engine.compile import adopted, kernel
from ntp.engine.memory import load_f64
from ntp.engine.records import claim_at
from ntp.pricing.edge import parts
from ntp.strategy.compiled.inside.link import call_ask, context_of, fail, is_none, link_at, none
from ntp.strategy.compiled.inside.reads import fee_per_contract, seconds_to_close, touch

_net_edge = adopted([parts.net_edge])["net_edge"]
_NAN = float("nan")


@kernel
def fair_ready(me, k, site):  # type: ignore[no-untyped-def]
    """Contract whose fair value there is."""
    reason = call_ask(link_at(me, 0).value, link_at(me, 0).context, k)
    if reason:
        fail(me, site + reason - 1)
    return k


@kernel
def fair_or_none(me, k):  # type: ignore[no-untyped-def]
    """Fair value, or None."""
    reason = call_ask(link_at(me, 0).value, link_at(me, 0).context, k)
    return none() if reason else fair_is(me, k)


@kernel
def fair_is(me, k):  # type: ignore[no-untyped-def]
    """Fair value of a contract that has one."""
    return claim_at(context_of(me).claims, k).fair


@kernel
def fair_sd(me, k):  # type: ignore[no-untyped-def]
    """Its standard deviation."""
    return claim_at(context_of(me).claims, k).sd


@kernel
def fair_low(me, k):  # type: ignore[no-untyped-def]
    """Lower end of its band."""
    return max(fair_is(me, k) - fair_sd(me, k), 0.0)


@kernel
def fair_high(me, k):  # type: ignore[no-untyped-def]
    """Upper end of its band."""
    return min(fair_is(me, k) + fair_sd(me, k), 1.0)


@kernel
def fair_delta(me, k):  # type: ignore[no-untyped-def]
    """Change per dollar of the underlying."""
    return claim_at(context_of(me).claims, k).delta


@kernel
def fair_vega(me, k):  # type: ignore[no-untyped-def]
    """Change per 1.00 of annual volatility."""
    return claim_at(context_of(me).claims, k).vega


@kernel
def fair_theta(me, k):  # type: ignore[no-untyped-def]
    """Change per year that passes."""
    return claim_at(context_of(me).claims, k).theta


@kernel
def fair_age(me, k):  # type: ignore[no-untyped-def]
    """Seconds since the spot it rests on."""
    return claim_at(context_of(me).claims, k).age


@kernel
def edge(me, k, buy, site, touches):  # type: ignore[no-untyped-def]
    """Dollars between fair value and touch."""
    fair = fair_is(me, fair_ready(me, k, site))
    price = touch(me, k, buy, False, touches)
    return fair - price if buy else price - fair


@kernel
def net_edge(me, k, buy, site, touches, no_fee):  # type: ignore[no-untyped-def]
    """Dollars of it that are left after everything."""
    fair = fair_is(me, fair_ready(me, k, site))
    price = touch(me, k, buy, False, touches)
    seconds = seconds_to_close(me, k)
    fee = fee_per_contract(me, k, price, no_fee)
    costs = link_at(me, 0).costs
    return _net_edge(
        1 if buy else -1, fair, fair_sd(me, k), price, fee, 1, _NAN if is_none(seconds) else seconds,
        load_f64(costs, 0), load_f64(costs, 1), load_f64(costs, 2), load_f64(costs, 3),
    )  # fmt: skip
