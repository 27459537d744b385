"""``gd.compile``: a function of Tensors that becomes a program by being called."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from gradatim.autograd import modes
from gradatim.autograd.tensor import Tensor, constant
from gradatim.autograd.tree import map_leaves
from gradatim.compiler.agreement import agree
from gradatim.compiler.plan import Plan, chosen
from gradatim.compiler.program import Program
from gradatim.compiler.recorder import Recording
from gradatim.compiler.report import report
from gradatim.compiler.signature import Surroundings, is_array, of_arguments
from gradatim.errors import RecordingError

Frame = tuple[list[Any], dict[str, Any]]
"""Positional and named arguments of a call."""


class Compiled:
    """A step that is noted in its first two calls and is a program from the third on.

    Made by :func:`compile`; called like the step itself. What it returns has no history.

    Parameters
    ----------
    step : callable
        A function of Tensors.
    backend : {"llvm", "numpy"}, optional
        What programs become.

    Attributes
    ----------
    backend : str
        What programs become.
    source : str
        The latest program as NumPy source that runs by itself.
    program : Program
        The latest program as plain data.
    programs : list of Program
        One for each kind of call so far.

    Examples
    --------
    >>> import gradatim as gd
    >>> w = gd.Parameter([1.0, 2.0])
    >>> @gd.compile
    ... def step(x):
    ...     loss = (w * x).sum()
    ...     loss.backward()
    ...     return loss
    >>> for x in ([1.0, 1.0], [2.0, 2.0], [3.0, 3.0]):
    ...     w.grad = None
    ...     loss = step(gd.Tensor(x))
    >>> loss, w.grad
    (Tensor(9.), Tensor([3., 3.]))
    """

    def __init__(self, step: Callable[..., Any], backend: str | None = None) -> None:
        functools.update_wrapper(self, step)
        self.__name__: str = getattr(step, "__name__", type(step).__name__)
        self.backend = chosen(backend)
        self._step = step
        self._names = list(inspect.signature(step).parameters)
        self._plans: dict[Any, list[Plan]] = {}
        self._noted: dict[Any, tuple[Recording, Surroundings]] = {}
        self._latest: Plan | None = None

    def __call__(self, *arguments: Any, **settings: Any) -> Any:
        """Run the step on ``arguments`` and ``settings``."""
        now = modes.current()
        if now.recorder is not None or now.listeners or now.depth:
            return self._step(*arguments, **settings)  # somebody wants to see the primitives
        leaves: list[Any] = []
        names: list[str] = []
        frame = self._lifted(arguments, settings, leaves, names)
        arrays = [x for x in leaves if isinstance(x, Tensor)]
        key = (of_arguments(leaves), tuple(settings), now.taping)
        reason = "" if key in self._plans else self._newness()
        for plan in self._plans.get(key, ()):
            change = plan.surroundings.change()
            if change is None:
                self._latest = plan
                return plan.run(arrays)
            reason = change
        return self._record(key, frame, arrays, names, reason)

    def _newness(self) -> str:
        return "other shapes, dtypes or settings of the arguments" if self._plans else "the first"

    def _lifted(self, arguments: Any, settings: Any, leaves: list[Any], names: list[str]) -> Frame:
        """The arguments with arrays made Tensors, which are collected on the way."""

        def lifted(name: str) -> Callable[[Any], Any]:
            def each(x: Any) -> Any:
                if is_array(x):
                    x = x if isinstance(x, Tensor) else constant(x)
                    names.append(name)
                leaves.append(x)
                return x

            return each

        known = [*self._names, *(f"argument_{i}" for i in range(len(arguments)))]
        return (
            [map_leaves(lifted(name), x) for name, x in zip(known, arguments)],
            {name: map_leaves(lifted(name), x) for name, x in settings.items()},
        )

    def _record(
        self, key: Any, frame: Frame, arrays: list[Tensor], names: list[str], reason: str
    ) -> Any:
        """Run the step eagerly and take notes; the second time, make a program of them."""
        before = self._noted.pop(key, None)
        fits = before is not None and before[1].change() is None
        recording = Recording(arrays)
        returned = recording.run(lambda: self._step(*frame[0], **frame[1]))
        surroundings = Surroundings(self._step, recording.modules, recording.leaves)
        if before is None or not fits:
            self._noted[key] = (recording, surroundings)
            return returned
        agreement = agree(before[0], recording)
        plan = Plan(agreement, surroundings, names, self.__name__, self.backend, reason)
        self._plans.setdefault(key, []).append(plan)
        self._latest = plan
        return returned

    @property
    def source(self) -> str:
        """The latest program as NumPy source that runs by itself."""
        return self._plan().source

    @property
    def program(self) -> Program:
        """The latest program as plain data."""
        return self._plan().program

    @property
    def programs(self) -> list[Program]:
        """Every program so far."""
        return [plan.program for plan in self._all()]

    def explain(self) -> str:
        """Return what became of the step: passes, kernels, memory, and why each program."""
        self._plan()
        return report(self.__name__, self._all())

    def _all(self) -> list[Plan]:
        return [plan for plans in self._plans.values() for plan in plans]

    def _plan(self) -> Plan:
        if self._latest is None:
            raise RecordingError(
                f"compile: {self.__name__} has no program yet; it becomes one in its second call "
                "with arguments of the same shapes.\n  Try calling it twice first."
            )
        return self._latest


def compile(step: Callable[..., Any] | None = None, *, backend: str | None = None) -> Any:
    """Turn a training step, or any function of Tensors, into a program.

    The first two calls run as always and are noted, primitive by primitive; from the third on
    the program runs, as machine code or as straight-line NumPy. ``step.source`` shows it.

    Parameters
    ----------
    step : callable
        A function of Tensors and arrays. Forward, backward and update may all be in it. Without
        one a decorator is returned: ``@gd.compile(backend="numpy")``.
    backend : {"llvm", "numpy"}, optional
        Machine code or NumPy. If not given, the environment variable GRADATIM_BACKEND decides;
        without it machine code is made where llvmlite is installed.

    Returns
    -------
    Compiled
        Called like the step. What it returns is without history: call backward inside.

    Raises
    ------
    RecordingError
        If the step reads a number in the middle, or two calls of it differ; the message names
        the line and what to do instead.
    BackendError
        If the backend is unknown or not installed.

    Notes
    -----
    Arguments of other shapes or dtypes, train or eval, a frozen parameter, another model under
    the same name, another number that the step closes over: each makes another program, noted in
    two calls of its own. New values of parameters, rates and arrays are simply read.

    What Python does beside calling primitives, such as appending to a list, is done in those two
    calls only.

    Cost of a call beside the program itself: some ten microseconds.

    Examples
    --------
    >>> import gradatim as gd
    >>> model = gd.nn.MLP([4, 3, 2], rng=0)
    >>> optimizer = gd.optim.SGD(model, lr=0.1)
    >>> @gd.compile
    ... def step(x, t):
    ...     loss = gd.cross_entropy(model(x), t)
    ...     loss.backward()
    ...     optimizer.step()
    ...     return loss
    >>> x, t = gd.Tensor([[1.0, 0.0, 2.0, 1.0]], dtype="float32"), gd.Tensor([1])
    >>> losses = [step(x, t).item() for _ in range(5)]
    >>> losses[4] < losses[0], len(step.programs)
    (True, 1)
    """
    if step is None:
        return functools.partial(compile, backend=backend)
    return Compiled(step, backend)
