"""`ntp fairvalue`: what a contract, or every contract of an event, is worth at one moment."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ntp.cli.errors import UsageError
from ntp.cli.options import Json, read_time
from ntp.cli.output import Output, table
from ntp.core import SECOND, DataError, NotFound, SystemClock, format_ns, suggest

if TYPE_CHECKING:
    from ntp.markets import Instrument
    from ntp.pricing import FairValue, Shape, Underlying

Name = Annotated[str, typer.Argument(metavar="CONTRACT|EVENT", help="Ticker or slug, with or without its venue.")]
Spot = Annotated[str | None, typer.Option("--spot", metavar="USD", help="Price of the underlying now.")]
Vol = Annotated[str | None, typer.Option("--vol", metavar="V", help="Annual volatility: 0.55 or 55%.")]
At = Annotated[str | None, typer.Option("--at", metavar="TIME", show_default="now", help="Moment to price at.")]
Data = Annotated[list[str] | None, typer.Option("--data", metavar="NAME", help="Stored data set or path that knows the contract, repeatable.")]  # fmt: skip  # noqa: E501
Strike = Annotated[list[str] | None, typer.Option("--strike", metavar="USD", help="Strike; of an event several, rising.")]  # fmt: skip  # noqa: E501
Low = Annotated[str | None, typer.Option("--low", metavar="USD", help="Lower end of a range, included.")]
High = Annotated[str | None, typer.Option("--high", metavar="USD", help="Upper end of a range, included.")]
OpenMean = Annotated[str | None, typer.Option("--open-mean", metavar="USD", help="Opening mean or price that an up-or-down contract compares with.")]  # fmt: skip  # noqa: E501
Close = Annotated[str | None, typer.Option("--close", metavar="TIME", help="Close, where the name tells none.")]
TailsOption = Annotated[str, typer.Option("--tails", metavar="T", help="normal, t:DEGREES or nig:STEEPNESS[:LEAN].")]
Smile = Annotated[Path | None, typer.Option("--smile", metavar="FILE", help="JSON of Deribit option quotes: volatility and shape.")]  # fmt: skip  # noqa: E501
Observed = Annotated[str | None, typer.Option("--observed", metavar="N:MEAN", help="Seconds of the averaging window seen so far, and their mean.")]  # fmt: skip  # noqa: E501
Extreme = Annotated[str | None, typer.Option("--extreme", metavar="USD", help="Highest or lowest value so far, of contracts on one.")]  # fmt: skip  # noqa: E501
Basis = Annotated[str | None, typer.Option("--basis", metavar="[MEAN:]SD", help="Settlement index minus your feed in dollars: mean, and standard deviation.")]  # fmt: skip  # noqa: E501
VolError = Annotated[str, typer.Option("--vol-error", metavar="SHARE", help="Relative standard error of the volatility.")]  # fmt: skip  # noqa: E501
Plot = Annotated[Path | None, typer.Option("--plot", metavar="FILE", help="Write a page with charts to this file.")]

_WILD: Final = 10.0
"""Annual volatility above which a percent sign was forgotten."""
_HEAD: Final = ("contract", "pays", "fair value", "± sd", "delta", "vega", "theta")


def command(
    name: Name,
    spot: Spot = None,
    vol: Vol = None,
    at: At = None,
    data: Data = None,
    strike: Strike = None,
    low: Low = None,
    high: High = None,
    open_mean: OpenMean = None,
    close: Close = None,
    tails: TailsOption = "normal",
    smile: Smile = None,
    observed: Observed = None,
    extreme: Extreme = None,
    basis: Basis = None,
    vol_error: VolError = "0.1",
    plot: Plot = None,
    as_json: Json = False,
) -> None:
    """Price a contract or all contracts of an event: fair value, its band, delta, vega, theta."""
    now = read_time("--at", at)
    now = SystemClock().now() if now is None else now
    strikes = [_decimal("--strike", each) for each in strike or ()]
    if open_mean is not None:
        if strikes:
            raise UsageError("expected --strike or --open-mean, was both")
        strikes = [_decimal("--open-mean", open_mean)]
    from ntp.pricing import Underlying, fair_values

    ends = {key: None if text is None else _decimal(f"--{key}", text) for key, text in (("low", low), ("high", high))}
    contracts = _contracts(name, data or [], strikes, ends, read_time("--close", close), now)
    closes, opens = _one_close(name, contracts), contracts[0].open_time
    waiting = [each for each in contracts if each.strike_type == "greater_or_equal" and each.strike_low is None]
    seen, seen_mean = _observed(observed)
    mean, sd = _basis(basis)
    left = (closes - now) / SECOND
    volatility, shape = _shape(vol, tails, smile, now, left)
    underlying = Underlying(
        spot=_number("a spot price", "--spot", spot), volatility=volatility, seconds_left=left,
        tails=shape, seen=seen, seen_mean=seen_mean,
        extreme=None if extreme is None else _number("an extreme", "--extreme", extreme), basis=mean, basis_sd=sd,
        volatility_error=_number("an error of the volatility", "--vol-error", vol_error),
        seconds_to_open=_to_open(waiting, opens, now),
    )
    specs = [_spec(each) for each in contracts]
    values = fair_values(specs, underlying)
    document = _document(name, now, closes, underlying, contracts, values)
    output = Output(as_json)
    if plot is not None:
        from ntp.backtest.pages import write_page
        from ntp.research.fair_value_page import fair_value_html

        html = fair_value_html(name, now, contracts, specs, values, underlying)
        document["plot"] = str(write_page(html, plot))
    output.show(document, *_people(document, contracts, values))


def _contracts(
    name: str, data: list[str], strikes: list[Decimal], ends: dict[str, Decimal | None], close: int | None, now: int
) -> "list[Instrument]":
    from ntp.markets import InstrumentKind, named_contracts

    if not data:
        return named_contracts(name, strikes=strikes, low=ends["low"], high=ends["high"], close=close, at=now)
    known = [each for one in data for each in _instruments(one) if each.kind is InstrumentKind.CONTRACT]
    found = [each for each in known if name in (each.symbol, each.id, each.event, f"{each.venue}:{each.event}")]
    if not found:
        raise NotFound(
            f"expected a contract or event of {', '.join(data)}, was {name!r}", code="unknown_contract",
            hint=suggest(name, {*(each.symbol for each in known), *(each.event for each in known)}),
        )
    if strikes and len(found) == 1:
        found = [replace(found[0], strike_low=f"{strikes[0]:f}")]
    by_strike = {each.symbol: (Decimal(each.strike_low or each.strike_high or 0), each.symbol) for each in found}
    return sorted(found, key=lambda each: by_strike[each.symbol])


def _instruments(name: str) -> "Sequence[Instrument]":
    """Instruments of a stored data set, or of files that are read for them."""
    from ntp.cli.datasets import open_dataset

    path = Path(name).expanduser()
    if not path.exists():
        return open_dataset(name).instruments()
    from ntp.data import Catalog, import_path

    with tempfile.TemporaryDirectory() as folder:
        catalog = Catalog(Path(folder))
        import_path(catalog, path, name="files")
        return list(catalog.dataset("files").instruments())


def _one_close(name: str, contracts: "list[Instrument]") -> int:
    closes = {each.close_time for each in contracts}
    close = next(iter(closes))
    if len(closes) != 1 or close is None:
        raise DataError(
            f"expected one close time of {name}, was {'none' if close is None else len(closes)}", code="no_price",
            hint="price contracts with different closes one by one",
        )
    return close


def _to_open(waiting: "list[Instrument]", opens: int | None, now: int) -> float:
    """Seconds until the opening price is known that contracts without a strike wait for."""
    if not waiting:
        return 0.0
    if opens is None or now >= opens:
        raise DataError(
            f"expected the opening price that {waiting[0].symbol} compares with, was none", code="no_price",
            hint="--open-mean says it; before the open none is needed", details={"input": "open mean"},
        )
    return (opens - now) / SECOND


def _spec(contract: "Instrument") -> Any:
    from ntp.markets import DayBoundary, settlement_of

    waits = contract.strike_type == "greater_or_equal" and contract.strike_low is None
    spec = settlement_of(replace(contract, strike_low="0") if waits else contract)
    if spec.observable.day is not DayBoundary.NONE:
        raise DataError(
            f"expected a contract on a price, was {contract.id} on {spec.observable.source}", code="no_price",
            hint="contracts on weather are priced from a forecast",
        )
    return spec


def _shape(vol: str | None, tails: str, smile: Path | None, at: int, left: float) -> "tuple[float, Shape]":
    """Volatility and shape, from the options or from a smile; a volatility that is said comes first."""
    from ntp.pricing import SmileTails, deribit_quotes, fit_surface, parse_tails

    if smile is None:
        return _volatility(vol), parse_tails(tails)
    if tails != "normal":
        raise UsageError("expected --tails or --smile, was both")
    try:
        quotes = json.loads(smile.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(
            f"expected a JSON file of option quotes, was {smile}: {error}", code="bad_quotes",
            hint="the answer of get_book_summary_by_currency?currency=BTC&kind=option",
        ) from error
    surface, years = fit_surface(deribit_quotes(quotes), at), max(left, 1.0) / (365.0 * 86_400.0)
    return surface.volatility(years) if vol is None else _volatility(vol), SmileTails(surface.smile(years))


def _volatility(text: str | None) -> float:
    value = _number("a volatility", "--vol", text)
    if value > _WILD:
        raise DataError(
            f"expected an annual volatility such as 0.55 or 55%, was {text}", code="no_price",
            hint=f"did you mean {value:g}%?", details={"input": "volatility"},
        )
    return value


def _number(what: str, option: str, text: str | None) -> float:
    if text is None:
        raise DataError(
            f"expected {what} ({option}), was none", code="no_price", hint="without it there is no fair value",
            details={"input": what.removeprefix("a ").removeprefix("an ")},
        )
    try:
        return float(text.removesuffix("%")) / (100.0 if text.endswith("%") else 1.0)
    except ValueError as error:
        raise UsageError(f"expected a number for {option}, was {text!r}") from error


def _decimal(option: str, text: str) -> Decimal:
    try:
        value = Decimal(text.replace(",", ""))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value <= 0:
        raise UsageError(f"expected a price above 0 for {option}, was {text!r}")
    return value


def _observed(text: str | None) -> tuple[int, float]:
    if text is None:
        return 0, 0.0
    count, _, mean = text.partition(":")
    try:
        return int(count), float(mean)
    except ValueError as error:
        raise UsageError(f"expected SECONDS:MEAN such as 30:100020 for --observed, was {text!r}") from error


def _basis(text: str | None) -> tuple[float, float]:
    if text is None:
        return 0.0, 0.0
    mean, _, sd = text.rpartition(":")
    return _number("a basis", "--basis", mean or "0"), _number("a basis", "--basis", sd)


def _document(
    name: str, now: int, close: int, underlying: "Underlying", contracts: "list[Instrument]",
    values: "tuple[FairValue, ...]",
) -> dict[str, Any]:  # fmt: skip
    year = 365.0 * 86_400.0
    rows = [
        {
            "contract": each.id, "strike_type": each.strike_type, "strike_low": each.strike_low,
            "strike_high": each.strike_high, "fair_value_yes": value.value, "sd": value.sd, "low": value.low,
            "high": value.high, "delta_per_usd": value.delta, "vega_per_vol_point": value.vega / 100.0,
            "theta_per_minute": None if value.theta is None else value.theta * 60.0 / year,
        }
        for each, value in zip(contracts, values, strict=True)
    ]
    return {
        "schema": 1, "name": name, "at": format_ns(now), "close": format_ns(close),
        "seconds_left": underlying.seconds_left, "spot": underlying.spot, "volatility": underlying.volatility,
        "tails": underlying.tails.name,
        "observed_seconds": underlying.seen, "basis": underlying.basis, "basis_sd": underlying.basis_sd,
        "contracts": rows, "sum": sum(row["fair_value_yes"] for row in rows),
    }


def _people(document: dict[str, Any], contracts: "list[Instrument]", values: "tuple[FairValue, ...]") -> list[Any]:
    from ntp.research.fair_value_page import pays, span

    rows = [
        (
            row["contract"], pays(each), f"{value.value:.6f}", f"{value.sd:.4f}", f"{1e4 * value.delta:+.3f} ¢/$100",
            f"{100 * row['vega_per_vol_point']:+.3f} ¢/point",
            None if row["theta_per_minute"] is None else f"{100 * row['theta_per_minute']:+.3f} ¢/min",
        )
        for row, each, value in zip(document["contracts"], contracts, values, strict=True)
    ]
    said = (
        f"{document['name']} at {document['at']}: spot {document['spot']:,.2f}, volatility "
        f"{document['volatility']:.1%}, {span(document['seconds_left'])} to the close, tails {document['tails']}"
    )
    ladder = [f"sum {document['sum']:.6f}"] if len(rows) > 1 and _partition(contracts) else []
    page = [f"plot: {document['plot']}"] if "plot" in document else []
    return [said, table(_HEAD, rows, right=_HEAD[2:]), *ladder, *page]


def _partition(contracts: "list[Instrument]") -> bool:
    return any(each.strike_type == "between" for each in contracts)
