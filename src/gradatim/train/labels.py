"""Labels that cannot be learned: always the same, lost in a split, or not those of the inputs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradatim.data import Dataset
from gradatim.train.finding import Finding
from gradatim.types import Array

SAMPLES, FEWEST = 1000, 200
COMMONEST = 0.8
"""Share of the commonest class above which labels say too little to compare."""
CHANCE = 3.0
"""Standard deviations within which a count may be chance."""


def constant(dataset: Dataset) -> Iterator[Finding]:
    """Look whether all targets are equal.

    Parameters
    ----------
    dataset : Dataset
        Of training.

    Yields
    ------
    Finding
        At most one.
    """
    targets = dataset.targets
    if len(targets) > 1 and (targets == targets[0]).all():
        value = np.asarray(targets[0]).tolist()
        yield Finding(
            "labels constant",
            f"all {len(targets):,} targets are {value}, so there is nothing to learn.",
            "Look at dataset.targets: were they read from the right place?",
        )


def missing(train: Dataset, validation: Dataset | None) -> Iterator[Finding]:
    """Look whether classes that are tested are never learned, as after a split of sorted data.

    Parameters
    ----------
    train, validation : Dataset
        With labels, or this is silent.

    Yields
    ------
    Finding
        At most one.
    """
    if validation is None or train.classes is None or validation.classes is None:
        return
    most = max(train.classes, validation.classes)
    learned, asked = (np.bincount(each.targets, minlength=most) for each in (train, validation))
    unknown = np.flatnonzero(asked * (learned == 0))
    tested = np.count_nonzero(asked)
    if len(unknown):
        shown = ", ".join(map(str, unknown[:5].tolist())) + ", ..." * (len(unknown) > 5)
        yield Finding(
            "labels out of order",
            f"{len(unknown)} of the {tested} classes in the validation data ({shown}) are in no "
            "training sample. Was sorted data cut in two?",
            "Try dataset.split(0.8, seed=0), which shuffles first.",
        )


def unrelated(dataset: Dataset, accuracy: float, step: int) -> Iterator[Finding]:
    """Look whether the labels belong to the inputs, where a network has learned nothing.

    The nearest other sample has the same label much more often than chance has it, wherever
    inputs tell anything of their labels by being alike.

    Parameters
    ----------
    dataset : Dataset
        Of training, with labels.
    accuracy : float
        That the network has reached.
    step : int
        Number of updates made.

    Yields
    ------
    Finding
        At most one.
    """
    rows = spread(len(dataset), SAMPLES)
    t = dataset.targets[rows].astype(np.int64)
    shares = np.bincount(t) / len(t)
    if len(rows) < FEWEST or shares.max() > COMMONEST:
        return
    if accuracy > shares.max() + CHANCE * np.sqrt(shares.max() / len(rows)):
        return
    x, _ = dataset.batch(rows)
    same = float(np.mean(t == t[_nearest(x.reshape(len(x), -1))]))
    chance = float(np.square(shares).sum())
    if same < chance + CHANCE * np.sqrt(chance / len(rows)):
        yield Finding(
            "labels out of order",
            f"{accuracy:.1%} are right, no more than by always answering the commonest class; and "
            f"the most similar sample has the same label in {same:.1%}, by chance it has in "
            f"{chance:.1%}.",
            "Look at some samples with their labels: was one shuffled or sorted without the other?",
            None,
            step,
        )


def spread(count: int, most: int) -> Array:
    """Return numbers of samples from all over the data, so that an order in it does no harm.

    Parameters
    ----------
    count : int
        How many samples there are.
    most : int
        How many are wanted at most.

    Returns
    -------
    array of shape (n,), int64
        Different and in order; n is the smaller of both.

    Examples
    --------
    >>> spread(10, 4), spread(3, 4)
    (array([0, 3, 6, 9]), array([0, 1, 2]))
    """
    return np.linspace(0, count - 1, most).astype(np.int64) if count > most else np.arange(count)


def _nearest(x: Array) -> Array:
    """Number of the row most like each row, not itself."""
    squares = np.square(x).sum(axis=1)
    distances = squares[:, None] - 2 * (x @ x.T) + squares
    np.fill_diagonal(distances, np.inf)
    return distances.argmin(axis=1)
