from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ntp.core import MINUTE, SECOND
from ntp.data.quality import QualityReport, Severity, check, check_dataset
from ntp.data.recorded import detect
from ntp.data.recorded.frames import finish, lifecycle, settlements
from ntp.data.schema import BOOK_DELTA, BOOK_SET, FLAG_SNAPSHOT, Kind
from ntp.markets.instrument import Instrument, InstrumentKind

CLOSE = 15 * MINUTE


def quotes(rows: list[tuple], symbol: str = "A") -> pl.DataFrame:
    """Rows of (time, bid, ask) or (time, bid, ask, bid size, ask size)."""
    names = ["ts_event", "bid", "ask", "bid_size", "ask_size"][: len(rows[0])]
    return finish(
        Kind.QUOTE, pl.DataFrame(rows, schema=names, orient="row").with_columns(symbol=pl.lit(symbol))
    )


def contract(symbol: str = "A") -> Instrument:
    return Instrument(symbol=symbol, venue="kalshi", open_time=0, close_time=CLOSE)


def good_quotes(symbol: str = "A") -> pl.DataFrame:
    return quotes([(n * SECOND, 4_000 + n % 7 * 100, 4_900, 5, 6) for n in range(900)], symbol)


def checks(report: QualityReport) -> set[str]:
    return {found.check for found in report.findings}


def test_a_sound_contract_is_fully_trusted() -> None:
    report = check(
        {Kind.QUOTE: good_quotes(), Kind.SETTLEMENT: settlements([(CLOSE, "A", True)])}, [contract()]
    )
    assert report.findings == ()
    assert report.trust["A"].score == 1.0
    assert not report.defective
    assert report.coverage == pytest.approx(899 / 900)


def test_the_wrong_end_of_the_ladder_is_named() -> None:
    report = check({Kind.QUOTE: quotes([(n * SECOND, 100, 9_900) for n in range(60)])}, [contract()])
    assert report.defective
    assert report.untrusted == ["A"]
    assert "wrong end of the ladder" in report.reasons[0]


def test_one_quiet_contract_among_sound_ones_is_not_a_ghost() -> None:
    frames = [good_quotes(name) for name in "ABC"] + [
        quotes([(n * SECOND, 100, 9_900, 1, 1) for n in range(60)], "D")
    ]
    report = check({Kind.QUOTE: pl.concat(frames).sort("ts_event", maintain_order=True)})
    assert not report.defective
    assert [found.severity for found in report.of("ghost_book")] == [Severity.INFO]
    assert report.trust["D"].score == pytest.approx(0.9 if report.of("no_settlement") else 1.0)


def test_a_quiet_contract_is_not_a_gap_but_a_silent_recording_is() -> None:
    quiet = quotes([(0, 4_000, 4_900), (14 * MINUTE, 4_000, 4_900)], "B")
    both = pl.concat([good_quotes(), quiet]).sort("ts_event", maintain_order=True)
    assert check({Kind.QUOTE: both}).of("time_gap") == []
    silent = good_quotes().filter((pl.col("ts_event") < 2 * MINUTE) | (pl.col("ts_event") > 10 * MINUTE))
    gaps = check({Kind.QUOTE: silent}).of("time_gap")
    assert len(gaps) == 1
    assert "8.0 minutes" in gaps[0].message


def test_crossed_quotes_cost_trust_by_their_share() -> None:
    few = check({Kind.QUOTE: quotes([(n, 5_000, 5_000 if n == 3 else 5_100) for n in range(100)])})
    many = check({Kind.QUOTE: quotes([(n, 5_000, 5_000 if n % 2 else 5_100) for n in range(100)])})
    assert few.of("crossed")[0].severity is Severity.WARNING
    assert many.of("crossed")[0].severity is Severity.ERROR
    assert few.trust["A"].score > 0.95
    assert many.trust["A"].score == 0.0


def test_impossible_prices_and_sizes_are_errors() -> None:
    report = check({Kind.QUOTE: quotes([(1, 5_000, 10_500, 1, 1), (2, 5_000, 5_100, -1, 1)])})
    assert {"price_range", "negative_size"} <= checks(report)
    asset = Instrument(symbol="A", venue="cash", kind=InstrumentKind.ASSET)
    assert "price_range" not in checks(check({Kind.QUOTE: quotes([(1, 5_000, 10_500, 1, 1)])}, [asset]))


