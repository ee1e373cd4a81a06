"""Suggestions for misspelt names."""

from collections.abc import Iterable
from difflib import get_close_matches


def suggest(name: str, known: Iterable[str], *, ordered: bool = False) -> str:
    """Word a hint that names the closest known name.

    Parameters
    ----------
    name : str
        What was asked for.
    known : Iterable of str
        What exists.
    ordered : bool
        Keep the order of the names, the most wanted first, instead of the alphabet's.

    Returns
    -------
    str
        ``did you mean 'x'?``, or the list of known names, or an empty string if none is known.
    """
    names = list(dict.fromkeys(known)) if ordered else sorted(set(known))
    close = get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    if not names:
        return ""
    shown = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    return f"known: {shown}"
