"""Collateral that a venue returns on exclusive groups: NO of several outcomes cannot all lose.

What the holdings of a group pay in their worst state counts as cash that may be bound again; it is never
booked as cash. Once an outcome has won, every other NO of its group pays for sure.
"""

from ntp.engine.compile import kernel, rare
from ntp.engine.records import account_at, contract_at


@kernel
def _worst(ctx, leader, seen):  # type: ignore[no-untyped-def]
    """Least that the NO holdings of a group pay, as the venue or as the strategy knows them."""
    total = most = 0
    member = leader.group
    while member > 0:
        contract = contract_at(ctx.contracts, member - 1)
        held = max(-contract.position_seen if seen else -contract.position, 0)
        total += held
        most = max(most, held)
        member = contract.group_next
    if leader.decided_seen if seen else leader.decided:
        return total
    return total - most


@rare
def holding_changed(ctx, contract):  # type: ignore[no-untyped-def]
    """Return more or less of a group's collateral after a holding of it changed at the venue."""
    leader = contract_at(ctx.contracts, contract.group - 1)
    back = _worst(ctx, leader, 0)
    account_at(ctx.accounts, contract.account).returned += back - leader.returned
    leader.returned = back


@rare
def holding_seen(ctx, contract):  # type: ignore[no-untyped-def]
    """Let what the strategy may bind follow a holding that it learnt of."""
    leader = contract_at(ctx.contracts, contract.group - 1)
    back = _worst(ctx, leader, 1)
    account_at(ctx.accounts, contract.account).returned_seen += back - leader.returned_seen
    leader.returned_seen = back


@rare
def outcome_won(ctx, contract, seen):  # type: ignore[no-untyped-def]
    """Note that an outcome of a group has won."""
    leader = contract_at(ctx.contracts, contract.group - 1)
    if seen:
        leader.decided_seen = 1
    else:
        leader.decided = 1


__all__ = ["holding_changed", "holding_seen", "outcome_won"]
