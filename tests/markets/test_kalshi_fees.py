from decimal import Decimal

import pytest

from ntp.core import DataError
from ntp.markets import FeeChange, FeeModel, FeeRounding, Instrument, fee_at, fee_changes, fee_steps
from ntp.markets.dates import day_ns


def contract(series, **more):
    return Instrument(symbol=f"{series}-X", venue="kalshi", series=series, event=f"{series}-E", **more)


def rates(instrument, day, **more):
    step = fee_at(fee_steps(instrument, **more), day_ns(*day))
    return step.taker_rate, step.maker_rate


def test_rounding_eras():
    steps = fee_steps(contract("KXBTC15M"))
    assert steps[0].from_ns == 0
    rounding = [fee_at(steps, day_ns(*day)).rounding for day in ((2025, 1, 1), (2026, 3, 9), (2026, 7, 7))]
    assert rounding == [
        FeeRounding.CENT_CEIL,
        FeeRounding.CENTICENT_CEIL_REBATE,
        FeeRounding.KALSHI_ACCUMULATOR,
    ]


def test_precision_classes():
    for day, direct in (((2026, 5, 2), 10_000), ((2026, 6, 1), 100), ((2026, 10, 1), 100)):
        assert fee_at(fee_steps(contract("KXBTC15M")), day_ns(*day)).precision == direct
        others = fee_steps(contract("KXBTC15M"), precision_class="non_direct")
        assert fee_at(others, day_ns(*day)).precision == 10_000
    with pytest.raises(DataError, match="precision class"):
        fee_steps(contract("KXBTC15M"), precision_class="member")


@pytest.mark.parametrize(
    ("series", "day", "expected"),
    [
        ("KXBTC15M", (2026, 10, 1), (70_000, 0)),
        ("KXHIGHNY", (2026, 10, 1), (70_000, 0)),
        ("KXINX", (2026, 7, 3), (35_000, 0)),
        ("KXINX", (2026, 7, 4), (70_000, 0)),
        ("INX", (2024, 7, 4), (35_000, 0)),
        ("KXINXY", (2026, 7, 1), (35_000, 8_750)),
        ("KXINXY", (2026, 8, 1), (70_000, 17_500)),
        ("KXFED", (2025, 6, 30), (70_000, 2_500)),
        ("KXFED", (2025, 7, 1), (70_000, 17_500)),
        ("KXMLBGAME", (2025, 10, 3), (70_000, 0)),
        ("KXMLBGAME", (2025, 10, 4), (70_000, 17_500)),
        ("KXMLBGAME", (2026, 10, 4), (35_000, 8_750)),
        ("KXNFLGAME", (2025, 12, 31), (70_000, 0)),
        ("KXNFLGAME", (2026, 1, 1), (70_000, 17_500)),
        ("KXGREENLAND", (2026, 3, 2), (70_000, 0)),
        ("KXGREENLAND", (2026, 3, 3), (0, 0)),
        ("KXBTCY", (2026, 10, 1), (0, 0)),
    ],
)
def test_series_settings_by_date(series, day, expected):
    assert rates(contract(series), day) == expected


def test_the_series_is_read_from_the_ticker_where_it_is_not_given():
    assert rates(Instrument(symbol="INX-24JUL03-B5500", venue="kalshi"), (2024, 7, 3)) == (35_000, 0)


def test_the_index_switch_happens_at_its_minute():
    steps = fee_steps(contract("KXNASDAQ100U"))
    at = day_ns(2026, 7, 3, 17)
    assert (fee_at(steps, at - 1).taker_rate, fee_at(steps, at).taker_rate) == (35_000, 70_000)


def test_flat_maker_fee_before_july_2025():
    assert fee_steps(contract("KXFED"))[0].model is FeeModel.QUADRATIC_FLAT_MAKER
    assert fee_steps(contract("KXBTC"))[0].model is FeeModel.QUADRATIC


