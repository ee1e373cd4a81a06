"""Registry: what every collection of things known by name can be asked."""

from abc import ABC, abstractmethod
from collections.abc import Iterator


class Registry(ABC):
    """Things by name: iterated, counted and asked for by their names."""

    @abstractmethod
    def names(self) -> list[str]:
        """Names known, sorted."""

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __len__(self) -> int:
        return len(self.names())

    def __contains__(self, name: object) -> bool:
        return name in self.names()
