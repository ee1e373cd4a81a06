"""Study of fair values against the market, on recorded up-or-down events.

``python -m ntp.research.forecast_study FOLDER --out STUDY.md`` measures the data sets of a folder.
"""

from ntp.research.forecast_study.events import RecordedEvent, Recording, Series, recorded_events, replayed_events
from ntp.research.forecast_study.forecasts import Settings, forecasts, volatility_of
from ntp.research.forecast_study.pooling import Pooling, pooled
from ntp.research.forecast_study.recomputed import Recomputed, recomputed_results
from ntp.research.forecast_study.scores import Row, Score, scored
from ntp.research.forecast_study.study import Part, Study, run_study

__all__ = [
    "Part",
    "Pooling",
    "Recomputed",
    "RecordedEvent",
    "Recording",
    "Row",
    "Score",
    "Series",
    "Settings",
    "Study",
    "forecasts",
    "pooled",
    "recomputed_results",
    "recorded_events",
    "replayed_events",
    "run_study",
    "scored",
    "volatility_of",
]
