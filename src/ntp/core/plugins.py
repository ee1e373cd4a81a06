"""Plug-ins by three methods: one way to write strategies and sources alike."""

from collections.abc import Mapping
from typing import Any


class PluginInterface:
    """What a plug-in of any kind may define.

    In a strategy, ``class Mine(Strategy, PluginInterface)``, `process` is `analyze`; in a data source it is
    `transform`. `initialize` runs before anything else, `cleanup` after everything.
    """

    def initialize(self, config: Mapping[str, Any]) -> None:
        """Set up.

        Parameters
        ----------
        config : Mapping
            Of a strategy the values of its parameters, of a source its `name`, `venue` and `kind`.
        """

    def process(self, data: Any) -> Any:
        """Handle one contract at a moment (a strategy), or one raw message (a source)."""
        raise NotImplementedError(f"{type(self).__name__} does not define process")

    def cleanup(self) -> None:
        """Let go of what was set up."""


def defines_process(cls: type) -> bool:
    """Whether a class is a plug-in that processes."""
    return issubclass(cls, PluginInterface) and cls.process is not PluginInterface.process
