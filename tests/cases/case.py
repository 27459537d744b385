"""What a row of cases is: one public function, its plain NumPy form, and where to try both.

A row buys every check of ``test_value.py``, ``test_gradient.py``, ``test_layout.py``,
``test_rules.py`` and ``test_errors.py`` without another line::

    from cases.case import Bad, Case, Sample

    CASES = [
        Case(
            "tanh",
            gd.tanh,
            np.tanh,
            [Sample([[-1.0, 0.5], [0.0, 2.0]])],
            primitive="tanh",
            torch=lambda x: x.tanh(),
        ),
    ]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from gradatim.primitives import TABLE


class Sample:
    """Arguments of one call: arrays (or lists, or numbers) by position, settings by keyword.

    Lists of numbers become arrays. Everything else, such as a tuple or a Python number, is
    handed on as it is; only arrays can be differentiated.
    """

    def __init__(self, *inputs: Any, **settings: Any) -> None:
        self.inputs = tuple(np.array(x) if isinstance(x, list) else x for x in inputs)
        self.settings = settings

    def __repr__(self) -> str:
        told = [
            f"{x.dtype}{x.shape}" if isinstance(x, np.ndarray) else repr(x) for x in self.inputs
        ]
        return f"Sample({', '.join(told + [f'{k}={v!r}' for k, v in self.settings.items()])})"

    def with_inputs(self, *inputs: Any) -> Sample:
        """The same settings with other inputs."""
        return Sample(*inputs, **self.settings)


@dataclass(frozen=True)
class Bad:
    """A call that must fail: which error, and what its message must contain."""

    inputs: tuple[Any, ...]
    settings: dict[str, Any]
    error: type[Exception]
    text: str

    def __repr__(self) -> str:
        return f"Bad({self.error.__name__}: {self.text})"


@dataclass(frozen=True)
class Case:
    """One row: a public function (door) beside its plain NumPy form.

    Attributes
    ----------
    name : str
        Shown in the test's name.
    door : callable
        ``door(*inputs, **settings)`` gives a Tensor, or a tuple or list of Tensors.
    reference : callable
        The same in plain NumPy, on arrays; what numeric derivatives are taken of.
    samples : sequence of Sample
        Points where the function is smooth within 2e-4 (see ``kinks`` for others).
    primitive : str or None
        Name of the primitive that the row is for; None if the door is composed of others.
    wrt : tuple of int
        Positions of the inputs that have a gradient; ``()`` for none. -1 stands for all arrays.
    torch : callable or None
        The same in PyTorch, on torch tensors, with the same settings.
    bad : sequence of Bad
        Calls that must fail, each with an error that teaches.
    kinks : sequence of Sample
        Points where only the value is checked: kinks, ties, infinities, integers.
    second_order : bool
        Whether the second derivative is compared with a numeric one.
    elementwise : bool
        Whether every element is treated on its own, with broadcasting; known where ``primitive``
        is pointwise.
    float32 : bool
        Whether float32 in gives float32 out.
    layouts : bool
        Whether strided, Fortran-ordered and read-only inputs are tried.
    tolerance : float
        Largest relative error of the value against the reference.
    slope_tolerance : float
        Largest error of derivatives against numeric ones, relative to the largest of them.
    """

    name: str
    door: Callable[..., Any]
    reference: Callable[..., Any]
    samples: Sequence[Sample]
    primitive: str | None = None
    wrt: tuple[int, ...] = (0,)
    torch: Callable[..., Any] | None = None
    bad: Sequence[Bad] = field(default=())
    kinks: Sequence[Sample] = field(default=())
    second_order: bool = True
    elementwise: bool = False
    float32: bool = True
    layouts: bool = True
    tolerance: float = 1e-13
    slope_tolerance: float = 1e-7

    def __repr__(self) -> str:
        return f"<case {self.name}>"

    @cached_property
    def pointwise(self) -> bool:
        """Whether every element is treated on its own."""
        return self.elementwise or (
            self.primitive is not None and TABLE[self.primitive].kind == "pointwise"
        )

    @cached_property
    def several(self) -> bool:
        """Whether two inputs or more are arrays."""
        return sum(isinstance(x, np.ndarray) for x in self.samples[0].inputs) > 1

    def positions(self, sample: Sample) -> tuple[int, ...]:
        """Positions of the arrays of floats that have a gradient in this sample."""
        wanted = range(len(sample.inputs)) if self.wrt == (-1,) else self.wrt
        return tuple(
            i
            for i in wanted
            if i < len(sample.inputs)
            and isinstance(sample.inputs[i], np.ndarray)
            and sample.inputs[i].dtype.kind == "f"
        )
