"""Run the study on the recorded sets of a folder and write it down."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ntp.backtest.pages import write_page
from ntp.core import NotFound
from ntp.data import Catalog, import_path
from ntp.research.forecast_study.pages import study_html, study_markdown
from ntp.research.forecast_study.study import run_study

SETS: Final = (
    "kalshi_btc15m_l2", "polymarket_btc15m_l5", "polymarket_btc5m_settlement", "kalshi_crypto15m_tob",
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Study the sets of a folder.

    Raises
    ------
    NotFound
        ``unknown_dataset`` if the folder has none of them.
    """
    parser = argparse.ArgumentParser(prog="python -m ntp.research.forecast_study", description=__doc__)
    parser.add_argument("folder", type=Path, help="folder with the recorded sets")
    parser.add_argument("--out", type=Path, help="Markdown file; by default standard output")
    parser.add_argument("--page", type=Path, help="HTML file with charts")
    given = parser.parse_args(arguments)
    names = [name for name in SETS if (given.folder / name).is_dir()]
    if not names:
        raise NotFound(
            f"expected one of {', '.join(SETS)} in {given.folder}, was none", code="unknown_dataset",
            hint="say the folder that holds the recorded sets",
        )
    with tempfile.TemporaryDirectory() as folder:
        catalog = Catalog(Path(folder))
        for name in names:
            import_path(catalog, given.folder / name, name=name)
        study = run_study([catalog.dataset(name) for name in names])
    text = study_markdown(study)
    if given.page is not None:
        write_page(study_html(study), given.page)
    if given.out is None:
        sys.stdout.write(text)
    else:
        given.out.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
