import json
from pathlib import Path

import polars as pl

from ntp.data.recorded import detect
from ntp.data.recorded.archive_kalshi import cent_fault
from ntp.data.schema import Kind

YES = "KXTEST-26JAN01-A"
EXCHANGE = "0x4bFb41d5B3570DeFd03C39a9A4D8dE6Bd8B8982E"


def market(ticker: str, fetched: str, **changes) -> dict:
    return {
        "ticker": ticker,
        "event_ticker": "KXTEST-26JAN01",
        "market_type": "binary",
        "title": "Test",
        "yes_sub_title": "A",
        "no_sub_title": "",
        "status": "finalized",
        "result": "",
        "open_time": "2026-01-01T00:00:00Z",
        "close_time": "2026-01-01T12:00:00Z",
        "_fetched_at": fetched,
    } | changes


def trade(
    number: int, price: int, fetched: str, *, side: str = "yes", ticker: str = YES, count: int = 3
) -> dict:
    return {
        "trade_id": f"t{number}",
        "ticker": ticker,
        "count": count,
        "yes_price": price,
        "no_price": 100 - price,
        "taker_side": side,
        "created_time": f"2026-01-01T0{number % 10}:00:00Z",
        "_fetched_at": fetched,
    }


def write(path: Path, rows: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(rows).write_parquet(path)


def kalshi(root: Path) -> Path:
    write(
        root / "markets" / "m1.parquet", [market(YES, "2026-01-01"), market("KXTEST-26JAN01-B", "2026-01-01")]
    )
    write(root / "markets" / "m2.parquet", [market(YES, "2026-01-03", result="yes")])
    write(root / "trades" / "t1.parquet", [trade(1, 40, "2026-01-01"), trade(2, 41, "2026-01-01", side="no")])
    write(root / "trades" / "t2.parquet", [trade(2, 42, "2026-01-02", side="no"), trade(3, 43, "2026-01-02")])
    return root


def test_the_newest_copy_of_a_trade_counts_once(tmp_path: Path) -> None:
    known = detect(kalshi(tmp_path / "kalshi"))
    assert known is not None
    assert known.name == "trade_archive_kalshi"
    parts = list(known.parts(tmp_path / "kalshi"))
    tape = pl.concat([part.frames[Kind.TRADE] for part in parts if Kind.TRADE in part.frames])
    rows = tape.select("price", "size", "taker").rows()
    assert rows == [(4_000, 3_000_000, 1), (4_200, 3_000_000, -1), (4_300, 3_000_000, 1)]
    assert parts[-1].meta["copies_left_out"] == 1


def test_results_come_from_the_newest_market_row_once(tmp_path: Path) -> None:
    known = detect(kalshi(tmp_path / "kalshi"))
    assert known is not None
    parts = list(known.parts(tmp_path / "kalshi"))
    settled = pl.concat([part.frames[Kind.SETTLEMENT] for part in parts if Kind.SETTLEMENT in part.frames])
    assert settled.select("symbol", "value", "state").rows() == [
        (YES, 1_000_000, "determined"),
        (YES, 1_000_000, "settled"),
    ]
    assert any("time of results" in warning for part in parts for warning in part.warnings)


def test_a_result_waits_for_the_last_trade(tmp_path: Path) -> None:
    root = kalshi(tmp_path / "kalshi")
    write(
        root / "trades" / "t3.parquet",
        [trade(4, 50, "2026-01-03") | {"created_time": "2026-01-02T00:00:00Z"}],
    )
    known = detect(root)
    assert known is not None
    parts = list(known.parts(root))
    settled = pl.concat([part.frames[Kind.SETTLEMENT] for part in parts if Kind.SETTLEMENT in part.frames])
    tape = pl.concat([part.frames[Kind.TRADE] for part in parts if Kind.TRADE in part.frames])
    assert settled["ts_event"].min() == tape["ts_event"].max()


def test_the_cent_fault_is_found_but_not_repaired() -> None:
    sound = pl.DataFrame({"yes_price": list(range(1, 100)) * 20})
    assert cent_fault(sound) == {"state": "absent", "suspect": 0}
    broken = sound.with_columns(
        pl.when(pl.col("yes_price").is_in([29, 57, 58]))
        .then(pl.col("yes_price") - 1)
        .otherwise(pl.col("yes_price"))
    )
    # Trades at 58 cents are now at 57, so that only 29 and 58 are missing.
    assert cent_fault(broken) == {"state": "found", "suspect": 100}
    assert cent_fault(sound.head(10))["state"] == "unknown"


def test_the_cent_fault_is_told(tmp_path: Path) -> None:
    root = kalshi(tmp_path / "kalshi")
    write(
        root / "trades" / "t3.parquet", [trade(100 + n, 27 + 28 * (n % 2), "2026-01-01") for n in range(60)]
    )
    known = detect(root)
    assert known is not None
    parts = list(known.parts(root))
    assert any("one cent low" in warning for part in parts for warning in part.warnings)
    assert parts[-1].meta["cent_fault"]["t3.parquet"]["state"] == "found"
    assert parts[-1].meta["cent_fault"]["t1.parquet"]["state"] == "unknown"


def fill(log: int, maker_asset: str, taker_asset: str, paid: int, got: int) -> dict:
    return {
        "block_number": 10,
        "transaction_hash": "0x1",
        "log_index": log,
        "order_hash": "0x",
        "maker": "0xa",
        "taker": "0xb",
        "maker_asset_id": maker_asset,
        "taker_asset_id": taker_asset,
        "maker_amount": paid,
        "taker_amount": got,
        "fee": 0,
        "_fetched_at": "2026-01-01",
        "_contract": "CTF Exchange",
    }


def polymarket(root: Path) -> Path:
    write(
        root / "markets" / "m.parquet",
        [
            {
                "id": "1",
                "condition_id": "0xc",
                "question": "Test?",
                "slug": "test",
                "outcomes": json.dumps(["Yes", "No"]),
                "outcome_prices": json.dumps(["0", "1"]),
                "clob_token_ids": json.dumps(["11", "22"]),
                "volume": 1.0,
                "active": True,
                "closed": True,
                "end_date": "2026-01-01T00:00:00Z",
                "_fetched_at": "2026-02-01",
            }
        ],
    )
    write(
        root / "trades" / "t.parquet",
        [
            fill(1, "0", "11", 400_000, 1_000_000),  # the maker buys YES at 0.40
            fill(2, "0", "22", 1_400_000, 2_000_000),  # the maker buys NO at 0.70: the taker buys YES at 0.30
            fill(3, "11", "0", 1_000_000, 450_000),  # the maker sells YES at 0.45
            fill(4, "0", "11", 850_000, 2_000_000)
            | {"taker": EXCHANGE},  # the taker's whole order, told again
            fill(5, "0", "99", 100_000, 1_000_000),  # a token of no known market
        ],
    )
    write(root / "blocks" / "b.parquet", [{"block_number": 10, "timestamp": "2026-01-01T10:00:00Z"}])
    return root


def test_chain_fills_become_yes_prints(tmp_path: Path) -> None:
    known = detect(polymarket(tmp_path / "polymarket"))
    assert known is not None
    assert known.name == "trade_archive_polymarket"
    parts = list(known.parts(tmp_path / "polymarket"))
    rows = parts[0].frames[Kind.TRADE].select("symbol", "price", "size", "taker").rows()
    assert rows == [
        ("test", 4_000, 1_000_000, -1),
        ("test", 3_000, 2_000_000, 1),
        ("test", 4_500, 1_000_000, 1),
    ]
    assert parts[0].meta["taker_summaries"] == 1
    assert parts[0].meta["unknown_tokens"] == 1
    settled = parts[-1].frames[Kind.SETTLEMENT]
    assert settled["value"].to_list() == [0, 0]
    assert settled["ts_event"][0] == parts[0].frames[Kind.TRADE]["ts_event"].max()


def test_both_halves_are_read_from_one_folder(tmp_path: Path) -> None:
    kalshi(tmp_path / "kalshi")
    polymarket(tmp_path / "polymarket")
    known = detect(tmp_path)
    assert known is not None
    assert known.name == "trade_archive"
    parts = list(known.parts(tmp_path))
    assert {item.venue for part in parts for item in part.instruments} == {"kalshi", "polymarket"}
    assert len({part.file for part in parts}) == len(parts)
