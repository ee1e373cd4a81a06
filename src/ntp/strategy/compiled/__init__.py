"""Compiled strategies: a user's methods as machine code inside the kernel, with the fills of the same in Python."""

from typing import Any

from ntp.strategy.compiled.array import Array


def compiled_runtime(*arguments: Any) -> Any:
    """Make the runtime of a compiled strategy; the arguments are those of ``EngineRuntime``."""
    from ntp.strategy.compiled.runtime import CompiledRuntime  # brings the compiler

    return CompiledRuntime(*arguments)


__all__ = ["Array", "compiled_runtime"]
