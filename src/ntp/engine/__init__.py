"""Engine: the compiled simulator of matching that backtests, paper and live trading share."""
