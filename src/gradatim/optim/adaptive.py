"""Optimizers that give every element a step of its own."""

from __future__ import annotations

from typing import Any

from gradatim.autograd.tensor import Tensor
from gradatim.functions.arithmetic import sqrt
from gradatim.optim.optimizer import Optimizer, Pace
from gradatim.optim.rate import Rate
from gradatim.optim.sgd import SGD


class AdaGrad(SGD):
    """Steps shrink with all gradients so far: ``h <- h + g^2``, ``p <- p - lr g / (sqrt h + eps)``.

    Parameters
    ----------
    parameters : Module, dict, or iterable of Parameter
        What to learn.
    lr : float
        Learning rate.
    eps : float
        Keeps the quotient finite.
    weight_decay : float
        Adds ``weight_decay p`` to the gradient.

    Raises
    ------
    StateError
        If there is nothing to learn, or a rate is out of its range.

    Notes
    -----
    As torch.optim.Adagrad. Source: Duchi, Hazan and Singer, Adaptive subgradient methods, 2011.

    Examples
    --------
    >>> import gradatim as gd
    >>> w = gd.Parameter(3.0)
    >>> (w * w).backward()
    >>> gd.optim.AdaGrad([w], lr=0.5).step()
    >>> f"{w.item():.1f}"
    '2.5'
    """

    slots = ("squares",)
    eps = Rate()

    def __init__(
        self, parameters: Any, lr: float = 0.01, *, eps: float = 1e-10, weight_decay: float = 0.0
    ) -> None:
        Optimizer.__init__(self, parameters, lr=lr, eps=eps, weight_decay=weight_decay)

    def rule(self, p: Tensor, g: Tensor, pace: Pace, *slots: Tensor) -> tuple[Tensor, Any]:
        """Return ``lr g / (sqrt h + eps)`` and the new ``h``."""
        g = self.decayed(p, g, pace)
        squares = slots[0] + g * g
        return pace.lr * g / (sqrt(squares) + pace.eps), (squares,)


