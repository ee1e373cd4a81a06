"""Runners of other engines; each is a script started in an environment and a process of its own."""
