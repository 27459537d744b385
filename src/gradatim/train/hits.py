"""How many samples are classified rightly, in primitives, so that a program can count them."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.autograd import Tensor
from gradatim.functions import isfinite, where


def is_labelled(outputs: Any, t: Any) -> bool:
    """Return whether each row of outputs has a score for each class, and a label says which.

    Scores must be float32 or wider: of halves, which end at 65,504, no count is sure beyond 2,048.

    Parameters
    ----------
    outputs : object
        What a model returns.
    t : object
        Its targets.
    """
    if not (isinstance(outputs, Tensor) and isinstance(t, Tensor)):
        return False
    is_row = outputs.ndim == 2 and outputs.shape[1] > 1
    is_exact = outputs.dtype.kind == "f" and outputs.dtype.itemsize >= 4
    return is_row and is_exact and t.dtype.kind in "iu" and t.shape == outputs.shape[:1]


def hits(outputs: Tensor, t: Tensor) -> Tensor:
    """Return how many rows have their first largest output at the place of the label.

    Parameters
    ----------
    outputs : Tensor of shape (N, C), float
        Scores of the classes.
    t : Tensor of shape (N,), integer
        Labels.

    Returns
    -------
    Tensor
        One number, of the dtype of `outputs`; NaN if the largest of some row is not finite, where
        it takes a closer look to say which is the first.

    Examples
    --------
    >>> hits(Tensor([[0.1, 2.0], [3.0, 0.2], [1.0, 1.0]]), Tensor([1, 1, 0])).item()
    2.0
    """
    kind = outputs.dtype.type
    largest = outputs.max(axis=1, keepdims=True)
    places, label = Tensor(np.arange(outputs.shape[1])), t.reshape(-1, 1)
    # A row counts if these add up to 1: the label is a largest one, and none before it.
    worth = where(places < label, kind(2), where(places == label, kind(1), kind(0)))
    found = where(outputs == largest, worth, kind(0)).sum(axis=1)
    right = where(found == kind(1), kind(1), kind(0)).sum()
    return right + where(isfinite(largest), kind(0), kind(np.nan)).sum()
