"""Inputs and targets that belong together, kept as they are stored until a batch is asked for."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from gradatim.data.gather import (
    as_floats,
    checked_rows,
    floating,
    gathered,
    gathered_floats,
    owned,
    whole_divisor,
)
from gradatim.data.partition import stratified
from gradatim.data.validation import (
    check_lengths,
    checked_names,
    checked_scale,
    count_classes,
    first_count,
    read_only,
)
from gradatim.errors import DataError
from gradatim.types import Array, Shape

_HASH_BYTES = 2**22


class Dataset:
    """N samples: an input and a target each.

    Nothing is copied or converted here: bytes stay bytes, a memory-map stays on disk. What is
    handed out is always a fresh array, so nobody can write into the dataset through it.

    Parameters
    ----------
    inputs
        Shape (N, ...), booleans, integers or floats. Kept, not copied.
    targets
        Shape (N,) integers: class labels from 0. Any other shape of integers, or floats of shape
        (N, ...): values to be met. Kept, not copied.
    scale
        What stored inputs are multiplied by on their way out: ``1 / 255`` for images in bytes.
    name
        What the data is called in reports.
    classes
        Number of classes; by default that of `class_names`, else the largest label and one. Has no
        meaning for floats.
    class_names
        What the classes are called, in the order of their labels.
    checksum
        sha256 in hex, where it is known already; computed when first asked for otherwise.

    Attributes
    ----------
    inputs, targets
        As they are stored, read-only.
    scale, name
        As given.
    classes
        Number of classes, or None where targets are values and not labels.
    class_names
        Tuple of names, or None where classes are called by their numbers.

    Raises
    ------
    DataError
        There are no samples, the lengths differ, a label is negative or not below `classes`, or
        there is not one name for each class.
    DtypeError
        The inputs or targets are not numbers.

    Examples
    --------
    >>> images = np.array([[0, 255], [51, 102]], dtype=np.uint8)
    >>> data = Dataset(images, [1, 0], scale=1 / 255, name="two")
    >>> data
    Dataset two: 2 samples of shape (2,) uint8 / 255, 2 classes
    >>> data.batch([1, 0])
    (array([[0.2, 0.4],
           [0. , 1. ]], dtype=float32), array([0, 1]))
    """

    def __init__(
        self,
        inputs: ArrayLike,
        targets: ArrayLike,
        *,
        scale: float | None = None,
        name: str | None = None,
        classes: int | None = None,
        class_names: Sequence[str] | None = None,
        checksum: str | None = None,
    ) -> None:
        self.inputs: Final = read_only(inputs, "inputs")
        self.targets: Final = read_only(targets, "targets")
        check_lengths(self.inputs, self.targets)
        self.scale: Final = checked_scale(scale)
        self.name: Final = name
        names = None if class_names is None else tuple(class_names)
        known = len(names) if classes is None and names is not None else classes
        self.classes: Final = count_classes(self.targets, known)
        self.class_names: Final = checked_names(names, self.classes)
        if checksum is not None:
            self.checksum = checksum

    @property
    def input_shape(self) -> Shape:
        """Shape of one input."""
        return self.inputs.shape[1:]

    @cached_property
    def checksum(self) -> str:
        """sha256 in hex over count, dtype, scale and bytes of inputs and targets.

        The shape of one sample does not count: a flattened dataset has the same checksum.
        """
        digest = hashlib.sha256(repr((len(self), self.scale)).encode())
        for array in (self.inputs, self.targets):
            little = array.dtype.newbyteorder("<")
            digest.update(little.str.encode())
            rows = max(1, _HASH_BYTES * len(array) // max(1, array.nbytes))
            for start in range(0, len(array), rows):
                piece = array[start : start + rows].astype(little, copy=False)
                digest.update(np.ascontiguousarray(piece).data)
        return digest.hexdigest()

    def __len__(self) -> int:
        return len(self.inputs)

    def __iter__(self) -> Iterator[tuple[Array, Any]]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index: Any) -> tuple[Array, Any]:
        if isinstance(index, slice):
            return self._converted(self.inputs[index], self.targets[index], np.float32)
        if np.ndim(index) == 0:
            x, t = self.batch(np.reshape(index, 1))
            return x[0], t[0]
        return self.batch(index)

    def __repr__(self) -> str:
        named = f"Dataset {self.name}" if self.name else "Dataset"
        scaled = ""
        if self.scale is not None:
            divisor = whole_divisor(self.scale)
            scaled = f" x {self.scale:g}" if divisor is None else f" / {divisor}"
        kind = (
            f"targets of shape {self.targets.shape[1:]} {self.targets.dtype}"
            if self.classes is None
            else f"{self.classes} classes"
        )
        return (
            f"{named}: {len(self)} samples of shape {self.input_shape} "
            f"{self.inputs.dtype}{scaled}, {kind}"
        )

    def batch(
        self, indices: ArrayLike, dtype: DTypeLike | None = np.float32
    ) -> tuple[Array, Array]:
        """Gather samples by number.

        Parameters
        ----------
        indices
            Shape (B,), integers from -N to N - 1, in any order, repeated or not.
        dtype
            Floating dtype of what is handed out; None leaves inputs and floating targets as they
            are stored, unscaled.

        Returns
        -------
        inputs : Array
            Shape (B, ...), dtype `dtype`, scaled. Bytes scaled by ``1 / 255`` equal
            ``x.astype(dtype) / 255`` to the last bit.
        targets : Array
            Shape (B,) or (B, ...): int64 where they are stored as integers, else `dtype`.

        Raises
        ------
        DataError
            An index is out of range, or `indices` is not one row of integers.
        DtypeError
            `dtype` is not floating.

        Notes
        -----
        One pass over the batch to gather, two to scale: 35 us for 100 MNIST images; where many
        bytes are gathered, all in one pass of machine code, half of that.

        Examples
        --------
        >>> Dataset([[1.0], [2.0], [3.0]], [0, 1, 1]).batch([2, 0])
        (array([[3.],
               [1.]], dtype=float32), array([1, 0]))
        """
        rows = checked_rows(indices, len(self))
        targets = gathered(self.targets, rows)
        if dtype is None:
            return gathered(self.inputs, rows), _labels(targets, None)
        wanted = floating(dtype, "Dataset")
        return gathered_floats(self.inputs, rows, wanted, self.scale), _labels(targets, wanted)

    def arrays(self, dtype: DTypeLike | None = np.float32) -> tuple[Array, Array]:
        """Hand out every sample at once, in the order in which they are stored.

        Parameters
        ----------
        dtype
            As in `batch`. MNIST's training images take 47 MB as bytes (None), 188 as float32.

        Returns
        -------
        inputs, targets : Array
            Shape (N, ...), as in `batch`.

        Raises
        ------
        DtypeError
            `dtype` is not floating.

        Examples
        --------
        >>> Dataset([[1], [2]], [0.5, 1.5]).arrays(np.float64)
        (array([[1.],
               [2.]]), array([0.5, 1.5]))
        """
        return self._converted(self.inputs, self.targets, dtype)

    def split(
        self, first: float, seed: int | None = 0, *, stratify: bool = False
    ) -> tuple[Dataset, Dataset]:
        """Divide the samples into two datasets that share none.

        Parameters
        ----------
        first
            Size of the first part: a count, or a fraction between 0 and 1 (a float).
        seed
            Of the shuffle before the cut; None cuts in the stored order, which copies nothing.
        stratify
            Whether each class goes to both parts in proportion.

        Returns
        -------
        tuple of Dataset
            The first part and the rest; each has one sample at least.

        Raises
        ------
        DataError
            A part would be empty, `first` is neither a count nor a fraction, or there are no
            labels to stratify.

        Examples
        --------
        >>> train, validation = Dataset(np.zeros((10, 2)), np.arange(10) % 2).split(0.8)
        >>> len(train), len(validation)
        (8, 2)
        """
        count = first_count(first, len(self))
        if stratify:
            rows, rest = stratified(self.targets, count, seed)
            return self.subset(rows), self.subset(rest)
        if seed is None:
            return self.subset(slice(count)), self.subset(slice(count, None))
        order = np.random.default_rng(seed).permutation(len(self))
        return self.subset(order[:count]), self.subset(order[count:])

    def subset(self, indices: ArrayLike | slice) -> Dataset:
        """Return some of the samples as a dataset, with this one's scale, name and classes.

        Parameters
        ----------
        indices
            Shape (B,), integers from -N to N - 1: the samples are copied, as they are stored.
            Or a slice: nothing is copied.

        Returns
        -------
        Dataset
            B samples, in the order asked for.

        Raises
        ------
        DataError
            No sample is left, or an index is out of range.

        Examples
        --------
        >>> len(Dataset(np.zeros((10, 2)), np.arange(10)).subset(slice(0, 10, 3)))
        4
        """
        rows = indices if isinstance(indices, slice) else checked_rows(indices, len(self))
        return Dataset(
            self.inputs[rows],
            self.targets[rows],
            scale=self.scale,
            name=self.name,
            classes=self.classes,
            class_names=self.class_names,
        )

    def reshape(self, *shape: int) -> Dataset:
        """Return the same samples with inputs of another shape, copying nothing where possible.

        Parameters
        ----------
        *shape
            Shape of one input; one size may be -1.

        Returns
        -------
        Dataset
            With the same checksum.

        Raises
        ------
        DataError
            The shape holds another number of values.

        Examples
        --------
        >>> Dataset(np.zeros((5, 28, 28)), np.zeros(5)).reshape(1, 28, 28).input_shape
        (1, 28, 28)
        """
        try:
            inputs = self.inputs.reshape(len(self), *shape)
        except ValueError as error:
            raise DataError(
                f"Dataset.reshape: one input is {self.input_shape}, asked for is {shape}.\n"
                f"  Both must hold {math.prod(self.input_shape)} values. Is a size wrong?"
            ) from error
        return Dataset(
            inputs,
            self.targets,
            scale=self.scale,
            name=self.name,
            classes=self.classes,
            class_names=self.class_names,
            checksum=self.__dict__.get("checksum"),
        )

    def flatten(self) -> Dataset:
        """Return the same samples with one axis an input: (N, 28, 28) becomes (N, 784).

        Returns
        -------
        Dataset
            As `reshape` gives it.

        Examples
        --------
        >>> Dataset(np.zeros((5, 28, 28)), np.zeros(5)).flatten().input_shape
        (784,)
        """
        return self.reshape(math.prod(self.input_shape))

    def _converted(
        self, inputs: Array, targets: Array, dtype: DTypeLike | None
    ) -> tuple[Array, Array]:
        """Samples that follow each other, as they are handed out."""
        if dtype is None:
            return owned(inputs), _labels(targets, None)
        wanted = floating(dtype, "Dataset")
        return as_floats(inputs, wanted, self.scale), _labels(targets, wanted)


def _labels(targets: Array, dtype: np.dtype[Any] | None) -> Array:
    """Targets as they are handed out: whole numbers as int64."""
    if targets.dtype.kind != "f":
        return owned(targets.astype(np.int64, copy=False))
    return owned(targets if dtype is None else targets.astype(dtype, copy=False))
