"""The front door: every name of the SDK, loaded when it is first used."""

import pytest

import ntp
from ntp.core import ConfigError


def test_the_list_is_complete_and_each_name_has_a_home():
    assert set(ntp.__all__) == {*ntp._HOMES, "__version__"}
    assert set(dir(ntp)) >= set(ntp.__all__)


@pytest.mark.parametrize("name", sorted(ntp._HOMES))
def test_each_name_loads(name):
    assert getattr(ntp, name) is getattr(ntp, name)


def test_a_name_of_a_later_version_says_so():
    with pytest.raises(ConfigError, match="comes with a later one"):
        ntp.__getattr__("KalshiClient")


def test_a_program_may_ask_whether_a_name_is_there_already():
    assert not hasattr(ntp, "WebSocketAdapter")
    assert getattr(ntp, "WebSocketAdapter", None) is None
    with pytest.raises(ImportError, match="WebSocketAdapter"):
        from ntp import WebSocketAdapter  # noqa: F401
    with pytest.raises(ConfigError) as found:
        ntp.WebSocketAdapter.connect()
    assert found.value.code == "not_available_yet"


def test_a_misspelt_name_gets_a_suggestion():
    with pytest.raises(AttributeError, match="did you mean 'Strategy'"):
        ntp.__getattr__("Stratgy")
