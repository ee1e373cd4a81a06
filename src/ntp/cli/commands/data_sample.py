"""`ntp data sample`: the embedded recording."""

from ntp.cli.commands.data_info import command as show_info
from ntp.cli.datasets import SAMPLE
from ntp.cli.options import Json


def command(as_json: Json = False) -> None:
    """Describe the embedded sample, a simulated recording that needs no download."""
    show_info(SAMPLE, as_json)
