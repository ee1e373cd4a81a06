from decimal import Decimal

import pytest

from ntp.core import DataError, format_ns
from ntp.markets import Aggregation, Observed, named_contracts, settlement_of

JANUARY = 1_767_500_000 * 10**9


def strikes(*values):
    return [Decimal(each) for each in values]


@pytest.mark.parametrize(
    ("name", "options", "close", "strike", "aggregation"),
    [
        ("KXBTCD-26AUG2017-T73749.99", {}, "2026-08-20T21:00:00Z", "73749.99", Aggregation.MEAN),
        ("kalshi:KXETHD-26AUG2017", {"strikes": strikes("2000")}, "2026-08-20T21:00:00Z", "2000", Aggregation.MEAN),
        ("KXBTC15M-26SEP131715-15", {"strikes": strikes("100000.5")}, "2026-09-13T21:15:00Z", "100000.5",
         Aggregation.MEAN_AGAINST_MEAN),
        ("btc-updown-15m-1771633800", {"strikes": strikes("68000")}, "2026-02-21T00:45:00Z", "68000", Aggregation.LAST),
        ("bitcoin-above-100k-on-january-5", {"at": JANUARY}, "2026-01-05T17:00:00Z", "100000", Aggregation.LAST),
        ("bitcoin-above-99pt5k-on-january-5", {"at": JANUARY}, "2026-01-05T17:00:00Z", "99500", Aggregation.LAST),
        ("ethereum-up-or-down-january-5-7pm-et", {"at": JANUARY, "strikes": strikes("3000")}, "2026-01-06T01:00:00Z",
         "3000", Aggregation.LAST),
    ],
)  # fmt: skip
def test_what_a_name_tells(name, options, close, strike, aggregation):
    [found] = named_contracts(name, **options)
    spec = settlement_of(found)
    assert (format_ns(found.close_time), spec.low, spec.observable.aggregation) == (close, Decimal(strike), aggregation)


def test_an_opening_price_nobody_told_is_none():
    [found] = named_contracts("KXBTC15M-26SEP131715")
    assert (found.symbol, found.event, found.strike_low) == ("KXBTC15M-26SEP131715-15", "KXBTC15M-26SEP131715", None)
    assert found.close_time - found.open_time == 900 * 10**9


def test_edges_make_a_ladder_of_which_one_pays():
    ladder = named_contracts("KXBTC-26SEP2901", strikes=strikes("73200", "73300", "73400"))
    assert [each.symbol.rsplit("-")[-1] for each in ladder] == ["T73200", "B73250", "B73350", "T73399.99"]
    specs = [settlement_of(each) for each in ladder]
    for value in ("73199.99", "73200", "73299.99", "73299.996", "73300", "73399.99", "73400", "9", "99999"):
        assert sum(spec.payoff(Observed(Decimal(value))) for spec in specs) == 1


def test_a_range_by_its_ends():
    [found] = named_contracts("KXBTC-26SEP2901-B73250", low=Decimal(73200), high=Decimal("73299.99"))
    assert (found.symbol, found.strike_type) == ("KXBTC-26SEP2901-B73250", "between")
    [tail] = named_contracts("KXBTC-26SEP2901-T73200", high=Decimal(73200))
    assert tail.strike_type == "less"


@pytest.mark.parametrize(
    ("name", "options", "code"),
    [
        ("KXBTC-26SEP2901-B73250", {}, "no_price"), ("KXBTCD-26SEP2901", {}, "no_price"),
        ("KXBTCD-26SEP29-T1", {}, "no_price"), ("KXHIGHNY-26SEP05-T80", {}, "unknown_contract"),
        ("KXBTCD-26SEP2901", {"strikes": strikes("2", "1")}, "no_price"),
        ("KXBTC-26SEP2901", {"strikes": strikes("1", "1")}, "no_price"),
        ("KXBTC15M-26SEP131715", {"strikes": strikes("1", "2")}, "no_price"),
        ("bitcoin-up-or-down-january-5-7pm-et", {}, "no_price"), ("will-it-rain", {}, "unknown_contract"),
        ("bitcoin-above-100k-on-january-5", {}, "no_price"), ("kalshi:btc-updown-15m-1771633800", {},
                                                              "unknown_contract"),
        ("manifold:x", {}, "unknown_contract"),
    ],
)  # fmt: skip
def test_what_a_name_does_not_tell(name, options, code):
    with pytest.raises(DataError) as error:
        named_contracts(name, **options)
    assert error.value.code == code
