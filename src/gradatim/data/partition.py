"""Samples divided so that every class goes to both parts in proportion."""

from __future__ import annotations

import numpy as np

from gradatim.errors import DataError
from gradatim.types import Array


def stratified(labels: Array, count: int, seed: int | None) -> tuple[Array, Array]:
    """Choose `count` samples of which each class makes the share that it makes of all.

    Parameters
    ----------
    labels
        Shape (N,), integers from 0.
    count
        Size of the first part, from 1 to N - 1.
    seed
        Of the shuffle before; None keeps the stored order.

    Returns
    -------
    first, rest : Array
        Shapes (count,) and (N - count,): numbers of samples, shuffled. The number of samples of a
        class in the first part is its share, rounded up or down.

    Raises
    ------
    DataError
        The targets are no labels.

    Examples
    --------
    >>> first, rest = stratified(np.array([0, 0, 0, 0, 1, 1]), 3, seed=None)
    >>> first.tolist(), rest.tolist()
    ([0, 1, 4], [2, 3, 5])
    """
    if labels.ndim != 1 or labels.dtype.kind not in "biu":
        raise DataError(
            f"Dataset.split: targets are {labels.dtype} of shape {labels.shape}.\n"
            "  Only labels, integers of shape (N,), can be stratified. Try stratify=False?"
        )
    n = len(labels)
    order = np.arange(n) if seed is None else np.random.default_rng(seed).permutation(n)
    shuffled = labels[order].astype(np.int64)
    by_class = np.argsort(shuffled, kind="stable")
    sizes = np.bincount(shuffled)
    begins = np.repeat(np.cumsum(sizes) - sizes, sizes)
    # Where along its class each sample stands, from 0 to 1: the first ones are taken of each.
    along = np.empty(n)
    along[by_class] = (np.arange(n) - begins + 0.5) / np.repeat(sizes, sizes)
    chosen = np.zeros(n, np.bool_)
    chosen[np.argsort(along, kind="stable")[:count]] = True
    return order[chosen], order[~chosen]
