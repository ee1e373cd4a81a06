"""Patterns and aliases."""

import pytest

from ntp.strategy import matches, matches_any


@pytest.mark.parametrize(
    ("pattern", "contract", "fits"),
    [
        ("*", "kalshi:KXBTC-1", True), ("kalshi:*", "kalshi:KXBTC-1", True),
        ("kalshi:*", "polymarket:btc", False), ("KXBTC*", "kalshi:KXBTC-1", True),
        ("KXBTC*", "polymarket:KXBTC-1", True), ("kxbtc*", "kalshi:KXBTC-1", False),
        ("kalshi:KXBTC-1", "kalshi:KXBTC-1", True), ("*:KXBTC-1", "kalshi:KXBTC-1", True),
        ("KXBTC-1", "KXBTC-1", True),
    ],
)
def test_patterns(pattern, contract, fits):
    assert matches(pattern, contract) is fits


def test_one_pattern_is_enough():
    assert matches_any(("a:*", "b:*"), "b:x")
    assert not matches_any((), "b:x")
