"""Placeholder until the results exist."""

from ntp.cli.options import Json


def command(as_json: Json = False) -> None:
    """Run a strategy over recorded markets."""
