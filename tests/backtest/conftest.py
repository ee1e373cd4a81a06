"""Fixtures of backtests; being here it puts their helpers within reach of the tests below."""
