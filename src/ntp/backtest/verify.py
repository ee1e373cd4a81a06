"""Check a run against the hashes that were recorded when it was made."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ntp.backtest.manifest import manifest_inputs
from ntp.core import VerificationFailed, sha256_json

if TYPE_CHECKING:
    from ntp.backtest.run import Run


@dataclass(frozen=True)
class Check:
    """One comparison: what was recorded and what is found now."""

    name: str
    expected: str
    found: str

    @property
    def passed(self) -> bool:
        """Whether they are equal."""
        return self.expected == self.found


@dataclass(frozen=True)
class Verification:
    """Outcome of checking a run.

    Attributes
    ----------
    checks : tuple of Check
        Manifest first, then the fills of each mode.
    """

    checks: tuple[Check, ...]

    @property
    def verified(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)

    def raise_on_failure(self) -> None:
        """Raise :class:`VerificationFailed` naming the first check that failed."""
        for check in self.checks:
            if not check.passed:
                raise VerificationFailed(
                    f"expected {check.name} {check.expected}, was {check.found}",
                    details={"check": check.name, "expected": check.expected, "found": check.found},
                )


def verify_run(run: "Run") -> Verification:
    """Hash the context and the fills of a run again.

    The environment is compared as recorded: a run may be verified elsewhere.
    """
    now = manifest_inputs(run.context)
    checks = [Check("manifest", run.manifest.hash, sha256_json(now))]
    recorded = run.manifest.outputs["fills_hash"]
    for mode in sorted({*recorded, *run.fill_modes}):
        result = run.fill_modes.get(mode)
        checks.append(
            Check(f"fills {mode}", recorded.get(mode, "none"), result.fills_hash if result else "none")
        )
    return Verification(tuple(checks))
