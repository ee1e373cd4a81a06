"""Pricing: pure functions from a distribution and a settlement rule to what a contract is worth."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ntp.pricing.averaging import (
        MeanForecast,
        forecast_difference,
        forecast_mean,
        mean_difference_variance,
        window_variance,
    )
    from ntp.pricing.blend import logit_pool, market_weight
    from ntp.pricing.day_profile import TimeOfDay, time_of_day
    from ntp.pricing.digital import Greeks, bracket_prices, digital_greeks, digital_price, smile_digital_price
    from ntp.pricing.distributions import Distribution, Empirical, Lognormal, Normal, NormalInverseGaussian, StudentT
    from ntp.pricing.edge import EdgeCosts, EdgeParts, EntryRule, edge_columns, edge_parts
    from ntp.pricing.extremes import (
        AtLeast,
        AtMost,
        MaximumOfPath,
        MinimumOfPath,
        highest_trimmed_mean,
        trimmed_mean,
        trimmed_means_of_window,
    )
    from ntp.pricing.histories import price_history
    from ntp.pricing.option_quotes import OptionQuote, deribit_quotes
    from ntp.pricing.quoting import logit_drift, logit_quotes, optimal_spread, quotes_around, reservation_price
    from ntp.pricing.settlement import coherent, expected_payoff, settled_interval, settled_ladder, settled_value
    from ntp.pricing.smile import Smile, SmileDistribution, SmileSurface, fit_smile, fit_surface
    from ntp.pricing.tails import Shape, SmileTails, Tails, parse_tails
    from ntp.pricing.underlying import Underlying, settlement_forecast
    from ntp.pricing.valuation import FairValue, fair_values
    from ntp.pricing.variance_models import GarchFit, HarFit, garch, har
    from ntp.pricing.volatility import (
        Bars,
        annual,
        average_true_range,
        close_variance,
        ewma_variance,
        garman_klass_variance,
        parkinson_variance,
        qlike,
        range_variance,
        rogers_satchell_variance,
        thin_sampling,
        yang_zhang_variance,
    )

_ROOMS: Final = {
    "ntp.pricing.averaging": "MeanForecast forecast_difference forecast_mean mean_difference_variance window_variance",
    "ntp.pricing.blend": "logit_pool market_weight",
    "ntp.pricing.day_profile": "TimeOfDay time_of_day",
    "ntp.pricing.digital": "Greeks bracket_prices digital_greeks digital_price smile_digital_price",
    "ntp.pricing.distributions": "Distribution Empirical Lognormal Normal NormalInverseGaussian StudentT",
    "ntp.pricing.edge": "EdgeCosts EdgeParts EntryRule edge_columns edge_parts",
    "ntp.pricing.extremes": (
        "AtLeast AtMost MaximumOfPath MinimumOfPath highest_trimmed_mean trimmed_mean "
        "trimmed_means_of_window"
    ),
    "ntp.pricing.histories": "price_history",
    "ntp.pricing.option_quotes": "OptionQuote deribit_quotes",
    "ntp.pricing.quoting": "logit_drift logit_quotes optimal_spread quotes_around reservation_price",
    "ntp.pricing.settlement": "coherent expected_payoff settled_interval settled_ladder settled_value",
    "ntp.pricing.smile": "Smile SmileDistribution SmileSurface fit_smile fit_surface",
    "ntp.pricing.tails": "Shape SmileTails Tails parse_tails",
    "ntp.pricing.underlying": "Underlying settlement_forecast",
    "ntp.pricing.valuation": "FairValue fair_values",
    "ntp.pricing.variance_models": "GarchFit HarFit garch har",
    "ntp.pricing.volatility": (
        "Bars annual average_true_range close_variance ewma_variance garman_klass_variance "
        "parkinson_variance qlike range_variance rogers_satchell_variance thin_sampling yang_zhang_variance"
    ),
}
"""Where each name lives; it is loaded when it is first used, because scipy takes a second to load."""
_HOMES: Final = {name: room for room, names in _ROOMS.items() for name in names.split()}

__all__ = [
    "AtLeast",
    "AtMost",
    "Bars",
    "Distribution",
    "EdgeCosts",
    "EdgeParts",
    "Empirical",
    "EntryRule",
    "FairValue",
    "GarchFit",
    "Greeks",
    "HarFit",
    "Lognormal",
    "MaximumOfPath",
    "MeanForecast",
    "MinimumOfPath",
    "Normal",
    "NormalInverseGaussian",
    "OptionQuote",
    "Shape",
    "Smile",
    "SmileDistribution",
    "SmileSurface",
    "SmileTails",
    "StudentT",
    "Tails",
    "TimeOfDay",
    "Underlying",
    "annual",
    "average_true_range",
    "bracket_prices",
    "close_variance",
    "coherent",
    "deribit_quotes",
    "digital_greeks",
    "digital_price",
    "edge_columns",
    "edge_parts",
    "ewma_variance",
    "expected_payoff",
    "fair_values",
    "fit_smile",
    "fit_surface",
    "forecast_difference",
    "forecast_mean",
    "garch",
    "garman_klass_variance",
    "har",
    "highest_trimmed_mean",
    "logit_drift",
    "logit_pool",
    "logit_quotes",
    "market_weight",
    "mean_difference_variance",
    "optimal_spread",
    "parkinson_variance",
    "parse_tails",
    "price_history",
    "qlike",
    "quotes_around",
    "range_variance",
    "reservation_price",
    "rogers_satchell_variance",
    "settled_interval",
    "settled_ladder",
    "settled_value",
    "settlement_forecast",
    "smile_digital_price",
    "thin_sampling",
    "time_of_day",
    "trimmed_mean",
    "trimmed_means_of_window",
    "window_variance",
    "yang_zhang_variance",
]


def __getattr__(name: str) -> Any:
    room = _HOMES.get(name)
    if room is None:
        raise AttributeError(f"module 'ntp.pricing' has no attribute {name!r}")
    value = getattr(import_module(room), name)
    globals()[name] = value
    return value
