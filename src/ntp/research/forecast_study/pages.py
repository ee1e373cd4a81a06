"""The study for people: a page of the documentation, and one of charts."""

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import Final

import numpy as np

from ntp.backtest.pages import Axis, Chart, Line, Marks, Page, html_table
from ntp.research.basis import Basis
from ntp.research.forecast_study.scores import BUCKETS, WHOLE, Row, Score
from ntp.research.forecast_study.study import Part, Study

_NAMES: Final = {"fair": "fair value", "digital": "plain digital", "mid": "market", "half": "half and half",
                 "blend": "blend"}  # fmt: skip
_ROUGH: Final = (
    "Rough: neither strikes nor results of these contracts were recorded. The strike is the feed's last price of the "
    "two minutes before the open, with its error added to the variance; the result is what the market's own last price "
    "left no doubt of, which favours the market and leaves out what was close. No conclusion is drawn."
)
_COLUMNS: Final = 118
_FEW: Final = 10
"""Events below which nothing is concluded."""
_COLOURS: Final = {"fair": "--accent", "digital": "--pessimistic", "mid": "--buy", "blend": "--optimistic"}
_INTRODUCTION: Final = """\
# Fair values against the market

Written by `python -m ntp.research.forecast_study`; every number is measured on recorded markets.

What is compared, every five seconds of a contract's life, at exchange times:

- **fair value**: the contract's own rule (mean of 60 seconds against a strike), from the recorded price of the coin;
- **plain digital**: the same price, volatility and basis, as if the contract settled on the last price;
- **market**: the middle of the best prices, if they are at most 10 cents apart; an empty side counts as 0 or 1 dollar;
- **blend**: fair value and market pooled in logits; each event's weights were fitted on other events.

Volatility is an exponentially weighted mean of squared five-second returns (half-life 10 minutes, begun with 50 % a
year worth five minutes); tails are normal. None of this was tuned on these sets. The basis of the feed is what the
contract's own strike told at its open (strike minus the feed's mean over that minute), else the last one told before;
its deviation is added to the variance. Nothing later than the moment of a forecast goes into it, except the deviation
of the basis, which is measured over the set.

Log loss and Brier are means over events of each event's mean; brackets are 90 % intervals from drawing whole events
anew. Below 0 the first of two is better. Forecasts are taken for 0.001 to 0.999.
"""
_LIMITS: Final = """\
## What this does not show

- Some 35 events of the one set with a market are few: most intervals of differences hold 0.
- Both sides are taken at exchange time. A trader sees the market's price and the coin's a little later.
- A better log loss than the market's is no profit: fees, the spread and who trades against a quote come off it.
"""


def study_markdown(study: Study) -> str:
    """Write the page of the documentation."""
    parts = [_INTRODUCTION, _sets(study), _rules(study)]
    for part in study.recorded:
        if part.against and part.events >= _FEW:
            parts.append(_market(part))
    parts += [_played(part) for part in study.played]
    parts += [_alone(part) for part in study.recorded if part.alone and not part.against]
    parts += [_too_few(part) for part in study.recorded if part.against and part.events < _FEW]
    parts.append(_LIMITS)
    return "\n".join(parts)


def _sets(study: Study) -> str:
    rows = [
        (f"`{part.name}`", f"{part.events}", _listed(part.result_by), _listed(part.left_out),
         "–" if part.basis is None else f"{part.basis.mean:+.2f} ± {part.basis.sd:.2f} ({_drift(part.basis)})")
        for part in study.recorded
    ]  # fmt: skip
    table = _markdown(("set", "events scored", "results told by", "left out", "index minus feed, $"), rows)
    return (
        f"## What was scored\n\n{table}\n\nThe basis is mean and deviation over all opening minutes that the feed "
        "covers,\nin parentheses the deviation of its change from one to the next. Contracts are left out where the "
        "strike\ncannot be known (a feed polled for a minute in ten mostly misses the open), where nobody told the "
        "result,\nand where neither index nor feed of the coin is known.\n"
    )


