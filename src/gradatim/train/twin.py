"""Twin: a copy of what is trained, on which anything may be tried without touching the training."""

from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import Any

import numpy as np

from gradatim.autograd import Tensor, no_grad
from gradatim.autograd.double import double_model
from gradatim.autograd.tensor import constant
from gradatim.autograd.tree import walk
from gradatim.nn import Module
from gradatim.optim import Optimizer
from gradatim.train.state import TrainingState
from gradatim.types import Raw


class Twin:
    """A model in float64 that evaluates, and the moves its optimizer would make.

    In float64 a loss tells changes of one part in 10^14, so updates of any size can be tried.

    Parameters
    ----------
    model : Module
        What is trained; not touched.
    optimizer : Optimizer
        What trains it; not touched.
    """

    def __init__(self, model: Module, optimizer: Optimizer) -> None:
        memo: dict[int, Any] = {}
        self.model: Module = double_model(model, memo).eval()
        self.optimizer = optimizer
        self.learned: dict[str, Tensor] = {
            path: memo[id(p)]
            for path, p in optimizer.parameters.items()
            if id(p) in memo and p.requires_grad
        }

    def moves(self) -> dict[str, Raw]:
        """Return what the optimizer would take off each parameter for the gradients it has now."""
        optimizer = self.optimizer
        with no_grad():
            once = optimizer.once(constant(np.array(optimizer.step_count + 1)))
            pace = SimpleNamespace(**optimizer.rate_tensors, **once)
            return {
                path: optimizer.rule(constant(p.raw), p.grad, pace, *self._slots(path))[0].raw
                for path, p in self.learned.items()
                if p.grad is not None
            }

    def _slots(self, path: str) -> list[Tensor]:
        return [constant(slot.raw.astype(np.float64)) for slot in self.optimizer.slot_tensors[path]]


class Snapshot:
    """Model and optimizer as they were at one step, to go on from as often as one likes.

    Parameters
    ----------
    state : TrainingState
        Neither it nor what it holds is touched.
    """

    def __init__(self, state: TrainingState) -> None:
        self.step = state.step
        self._kept = _copied(state.model, state.optimizer)

    def copy(self) -> tuple[Module, Optimizer]:
        """Return a fresh model and its optimizer."""
        return _copied(*self._kept)


def _copied(model: Module, optimizer: Optimizer) -> tuple[Module, Optimizer]:
    """Results that a model keeps from its last call are copied without their history."""
    kept = [part for _, part in walk(model) if isinstance(part, Tensor) and part.origin is not None]
    memo = {id(part): constant(np.array(part.raw)) for part in kept}
    return copy.deepcopy((model, optimizer), memo)
