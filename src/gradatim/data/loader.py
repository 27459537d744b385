"""Which samples make up a step: a pure function of the seed and the number of the step."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator
from itertools import chain, count
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import DTypeLike

from gradatim.data.dataset import Dataset
from gradatim.data.gather import floating
from gradatim.errors import DataError, StateError
from gradatim.types import Array

_BYTES_AT_ONCE = 2**21  # fewer cost more calls; more would not stay in the caches of a processor

_FIXED = {"dataset", "batch_size", "sampling", "seed", "drop_last", "dtype"}

Sampling = Literal["epoch", "replacement"]
"""Every sample once an epoch, or each batch drawn anew from all samples."""


class Loader:
    """Batches of a dataset.

    Steps are counted from 0 through all epochs. The samples of a step depend on the seed and the
    number of the step alone, so the number of steps done is all that a run must remember to go on
    in the middle of an epoch as if it had never stopped.

    Parameters
    ----------
    dataset
        N samples.
    batch_size
        B, from 1 to N.
    sampling
        ``"epoch"``: epoch e serves the samples in the order
        ``default_rng((seed, e)).permutation(N)``, so each exactly once.
        ``"replacement"``: with k = ceil(N / B), step s takes B of
        ``default_rng((seed, s // k)).integers(N, size=k * B)``, beginning at ``s % k * B``, as the
        book does; some samples come twice, and an epoch of N draws misses 37 % of them.
    seed
        A whole number, not negative.
    drop_last
        With ``"epoch"``: leave out the last batch of an epoch if it has fewer than B samples.
        Otherwise it is served as it is. With ``"replacement"`` all batches have B samples; the
        setting only rounds the number of batches that are called an epoch, down instead of up.
    dtype
        Floating dtype of inputs and of floating targets; labels are int64.

    Attributes
    ----------
    epoch
        The epoch that the next ``for`` over the loader serves; set it to go back or forth. What
        the loader was made with cannot be set anew.

    Raises
    ------
    DataError
        The batch is larger than the data or smaller than 1, the seed is negative, or the
        sampling is neither of the two.
    DtypeError
        `dtype` is not floating.

    Notes
    -----
    No threads and no workers: a batch of 100 MNIST images takes 0.04 ms. Small batches are gathered
    several at a time, up to 2 MiB, and handed out as slices that share no element. So a batch
    that is kept keeps its neighbours in memory, where ``x.copy()`` keeps itself alone; the loader
    makes no copy, which would take up to as long as gathering a batch of 16 MNIST images.

    Examples
    --------
    >>> data = Dataset(np.arange(5.0).reshape(5, 1), np.arange(5))
    >>> loader = Loader(data, 2, seed=0)
    >>> len(loader), sorted(label for x, t in loader for label in t.tolist())
    (3, [0, 1, 2, 3, 4])
    >>> np.array_equal(loader.indices(7), loader.indices(7))
    True
    """

    def __init__(
        self,
        dataset: Dataset,
        batch_size: int,
        *,
        sampling: Sampling = "epoch",
        seed: int = 0,
        drop_last: bool = False,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.dataset = dataset
        self.batch_size = _checked_batch_size(batch_size, len(dataset))
        self.sampling = _checked_sampling(sampling)
        self.seed = _checked_whole(seed, "seed")
        self.drop_last = drop_last
        self.dtype = floating(dtype, "Loader")
        self.epoch = 0
        self._known: tuple[int, Array] = (-1, np.empty(0, np.int64))
        self._draws = -(-len(dataset) // self.batch_size)
        self._period = self._draws if sampling == "replacement" else len(self)
        nbytes = self.batch_size * math.prod(dataset.input_shape) * self.dtype.itemsize
        self._at_once = max(1, _BYTES_AT_ONCE // max(1, nbytes))

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; raise StateError if the order of samples depends on it."""
        known = self.__dict__.get(name, value) if name in _FIXED else value
        if known is not value and not (type(known) is type(value) and known == value):
            raise StateError(
                f"Loader: {name} is {known!r} and was to become {value!r}. Which samples make up a "
                "step depends on it, so it stays what it is.\n"
                f"  Try another Loader(..., {name}=...); in a training state.stop(), and then "
                "fit(..., resume=history) with what is to be new."
            )
        super().__setattr__(name, value)

    def __len__(self) -> int:
        """Batches of an epoch."""
        full, rest = divmod(len(self.dataset), self.batch_size)
        return full + (rest > 0 and not self.drop_last)

    def __iter__(self) -> Iterator[tuple[Array, Array]]:
        """Serve one epoch; the next call serves the next one, even if this one was left early."""
        start = self.epoch * len(self)
        self.epoch += 1
        blocks = self._blocks(start, start + len(self))
        return chain.from_iterable(zip(inputs, targets) for _, inputs, targets in blocks)

    def __repr__(self) -> str:
        rounded = ", drop_last" if self.drop_last else ""
        return (
            f"Loader: {len(self)} batches of {self.batch_size} an epoch, {self.dtype}, "
            f"sampling={self.sampling!r}, seed={self.seed}{rounded}\n  {self.dataset!r}"
        )

    def batches(
        self, start: int = 0, stop: int | None = None
    ) -> Iterator[tuple[int, Array, Array]]:
        """Serve steps from `start` up to `stop`, through as many epochs as that takes.

        Parameters
        ----------
        start
            First step; the number of steps done, to resume.
        stop
            Step before which to stop; None goes on for ever.

        Yields
        ------
        step : int
            From `start`.
        inputs : Array
            Shape (B, ...), dtype `dtype`.
        targets : Array
            Shape (B,) or (B, ...), int64 or `dtype`.

        Raises
        ------
        DataError
            A step is negative or no whole number.

        Examples
        --------
        >>> loader = Loader(Dataset(np.zeros((4, 2)), [0, 1, 2, 3]), 2)
        >>> [(step, x.shape) for step, x, t in loader.batches(1, 4)]
        [(1, (2, 2)), (2, (2, 2)), (3, (2, 2))]
        """
        start = _checked_whole(start, "start")
        blocks = self._blocks(start, None if stop is None else _checked_whole(stop, "stop"))
        return chain.from_iterable(
            zip(count(step), inputs, targets) for step, inputs, targets in blocks
        )

    def indices(self, step: int) -> Array:
        """Return which samples make up a step.

        Parameters
        ----------
        step
            Counted from 0 through all epochs.

        Returns
        -------
        Array
            Shape (B,) int64, fresh; shorter for the last batch of an epoch unless `drop_last`.

        Raises
        ------
        DataError
            The step is negative or no whole number.

        Examples
        --------
        >>> Loader(Dataset(np.zeros((4, 2)), [0, 1, 2, 3]), 3).indices(1).shape
        (1,)
        """
        step = _checked_whole(step, "step")
        epoch, batch = divmod(step, self._period)
        first = batch * self.batch_size
        return self._order(epoch)[first : first + self.batch_size].copy()

    def rows(self, start: int, stop: int) -> Array:
        """Return which samples make up consecutive steps, as far as they are of one epoch and size.

        Parameters
        ----------
        start
            First step.
        stop
            Step before which to stop.

        Returns
        -------
        Array
            Shape (n, B) int64, read-only: n steps from `start` on, 1 at least. The smaller last
            batch of an epoch comes alone.

        Raises
        ------
        DataError
            A step is negative or no whole number, or `stop` is not behind `start`.

        Examples
        --------
        >>> loader = Loader(Dataset(np.zeros((5, 2)), [0, 1, 2, 3, 4]), 2)
        >>> [loader.rows(step, 9).shape for step in range(4)]
        [(2, 2), (1, 2), (1, 1), (2, 2)]
        """
        start = _checked_whole(start, "start")
        if _checked_whole(stop, "stop") <= start:
            raise DataError(f"Loader: stop is {stop}, start is {start}.\n  It must be behind it.")
        epoch, batch = divmod(start, self._period)
        order = self._order(epoch)
        rest = order[batch * self.batch_size :]
        size = min(self.batch_size, len(rest))
        count = min(stop - start, self._period - batch, len(rest) // size)
        found = rest[: count * size].reshape(count, size)
        found.flags.writeable = False
        return found

    def epoch_of(self, step: int) -> int:
        """Return the epoch, counted from 0, that a step belongs to.

        Parameters
        ----------
        step
            Counted from 0.

        Returns
        -------
        int
            ``step // len(loader)``.

        Raises
        ------
        DataError
            The step is negative or no whole number.

        Examples
        --------
        >>> Loader(Dataset(np.zeros((4, 2)), [0, 1, 2, 3]), 2).epoch_of(5)
        2
        """
        return _checked_whole(step, "step") // len(self)

    def _blocks(self, step: int, stop: int | None) -> Iterator[tuple[int, Array, Array]]:
        """Gather small batches several at a time: of 16 MNIST images, 15 us become 6 for each.

        What is served is the number of the first and arrays of shape (batches, B, ...).
        """
        size, period = self.batch_size, self._period
        while stop is None or step < stop:
            epoch, batch = divmod(step, period)
            end = min(batch + self._at_once, period)
            if stop is not None:
                end = min(end, batch + stop - step)
            rows = self._order(epoch)[batch * size : end * size]
            inputs, targets = self.dataset.batch(rows, self.dtype)
            whole, rest = divmod(len(rows), size)
            if whole:
                yield step, _in_rows(inputs, whole, size), _in_rows(targets, whole, size)
            if rest:
                yield step + whole, inputs[None, whole * size :], targets[None, whole * size :]
            step += end - batch

    def _order(self, epoch: int) -> Array:
        """Samples of a whole epoch in a row: a generator for each step would cost 40 us."""
        # One tuple, read and replaced whole: threads that share a loader cannot mix two epochs.
        known, order = self._known
        if known != epoch:
            n, drawn = len(self.dataset), np.random.default_rng((self.seed, epoch))
            if self.sampling == "replacement":
                order = drawn.integers(n, size=self._draws * self.batch_size)
            else:
                order = drawn.permutation(n)
            self._known = (epoch, order)
        return order


def _in_rows(array: Array, count: int, size: int) -> Array:
    return array[: count * size].reshape(count, size, *array.shape[1:])


def _checked_whole(value: Any, role: str) -> int:
    try:
        whole = operator.index(value)
    except TypeError:
        whole = -1
    if whole < 0:
        raise DataError(
            f"Loader: {role} is {value!r}.\n  It must be a whole number, 0 or more. Try {role}=0?"
        )
    return whole


def _checked_batch_size(batch_size: Any, n: int) -> int:
    try:
        size = operator.index(batch_size)
    except TypeError:
        size = 0
    if not 1 <= size <= n:
        raise DataError(
            f"Loader: batch_size is {batch_size!r}, the dataset has {n} samples.\n"
            f"  It must be a whole number from 1 to {n}. Try batch_size={min(n, 100)}?"
        )
    return size


def _checked_sampling(sampling: Any) -> Sampling:
    if sampling not in get_args(Sampling):
        raise DataError(
            f"Loader: sampling is {sampling!r}.\n"
            '  It must be "epoch" (every sample once an epoch) or "replacement" (each batch drawn '
            "from all samples, as in the book)."
        )
    return sampling
