"""Sequential tests: answers that stay true however often and whenever somebody looks."""

from ntp.statistics.sequential.beta_binomial import beta_binomial_e_value
from ntp.statistics.sequential.normal_mixture import mixture_ratio, mixture_weight, normal_mixture_radius
from ntp.statistics.sequential.randomised import balance_e_value, randomised_effects
from ntp.statistics.sequential.self_normalised import ConfidenceSequence, confidence_sequence, e_values
from ntp.statistics.sequential.sprt import Sprt, SprtResult

__all__ = [
    "ConfidenceSequence",
    "Sprt",
    "SprtResult",
    "balance_e_value",
    "beta_binomial_e_value",
    "confidence_sequence",
    "e_values",
    "mixture_ratio",
    "mixture_weight",
    "normal_mixture_radius",
    "randomised_effects",
]
