"""Wake tokens."""

import pytest

from ntp.core import MINUTE, SECOND, ConfigError
from ntp.strategy import Strategy, declaration_of, parse_wake


def test_tokens_and_durations():
    wake = parse_wake(("best", "bar:1m", "timer:5s", "bar:1s", "bar:60s", "fill"))
    assert wake.tokens == {"best", "bar", "timer", "fill"}
    assert wake.bars == (SECOND, MINUTE)
    assert wake.timers == (5 * SECOND,)
    assert "fill" in wake
    assert "book" not in wake
    assert parse_wake("quote").tokens == {"quote"}
    assert parse_wake(["quote", "trade"]).tokens == {"quote", "trade"}
    assert parse_wake(()).tokens == frozenset()


@pytest.mark.parametrize(
    ("token", "hint"), [("qoute", "'quote'"), ("bars:1m", "'bar:1m'"), ("best:1s", "'best'"), ("timer", "")]
)
def test_unknown_tokens_get_a_suggestion(token, hint):
    with pytest.raises(ConfigError) as caught:
        parse_wake(("best", token))
    assert caught.value.code == "bad_wake"
    assert hint in caught.value.hint
    assert token in caught.value.message


@pytest.mark.parametrize("token", ["bar:soon", "timer:0s", "bar:"])
def test_durations_must_be_durations(token):
    with pytest.raises(ConfigError, match="duration"):
        parse_wake(token)


def test_on_bar_needs_a_bar():
    class Barless(Strategy):
        def on_bar(self, data):
            return None

    class Barred(Barless):
        wake = "bar:1m"

    with pytest.raises(ConfigError, match="on_bar"):
        declaration_of(Barless)
    assert declaration_of(Barred()).wake.bars == (MINUTE,)
