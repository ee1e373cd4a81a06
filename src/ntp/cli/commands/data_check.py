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
        bool, typer.Option("--strict", help="End with exit code 7 if anything is wrong.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Find gaps, crossed books, wrong clocks and missing ends; trust each contract accordingly."""
    from ntp.data.quality import check_dataset

    report = check_dataset(open_dataset(name))
    document = report.to_dict()
    findings = [
        (each["severity"], each["check"], each.get("contract") or "", each["count"], each["message"])
        for each in document["findings"]
    ]
    Output(as_json).show(
        document,
        table(("severity", "check", "contract", "count", "what"), findings, right=("count",)),
        f"{name}: trust {document['trust']:.2f}, {counted(len(findings), 'finding')}",
    )
    if strict and findings:
        raise typer.Exit(VERIFICATION)