def _drift(basis: Basis) -> str:
    change = basis.change_sd()
    return "–" if change is None else f"{change:.2f}"


def _rules(study: Study) -> str:
    rows = [
        (f"`{part.name}`", *(f"{count}" for count in (found.official, found.recomputed, len(found.wrong))))
        for part in study.recorded if (found := part.recomputed) is not None and found.official
    ]  # fmt: skip
    table = _markdown(("set", "official results", "of which the settlement value is known", "settled otherwise"), rows)
    return f"## Rules\n\nEvery official result whose settlement value is known, worked out by the rule:\n\n{table}\n"


def _market(part: Part) -> str:
    said = _better(part.against)
    if part.result_by.get("market"):
        said = fill(_ROUGH, _COLUMNS)
    columns = [name for name in _NAMES if name in part.against[0].log_loss]
    losses = _markdown(
        ("minutes left", "events", *(_NAMES[name] for name in columns)),
        [(_minutes(row), f"{row.events}", *(f"{row.log_loss[name].value:.4f}" for name in columns))
         for row in part.against],
    )  # fmt: skip
    briers = _markdown(
        ("minutes left", "events", *(_NAMES[name] for name in columns)),
        [(_minutes(row), f"{row.events}", *(f"{row.brier[name].value:.4f}" for name in columns))
         for row in part.against],
    )  # fmt: skip
    pairs = [name for name in part.against[0].log_loss if " - " in name]
    gaps = _markdown(
        ("minutes left", *(_pair(name) for name in pairs)),
        [(_minutes(row), *(_interval(row.log_loss[name]) for name in pairs)) for row in part.against],
    )
    text = (
        f"## `{part.name}` beside the market\n\n{said}\n\nLog loss:\n\n{losses}\n\nBrier score:\n\n{briers}\n\n"
        f"Differences of log loss:\n\n{gaps}\n"
    )
    if part.pooling is not None:
        weights = _markdown(
            ("minutes left", "weight of the market's logit"),
            [(_span(bucket), f"{weight:.2f}") for bucket, weight in part.pooling.by_bucket.items()],
        )
        text += (
            f"\nWeights of the blend, fitted to all events (the scores above are of weights fitted without the event):"
            f"\n\n{weights}\n\n`ntp.pricing.logit_pool(fair, market, weight)` pools; `market_weight(seconds_left)` is "
            "this table,\nthe default of the blend. Weights are drawn to one half, because so few events cannot tell "
            "them far apart.\n"
        )
    return text


def _too_few(part: Part) -> str:
    losses = {name: part.against[-1].log_loss[name].value for name in ("fair", "mid")}
    return (
        f"## `{part.name}` beside the market\n\n{part.events} events tell nothing (log loss of the fair value "
        f"{losses['fair']:.4f}, of the market {losses['mid']:.4f}): no intervals, no conclusion.\n"
    )


def _better(rows: Sequence[Row]) -> str:
    """Say in words where intervals leave no doubt, and where they do."""
    said = []
    for row in rows:
        gap = row.log_loss["fair - mid"]
        if row.events < _FEW:
            continue
        when = "over the whole life" if row.bucket == WHOLE else f"with {_minutes(row)} minutes left"
        if gap.low is not None and gap.low > 0:
            said.append(f"{when} the market is better than the fair value")
        if gap.high is not None and gap.high < 0:
            said.append(f"{when} the fair value is better than the market")
    lower = [_minutes(row) for row in rows if row.log_loss["fair - mid"].value > 0 and row.bucket in BUCKETS]
    sentence = "Where the interval leaves no doubt: " + "; ".join(said) + "." if said else (
        "Nowhere does an interval tell fair value and market apart."
    )
    if lower:
        sentence += f" The market's mean log loss is the lower one with {', '.join(lower)} minutes left."
    return fill(sentence, _COLUMNS)


