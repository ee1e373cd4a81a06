"""`ntp data check`: what is wrong with a stored data set."""

from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ntp.cli.datasets import open_dataset
from ntp.cli.errors import VERIFICATION
from ntp.cli.options import Json
from ntp.cli.output import Output, counted, table

if TYPE_CHECKING:
    from ntp.data.quality import QualityReport

_NAMED: Final = 10
"""Findings of one check that people are shown; all are in the document."""


def command(
    name: Annotated[str, typer.Argument(help="A stored data set, or sample.")],
    strict: Annotated[
        bool, typer.Option("--strict", help="End with exit code 7 if it is defective.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Find gaps, crossed books, wrong clocks and missing ends; trust each contract accordingly."""
    from ntp.data.quality import check_dataset

    dataset = open_dataset(name)
    report = check_dataset(dataset)
    feeds = {each.symbol for each in dataset.instruments() if each.kind != "contract"} & set(report.trust)
    columns = ("severity", "check", "contract", "trust", "count", "what")
    doubted = set(report.untrusted)
    watched = f" and {len(doubted & feeds):,} of {counted(len(feeds), 'feed')}" if feeds else ""
    verdict = "defective" if report.defective else "usable"
    Output(as_json).show(
        {"name": name, **report.to_dict()},
        *([table(columns, _rows(report), right=("trust", "count"))] if report.findings else ()),
        f"{name} is {verdict}: {counted(len(report.findings), 'finding')}, "
        f"{len(doubted - feeds):,} of {counted(len(report.trust) - len(feeds), 'contract')}{watched} "
        "not to be trusted",
    )
    if strict and report.defective:
        raise typer.Exit(VERIFICATION)


def _rows(report: "QualityReport") -> list[tuple[Any, ...]]:
    """Cells of the findings, of each check the worst contracts by name and the others by number."""
    rows: list[tuple[Any, ...]] = []
    scores = {name: trust.score for name, trust in report.trust.items()}
    for (severity, check), found in groupby(report.findings, key=lambda each: (each.severity.value, each.check)):
        least = sorted(found, key=lambda each: scores.get(each.contract, 0.0))
        for each in least[:_NAMED]:
            score = f"{scores[each.contract]:.2f}" if each.contract in scores else None
            rows.append((severity, check, each.contract or "all", score, each.count, each.message))
        if len(least) > _NAMED:
            rest = least[_NAMED:]
            more = f"{counted(len(rest), 'more finding')}, all with --json"
            rows.append((severity, check, "…", None, sum(each.count for each in rest), more))
    return rows
