"""One file per command, named after it; each does its heavy imports when it is called."""

__all__: list[str] = []
