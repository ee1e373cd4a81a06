"""Import of files and folders into the catalog."""

from collections import Counter
from collections.abc import Callable, Iterator
from collections.abc import Mapping as MappingType
from dataclasses import replace
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any, Final

from ntp.core import DataError, NotFound, format_ns, sha256_bytes, sha256_file, sha256_json
from ntp.data.catalog import Catalog, check_name
from ntp.data.declared import load_mapping
from ntp.data.events import UnifiedMarketEvent, events_to_frames
from ntp.data.file_import import FileImport
from ntp.data.files import readable_files
from ntp.data.import_report import ImportReport
from ntp.data.mapping import EMITS, KINDS, Mapping, one_of
from ntp.data.source_files import source_error
from ntp.data.sources import CSVDataSource, DataSource
from ntp.data.symbols_met import Symbols
from ntp.data.writer import Writer
from ntp.markets.fees import check_venue

Progress = Callable[[int, int | None], None]
"""Called with the count of events so far and their total, None where it is not known."""
_RECORDED: Final = "ntp.data.recorded"
_EVENTS: Final = 50_000


def import_path(
    catalog: Catalog,
    path: Path | str,
    *,
    name: str,
    mapping: Mapping | MappingType[str, Any] | Path | str | None = None,
    emits: str | None = None,
    kind: str | None = None,
    venue: str | None = None,
    symbol: str | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Store a file, or all files of a folder, in a data set.

    What the columns mean is told by `mapping`; without one by the layouts of known recorded sets;
    else by the rules for default columns. Rows are added to what the data set holds. Either all files
    are stored or none; an import that was killed goes on after its last finished file when it is
    repeated, and a file that is stored already is skipped with a warning.

    Parameters
    ----------
    catalog : Catalog
        Where to store.
    path : Path
        The file or folder.
    name : str
        The data set, created if missing.
    mapping : Mapping, dict or Path, optional
        Mapping, its table, or its YAML file.
    emits : str, optional
        Kind of the rows, for example ``trade`` for a tape.
    kind : str, optional
        ``contract`` (default), ``asset``, ``forecast`` or ``reference``.
    venue : str, optional
        Whose fees and rules hold.
    symbol : str, optional
        Symbol of rows that have none, by default the data set's name.
    progress : callable, optional
        Told the count of events so far.

    Returns
    -------
    ImportReport
        Counts and warnings.

    Raises
    ------
    NotFound
        If there is no such file or folder.
    ConfigError
        If the mapping or an option is wrong.
    DataError
        If a file is refused; nothing is stored then.
    """
    path = Path(path)
    check_name(name, "data set")
    if not path.exists():
        raise NotFound(f"expected a file or folder, was {str(path)!r}", code="no_such_file")
    options = {
        "emits": one_of(emits or "", EMITS, "--emits"),
        "kind": one_of(kind or "", KINDS, "--kind"),
        "venue": check_venue(venue or "", "--venue", observed=kind not in (None, "contract")),
        "symbol": symbol or "",
    }
    report = ImportReport(name)
    tell = progress or (lambda done, total: None)
    recorded = None if mapping is not None or emits or kind in ("forecast", "reference") else _detect(path)
    if recorded is not None:
        _import_recorded(catalog, path, recorded, report, options, tell)
    else:
        rules = load_mapping(mapping) if mapping is not None else Mapping(strict=True)
        given = {key: value for key, value in options.items() if value}
        if mapping is not None and rules.kind and given.get("kind") == "contract":
            given.pop("kind")  # the option's default does not overrule what the mapping says
        _import_files(catalog, path, replace(rules, **given), report, tell, default=mapping is None)  # type: ignore[arg-type]
    return report


def import_source(
    catalog: Catalog,
    source: DataSource,
    *,
    name: str,
    start: int | None = None,
    end: int | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Store what a source tells of the past; repeated, it goes on after what is stored of that source.

    Parameters
    ----------
    catalog : Catalog
        Where to store.
    source : DataSource
        Its `read` and `transform` are used.
    name : str
        The data set, created if missing.
    start, end : int, optional
        Range of times, nanoseconds UTC; with a start, what is stored already is stored again.
    progress : callable, optional
        Told the count of events so far.

    Raises
    ------
    DataError
        If an event breaks the rules; nothing is stored then.
    """
    check_name(name, "data set")
    check_name(source.name, "source")
    one_of(source.kind, ("contract", "asset"), f"kind of source {source.name!r}")
    check_venue(source.venue, f"source {source.name!r}", observed=True)
    report = ImportReport(name)
    tell = progress or (lambda done, total: None)
    if isinstance(source, CSVDataSource) and source.is_plain and (start, end) == (None, None):
        _import_files(catalog, source.path, source.mapping, report, tell, default=source.default)
        return report
    before = None if start is not None else _last_told(catalog, name, source.name)
    if before is not None:
        start = before + 1
        report.warn(
            f"what {source.name} told up to {format_ns(before)} was imported before and is left out; "
            "--from stores it again"
        )
    with catalog.writer(name, source=source.name) as writer:
        known = Symbols(source)
        events = _told(source, start, end)
        while batch := list(islice(events, _EVENTS)):
            frames = events_to_frames(
                batch, kind=source.kind, price_scale=known.scale, name=f"source {source.name!r}",
                first=report.rows + 1,
            )
            for kind, frame in frames.items():
                writer.add(kind, frame, file=source.name)
            known.meet(batch)
            report.rows += len(batch)
            report.count(frames)
            tell(report.events, None)
        if not report.rows and before is None:
            raise DataError(
                f"expected events of source {source.name!r}, there are none", code="no_rows",
                hint="read(start, end) yields records, transform(raw) makes events of them",
            )
        instruments = known.instruments()
        writer.add_instruments(instruments)
        report.meet(instruments)
        _keep_warnings(writer, report)
    return report


def _last_told(catalog: Catalog, name: str, source: str) -> int | None:
    return catalog.dataset(name).last(source) if name in catalog.names() else None


def _told(source: DataSource, start: int | None, end: int | None) -> Iterator[UnifiedMarketEvent]:
    """Yield the events of a source; what its own code raises is told with its place."""
    try:
        yield from source.events(start, end)
    except Exception as error:
        raise source_error(source, error) from error


def _import_files(
    catalog: Catalog, path: Path, rules: Mapping, report: ImportReport, tell: Progress, *, default: bool
) -> None:
    source = rules.name or rules.venue or "file"
    settings = sha256_bytes(repr(rules).encode())
    with catalog.writer(report.name, source=source, resume=f"{path.resolve()}\0{settings}") as writer:
        known = _known_scales(catalog, report.name)
        skipped = 0
        for file in readable_files(path):
            content = sha256_file(file)
            key, any_rules = sha256_json([content, settings]), sha256_json([content])
            if writer.skip(key):
                skipped += 1
                report.warn(f"{file.name}: was imported before, skipped")
                continue
            if writer.skip(any_rules):
                report.warn(
                    f"{file.name}: was imported before by other rules, and what they made of it stays beside the new "
                    f"rows; if it was wrong, ntp data remove {report.name} and import again"
                )
            FileImport(file, rules, writer, report, default=default, known_scales=known, tell=tell).run()
            writer.done(key)
            writer.done(any_rules)
        if report.rows == 0 and not skipped:
            raise DataError(
                f"expected rows in {path}, there are none", code="no_rows", details={"file": str(path)}
            )
        _keep_warnings(writer, report)


def _import_recorded(
    catalog: Catalog, path: Path, recorded: Any, report: ImportReport, options: dict[str, str], tell: Progress
) -> None:
    for option in ("symbol", "venue"):
        if options[option] and options[option] != "cash":
            report.warn(f"recognised as {recorded.name}: --{option} {options[option]} is not applied")
    source = recorded.name
    check_name(source, "source")
    hashes: dict[Path, str] = {}
    counts: Counter[str] = Counter()
    with catalog.writer(report.name, source=source, resume=f"{path.resolve()}\0{source}") as writer:
        skipped = 0
        for part in recorded.sources(path):
            key = _part_key(part.file, hashes, source)
            if writer.skip(key):
                skipped += 1
                continue
            _store_part(part, writer, report, counts)
            writer.done(key)
            tell(report.events, None)
        if skipped:
            report.warn(f"{skipped} part(s) of {path.name} were imported before, skipped")
        elif not report.events:
            raise DataError(f"expected rows in {path}, there are none", code="no_rows")
        _keep_warnings(writer, report)


def _store_part(part: Any, writer: Writer, report: ImportReport, counts: Counter[str]) -> None:
    """Add one part of a recorded set; whole numbers in its meta are counts and add up over the parts."""
    for kind, frame in part.frames.items():
        writer.add(kind, frame, file=part.file.name)
    writer.add_instruments(part.instruments)
    whole = {name: value for name, value in part.meta.items() if type(value) is int}
    counts.update(whole)
    writer.add_meta(part.meta | {name: counts[name] for name in whole})
    report.count(part.frames)
    report.meet(part.instruments)
    report.rows += sum(frame.height for frame in part.frames.values()) + part.quarantined
    report.quarantined += part.quarantined
    for warning in part.warnings:
        report.warn(warning)


def _part_key(file: Path, hashes: dict[Path, str], source: str) -> str:
    """Digest of a part: of the file it comes from, and of its name below that file."""
    base = file
    while not base.exists():
        base = base.parent
    if base not in hashes:
        files = sorted(item for item in base.rglob("*") if item.is_file()) if base.is_dir() else [base]
        hashes[base] = sha256_json([sha256_file(item) for item in files])
    return sha256_json([source, hashes[base], file.relative_to(base).as_posix(), file.name])


def _keep_warnings(writer: Writer, report: ImportReport) -> None:
    for warning in report.warnings:
        if "imported before" not in warning:
            writer.add_warning(warning)


def _known_scales(catalog: Catalog, name: str) -> dict[str, int]:
    if name not in catalog.names():
        return {}
    return {item.symbol: item.price_scale for item in catalog.dataset(name).instruments()}


def _detect(path: Path) -> Any:
    """Layout of a known recorded set, None if it is none or none are known."""
    try:
        room = import_module(_RECORDED)
    except ModuleNotFoundError as error:
        if error.name == _RECORDED:
            return None
        raise
    return room.detect(path)
