"""Tables as HTML; every text passes the escape here."""

from collections.abc import Iterable, Sequence
from html import escape


def html_table(
    caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, note: str = "", sortable: bool = True,
    captioned: bool = True,
) -> str:
    """Build a table whose first column heads its rows; all texts are escaped.

    Parameters
    ----------
    caption : str
        What it shows.
    head : sequence of str
        Column names.
    rows : iterable of sequences of str
        Cells.
    note : str
        Said below it, such as what was left out.
    sortable : bool
        Whether its columns may be clicked to sort.
    captioned : bool
        Whether the caption is shown above it; not where the heading of its section says the same.
    """
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:]) + "</tr>"
        for row in rows
    ) or f'<tr><td colspan="{len(head)}">none</td></tr>'
    kind = ' class="sortable"' if sortable else ""
    above = f"<caption>{escape(caption)}</caption>" if captioned else ""
    below = f'<p class="note">{escape(note)}</p>' if note else ""
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(caption)}"><table{kind}>'
        f"{above}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody>"
        f"</table></div>{below}"
    )
