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
    from ntp.pricing.fair_values import FairValue, fair_values
    from ntp.pricing.quoting import (
        logit_drift,
        logit_quotes,
        optimal_spread,
        quotes_around,
        reservation_price,
    )
    from ntp.pricing.settlement import coherent, expected_payoff, settled_interval, settled_ladder, settled_value
    from ntp.pricing.tails import Tails, parse_tails
    from ntp.pricing.underlying import Underlying, settlement_forecast
    from ntp.pricing.volatility import (
        Bars,
        annual,
        close_variance,
        ewma_variance,
        garman_klass_variance,
        parkinson_variance,
        rogers_satchell_variance,
        thin_sampling,
        yang_zhang_variance,
    )

_ROOMS: Final = {
    "ntp.pricing.averaging": "MeanForecast forecast_difference forecast_mean mean_difference_variance window_variance",
    "ntp.pricing.digital": "Greeks bracket_prices digital_greeks digital_price smile_digital_price",
    "ntp.pricing.distributions": "Distribution Empirical Lognormal Normal NormalInverseGaussian StudentT",
    "ntp.pricing.edge": "EdgeCosts EdgeParts EntryRule edge_columns edge_parts",
    "ntp.pricing.extremes": (
        "AtLeast AtMost MaximumOfPath MinimumOfPath highest_trimmed_mean trimmed_mean "
        "trimmed_means_of_window"
    ),
    "ntp.pricing.fair_values": "FairValue fair_values",
    "ntp.pricing.quoting": "logit_drift logit_quotes optimal_spread quotes_around reservation_price",
    "ntp.pricing.settlement": "coherent expected_payoff settled_interval settled_ladder settled_value",
    "ntp.pricing.tails": "Tails parse_tails",
    "ntp.pricing.underlying": "Underlying settlement_forecast",
    "ntp.pricing.volatility": (
        "Bars annual close_variance ewma_variance garman_klass_variance parkinson_variance "
        "rogers_satchell_variance thin_sampling yang_zhang_variance"
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
    "Greeks",
    "Lognormal",
    "MaximumOfPath",
    "MeanForecast",
    "MinimumOfPath",
    "Normal",
    "NormalInverseGaussian",
    "StudentT",
    "Tails",
    "Underlying",
    "annual",
    "bracket_prices",
    "close_variance",
    "coherent",
    "digital_greeks",
    "digital_price",
    "edge_columns",
    "edge_parts",
    "ewma_variance",
    "expected_payoff",
    "fair_values",
    "forecast_difference",
    "forecast_mean",
    "garman_klass_variance",
    "highest_trimmed_mean",
    "logit_drift",
    "logit_quotes",
    "mean_difference_variance",
    "optimal_spread",
    "parkinson_variance",
    "parse_tails",
    "quotes_around",
    "reservation_price",
    "rogers_satchell_variance",
    "settled_interval",
    "settled_ladder",
    "settled_value",
    "settlement_forecast",
    "smile_digital_price",
    "thin_sampling",
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
