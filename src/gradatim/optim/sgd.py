"""Gradient descent, plain and with momentum."""

from __future__ import annotations

from typing import Any

from gradatim.autograd.tensor import Tensor
from gradatim.optim.optimizer import Optimizer, Pace
from gradatim.optim.rate import Rate


class SGD(Optimizer):
    """Stochastic gradient descent, ``p <- p - lr g``.

    Parameters
    ----------
    parameters : Module, dict, or iterable of Parameter
        What to learn.
    lr : float
        Learning rate.
    weight_decay : float
        Adds ``weight_decay p`` to the gradient.

    Raises
    ------
    StateError
        If there is nothing to learn, or a rate is out of its range.

    Examples
    --------
    >>> import gradatim as gd
    >>> w = gd.Parameter(3.0)
    >>> (w * w).backward()
    >>> gd.optim.SGD([w], lr=0.1).step()
    >>> f"{w.item():.1f}"
    '2.4'
    """

    weight_decay = Rate(switch=True)

    def __init__(self, parameters: Any, lr: float = 0.01, *, weight_decay: float = 0.0) -> None:
        super().__init__(parameters, lr=lr, weight_decay=weight_decay)

    def decayed(self, p: Tensor, g: Tensor, pace: Pace) -> Tensor:
        """Return the gradient ``g`` of ``p`` with that of weight decay, at this ``pace``."""
        return g + pace.weight_decay * p if "weight_decay" in self.switched_on else g

    def rule(self, p: Tensor, g: Tensor, pace: Pace, *slots: Tensor) -> tuple[Tensor, Any]:
        """Return ``lr g``."""
        return pace.lr * self.decayed(p, g, pace), ()


class Momentum(SGD):
    """Gradient descent with momentum, ``v <- momentum v + g``, ``p <- p - lr v``.

    Parameters
    ----------
    parameters : Module, dict, or iterable of Parameter
        What to learn.
    lr : float
        Learning rate.
    momentum : float
        Share of the velocity that is kept, below 1.
    weight_decay : float
        Adds ``weight_decay p`` to the gradient.

    Raises
    ------
    StateError
        If there is nothing to learn, or a rate is out of its range.

    Notes
    -----
    As torch.optim.SGD does it: the learning rate multiplies the velocity when it is used, not
    when it is stored, so a schedule acts at once.

    Examples
    --------
    >>> import gradatim as gd
    >>> w = gd.Parameter(3.0)
    >>> (w * w).backward()
    >>> gd.optim.Momentum([w], lr=0.1).step()
    >>> f"{w.item():.1f}"
    '2.4'
    """

    slots = ("velocity",)
    momentum = Rate(1.0)

    def __init__(
        self,
        parameters: Any,
        lr: float = 0.01,
        *,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
    ) -> None:
        Optimizer.__init__(self, parameters, lr=lr, momentum=momentum, weight_decay=weight_decay)

    def rule(self, p: Tensor, g: Tensor, pace: Pace, *slots: Tensor) -> tuple[Tensor, Any]:
        """Return ``lr v`` and the new ``v``."""
        velocity = pace.momentum * slots[0] + self.decayed(p, g, pace)
        return pace.lr * velocity, (velocity,)


class Nesterov(Momentum):
    """Gradient descent with Nesterov's momentum, ``p <- p - lr (g + momentum v)``.

    Parameters
    ----------
    parameters : Module, dict, or iterable of Parameter
        What to learn.
    lr : float
        Learning rate.
    momentum : float
        Share of the velocity that is kept, below 1.
    weight_decay : float
        Adds ``weight_decay p`` to the gradient.

    Raises
    ------
    StateError
        If there is nothing to learn, or a rate is out of its range.

    Notes
    -----
    ``v <- momentum v + g`` as in :class:`Momentum`; as torch.optim.SGD with ``nesterov=True``.
    Source: Sutskever and others, On the importance of initialization and momentum in deep
    learning, 2013.

    Examples
    --------
    >>> import gradatim as gd
    >>> w = gd.Parameter(3.0)
    >>> (w * w).backward()
    >>> gd.optim.Nesterov([w], lr=0.1, momentum=0.5).step()
    >>> f"{w.item():.1f}"
    '2.1'
    """

    def rule(self, p: Tensor, g: Tensor, pace: Pace, *slots: Tensor) -> tuple[Tensor, Any]:
        """Return ``lr (g + momentum v)`` and the new ``v``."""
        g = self.decayed(p, g, pace)
        velocity = pace.momentum * slots[0] + g
        return pace.lr * (g + pace.momentum * velocity), (velocity,)
