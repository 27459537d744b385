"""dataloader: batches of a data set in random order, each sample once an epoch."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from gradatim.errors import DataError


class dataloader:
    """Batches of a data set in random order; a ``for`` loop over it is one epoch.

    Parameters
    ----------
    dataset : sequence
        Anything with ``len(dataset)`` and ``dataset[i]``, such as :class:`mnist_dataset`.
    batch_size : int
        Samples in a batch.
    drop_last : bool
        Whether the samples that do not fill a last batch are left out. If not, the last batch is
        smaller.

    Attributes
    ----------
    index : array of int
        The order of this epoch.

    Raises
    ------
    DataError
        If the data set is empty, the batch size is not a positive integer, or no batch would ever
        come.
    IndexError
        If there is no batch of that number.

    Warns
    -----
    UserWarning
        If the batch size is larger than the data set.

    Notes
    -----
    A batch is a list of samples. ``loader[i]`` is batch i of the present order and changes
    nothing; each ``for`` loop serves an order of its own from the beginning, also after a
    ``break``. Right here: the notebook shuffles anew before it serves the last batch, so that an
    epoch misses some samples and repeats others; it leaves out the last samples without a word,
    and serves nothing at all where a batch is larger than the data. Orders are drawn by
    ``np.random.shuffle``, one when the loader is made and one for each epoch after the first, so
    ``np.random.seed`` decides them, as in the notebook.

    Examples
    --------
    >>> loader = dataloader(range(10), 4)
    >>> len(loader), sorted(sum(loader, []))
    (3, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    """

    def __init__(self, dataset: Any, batch_size: int, drop_last: bool = False) -> None:
        self.dataset = dataset
        self.batch_size = _checked(batch_size)
        self.drop_last = bool(drop_last)
        self.length = len(dataset)
        self._check_filled()
        self.index = np.arange(self.length)
        np.random.shuffle(self.index)
        self._is_begun = False

    def __len__(self) -> int:
        whole, rest = divmod(self.length, self.batch_size)
        return whole + bool(rest and not self.drop_last)

    def __iter__(self) -> Iterator[list[Any]]:
        if self._is_begun:
            self.shuffle()
        self._is_begun = True
        order = self.index.copy()
        return (self._batch(order, i) for i in range(len(self)))

    def __getitem__(self, i: int) -> list[Any]:
        n = len(self)
        position = operator.index(i)
        if not -n <= position < n:
            raise IndexError(f"dataloader: there is no batch {i}; there are {n}, from 0 to {n - 1}")
        return self._batch(self.index, position % n)

    def shuffle(self) -> None:
        """Draw another order; a loop that is running keeps its own."""
        np.random.shuffle(self.index)

    def _batch(self, order: Any, i: int) -> list[Any]:
        positions = order[i * self.batch_size : (i + 1) * self.batch_size]
        together = getattr(self.dataset, "samples_at", None)
        if together is not None:
            return list(together(positions))
        return [self.dataset[position] for position in positions.tolist()]

    def _check_filled(self) -> None:
        if not self.length:
            raise DataError("dataloader: the data set is empty; there is nothing to serve.")
        if self.batch_size <= self.length:
            return
        told = f"dataloader: batch_size is {self.batch_size}, the data set has {self.length}"
        if self.drop_last:
            raise DataError(
                f"{told}; with drop_last no batch would ever come.\n"
                f"  Try batch_size={self.length} or less."
            )
        warnings.warn(f"{told}; every batch holds all of them.", stacklevel=3)


def _checked(batch_size: Any) -> int:
    if isinstance(batch_size, bool) or not isinstance(batch_size, (int, np.integer)):
        raise DataError(f"dataloader: batch_size is {batch_size!r}; it must be an integer.")
    if batch_size < 1:
        raise DataError(f"dataloader: batch_size is {batch_size}; it must be 1 or more.")
    return int(batch_size)