def _played(part: Part) -> str:
    table = _markdown(
        ("minutes left", "events", "fair value", "plain digital", "difference"),
        [(_minutes(row), f"{row.events}", f"{row.log_loss['fair'].value:.4f}", f"{row.log_loss['digital'].value:.4f}",
          _interval(row.log_loss["fair - digital"])) for row in part.alone],
    )  # fmt: skip
    return (
        f"## The averaging window: {part.name}\n\nA contract on the mean of the last 60 seconds against the mean of "
        f"the 60 seconds before the open, played on\nthe recorded second prices; log loss of {part.events} events:\n\n"
        f"{table}\n"
    )


def _alone(part: Part) -> str:
    table = _markdown(
        ("minutes left", "events", "log loss", "Brier score"),
        [(_minutes(row), f"{row.events}", f"{row.log_loss['fair'].value:.4f} {_reach(row.log_loss['fair'])}",
          f"{row.brier['fair'].value:.4f} {_reach(row.brier['fair'])}") for row in part.alone],
    )  # fmt: skip
    return f"## `{part.name}`, without a market\n\nContracts on the last price, so both models agree:\n\n{table}\n"


def study_html(study: Study) -> str:
    """Build the page of charts."""
    page = Page()
    sections = []
    for number, part in enumerate((*study.recorded, *study.played)):
        rows = [row for row in (part.against or part.alone) if row.bucket in BUCKETS]
        if not rows or part.events < _FEW:
            continue
        sections.append((f"part{number}", part.name, _figure(page, part, rows)))
    header = (
        "<h1>Fair values against the market</h1><p>Log loss by time to the close, on recorded markets; bars are 90 % "
        "intervals from drawing whole events anew.</p>"
    )
    return page.html("Fair values against the market", header, sections, "Measured by ntp on recorded markets.")


def _figure(page: Page, part: Part, rows: Sequence[Row]) -> str:
    lines, marks = [], []
    shown = [name for name in _COLOURS if name in rows[0].log_loss]
    for number, name in enumerate(shown):
        x = np.array([sum(row.bucket) / 120.0 for row in rows]) + 0.06 * (number - (len(shown) - 1) / 2)
        scores = [row.log_loss[name] for row in rows]
        y = np.array([score.value for score in scores])
        ends = [(score.value if score.low is None else score.low, score.value if score.high is None else score.high)
                for score in scores]  # fmt: skip
        bars = np.column_stack((np.array(ends), np.full(len(ends), np.nan))).ravel()
        lines.append(Line(f"{_NAMES[name]}, interval", np.repeat(x, 3), bars, _COLOURS[name], width=1.0))
        notes = [f"{_minutes(row)} minutes left, {row.events} events, {score.value:.4f}"
                 for row, score in zip(rows, scores, strict=True)]  # fmt: skip
        marks.append(Marks(_NAMES[name], x, y, _COLOURS[name], notes=notes))
    chart = Chart(lines, marks, Axis("linear", "number", "Minutes left"), Axis("linear", "number", "Log loss"))
    table = html_table(
        "Log loss", ("Minutes left", "Events", *(_NAMES[name] for name in shown)),
        [(_minutes(row), f"{row.events}", *(f"{row.log_loss[name].value:.4f} {_reach(row.log_loss[name])}"
                                           for name in shown)) for row in rows],
    )  # fmt: skip
    return page.figure("Log loss", f"{part.events} events, each counting alike.", chart) + table


def _minutes(row: Row) -> str:
    return _span(row.bucket)


def _span(bucket: tuple[int, int]) -> str:
    return "whole life" if bucket == WHOLE else f"{bucket[0] // 60} to {bucket[1] // 60}"


def _pair(name: str) -> str:
    one, _, other = name.partition(" - ")
    return f"{_NAMES[one]} − {_NAMES[other]}"


def _interval(score: Score) -> str:
    return f"{score.value:+.4f} {_reach(score, sign=True)}"


def _reach(score: Score, *, sign: bool = False) -> str:
    if score.low is None or score.high is None:
        return "(too few)"
    form = "+.4f" if sign else ".4f"
    return f"[{score.low:{form}}, {score.high:{form}}]"


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{key} {count}" for key, count in counts.items()) or "–"


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
