"""What the compiled form of a strategy calls: readings, calculations and orders as machine code."""

__all__: list[str] = []
