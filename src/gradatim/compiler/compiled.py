"""``gd.compile``: a function of Tensors that becomes a program by being called."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from gradatim.autograd import modes
from gradatim.autograd.tensor import Tensor, constant, tick
from gradatim.autograd.tree import map_leaves
from gradatim.compiler.agreement import Agreement, agree
from gradatim.compiler.emit.listing import listing, loaded
from gradatim.compiler.machine.native import Native
from gradatim.compiler.passes import Effort, optimize
from gradatim.compiler.program import Program, origin
from gradatim.compiler.recorder import Recording, Slot
from gradatim.compiler.signature import Surroundings, is_array, of_arguments
from gradatim.errors import RecordingError


class Plan:
    """One program of a step, ready to run.

    Parameters
    ----------
    agreement : Agreement
        What was recorded.
    surroundings : Surroundings
        What it takes for granted.
    names : list of str
        What the step calls its arguments.
    title : str
        What the docstring of the source says.

    Attributes
    ----------
    program : Program
        After all passes.
    source : str
        The program as NumPy.
    efforts : list of Effort
        What each pass did.
    """

    def __init__(
        self,
        agreement: Agreement,
        surroundings: Surroundings,
        names: list[str],
        title: str,
        backend: str,
    ) -> None:
        self.surroundings = surroundings
        self.program: Program
        self.efforts: list[Effort]
        self.program, self.efforts = optimize(agreement.program)
        self.source = listing(self.program, names, title).text
        self._state = [
            (agreement.state.get(value), agreement.gradients.get(value))
            for value in self.program.state
        ]
        written = {origin(line.output) for line in self.program.lines if line.writes}
        self._written = [agreement.state[v] for v in self.program.state if v in written]
        self._left = agreement.left
        self._returned = agreement.returned
        self._lock = threading.Lock()
        self._step = _target(self.program, self.source, title, backend)

    def run(self, arguments: list[Tensor]) -> Any:
        """Run the program on arguments of the right shapes; return what the step returns."""
        given = [x.data for x in arguments]
        given += [
            owner.grad.data if t is None else t.data  # type: ignore[union-attr]
            for t, owner in self._state
        ]
        with self._lock:  # the memory that is kept belongs to one call at a time
            results = self._step(*given)
            results = [_own(r, given) for r in results]
        for t in self._written:
            t.written = tick()
        for t, position in self._left.items():
            t.grad = None if position is None else constant(results[position])
        return map_leaves(
            lambda x: constant(results[x.position]) if isinstance(x, Slot) else x, self._returned
        )


def _target(program: Program, source: str, title: str, backend: str) -> Callable[..., Any]:
    return Native(program) if backend == "llvm" else loaded(source, title)


def _own(result: Any, given: list[Any]) -> Any:
    """A result in memory of its own, which no later call overwrites."""
    if isinstance(result, np.ndarray) and result.ndim == 0:
        return result[()]
    if not isinstance(result, np.ndarray):
        return result
    if result.base is not None or any(result is x for x in given):
        return result.copy()
    return result


class Compiled:
    """A step that is recorded in its first two calls and a program from the third on.

    Parameters
    ----------
    step : callable
        What :func:`compile` was given.

    Attributes
    ----------
    programs : list of Program
        One for each kind of call so far.
    source : str
        The latest program as NumPy source.
    """

    def __init__(self, step: Callable[..., Any], backend: str) -> None:
        self.backend = backend
        functools.update_wrapper(self, step)
        self.__name__: str = getattr(step, "__name__", type(step).__name__)
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
        for plan in self._plans.get(key, ()):
            if plan.surroundings.still_hold():
                self._latest = plan
                return plan.run(arrays)
        return self._record(key, frame, arrays, names)

    def _lifted(
        self, arguments: Any, settings: Any, leaves: list[Any], names: list[str]
    ) -> tuple[list[Any], dict[str, Any]]:
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
        self,
        key: Any,
        frame: tuple[list[Any], dict[str, Any]],
        arrays: list[Tensor],
        names: list[str],
    ) -> Any:
        """Run the step eagerly and take notes; the second time, make a program of them."""
        recording = Recording(arrays)
        before = self._noted.pop(key, None)
        fits = before is not None and before[1].still_hold()
        returned = recording.run(lambda: self._step(*frame[0], **frame[1]))
        surroundings = Surroundings(self._step, recording.modules, recording.leaves)
        if before is None or not fits:
            self._noted[key] = (recording, surroundings)
            return returned
        plan = Plan(agree(before[0], recording), surroundings, names, self.__name__, self.backend)
        self._plans.setdefault(key, []).append(plan)
        self._latest = plan
        return returned

    @property
    def source(self) -> str:
        """The latest program as NumPy source."""
        return self._plan().source

    @property
    def program(self) -> Program:
        """The latest program as plain data."""
        return self._plan().program

    @property
    def programs(self) -> list[Program]:
        """Every program so far."""
        return [plan.program for plans in self._plans.values() for plan in plans]

    def _plan(self) -> Plan:
        if self._latest is None:
            raise RecordingError(
                f"compile: {self.__name__} has no program yet; it becomes one in its second call "
                "with arguments of the same shapes.\n  Try calling it twice first."
            )
        return self._latest


def compile(step: Callable[..., Any], backend: str = "llvm") -> Compiled:
    """Turn a training step, or any function of Tensors, into a program."""
    return Compiled(step, backend)
