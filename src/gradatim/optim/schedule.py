"""Schedules: learning rates that change from step to step.

Each is made around an optimizer and sets its ``lr``; call ``schedule.step()`` after
``optimizer.step()``. The names and the numbers are PyTorch's where it has them.
"""

from __future__ import annotations

import math
from typing import Any, Literal

from gradatim.errors import StateError
from gradatim.optim.optimizer import Optimizer


class Schedule:
    """Base of the schedules: a learning rate as a function of the number of steps.

    Parameters
    ----------
    optimizer : Optimizer
        Its learning rate is set; the one that it has now is the base.

    Attributes
    ----------
    base_lr : float
        Learning rate of the optimizer when the schedule was made.
    count : int
        Number of calls of ``step``.

    Examples
    --------
    >>> import gradatim as gd
    >>> class Halving(gd.optim.Schedule):
    ...     def rate(self, count):
    ...         return self.base_lr / 2**count
    >>> optimizer = gd.optim.SGD([gd.Parameter(0.0)], lr=1.0)
    >>> schedule = Halving(optimizer)
    >>> schedule.step()
    >>> optimizer.lr
    0.5
    """

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        self.base_lr = optimizer.lr
        self.count = 0
        optimizer.lr = self.rate(0)

    def rate(self, count: int) -> float:
        """Return the learning rate after ``count`` steps; written by each class."""
        return self.base_lr

    def step(self, metric: float | None = None) -> None:
        """Go one step on.

        Parameters
        ----------
        metric : float, optional
            What ReduceLROnPlateau watches; all others take no notice of it.
        """
        self.count += 1
        self.optimizer.lr = self.rate(self.count)

    def state_dict(self) -> dict[str, Any]:
        """Return where the schedule is, as what JSON can hold."""
        return {name: getattr(self, name) for name in self._kept()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a ``state`` that :meth:`state_dict` returned.

        Raises
        ------
        StateError
            If it is that of another kind of schedule.
        """
        names = set(self._kept())
        if not isinstance(state, dict) or set(state) != names:
            raise StateError(
                f"{type(self).__name__}.load_state_dict: the state must have the names "
                f"{sorted(names)}, this has {sorted(state)}.\n  Was it saved by another schedule?"
            )
        for name, value in state.items():
            setattr(self, name, value)

    def _kept(self) -> tuple[str, ...]:
        return ("base_lr", "count")


class StepLR(Schedule):
    """Multiply the learning rate by ``gamma`` every ``step_size`` steps.

    Parameters
    ----------
    optimizer : Optimizer
        Its learning rate is set.
    step_size : int
        Steps between two changes.
    gamma : float
        The factor.

    Raises
    ------
    StateError
        If ``step_size`` is below 1.

    Examples
    --------
    >>> import gradatim as gd
    >>> optimizer = gd.optim.SGD([gd.Parameter(0.0)], lr=1.0)
    >>> schedule = gd.optim.StepLR(optimizer, step_size=2, gamma=0.5)
    >>> for _ in range(4):
    ...     schedule.step()
    >>> optimizer.lr
    0.25
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        self.step_size = _count("StepLR", "step_size", step_size)
        self.gamma = gamma
        super().__init__(optimizer)

    def rate(self, count: int) -> float:
        """Return the learning rate after ``count`` steps."""
        return self.base_lr * float(self.gamma ** (count // self.step_size))


class ExponentialLR(Schedule):
    """Multiply the learning rate by ``gamma`` in every step.

    Parameters
    ----------
    optimizer : Optimizer
        Its learning rate is set.
    gamma : float
        The factor.

    Examples
    --------
    >>> import gradatim as gd
    >>> optimizer = gd.optim.SGD([gd.Parameter(0.0)], lr=1.0)
    >>> gd.optim.ExponentialLR(optimizer, gamma=0.5).step()
    >>> optimizer.lr
    0.5
    """

    def __init__(self, optimizer: Optimizer, gamma: float) -> None:
        self.gamma = gamma
        super().__init__(optimizer)

    def rate(self, count: int) -> float:
        """Return the learning rate after ``count`` steps."""
        return self.base_lr * float(self.gamma**count)


class CosineAnnealingLR(Schedule):
    """Let the learning rate fall along half a cosine, from its base to ``eta_min``.

    ``eta_min + (base - eta_min) (1 + cos(pi count / T_max)) / 2``; it rises again after ``T_max``.

    Parameters
    ----------
    optimizer : Optimizer
        Its learning rate is set.
    T_max : int
        Steps down to the least.
    eta_min : float
        The least learning rate.

    Raises
    ------
    StateError
        If ``T_max`` is below 1.

    Notes
    -----
    Source: Loshchilov and Hutter, SGDR, 2017, equation 5.

    Examples
    --------
    >>> import gradatim as gd
    >>> optimizer = gd.optim.SGD([gd.Parameter(0.0)], lr=1.0)
    >>> schedule = gd.optim.CosineAnnealingLR(optimizer, T_max=2)
    >>> schedule.step()
    >>> f"{optimizer.lr:.1f}"
    '0.5'
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:
        self.T_max = _count("CosineAnnealingLR", "T_max", T_max)
        self.eta_min = eta_min
        super().__init__(optimizer)

    def rate(self, count: int) -> float:
        """Return the learning rate after ``count`` steps."""
        height = (1 + math.cos(math.pi * count / self.T_max)) / 2
        return self.eta_min + (self.base_lr - self.eta_min) * height


class LinearLR(Schedule):
    """Let the learning rate go in a straight line from one share of its base to another.

    Parameters
    ----------
    optimizer : Optimizer
        Its learning rate is set.
    start_factor, end_factor : float
        Shares of the base at the start and from ``total_iters`` on.
    total_iters : int
        Steps from one to the other.

    Raises
    ------
    StateError
        If ``total_iters`` is below 1.

    Examples
    --------
    >>> import gradatim as gd
    >>> optimizer = gd.optim.SGD([gd.Parameter(0.0)], lr=1.0)
    >>> schedule = gd.optim.LinearLR(optimizer, start_factor=0.5, total_iters=2)
    >>> schedule.step()
    >>> optimizer.lr
    0.75
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
    ) -> None:
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = _count("LinearLR", "total_iters", total_iters)
        super().__init__(optimizer)

    def rate(self, count: int) -> float:
        """Return the learning rate after ``count`` steps."""
        share = min(count, self.total_iters) / self.total_iters
        return self.base_lr * (self.start_factor + (self.end_factor - self.start_factor) * share)


class ReduceLROnPlateau(Schedule):
    """Multiply the learning rate by ``factor`` when a metric has stopped getting better.

    Parameters
    ----------
    optimizer : Optimizer
        Its learning rate is set.
    mode : {"min", "max"}
        Whether smaller or larger is better.
    factor : float
        The factor, below 1.
    patience : int
        Steps without getting better that are let pass.
    threshold : float
        By how much better counts; a share in the mode "rel", a difference in "abs".
    threshold_mode : {"rel", "abs"}
        What ``threshold`` is.
    cooldown : int
        Steps after a change in which nothing is counted.
    min_lr : float
        The least learning rate.
    eps : float
        A change smaller than this is not made.

    Attributes
    ----------
    best : float
        Best metric so far.
    bad : int
        Steps without getting better.
    resting : int
        Steps of the cooldown that are left.

    Raises
    ------
    StateError
        If a mode is unknown, ``factor`` is not below 1, or ``step`` gets no metric.

    Examples
    --------
    >>> import gradatim as gd
    >>> optimizer = gd.optim.SGD([gd.Parameter(0.0)], lr=1.0)
    >>> schedule = gd.optim.ReduceLROnPlateau(optimizer, factor=0.5, patience=0)
    >>> for loss in (2.0, 1.0, 1.0):
    ...     schedule.step(loss)
    >>> optimizer.lr
    0.5
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: Literal["min", "max"] = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: Literal["rel", "abs"] = "rel",
        cooldown: int = 0,
        min_lr: float = 0.0,
        eps: float = 1e-8,
    ) -> None:
        if mode not in ("min", "max") or threshold_mode not in ("rel", "abs"):
            raise StateError(
                f"ReduceLROnPlateau: mode is {mode!r}, threshold_mode {threshold_mode!r}; they "
                "must be 'min' or 'max', and 'rel' or 'abs'."
            )
        if not 0 <= factor < 1:
            raise StateError(f"ReduceLROnPlateau: factor is {factor}; it must be in [0, 1).")
        self.sign = 1.0 if mode == "min" else -1.0
        self.factor, self.patience, self.cooldown = factor, patience, cooldown
        self.threshold, self.relative = threshold, threshold_mode == "rel"
        self.min_lr, self.eps = min_lr, eps
        self.best = math.inf * self.sign
        self.bad = self.resting = 0
        super().__init__(optimizer)

    def step(self, metric: float | None = None) -> None:
        """Take notice of the latest ``metric``."""
        if metric is None:
            raise StateError(
                "ReduceLROnPlateau.step: no metric was given; it is what the schedule watches.\n"
                "  Try schedule.step(validation_loss)."
            )
        self.count += 1
        if self._is_better(float(metric)):
            self.best, self.bad = float(metric), 0
        else:
            self.bad += 1
        if self.resting:
            self.resting, self.bad = self.resting - 1, 0
        if self.bad > self.patience:
            self._reduce()
            self.resting, self.bad = self.cooldown, 0

    def _is_better(self, metric: float) -> bool:
        if math.isinf(self.best):
            return metric * self.sign < self.best * self.sign
        margin = abs(self.best) * self.threshold if self.relative else self.threshold
        return metric * self.sign < self.best * self.sign - margin

    def _reduce(self) -> None:
        before = self.optimizer.lr
        after = max(before * self.factor, self.min_lr)
        if before - after > self.eps:
            self.optimizer.lr = after

    def _kept(self) -> tuple[str, ...]:
        return ("base_lr", "count", "best", "bad", "resting")


class WarmUp(Schedule):
    """Rise to another schedule: in a straight line for some steps, then as that one says.

    Parameters
    ----------
    schedule : Schedule
        What comes after; its first step is the one after the rise.
    steps : int
        Steps of the rise.
    start_factor : float
        Share of the learning rate with which it begins.

    Attributes
    ----------
    inner : Schedule
        The schedule that comes after.
    base_lr : float
        Learning rate at the top of the rise.
    count : int
        Number of calls of ``step``.

    Raises
    ------
    StateError
        If ``steps`` is below 1.

    Notes
    -----
    The same as torch's SequentialLR of a LinearLR and another schedule.
    Source: Goyal and others, Accurate, large minibatch SGD, 2017, section 2.2.

    Examples
    --------
    >>> import gradatim as gd
    >>> optimizer = gd.optim.SGD([gd.Parameter(0.0)], lr=1.0)
    >>> later = gd.optim.CosineAnnealingLR(optimizer, T_max=100)
    >>> schedule = gd.optim.WarmUp(later, steps=4, start_factor=0.0)
    >>> schedule.step()
    >>> optimizer.lr
    0.25
    """

    def __init__(self, schedule: Schedule, steps: int, start_factor: float = 0.01) -> None:
        self.inner = schedule
        self.steps = _count("WarmUp", "steps", steps)
        self.start_factor = start_factor
        super().__init__(schedule.optimizer)

    def rate(self, count: int) -> float:
        """Return the learning rate after ``count`` steps of the rise."""
        share = min(count, self.steps) / self.steps
        return self.base_lr * (self.start_factor + (1 - self.start_factor) * share)

    def step(self, metric: float | None = None) -> None:
        """Go one step on; the ``metric`` is for the schedule that comes after."""
        if self.count < self.steps:
            super().step()
        else:
            self.count += 1
            self.inner.step(metric)

    def state_dict(self) -> dict[str, Any]:
        """Return where both schedules are, as what JSON can hold."""
        return {**super().state_dict(), "inner": self.inner.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a ``state`` that :meth:`state_dict` returned.

        Raises
        ------
        StateError
            If it is that of another kind of schedule.
        """
        own = dict(state)
        self.inner.load_state_dict(own.pop("inner", {}))
        super().load_state_dict(own)


def _count(kind: str, name: str, value: int) -> int:
    if isinstance(value, bool) or value != int(value) or value < 1:
        raise StateError(f"{kind}: {name} is {value!r}; it must be an integer of 1 or more.")
    return int(value)
