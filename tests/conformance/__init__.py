"""Comparison of the engine with other engines, each run in a process of its own."""