def test_the_log_replaces_the_table_from_its_first_entry_on():
    rows = [
        {"id": "1", "series_ticker": "KXINX", "fee_type": "quadratic_with_maker_fees", "fee_multiplier": 2,
         "scheduled_ts": "2026-06-01T00:00:00Z"},
        {"id": "2", "series_ticker": "KXOTHER", "fee_type": "quadratic", "fee_multiplier": 0,
         "scheduled_ts": "2026-06-01T00:00:00Z"},
    ]  # fmt: skip
    changes = fee_changes(rows)
    assert changes[0] == FeeChange(
        scope="series",
        ticker="KXINX",
        from_ns=day_ns(2026, 6, 1),
        fee_type="quadratic_with_maker_fees",
        multiplier=Decimal(2),
    )
    instrument = contract("KXINX")
    assert rates(instrument, (2026, 5, 31), changes=changes) == (35_000, 0)
    assert rates(instrument, (2026, 6, 2), changes=changes) == (140_000, 35_000)
    assert rates(instrument, (2026, 8, 2), changes=changes) == (140_000, 35_000)


def test_an_event_overrides_its_series_until_the_override_is_removed():
    def row(day, kind, factor):
        return {
            "id": "1",
            "event_ticker": "KXMLBGAME-E",
            "series_ticker": "KXMLBGAME",
            "fee_type_override": kind,
            "fee_multiplier_override": factor,
            "scheduled_ts": f"2026-10-{day:02}T00:00:00Z",
        }

    changes = fee_changes([row(2, None, "1"), row(4, None, None), row(3, "quadratic", "1")])
    instrument = contract("KXMLBGAME")
    got = [rates(instrument, (2026, 10, day), changes=changes) for day in (1, 2, 3, 4)]
    assert got == [(35_000, 8_750), (70_000, 17_500), (70_000, 0), (35_000, 8_750)]
    other = Instrument(symbol="Y", venue="kalshi", series="KXMLBGAME", event="OTHER")
    assert rates(other, (2026, 10, 2), changes=changes) == (35_000, 8_750)


def test_what_the_venue_states_of_a_series_is_used_where_nothing_is_dated():
    combo = contract(
        "KXMVE", fee_schedule={"fee_type": "quadratic_with_combo_maker_fees", "fee_multiplier": 1}
    )
    assert rates(combo, (2026, 10, 1)) == (70_000, 35_000)
    event = contract("KXBTC", attributes={"fee_multiplier_override": 0.5})
    assert rates(event, (2026, 10, 1)) == (35_000, 0)


@pytest.mark.parametrize("kind", ["flat", "cubic", "quadratic_with_maker_fee"])
def test_an_unknown_fee_type_is_refused(kind):
    with pytest.raises(DataError) as raised:
        fee_steps(contract("KXA", fee_schedule={"fee_type": kind}))
    assert raised.value.code == "unknown_fee"
    with pytest.raises(DataError):
        fee_changes([{"series_ticker": "A", "fee_type": kind, "fee_multiplier": 1, "scheduled_ts": 0}])


def test_incomplete_log_rows_are_refused():
    with pytest.raises(DataError, match="scheduled_ts") as raised:
        fee_changes([{"series_ticker": "A", "fee_type": "quadratic", "fee_multiplier": 1}])
    assert raised.value.details == {"row": 0}
    with pytest.raises(DataError):
        fee_steps(contract("A"), changes=[FeeChange(scope="series", ticker="A", from_ns=0)])
    negative = FeeChange(scope="series", ticker="A", from_ns=0, fee_type="quadratic", multiplier=Decimal(-1))
    with pytest.raises(DataError, match="multiplier"):
        fee_steps(contract("A"), changes=[negative])


def test_steps_that_change_nothing_are_merged():
    steps = fee_steps(contract("KXBTC15M"))
    assert len(steps) == len({(s.rounding, s.precision, s.taker_rate) for s in steps}) == 4
