"""Catalogue: the templates by name, each loaded when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from ntp.core import NotFound, suggest

if TYPE_CHECKING:
    from ntp.strategy.template.template import Template

CLASSES: Final = {
    "pairs_trading": "PairsTradingTemplate",
    "momentum": "MomentumTemplate",
    "mean_reversion": "MeanReversionTemplate",
    "ml_prediction": "MLPredictionTemplate",
    "event_driven": "EventDrivenTemplate",
    "maker": "MakerTemplate",
}
"""Class of each template, in a module of the template's name."""


class Templates(Mapping[str, "type[Template]"]):
    """Templates by name: ``templates["momentum"]`` or ``templates.momentum``, a strategy class with `customize`."""

    def __getitem__(self, name: str) -> type[Template]:
        if name not in CLASSES:
            raise NotFound(
                f"expected a template ({', '.join(CLASSES)}), was {name!r}", code="unknown_template",
                hint=suggest(str(name), CLASSES), details={"template": name},
            )
        found: type[Template] = getattr(importlib.import_module(f"ntp.strategy.template.{name}"), CLASSES[name])
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(CLASSES)

    def __len__(self) -> int:
        return len(CLASSES)

    def __contains__(self, name: object) -> bool:
        return name in CLASSES

    def __getattr__(self, name: str) -> type[Template]:
        if name.startswith("_"):
            raise AttributeError(name)
        return self[name]

    def __repr__(self) -> str:
        return f"templates: {', '.join(CLASSES)}"


templates: Final = Templates()
"""The templates that come with the platform."""
