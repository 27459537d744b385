"""MLP: the multilayer perceptron, of any depth."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradatim.errors import ShapeError
from gradatim.nn.activation import Identity, activation
from gradatim.nn.architecture import architecture, layer
from gradatim.nn.initial import Initial, Seed, generator, initial
from gradatim.nn.linear import Linear
from gradatim.nn.module import Module
from gradatim.nn.sequential import Sequential

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

Activation = str | Callable[..., Any] | dict[str, Any]


@layer
class MLP(Sequential):
    """Multilayer perceptron: Linear layers with an activation between them.

    Parameters
    ----------
    sizes : sequence of int
        Sizes of the input, of each hidden layer, and of the output; two or more.
    activation : str, callable, Module, or a list of them
        After every hidden layer; a list gives one for each.
    last : str, callable or Module, optional
        After the last layer; nothing if not given, as the losses that take logits need it.
    init : str or callable, optional
        How every W begins, see :func:`initial`. If not given, by what follows: He before relu
        and its relatives, Xavier before sigmoid, tanh and at the end.
    bias : bool
        Whether the layers add a ``b``; it begins at 0.
    dtype : dtype
        Of all parameters; float32 if not given.
    rng : Generator, int or None
        What the weights are drawn from, first layer first, or a seed for it.

    Raises
    ------
    ShapeError
        If there are fewer than two sizes, one is below 1, or the list of activations has not one
        for each hidden layer.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.nn.MLP([784, 50, 10], rng=0)
    MLP(
      layers.0: Linear(784, 50)
      layers.1: ReLU()
      layers.2: Linear(50, 10)
    )
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: Activation | Sequence[Activation] = "relu",
        last: Activation | None = None,
        *,
        init: str | Callable[..., Any] | None = None,
        bias: bool = True,
        dtype: DTypeLike = np.float32,
        rng: Seed = None,
    ) -> None:
        self.sizes = _checked_sizes(sizes)
        self.init = None if init is None else initial(init)
        between = _between(activation, len(self.sizes) - 2)
        end = None if last is None else _one(last)
        source = generator(rng)
        self.layers: list[Module] = []
        for n_in, n_out, after in zip(self.sizes, self.sizes[1:], [*between, end]):
            rule = self.init or initial(getattr(after, "initial", Identity.initial))
            self.layers.append(Linear(n_in, n_out, bias=bias, init=rule, dtype=dtype, rng=source))
            if after is not None:
                self.layers.append(after)

    def settings(self) -> dict[str, Any]:
        """Return the arguments of the constructor as what JSON can hold, without the weights."""
        linear = [each for each in self if isinstance(each, Linear)]
        after = [_plain(each) for each in self if not isinstance(each, Linear)]
        hidden = len(self.sizes) - 2
        settings: dict[str, Any] = {
            "sizes": list(self.sizes),
            "activation": after[:hidden],
            "last": after[hidden] if len(after) > hidden else None,
            "bias": linear[0].bias is not None,
            "dtype": linear[0].weight.dtype.name,
        }
        if isinstance(self.init, Initial):
            settings["init"] = str(self.init)
        return settings

    @classmethod
    def from_settings(cls, settings: dict[str, Any]) -> MLP:
        """Make the network from its ``settings``."""
        return cls(**settings)


def _checked_sizes(sizes: Sequence[int]) -> tuple[int, ...]:
    if isinstance(sizes, (str, int)) or len(sizes) < 2:
        raise ShapeError(
            f"MLP: sizes is {sizes!r}; it must be a list of the sizes of the input, the hidden "
            "layers and the output.\n  Try MLP([784, 50, 10])."
        )
    if any(isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1 for n in sizes):
        raise ShapeError(f"MLP: sizes is {list(sizes)}; each must be an integer of 1 or more.")
    return tuple(int(n) for n in sizes)


def _between(given: Any, hidden: int) -> list[Module]:
    if not isinstance(given, (list, tuple)):
        return [_one(given) for _ in range(hidden)]
    if len(given) != hidden:
        raise ShapeError(
            f"MLP: {len(given)} activations for {hidden} hidden layers; a list needs one for each."
            "\n  The activation after the output is given by last=."
        )
    return [_one(each) for each in given]


def _one(given: Any) -> Module:
    """Make a layer of an activation; a given one is copied, so that layers share no state."""
    return copy.deepcopy(given) if isinstance(given, Module) else activation(given)


def _plain(after: Module) -> Any:
    plain = architecture(after)
    return plain["layer"] if len(plain) == 1 else plain
