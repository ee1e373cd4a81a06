"""Templates: small strategies to start from, by a description or as a file of your own."""

from typing import Any

from ntp.strategy.template.catalogue import CLASSES, Templates, templates

__all__ = [
    "EventDrivenTemplate",
    "MLPredictionTemplate",
    "MakerTemplate",
    "MeanReversionTemplate",
    "MomentumTemplate",
    "PairsTradingTemplate",
    "Templates",
    "templates",
]


def __getattr__(name: str) -> Any:
    """Load the class of a template when it is first used: it is written with the SDK, which knows of templates."""
    for template, class_name in CLASSES.items():
        if name == class_name:
            return templates[template]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
