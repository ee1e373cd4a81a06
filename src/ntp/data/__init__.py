"""Unified events: columns, mappings, sources, the importer and the catalog of stored data sets."""

from ntp.data.catalog import Catalog
from ntp.data.dataset import Dataset
from ntp.data.finals import FinalSettlements
from ntp.data.instruments_io import instrument_from_dict, instrument_to_dict, merge_instruments
from ntp.data.schema import SCHEMAS, Kind, empty_frame
from ntp.data.writer import Writer

__all__ = [
    "SCHEMAS",
    "Catalog",
    "Dataset",
    "FinalSettlements",
    "Kind",
    "Writer",
    "empty_frame",
    "instrument_from_dict",
    "instrument_to_dict",
    "merge_instruments",
]
