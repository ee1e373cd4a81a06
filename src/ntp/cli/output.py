"""All that the command line prints: one JSON document, or tables and bars for people."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_WIDE: Final = 160
"""Columns where the output is no terminal, so that nothing is cut in files and pipes."""

Progress = Callable[[int, int | None], None]
"""Called with events done so far and, where known, the total."""


class Output:
    """Where a command puts its result.

    Parameters
    ----------
    as_json : bool
        Print one JSON document and nothing else on standard output.
    """

    def __init__(self, as_json: bool) -> None:  # noqa: FBT001 - mirrors --json
        self.as_json = as_json

    def show(self, document: Mapping[str, Any], *parts: "str | RenderableType") -> None:
        """Print the result: `document` for programs, or else `parts` for people."""
        if self.as_json:
            sys.stdout.write(to_json(document) + "\n")
            return
        console = _console(sys.stdout)
        for part in parts:
            console.print(part, highlight=False, markup=False, soft_wrap=isinstance(part, str))

    def note(self, text: str) -> None:
        """Say something beside the result, on standard error."""
        _console(sys.stderr).print(text, highlight=False, markup=False, soft_wrap=True)

    def fail(self, error: Mapping[str, Any]) -> None:
        """Print an error, on standard output for programs and on standard error for people."""
        if self.as_json:
            sys.stdout.write(to_json({"error": error}) + "\n")
            return
        console = _console(sys.stderr)
        lines = error["details"].get("traceback", ())
        for line in lines.rstrip().splitlines() if isinstance(lines, str) else lines:
            console.print(line, style="dim", highlight=False, markup=False, soft_wrap=True)
        console.print("error: ", style="bold red", end="")
        console.print(str(error["message"]), highlight=False, markup=False, soft_wrap=True)
        if error["hint"]:
            console.print(f"hint:  {error['hint']}", highlight=False, markup=False, soft_wrap=True)

    @contextmanager
    def progress(self, what: str, unit: str = "events") -> Iterator[Progress]:
        """Show a bar with events per second while work is done; silent without a terminal.

        Parameters
        ----------
        what : str
            Label of the bar.
        unit : str
            What is counted.
        """
        if not sys.stderr.isatty():
            yield lambda done, total: None
            return
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        speed = TextColumn("{task.fields[rate]}")
        columns = (TextColumn("{task.description}"), BarColumn(), speed, TimeRemainingColumn())
        with Bar(*columns, console=_console(sys.stderr), transient=True) as bar:
            task = bar.add_task(what, total=None, rate="")

            began: list[tuple[float, int]] = []

            def advance(done: int, total: int | None) -> None:
                now = bar.tasks[0].elapsed or 0.0
                began[:] = began or [(now, done)]  # what was read before the first event is no part of the speed
                seconds, events = now - began[0][0], done - began[0][1]
                digits = 0 if events > 10 * seconds else 1
                rate = f"{events / seconds:,.{digits}f} {unit}/s" if seconds > 0 and events else ""
                bar.update(task, completed=done, total=total, rate=rate)

            yield advance


def ask(question: str) -> bool:
    """Ask a person for a yes; without a terminal there is nobody to ask and the answer is yes."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return True
    console = _console(sys.stderr)
    console.print(f"{question} [y/N] ", end="", markup=False, highlight=False)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def table(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "", right: Iterable[str] = ()
) -> "RenderableType":
    """Table for people; None is shown as a dash, numbers of `right` columns are aligned.

    Parameters
    ----------
    columns : Sequence of str
        Headings.
    rows : Iterable of Sequence
        Cells.
    title : str
        Line above the table.
    right : Iterable of str
        Headings of the columns aligned at the right.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    numeric = set(right)
    result = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for column in columns:
        result.add_column(column, justify="right" if column in numeric else "left", overflow="fold")
    for row in rows:
        result.add_row(*(Text("–" if cell is None else str(cell)) for cell in row))
    return result


def counted(number: int, noun: str) -> str:
    """Words of a count: ``1 contract``, ``2,000 contracts``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def to_json(document: Any) -> str:
    """Indented JSON text; money and paths become numbers and texts, NaN is refused."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset | tuple):
        return sorted(value)
    raise TypeError(f"expected a JSON value, was {type(value).__name__}")


def _console(stream: Any) -> "Console":
    from rich.console import Console

    return Console(file=stream, width=None if stream.isatty() else _WIDE)
