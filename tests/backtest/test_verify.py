from dataclasses import replace

import pytest
from factory import context, run, season

from ntp.backtest import Run
from ntp.core import VerificationFailed


def test_an_untouched_run_verifies():
    verification = run().verify()
    assert verification.verified
    verification.raise_on_failure()
    assert [check.name for check in verification.checks] == [
        "manifest", "fills base", "fills optimistic", "fills pessimistic",
    ]


def test_another_configuration_or_other_fills_do_not():
    made = run()
    outputs = {mode: result.output for mode, result in made.fill_modes.items()}
    claimed = Run(replace(context(), capital=1), outputs, manifest=made.manifest).verify()
    assert [check.passed for check in claimed.checks] == [False, True, True, True]
    swapped = Run(context(), {**outputs, "base": season(5).output()}, manifest=made.manifest).verify()
    with pytest.raises(VerificationFailed, match="expected fills base"):
        swapped.raise_on_failure()


def test_a_missing_mode_is_found():
    made = run()
    less = Run(context(), {"base": made.shown.output}, manifest=made.manifest).verify()
    assert not less.verified
