"""Fair values for people: a page with the value against the price of the underlying, and the ladder of the event."""

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from typing import Final

import numpy as np

from ntp.backtest.pages import Axis, Chart, Line, Marks, Page, html_table
from ntp.core import SECOND, format_ns
from ntp.markets import Comparison, Instrument, SettlementSpec
from ntp.pricing import FairValue, Underlying, expected_payoff, settlement_forecast

_POINTS: Final = 481
_REACH: Final = 3.5
"""Deviations of the price, until the close, that a chart shows to either side."""
_MINUTE: Final = 60.0
_YEAR: Final = 365.0 * 86_400.0
_MONTE_CARLO: Final = 31
_UNITS: Final = (("d", 86_400, 1), ("h", 3_600, 86_400), ("m", 60, 3_600), ("s", 1, 60))


def pays(contract: Instrument) -> str:
    """When YES of a contract pays, in few words."""
    low, high = contract.strike_low, contract.strike_high
    match contract.strike_type:
        case "greater":
            return f"> {low}"
        case "greater_or_equal":
            return "≥ opening price" if low is None else f"≥ {low}"
        case "less":
            return f"< {high}"
        case "less_or_equal":
            return f"≤ {high}"
        case "between":
            return f"{low} to {high}"
        case other:
            return other


def span(seconds: float) -> str:
    """Write a length of time with its two largest units: ``17h 50m``."""
    left = round(seconds)
    parts = [f"{left // size}{unit}" if number == 0 else f"{left % last // size}{unit}"
             for number, (unit, size, last) in enumerate(_UNITS)]  # fmt: skip
    first = next((number for number, part in enumerate(parts) if not part.startswith("0")), len(parts) - 1)
    return " ".join(part for part in parts[first : first + 2] if not part.startswith("0")) or "0s"


def fair_value_html(
    name: str, at: int, contracts: Sequence[Instrument], specs: Sequence[SettlementSpec],
    values: Sequence[FairValue], now: Underlying,
) -> str:  # fmt: skip
    """Build the page."""
    page = Page()
    nearest = min(range(len(values)), key=lambda each: abs(values[each].value - 0.5))
    against = _against_spot(page, contracts[nearest], specs[nearest], values[nearest], now)
    ladder = _ladder(page, contracts, specs, values) if len(values) > 1 else ""
    rows = [
        (each.id, pays(each), f"{100 * value.value:.2f} ¢", f"{100 * value.low:.2f} to {100 * value.high:.2f} ¢",
         f"{1e4 * value.delta:+.3f} ¢", f"{value.vega:+.3f} ¢",
         "–" if value.theta is None else f"{100 * value.theta * _MINUTE / _YEAR:+.3f} ¢")
        for each, value in zip(contracts, values, strict=True)
    ]  # fmt: skip
    numbers = html_table(
        "Fair values", ("Contract", "Pays if", "Fair value", "Band, one sd", "Delta per $100", "Vega per point",
                        "Theta per minute"), rows,
        note="The band is the error of the volatility and of the basis; it is no interval of the outcome.",
    )  # fmt: skip
    header = (
        f"<h1>Fair value <small>{escape(name)}</small></h1><p>At {escape(format_ns(at))}, {span(now.seconds_left)} "
        f"before the close: spot {now.spot:,.2f}, volatility {now.volatility:.1%} a year, basis "
        f"{now.basis:+.2f} with a deviation of {now.basis_sd:.2f}, {now.seen} seconds of the window seen.</p>"
    )
    sections = [("spot", "Against the price", against), ("ladder", "The event", ladder), ("numbers", "Values", numbers)]
    return page.html(f"Fair value of {name}", header, sections, "Computed by ntp.")


def _against_spot(
    page: Page, contract: Instrument, spec: SettlementSpec, value: FairValue, now: Underlying
) -> str:
    moves = now.index * now.volatility * float(np.sqrt(max(now.seconds_left, 1.0) / _YEAR))
    points = _MONTE_CARLO if spec.observable.trim else _POINTS
    spots = now.spot + np.linspace(-_REACH, _REACH, points) * moves
    spots = spots[spots + now.basis > 0]
    lines = [
        Line(label, spots, _curve(spec, view, spots), colour, dash=dash, width=2.0, straight=True)
        for label, view, colour, dash in _moments(spec, now)
    ]
    here = Marks(
        "fair value now", np.array([now.spot]), np.array([value.value]), "--sell",
        notes=[f"spot {now.spot:,.2f}, {100 * value.value:.2f} ¢"],
    )
    chart = Chart(lines, [here], Axis("linear", "number", "Price of the underlying"), Axis("linear", "price", "YES"))
    return page.figure(
        f"Fair value of {contract.symbol} against the price",
        f"Pays if {pays(contract)}. What has been seen of the averaging window stays as it is.", chart,
    )


def _moments(spec: SettlementSpec, now: Underlying) -> list[tuple[str, Underlying, str, str]]:
    """Moments to draw: now, a minute later, and when the averaging window begins."""
    found = [("now", now, "--accent", "")]
    window = spec.observable.window_ns / SECOND
    if now.seconds_to_open > 0.0:
        return found
    if now.seconds_left - _MINUTE > window:
        found.append(("a minute later", replace(now, seconds_left=now.seconds_left - _MINUTE), "--buy", "6 4"))
    if window and now.seconds_left > window + 1.0:
        found.append(("when the window begins", replace(now, seconds_left=window), "--pessimistic", "2 3"))
    elif not window and now.seconds_left > _MINUTE:
        found.append(("a minute before the close", replace(now, seconds_left=_MINUTE), "--pessimistic", "2 3"))
    return found


def _curve(spec: SettlementSpec, view: Underlying, spots: np.ndarray) -> np.ndarray:
    return np.array([
        expected_payoff(spec, settlement_forecast(spec.observable, replace(view, spot=float(spot)))) for spot in spots
    ])


def _ladder(
    page: Page, contracts: Sequence[Instrument], specs: Sequence[SettlementSpec], values: Sequence[FairValue]
) -> str:
    places = np.array([_place(spec) for spec in specs])
    order = np.argsort(places, kind="stable")
    x = places[order]
    y = np.array([values[each].value for each in order])
    bars = np.column_stack((
        [values[each].low for each in order], [values[each].high for each in order], np.full(len(order), np.nan),
    )).ravel()
    notes = [f"{contracts[each].symbol}: {100 * values[each].value:.2f} ¢" for each in order]
    chart = Chart(
        [Line("band, one sd", np.repeat(x, 3), bars, "--accent", width=3.0)],
        [Marks("fair value", x, y, "--accent", notes=notes)],
        Axis("linear", "number", "Strike, or middle of the range"), Axis("linear", "price", "YES"),
    )
    total = sum(value.value for value in values)
    ranges = any(spec.comparison is Comparison.BETWEEN for spec in specs)
    summary = f"They sum to {total:.6f}." if ranges else "A higher strike is never worth more."
    return page.figure("Contracts of the event", summary, chart)


def _place(spec: SettlementSpec) -> float:
    low, high = spec.low, spec.high
    if low is not None and high is not None:
        return float(low + high) / 2.0
    return float(low if low is not None else high or 0)
