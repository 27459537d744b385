"""A step beside itself: eager in one world, compiled in an equal one, compared call by call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradatim.autograd.tensor import Tensor, constant
from gradatim.autograd.tree import map_leaves
from gradatim.compiler import Compiled, compile

BACKENDS = ["numpy", "llvm"]
TIGHT = {"float64": 1e-12, "float32": 2e-5, "float16": 2e-2}


def assert_alike(found: Any, expected: Any) -> None:
    """Equal in form, and in numbers as far as the order of sums allows."""
    if isinstance(expected, Tensor):
        assert isinstance(found, Tensor)
        assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
        assert not found.requires_grad or found.origin is None
        tolerance = TIGHT.get(expected.dtype.name, 0.0)
        scale = float(np.abs(expected.data[np.isfinite(expected.data)]).max(initial=1.0))
        np.testing.assert_allclose(
            found.numpy(), expected.numpy(), rtol=tolerance, atol=tolerance * scale
        )
    elif isinstance(expected, dict):
        assert list(found) == list(expected)
        for key in expected:
            assert_alike(found[key], expected[key])
    elif isinstance(expected, (list, tuple)):
        assert type(found) is type(expected)
        assert len(found) == len(expected)
        for one, other in zip(found, expected):
            assert_alike(one, other)
    else:
        assert found == expected or found is expected


class World:
    """What a test is about: anything that ``make`` puts into it, and a step."""

    step: Callable[..., Any]

    def __init__(self, make: Callable[[World], Callable[..., Any]], is_eager: bool) -> None:
        self.is_eager = is_eager
        self.step = make(self)


class Twins:
    """Two equal worlds, one with a compiled step.

    ``call`` calls both and compares what they return, and every Tensor of the worlds with its
    gradient; ``both`` changes something in each.
    """

    def __init__(self, make: Callable[[World], Callable[..., Any]], backend: str) -> None:
        self.eager, self.other = World(make, True), World(make, False)
        self.program: Compiled = compile(self.other.step, backend=backend)

    def call(self, *arguments: Any, **settings: Any) -> Any:
        """Return what the compiled step returned, after comparing."""
        given, named = map_leaves(_lifted, list(arguments)), map_leaves(_lifted, settings)
        expected = self.eager.step(*given, **named)
        found = self.program(*arguments, **settings)
        assert_alike(found, expected)
        self.compare()
        return found

    def calls(self, count: int, arguments: Callable[[int], tuple[Any, ...]]) -> None:
        """Call several times, each time with other arguments."""
        for i in range(count):
            self.call(*arguments(i))

    def both(self, change: Callable[[World], Any]) -> None:
        """Do something in both worlds."""
        change(self.eager)
        change(self.other)

    def compare(self) -> None:
        """Compare every Tensor of both worlds, and its gradient."""
        for name, part in vars(self.eager).items():
            twin = vars(self.other)[name]
            for one, other in zip(_tensors(part), _tensors(twin)):
                assert_alike(other.detach(), one.detach())
                assert (other.grad is None) == (one.grad is None), name
                if one.grad is not None:
                    assert_alike(other.grad.detach(), one.grad.detach())

    @property
    def count(self) -> int:
        """Number of programs."""
        return len(self.program.programs)


def _lifted(x: Any) -> Any:
    return constant(x) if isinstance(x, np.ndarray) else x


def _tensors(part: Any) -> list[Tensor]:
    if isinstance(part, Tensor):
        return [part]
    if hasattr(part, "parameters") and callable(part.parameters):
        return list(part.parameters())
    if isinstance(part, (list, tuple)):
        return [t for x in part for t in _tensors(x)]
    return []
