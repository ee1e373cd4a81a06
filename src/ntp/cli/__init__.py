"""The command line: thin commands that resolve names to objects and show results."""

__all__: list[str] = []
