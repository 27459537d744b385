"""``gd.compile``: a function of Tensors that becomes a program by being called."""

from __future__ import annotations

import copy
import functools
import inspect
import threading
from collections.abc import Callable
from types import MethodType
from typing import TYPE_CHECKING, Any

from gradatim.autograd import modes
from gradatim.compiler.agreement import agree
from gradatim.compiler.glance import Glance
from gradatim.compiler.numerals import REMEDY, difference, varying
from gradatim.compiler.plan import Plan
from gradatim.compiler.program import Program
from gradatim.compiler.reach import Reach
from gradatim.compiler.recorder import Recording
from gradatim.compiler.report import report
from gradatim.compiler.shelf import Known, Note, Shelf
from gradatim.compiler.signature import Call
from gradatim.compiler.surroundings import Leaves, Surroundings
from gradatim.compiler.watch import Watch
from gradatim.compiler.wording import names_of_results
from gradatim.errors import RecordingError
from gradatim.native.backend import chosen

_PARSING = threading.RLock()
"""Held where source is parsed: Python 3.11 cannot do that in two threads at once."""


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
        self.__wrapped__ = step
        self.__name__: str = getattr(step, "__name__", type(step).__name__)
        self.backend = chosen(backend)
        self._step = step
        self._names = _positional(step)
        self._shelf = Shelf()
        self._last: Known | None = None
        self._leaves: Leaves | None = None
        self._latest: Plan | None = None
        self._lock = threading.RLock()

    def __call__(self, *arguments: Any, **settings: Any) -> Any:
        """Run the step on ``arguments`` and ``settings``."""
        now = modes.current()
        if now.recorder is not None or now.listeners or now.depth:
            return self._step(*arguments, **settings)  # somebody wants to see the primitives
        if not settings:
            last = self._last
            if last is not None and last.glance is not None and last.watch.holds():
                arrays = last.glance.arrays(arguments, now.taping, last.watch.identities)
                if arrays is not None:
                    return last.plan.run(arrays)
        call = Call(self._names, arguments, settings)
        if now.taping and any(x.wanted and x.origin is not None for x in call.arrays):
            return self._step(*arguments, **settings)  # the gradient goes on beyond the step
        if self._leaves is None:
            self._leaves = Leaves(self._reach(call))
        key = call.key(self._leaves.place_of, now.taping)
        known, reason = self._found(key)
        if known is None:
            reason = reason or self._newness(call)
            with self._lock:
                return self._record(key, call, reason)
        if (
            known.glance is None
            and not settings
            and Glance.suits(arguments)
            and call.is_apart(self._leaves.place_of)
        ):
            known.glance = Glance(arguments, now.taping)
        return self._use(known).run(call.arrays)

    def _use(self, known: Known) -> Plan:
        self._last = known
        self._latest = self._shelf.use(known)
        return self._latest

    def _found(self, key: Any) -> tuple[Known | None, str]:
        """The program that serves a kind of call as things stand; else what has changed."""
        reason = ""
        for known in self._shelf.programs(key):
            change = None if known.watch.holds() else known.watch.change()
            if change is None:
                return known, ""
            reason = change
        return None, reason

    def known(self, *arguments: Any, **settings: Any) -> Plan | None:
        """Return the plan that a call of ``arguments`` and ``settings`` would run; else None."""
        now = modes.current()
        if now.recorder is not None or now.listeners or now.depth or self._leaves is None:
            return None
        call = Call(self._names, arguments, settings)
        known, _ = self._found(call.key(self._leaves.place_of, now.taping))
        return known.plan if known is not None else None

    def _newness(self, call: Call) -> str:
        if not self._shelf:
            return "the first"
        numbers = difference(call.numerals, self._shelf.alike(call))
        return numbers or "other shapes, dtypes or settings of the arguments"

    def _reach(self, call: Call) -> Reach:
        return Reach([(self.__name__, self._step), *(("an argument", x) for x in call.others)])

    def _record(self, key: Any, call: Call, reason: str) -> Any:
        """Run the step eagerly and take notes; the second time, make a program of them."""
        reach = self._reach(call)
        _check_raw(reach)
        before = self._leaves = Leaves(reach)
        first = self._shelf.noted(key)
        recording = Recording(call.arrays, before.tensors)
        returned = recording.run(lambda: self._step(*call.arguments, **call.settings))
        with _PARSING:
            recording.call_results(names_of_results(self._step, recording.returned))
        before.chance.check(recording.lines)
        reach = self._reach(call)
        if first is None:
            after = Surroundings(reach, [leaf.tensor for leaf in recording.leaves])
            self._shelf.note(key, Note(recording, before, after, call.numerals))
            return returned
        self._shelf.take(key, first)
        change = first.after.change()
        if change is not None:
            raise RecordingError(
                f"compile: {self.__name__} changes what it sees: {change}.\n  A program does only "
                "what primitives do, so that would stay as it is.\n  Try to return it and to keep "
                "it outside; or hold numbers in a Tensor and write them with assign."
            )
        with _PARSING:
            agreement = agree(first.recording, recording)
            plan = Plan(
                *(agreement, call.names, self.__name__, self.backend, reason), call.numerals
            )
        read = [*agreement.state.values()]
        known = Known(plan, Watch(before, Surroundings(reach, read)), call)
        self._shelf.keep(key, known)
        self._use(known)
        return returned

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        """Return the step as a method of ``owner``: each object has programs of its own."""
        if owner is None:
            return self
        bound = Compiled(MethodType(self._step, owner), self.backend)
        vars(owner)[self.__name__] = bound  # found there from now on
        return bound

    def __deepcopy__(self, memo: dict[int, Any]) -> Compiled:
        """Return the same step without programs, bound to the copy of what it is a method of."""
        return Compiled(copy.deepcopy(self._step, memo), self.backend)

    def __copy__(self) -> Compiled:
        return Compiled(self._step, self.backend)

    def __reduce__(self) -> Any:
        """Pickle as functions do, by name; a method with the object that it belongs to."""
        if isinstance(self._step, MethodType):
            return getattr, (self._step.__self__, self.__name__)
        return self._step.__qualname__

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

    if TYPE_CHECKING:

        def draw(self, **settings: Any) -> Any:
            """Draw the latest program; filled in by ``draw/door.py``."""

    def explain(self) -> str:
        """Return what became of the step: passes, kernels, memory, and why each program."""
        self._plan()
        return report(self.__name__, self._all(), self._shelf.gone)

    def _all(self) -> list[Plan]:
        return [known.plan for known in self._shelf]

    def _plan(self) -> Plan:
        if self._latest is None:
            numbers = varying(self._shelf.waiting())
            raise RecordingError(
                f"compile: {self.__name__} has no program yet; it becomes one in its second call "
                "with arguments of the same shapes"
                + (f" and the same numbers.\n  {numbers}. {REMEDY}" if numbers else "")
                + ("" if numbers else ".\n  Try calling it twice first.")
            )
        return self._latest


