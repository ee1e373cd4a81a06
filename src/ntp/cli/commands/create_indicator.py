"""`ntp create indicator`: a later version writes the start of an indicator."""

from typing import Annotated

import typer

from ntp.cli.options import Json
from ntp.core import ConfigError


def command(
    name: Annotated[str, typer.Argument(help="Name of the indicator.")],
    as_json: Json = False,
) -> None:
    """Write the start of an indicator; not available in this version."""
    raise ConfigError(
        f"expected what this version offers, was an indicator ({name!r}), which comes with a later one",
        code="not_available_yet",
        hint="compute it in analyze and keep it in data.state",
    )
