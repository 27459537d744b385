"""Files of weights and of runs; nothing in them can run code."""

from gradatim.store.history import read_history, write_history
from gradatim.store.manifest import machine, read_manifest, versions, write_manifest
from gradatim.store.run import RunFolder
from gradatim.store.weights import load_weights, save_weights

__all__ = [
    "RunFolder",
    "load_weights",
    "machine",
    "read_history",
    "read_manifest",
    "save_weights",
    "versions",
    "write_history",
    "write_manifest",
]