def _positional(step: Callable[..., Any]) -> list[str]:
    """Names of what can be given by position, as far as the step tells them."""
    try:
        parameters = inspect.signature(step).parameters.values()
    except (TypeError, ValueError):
        return []
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def _check_raw(reach: Reach) -> None:
    """Refuse ``x.raw``, which no recorder sees, unless something else has such an attribute."""
    others = any(key == "raw" for _, key, *_ in (*reach.entries, *reach.switches))
    if reach.raw_readers and not others:
        raise RecordingError(
            f"compile: {reach.raw_readers[0]} reaches for the raw array of a Tensor.\n  A program "
            "does only what primitives do: what Python makes of an array would stay as it was.\n"
            "  Try the Tensor itself, w.assign(...) to write into it, and x.shape for its form."
        )


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

    Random numbers are drawn by primitives (Dropout, ``gd.uniform``, ``gd.normal``), so a program
    draws on from the same generators; those that Python draws are refused.

    What Python does beside calling primitives, such as printing, is done in those two calls only;
    a step that changes a number, a list or an attribute that its own code names is refused.

    Where somebody wants to see the primitives (inside ``gd.grad``, ``gd.listen`` or another
    compiled step), or an argument has a history, the step itself runs.

    Cost of a call beside the program itself: some ten microseconds. The 64 programs that were used
    last are kept.

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
