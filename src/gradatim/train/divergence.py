"""What is said of a training that has gone to infinity or NaN."""

from __future__ import annotations

import numpy as np

from gradatim.errors import DivergenceError
from gradatim.train.state import TrainingState
from gradatim.types import Array


def diverged(state: TrainingState, key: str, value: float, x: Array | None) -> DivergenceError:
    """Return the error of a training whose loss is infinite or NaN: where, since when, what to try.

    Parameters
    ----------
    state : TrainingState
        The training.
    key : str
        What is not finite.
    value : float
        What it is.
    x : Array or None
        The inputs of the batch, if it is the loss of one.
    """
    losses = state.history.losses
    before = f"; it was {losses[0]:.4g} at first" if len(losses) else ""
    if len(losses) > 1:
        before += f" and {losses[-1]:.4g} one step ago"
    if x is not None and not np.isfinite(x).all():
        sample = int(
            state.loader.indices(state.step)[~np.isfinite(x).reshape(len(x), -1).all(1)][0]
        )
        hint = f"Sample {sample} of the data is not finite: look at dataset[{sample}]."
    else:
        rate = getattr(state.optimizer, "lr", None)
        smaller = f" than {rate:g}: lr={rate / 10:g}" if isinstance(rate, float) and rate else ""
        hint = (
            f"Try a smaller learning rate{smaller}. Other causes: inputs that are not scaled to "
            "about 1, weights that begin too large, log or division of 0 in a loss of your own."
        )
    return DivergenceError(
        f"fit: the {key} is {value} at step {state.step} (epoch {state.epoch}){before}.\n"
        f"  It must be a finite number, or every weight becomes NaN. {hint}"
    )
