"""`ntp data check`: what is wrong with a stored data set."""

from typing import Annotated

import typer

from ntp.cli.datasets import open_dataset
from ntp.cli.errors import VERIFICATION
from ntp.cli.options import Json
from ntp.cli.output import Output, counted, table


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
    findings = [
        (found.severity.value, found.check, found.contract or "all", found.count, found.message)
        for found in report.findings
    ]
    columns = ("severity", "check", "contract", "count", "what")
    watched = f" and {counted(len(feeds), 'feed')}" if feeds else ""
    verdict = "defective" if report.defective else "usable"
    Output(as_json).show(
        {"name": name, **report.to_dict()},
        *([table(columns, findings, right=("count",))] if findings else ()),
        f"{name} is {verdict}: {counted(len(findings), 'finding')}, "
        f"{len(report.untrusted):,} of {counted(len(report.trust) - len(feeds), 'contract')}{watched} "
        "not to be trusted",
    )
    if strict and report.defective:
        raise typer.Exit(VERIFICATION)
