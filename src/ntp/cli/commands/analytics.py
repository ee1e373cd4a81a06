"""`ntp analytics`: what makers and takers earned on recorded trades."""

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from ntp.cli.errors import UsageError
from ntp.cli.options import From, Json, Report, To, read_time
from ntp.cli.output import Output
from ntp.core import NotFound, suggest

Name = Annotated[str | None, typer.Argument(metavar="NAME", help="Stored data set with trades and settlements.")]
Data = Annotated[str | None, typer.Option("--data", metavar="NAME", help="The same, named by an option.")]
By = Annotated[str | None, typer.Option("--by", metavar="A,B", help="Divisions of the trades, by default all but series and weekday.")]  # fmt: skip  # noqa: E501
Weighting = Annotated[str, typer.Option("--weighting", help="What counts alike: trade, quantity, contract, event.")]
Venue = Annotated[str | None, typer.Option("--venue", metavar="V", help="Only contracts of this venue.")]
Zone = Annotated[str, typer.Option("--zone", metavar="ZONE", help="Whose clock tells hours and weekdays.")]


def command(
    name: Name = None,
    data: Data = None,
    by: By = None,
    weighting: Weighting = "trade",
    venue: Venue = None,
    start: From = None,
    end: To = None,
    zone: Zone = "UTC",
    report: Report = None,
    as_json: Json = False,
) -> None:
    """Measure excess returns of makers and takers, and the calibration of prices, on recorded trades."""
    first, last = read_time("--from", start), read_time("--to", end, end=True)
    if (name is None) == (data is None):
        raise UsageError("expected one data set, was " + ("none" if name is None else "two"))
    from ntp.backtest.pages import write_page
    from ntp.cli.datasets import open_dataset
    from ntp.research import DEFAULT_BY, WEIGHTINGS, excess_returns, load_trades
    from ntp.research.excess_page import excess_html, excess_tables

    if weighting not in WEIGHTINGS:
        raise UsageError(f"expected {', '.join(WEIGHTINGS)} for --weighting, was {weighting!r}; {suggest(weighting, WEIGHTINGS)}")  # fmt: skip  # noqa: E501
    clock = _zone(zone)
    output = Output(as_json)
    dataset = open_dataset(name or data or "")
    if venue is not None:
        if venue not in dataset.venues():
            raise NotFound(
                f"expected a venue of data set {dataset.name!r}, was {venue!r}", code="unknown_venue",
                hint=suggest(venue, dataset.venues()),
            )
        dataset = dataset.of_venue(venue)
    divisions = DEFAULT_BY if by is None else [each.strip() for each in by.split(",") if each.strip()]
    with output.progress("reading trades") as progress:
        table = load_trades(dataset, start=first, end=last, progress=progress)
    found = excess_returns(table, divisions, zone=clock)
    document = found.to_dict() | {"data": dataset.name, "zone": zone}
    if report is not None:
        document["report"] = str(write_page(excess_html(found, dataset.name, weighting), Path(report)))
    people = (
        f"{dataset.name}: {found.trades:,} trades of {found.contracts:,} contracts of {found.events:,} events; every "
        f"{weighting} counts alike; before fees"
    )
    output.show(document, people, *excess_tables(found, weighting), *_said(document))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise UsageError(f"expected a time zone such as America/New_York for --zone, was {name!r}") from error


def _said(document: dict[str, object]) -> list[str]:
    return [f"report: {document['report']}"] if "report" in document else []
