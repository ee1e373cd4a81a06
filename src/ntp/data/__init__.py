"""Unified events: columns, mappings, sources, the importer and the catalog of stored data sets."""

from ntp.data.catalog import Catalog
from ntp.data.create import create_source_file
from ntp.data.dataset import Dataset
from ntp.data.declared import DeclaredSource, load_mapping, load_sources, parse_sources
from ntp.data.events import EventData, UnifiedEvent, UnifiedMarketEvent, events_to_frames, frame_to_events
from ntp.data.facts import Facts, facts_of
from ntp.data.finals import FinalSettlements
from ntp.data.frames import conform, frame_hash, ordered
from ntp.data.import_report import ImportReport
from ntp.data.importer import import_path, import_source
from ntp.data.instruments_io import instrument_from_dict, instrument_to_dict, merge_instruments
from ntp.data.lookup import find_data, stored_scratch
from ntp.data.mapping import Mapping
from ntp.data.mapping_value import Value
from ntp.data.registry import DataSourceRegistry
from ntp.data.schema import SCHEMAS, Kind, empty_frame
from ntp.data.selection import DataSelection, read_range
from ntp.data.source_files import load_source
from ntp.data.sources import BaseDataSource, CSVDataSource, CustomDataSource, DataSource
from ntp.data.windows import windows
from ntp.data.writer import Writer

__all__ = [
    "SCHEMAS",
    "BaseDataSource",
    "CSVDataSource",
    "Catalog",
    "CustomDataSource",
    "DataSelection",
    "DataSource",
    "DataSourceRegistry",
    "Dataset",
    "DeclaredSource",
    "EventData",
    "Facts",
    "FinalSettlements",
    "ImportReport",
    "Kind",
    "Mapping",
    "UnifiedEvent",
    "UnifiedMarketEvent",
    "Value",
    "Writer",
    "conform",
    "create_source_file",
    "empty_frame",
    "events_to_frames",
    "facts_of",
    "find_data",
    "frame_hash",
    "frame_to_events",
    "import_path",
    "import_source",
    "instrument_from_dict",
    "instrument_to_dict",
    "load_mapping",
    "load_source",
    "load_sources",
    "merge_instruments",
    "ordered",
    "parse_sources",
    "read_range",
    "stored_scratch",
    "windows",
]
