"""Data: where it comes from, and how batches are drawn from it.

A `Dataset` holds inputs and targets as they are stored; a `Loader` says which samples make up a
step and hands them out as floats. Both are small enough to be read in one sitting.

================  ==========================================================================
`Dataset`         inputs and targets that belong together
`ImageFolder`     pictures in a folder per class
`Loader`          batches, the same for the same seed and step
`mnist`           70,000 handwritten digits as two datasets; `load_mnist` gives plain arrays
`xor` `moons`     tiny sets made in code, to learn in a second
`spirals` `sine`
`read_idx`        an array from an IDX file, plain, gzip or xz; `write_idx` writes one
================  ==========================================================================
"""

from __future__ import annotations

from gradatim.data.dataset import Dataset
from gradatim.data.folder import ImageFolder
from gradatim.data.idx import read_idx, write_idx
from gradatim.data.loader import Loader
from gradatim.data.mnist import load_mnist, mnist
from gradatim.data.toy import moons, sine, spirals, xor

__all__ = [
    "Dataset",
    "ImageFolder",
    "Loader",
    "load_mnist",
    "mnist",
    "moons",
    "read_idx",
    "sine",
    "spirals",
    "write_idx",
    "xor",
]