class RMSProp(SGD):
    """Steps shrink with recent gradients: ``h <- alpha h + (1 - alpha) g^2``, else as AdaGrad.

    Parameters
    ----------
    parameters : Module, dict, or iterable of Parameter
        What to learn.
    lr : float
        Learning rate.
    alpha : float
        Share of the mean square that is kept, below 1.
    eps : float
        Keeps the quotient finite.
    weight_decay : float
        Adds ``weight_decay p`` to the gradient.

    Raises
    ------
    StateError
        If there is nothing to learn, or a rate is out of its range.

    Notes
    -----
    As torch.optim.RMSprop. Source: Tieleman and Hinton, lecture 6.5 of Neural Networks for
    Machine Learning, 2012.

    Examples
    --------
    >>> import gradatim as gd
    >>> w = gd.Parameter(3.0)
    >>> (w * w).backward()
    >>> gd.optim.RMSProp([w], lr=0.1, alpha=0.75).step()
    >>> f"{w.item():.1f}"
    '2.8'
    """

    slots = ("squares",)
    alpha = Rate(1.0)
    eps = Rate()

    def __init__(
        self,
        parameters: Any,
        lr: float = 0.01,
        *,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        Optimizer.__init__(self, parameters, lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay)

    def rule(self, p: Tensor, g: Tensor, pace: Pace, *slots: Tensor) -> tuple[Tensor, Any]:
        """Return ``lr g / (sqrt h + eps)`` and the new ``h``."""
        g = self.decayed(p, g, pace)
        squares = pace.alpha * slots[0] + pace.alpha_rest * (g * g)
        return pace.lr * g / (sqrt(squares) + pace.eps), (squares,)

    def once(self, count: Tensor) -> dict[str, Tensor]:
        """Return ``1 - alpha``, whatever the ``count``."""
        return {"alpha_rest": 1 - self.rate_tensors["alpha"]}


class Adam(SGD):
    """Momentum with a step of its own for every element, both corrected for their start at 0.

    ``m <- beta1 m + (1 - beta1) g``, ``h <- beta2 h + (1 - beta2) g^2``,
    ``p <- p - lr (m / (1 - beta1^t)) / (sqrt(h / (1 - beta2^t)) + eps)``.

    Parameters
    ----------
    parameters : Module, dict, or iterable of Parameter
        What to learn.
    lr : float
        Learning rate.
    beta1, beta2 : float
        Shares of the mean and of the mean square that are kept, below 1.
    eps : float
        Keeps the quotient finite.
    weight_decay : float
        Adds ``weight_decay p`` to the gradient; see AdamW for decay beside it.

    Raises
    ------
    StateError
        If there is nothing to learn, or a rate is out of its range.

    Notes
    -----
    As torch.optim.Adam. Source: Kingma and Ba, Adam, 2015, algorithm 1. The corrections are
    computed in float64: in float32 ``1 - 0.999`` has four digits.

    Examples
    --------
    >>> import gradatim as gd
    >>> w = gd.Parameter(3.0)
    >>> (w * w).backward()
    >>> gd.optim.Adam([w], lr=0.1).step()
    >>> f"{w.item():.1f}"
    '2.9'
    """

    slots = ("mean", "squares")
    beta1 = Rate(1.0)
    beta2 = Rate(1.0)
    eps = Rate()

    def __init__(
        self,
        parameters: Any,
        lr: float = 0.001,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        Optimizer.__init__(
            self, parameters, lr=lr, beta1=beta1, beta2=beta2, eps=eps, weight_decay=weight_decay
        )

    def once(self, count: Tensor) -> dict[str, Tensor]:
        """Return the corrections of step ``count`` for the start of both means at 0."""
        rates = self.rate_tensors
        beta1, beta2 = rates["beta1"], rates["beta2"]
        return {
            "beta1_rest": 1 - beta1,
            "beta2_rest": 1 - beta2,
            "size": rates["lr"] / (1 - beta1**count),
            "spread": sqrt(1 - beta2**count),
        }

    def rule(self, p: Tensor, g: Tensor, pace: Pace, *slots: Tensor) -> tuple[Tensor, Any]:
        """Return the corrected step, the new mean and the new mean square."""
        g = self.decayed(p, g, pace)
        mean = pace.beta1 * slots[0] + pace.beta1_rest * g
        squares = pace.beta2 * slots[1] + pace.beta2_rest * (g * g)
        return pace.size * mean / (sqrt(squares) / pace.spread + pace.eps), (mean, squares)


class AdamW(Adam):
    """Adam with weight decay of the parameter itself, ``p <- p - lr weight_decay p``, beside it.

    Parameters
    ----------
    parameters : Module, dict, or iterable of Parameter
        What to learn.
    lr : float
        Learning rate.
    beta1, beta2 : float
        Shares of the mean and of the mean square that are kept, below 1.
    eps : float
        Keeps the quotient finite.
    weight_decay : float
        Share of the parameter, times ``lr``, that is taken off in each step.

    Raises
    ------
    StateError
        If there is nothing to learn, or a rate is out of its range.

    Notes
    -----
    As torch.optim.AdamW. Source: Loshchilov and Hutter, Decoupled weight decay regularization,
    2019, algorithm 2.

    Examples
    --------
    >>> import gradatim as gd
    >>> w = gd.Parameter(3.0)
    >>> (w * w).backward()
    >>> gd.optim.AdamW([w], lr=0.1, weight_decay=0.5).step()
    >>> f"{w.item():.2f}"
    '2.75'
    """

    def __init__(
        self,
        parameters: Any,
        lr: float = 0.001,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(
            parameters, lr, beta1=beta1, beta2=beta2, eps=eps, weight_decay=weight_decay
        )

    def decayed(self, p: Tensor, g: Tensor, pace: Pace) -> Tensor:
        """Return the gradient ``g`` of ``p`` as it is, at every ``pace``."""
        return g

    def rule(self, p: Tensor, g: Tensor, pace: Pace, *slots: Tensor) -> tuple[Tensor, Any]:
        """Return Adam's step and the decay, the new mean and the new mean square."""
        step, renewed = super().rule(p, g, pace, *slots)
        if "weight_decay" in self.switched_on:
            step = step + pace.lr * pace.weight_decay * p
        return step, renewed
