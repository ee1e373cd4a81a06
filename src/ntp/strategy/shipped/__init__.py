"""Strategies that come with the platform; each also exists in compiled form inside the engine."""
