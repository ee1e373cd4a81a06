"""The embedded sample: the market simulator's recording, stored in a catalog on first use."""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from ntp.core import sha256_json
from ntp.data.catalog import Catalog
from ntp.data.dataset import Dataset

SAMPLE: Final = "sample"
"""Name of the embedded recording; it exists in every workspace."""


def stored_sample(catalog: Catalog) -> Dataset:
    """Open the embedded recording, stored on first use and again when its generator changed."""
    generator = _generator_hash()
    if SAMPLE in catalog.names():
        stored = catalog.dataset(SAMPLE)
        if stored.meta.get("generator") == generator and set(stored.meta["sources"]) == set(stored.sources()):
            return stored
        catalog.remove(SAMPLE)
    from ntp.data.simulator import sample_recording

    recording = sample_recording()
    homes = {each.symbol: each.venue for each in recording.instruments}
    sources = sorted(set(homes.values()))
    for source in sources:
        symbols = [symbol for symbol, home in homes.items() if home == source]
        with catalog.writer(SAMPLE, source=source) as writer:
            writer.add_meta({"generator": generator, "sources": sources})
            writer.add_instruments(each for each in recording.instruments if each.venue == source)
            for kind, frame in recording.frames.items():
                writer.add(kind, frame.filter(frame["symbol"].is_in(symbols)))
    return catalog.dataset(SAMPLE)


def _generator_hash() -> str:
    """Digest of the generator's code, taken without loading it: its compiler takes a second to import."""
    spec = find_spec("ntp.data.simulator")
    folders = (spec.submodule_search_locations if spec else None) or ()
    files = sorted(path for folder in folders for path in Path(folder).glob("*.py"))
    return sha256_json([path.read_text(encoding="utf-8") for path in files])
