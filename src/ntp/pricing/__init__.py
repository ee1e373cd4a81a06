"""Pricing: pure functions from a distribution and a settlement rule to what a contract is worth."""

from ntp.pricing.averaging import MeanForecast, forecast_mean, mean_difference_variance, window_variance
from ntp.pricing.digital import (
    Greeks,
    bracket_prices,
    digital_greeks,
    digital_price,
    smile_digital_price,
)
from ntp.pricing.distributions import (
    Distribution,
    Empirical,
    Lognormal,
    Normal,
    NormalInverseGaussian,
    StudentT,
)
from ntp.pricing.extremes import AtLeast, MaximumOfPath, highest_trimmed_mean, trimmed_mean
from ntp.pricing.settlement import coherent, settled_ladder, settled_value
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

__all__ = [
    "AtLeast",
    "Bars",
    "Distribution",
    "Empirical",
    "Greeks",
    "Lognormal",
    "MaximumOfPath",
    "MeanForecast",
    "Normal",
    "NormalInverseGaussian",
    "StudentT",
    "annual",
    "bracket_prices",
    "close_variance",
    "coherent",
    "digital_greeks",
    "digital_price",
    "ewma_variance",
    "forecast_mean",
    "garman_klass_variance",
    "highest_trimmed_mean",
    "mean_difference_variance",
    "parkinson_variance",
    "rogers_satchell_variance",
    "settled_ladder",
    "settled_value",
    "smile_digital_price",
    "thin_sampling",
    "trimmed_mean",
    "window_variance",
    "yang_zhang_variance",
]