def test_sizes_that_are_zero_throughout_are_an_error() -> None:
    report = check({Kind.QUOTE: quotes([(n, 5_000 + n, 5_100 + n, 0, 0) for n in range(20)])})
    assert report.of("zero_sizes")[0].severity is Severity.ERROR
    assert report.defective
    unknown = check({Kind.QUOTE: quotes([(n, 5_000 + n, 5_100 + n) for n in range(20)])})
    assert "zero_sizes" not in checks(unknown)


def test_recorder_defaults_are_found_only_at_the_beginning() -> None:
    report = check(
        {Kind.QUOTE: quotes([(1, 5_000, 5_000), (2, 100, 5_000), (3, 4_000, 4_200), (4, 100, 5_000)])}
    )
    assert report.of("recorder_default")[0].count == 2


def test_repeated_rows_are_counted() -> None:
    repeated = pl.concat([good_quotes()] * 8).sort("ts_event", maintain_order=True)
    report = check({Kind.QUOTE: repeated})
    assert report.of("repeated_rows")[0].count == 7 * 900
    assert report.defective


def test_clocks_that_run_wrong_are_found() -> None:
    early = good_quotes().with_columns(ts_recv=pl.col("ts_event") - SECOND)
    assert "arrival_before_event" in checks(check({Kind.QUOTE: early}))
    late = good_quotes().with_columns(ts_recv=pl.col("ts_event") + 8 * 3_600 * SECOND)
    assert "late_arrival" in checks(check({Kind.QUOTE: late}))
    back = good_quotes().with_columns(
        ts_recv=pl.col("ts_event") + pl.when(pl.col("ts_event") > 5 * MINUTE).then(0).otherwise(2 * MINUTE)
    )
    assert "clock_backwards" in checks(check({Kind.QUOTE: back}))
    fine = good_quotes().with_columns(ts_recv=pl.col("ts_event") + SECOND // 10)
    assert not checks(check({Kind.QUOTE: fine})) - {"no_settlement"}


def test_missing_ends_are_told() -> None:
    short = good_quotes().filter(pl.col("ts_event") < 5 * MINUTE)
    report = check({Kind.QUOTE: short}, [contract()])
    assert {"no_settlement", "stops_early"} <= checks(report)
    assert report.trust["A"].coverage == pytest.approx(299 / 900)


def test_rows_after_the_result_are_told() -> None:
    settled = settlements([(CLOSE - 5 * MINUTE, "A", True), (CLOSE, "B", True)])
    both = pl.concat([good_quotes("A"), good_quotes("B")]).sort("ts_event", maintain_order=True)
    report = check({Kind.QUOTE: both, Kind.SETTLEMENT: settled}, [contract("A"), contract("B")])
    (found,) = report.of("after_result")
    assert (found.contract, found.severity, found.count) == ("A", Severity.WARNING, 4 * 60 - 1)
    assert found.start == CLOSE - 4 * MINUTE + SECOND
    assert report.trust["A"].score < report.trust["B"].score
    amended = settlements([(CLOSE, "A", True), (CLOSE + MINUTE, "A", False)])
    assert not check({Kind.QUOTE: good_quotes(), Kind.SETTLEMENT: amended}, [contract()]).of("after_result")


def test_coverage_leaves_out_what_a_halt_says_was_not_recorded() -> None:
    states = lifecycle(
        [
            (0, "A", "open", {}),
            (3 * MINUTE, "A", "halted", {"reason": "recording gap"}),
            (12 * MINUTE, "A", "open", {}),
            (15 * MINUTE, "A", "closed", {}),
        ]
    )
    report = check({Kind.QUOTE: good_quotes(), Kind.LIFECYCLE: states}, [contract()])
    assert report.trust["A"].coverage == pytest.approx(6 / 15)


def feed(values: list[float]) -> pl.DataFrame:
    frame = pl.DataFrame({"ts_event": [n * SECOND for n in range(len(values))], "value": values})
    return finish(Kind.INDEX, frame.with_columns(symbol=pl.lit("BTC")))


def test_feeds_of_zeros_constants_and_jumps_are_found() -> None:
    assert check({Kind.INDEX: feed([0.0] * 40)}).defective
    assert checks(check({Kind.INDEX: feed([7.0] * 40)})) == {"constant_reference"}
    assert checks(check({Kind.INDEX: feed([100.0 + n % 3 for n in range(40)] + [150.0])})) == {
        "reference_jump"
    }
    assert checks(check({Kind.INDEX: feed([100.0 + n % 3 for n in range(40)])})) == set()


def book(sequence: list[int]) -> pl.DataFrame:
    rows = [
        (n, 1 if n % 2 else -1, BOOK_SET if n < 2 else BOOK_DELTA, 4_500 if n % 2 else 4_700, 5)
        for n in range(len(sequence))
    ]
    frame = pl.DataFrame(rows, schema=["ts_event", "side", "action", "price", "size"], orient="row")
    flags = [1 | FLAG_SNAPSHOT] * 2 + [1] * (len(sequence) - 2)
    return finish(
        Kind.BOOK,
        frame.with_columns(symbol=pl.lit("A"), sequence=pl.Series(sequence), flags=pl.Series(flags)),
    )


def test_skipped_numbers_of_a_book_are_an_error() -> None:
    assert "sequence_gap" not in checks(check({Kind.BOOK: book([1, 1, *range(2, 40)])}))
    report = check({Kind.BOOK: book([1, 1, *range(2, 20), *range(25, 40)])})
    assert report.of("sequence_gap")[0].severity is Severity.ERROR
    # Numbers that several contracts share say nothing about one of them.
    assert "sequence_gap" not in checks(check({Kind.BOOK: book([1, 1, *range(4, 100, 3)])}))


def test_gaps_that_an_import_counted_are_told() -> None:
    meta = {"recordings": [{"run": "r", "sequence_gaps": 2, "usable": False}]}
    found = check({Kind.BOOK: book([1, 1, *range(2, 40)])}, (), meta).of("sequence_gap")
    assert [item.count for item in found] == [2]
    assert "left out" in found[0].message


def test_a_book_at_odds_with_its_quotes_is_not_trusted() -> None:
    wrong = quotes([(n, 3_000, 4_000) for n in range(2, 40)])
    report = check({Kind.BOOK: book([1, 1, *range(2, 40)]), Kind.QUOTE: wrong})
    assert report.of("book_against_quotes")[0].severity is Severity.ERROR
    assert report.trust["A"].score == 0.0


def test_findings_are_json_with_the_agreed_keys() -> None:
    report = check({Kind.QUOTE: quotes([(n * SECOND, 100, 9_900) for n in range(60)])})
    record = report.to_dict()
    assert set(record["findings"][0]) == {"check", "severity", "contract", "from", "to", "count", "message"}
    assert record["trust"]["A"]["reasons"]


class Stored:
    """What a catalog offers to a check."""

    def __init__(self, path: Path) -> None:
        known = detect(path)
        assert known is not None
        self.parts = list(known.parts(path))
        self.meta: Mapping[str, Any] = self.parts[-1].meta

    def instruments(self) -> list[Instrument]:
        return [item for part in self.parts for item in part.instruments]

    def kinds(self) -> set[Kind]:
        return {kind for part in self.parts for kind in part.frames}

    def frame(self, kind: Kind, *, symbols: Sequence[str] | None = None) -> pl.DataFrame:
        frame = pl.concat([part.frames[kind] for part in self.parts if kind in part.frames])
        frame = frame if symbols is None else frame.filter(pl.col("symbol").is_in(list(symbols)))
        return frame.sort("ts_event", "sequence", maintain_order=True)


def test_the_defective_recording_is_flagged_with_its_reasons(shared_data: Path) -> None:
    report = check_dataset(Stored(shared_data / "polymarket_btc5m_defective"))
    assert report.defective
    text = " ".join(report.reasons)
    assert "wrong end of the ladder" in text
    assert "depths were not recorded" in text
    assert len(report.of("ghost_book")) == 65
    assert len(report.of("zero_sizes")) == 8
    assert report.of("zero_reference")[0].count > 0
    contracts = {found.contract for found in report.of("ghost_book") + report.of("zero_sizes")}
    assert set(report.untrusted) == contracts
    assert len(contracts) == 73


@pytest.mark.parametrize(
    "folder",
    [
        "engine_fixtures",
        "kalshi_btc15m_l2",
        "kalshi_btc15m_settlements",
        "kalshi_crypto15m_tob",
        "kalshi_highny_tob",
        "kalshi_mentions",
        "kalshi_temp_markets_candles",
        "kalshi_worldcup_inplay",
        "polymarket_btc15m_l5",
        "polymarket_btc5m_settlement",
        "polymarket_us_quotes",
    ],
)
def test_sound_recordings_are_not_flagged(shared_data: Path, folder: str) -> None:
    report = check_dataset(Stored(shared_data / folder))
    assert not report.defective
    assert report.untrusted == []
