"""Subject: the strategy of a sweep, in a form that travels to other processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ntp.strategy import LoadedStrategy, Strategy
from ntp.strategy.class_state import ClassState
from ntp.strategy.declaration import Declaration
from ntp.strategy.loader import load_source
from ntp.strategy.params import Value


@dataclass(frozen=True)
class Subject:
    """A strategy without its parameters.

    Attributes
    ----------
    name, code_hash : str
        What it is called, and the digest of its code.
    declaration : Declaration
        What it declares.
    base : dict
        Values of the parameters that do not vary.
    path, source, class_name
        Its file, what that held when the sweep began, and the class meant in it; it may not be there elsewhere.
    instance : Strategy, optional
        In place of a file.
    """

    name: str
    code_hash: str
    declaration: Declaration
    base: Mapping[str, Value]
    path: Path | None = None
    source: bytes = b""
    class_name: str = ""
    instance: Strategy | None = None

    @classmethod
    def of(cls, strategy: Strategy, declared: LoadedStrategy) -> Subject:
        """Describe a strategy."""
        path = declared.path
        if path is None:
            return cls(
                declared.name, declared.code_hash, declared.declaration, strategy.parameters(), instance=strategy
            )
        return cls(
            declared.name, declared.code_hash, declared.declaration, strategy.parameters(), path, path.read_bytes(),
            declared.cls.__name__,
        )

    def cast(self) -> Cast:
        """Make what replays are cast from, in the process that replays."""
        return Cast(self)


class Cast:
    """Makes the strategy of each point.

    Parameters
    ----------
    subject : Subject
        What it is made of.

    Attributes
    ----------
    declared : LoadedStrategy
        Its class and what that declares.
    """

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        if subject.instance is None:
            self.declared = self._load()
        else:
            self.declared = LoadedStrategy(
                subject.name, type(subject.instance), None, subject.code_hash, subject.declaration
            )
        self._class_state = ClassState(self.declared.cls)

    def _load(self) -> LoadedStrategy:
        subject = self._subject
        assert subject.path is not None
        return load_source(subject.path, subject.source, subject.class_name, name=subject.name)

    def make(self, values: Mapping[str, Value]) -> Strategy:
        """Make the strategy of one point; a file is loaded anew, so that no point leaves traces in the next."""
        subject = self._subject
        if subject.instance is None:
            return self._load().make({**subject.base, **values})
        return self._class_state.apart(subject.instance.copy(**values))

    @property
    def shares_nothing(self) -> bool:
        """Whether strategies of one class leave no traces in each other through it."""
        return self._class_state.is_constant

    def parameters(self, values: Mapping[str, Value]) -> Strategy:
        """Make a strategy that is only asked for its parameters."""
        if self._subject.instance is None:
            return self.declared.make({**self._subject.base, **values})
        return self._subject.instance.copy(**values)
