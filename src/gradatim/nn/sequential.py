"""Sequential: layers one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, overload

from gradatim.autograd.tensor import Tensor, TensorLike, lift
from gradatim.errors import ShapeError, StateError
from gradatim.nn.activation import activation
from gradatim.nn.architecture import architecture, from_architecture, layer
from gradatim.nn.module import Module

Layer = Module | Callable[..., Any] | str


@layer
class Sequential(Module):
    """Layers one after the other: the output of each is the input of the next.

    Parameters
    ----------
    *layers : Module, callable, str, or one dict of them
        Functions and names of activations become layers, see :func:`activation`. The keys of a
        dict name the layers.

    Raises
    ------
    ShapeError
        If something is not a layer.

    Notes
    -----
    ``model[0]`` is a layer, ``model[1:]`` a Sequential of the same layers, ``model["head"]`` the
    one of that name; ``len(model)`` counts them. Paths read ``layers.0.weight``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.nn.Sequential(gd.nn.Linear(784, 50), "relu", gd.nn.Linear(50, 10))
    Sequential(
      layers.0: Linear(784, 50)
      layers.1: ReLU()
      layers.2: Linear(50, 10)
    )
    """

    def __init__(self, *layers: Layer | dict[str, Layer]) -> None:
        self.layers: list[Module] | dict[str, Module]
        if len(layers) == 1 and isinstance(layers[0], dict):
            self.layers = {str(name): as_layer(each) for name, each in layers[0].items()}
        else:
            self.layers = [as_layer(each) for each in layers]

    def forward(self, x: TensorLike) -> Tensor:
        """Return the output of the last layer."""
        y = lift(x)
        for each in self:
            y = each(y)
        return y

    def __iter__(self) -> Iterator[Module]:
        return iter(self.layers.values() if isinstance(self.layers, dict) else self.layers)

    def __len__(self) -> int:
        return len(self.layers)

    @overload
    def __getitem__(self, key: int | str) -> Module: ...
    @overload
    def __getitem__(self, key: slice) -> Sequential: ...
    def __getitem__(self, key: int | str | slice) -> Module:
        if isinstance(key, slice):
            if isinstance(self.layers, dict):
                return Sequential(dict(list(self.layers.items())[key]))
            return Sequential(*self.layers[key])
        if isinstance(key, str):
            return dict(self._named())[key]
        return list(self)[key]

    def _named(self) -> list[tuple[str, Module]]:
        if isinstance(self.layers, dict):
            return list(self.layers.items())
        return [(str(i), each) for i, each in enumerate(self.layers)]

    def settings(self) -> dict[str, Any]:
        """Return the layers as what JSON can hold."""
        settings: dict[str, Any] = {"layers": [architecture(each) for each in self]}
        if isinstance(self.layers, dict):
            settings["names"] = list(self.layers)
        return settings

    @classmethod
    def from_settings(cls, settings: dict[str, Any]) -> Sequential:
        """Make the layers from their ``settings``."""
        layers = [from_architecture(each) for each in settings.get("layers", ())]
        names = settings.get("names")
        if names is None:
            return cls(*layers)
        if len(set(names)) != len(layers):
            raise StateError(
                f"from_architecture: Sequential has {len(layers)} layers and the names {names}; "
                "each layer must have a name of its own."
            )
        return cls(dict(zip(names, layers)))


def as_layer(given: object) -> Module:
    """Return a layer as it is, and a function or the name of an activation as a layer."""
    if isinstance(given, (Module, str)) or callable(given):
        return activation(given)
    raise ShapeError(
        f"Sequential: {given!r} is not a layer; it must be a Module, a function, or the name of "
        "an activation.\n  Did you mean Sequential(*layers), with a star?"
    )
