"""A plan: one program of a step, bound to the Tensors it works on and ready to run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from operator import is_, itemgetter
from types import MappingProxyType
from typing import Any
from weakref import WeakSet

import numpy as np

from gradatim.autograd.tensor import Tensor, array_of, constant, tick
from gradatim.compiler.agreement import Agreement
from gradatim.compiler.emit.listing import Listing, listing, loaded
from gradatim.compiler.machine.native import Native
from gradatim.compiler.machine.runner import Runner
from gradatim.compiler.numerals import Numerals
from gradatim.compiler.passes import optimize
from gradatim.compiler.program import Value, origin
from gradatim.compiler.recorder import Slot
from gradatim.compiler.signals import SignalsHeld
from gradatim.errors import RecordingError, ShapeError
from gradatim.native.backend import Backend
from gradatim.types import Array, Random


class Plan:
    """One program of a step, ready to run.

    Parameters
    ----------
    agreement : Agreement
        What was recorded.
    names : sequence of str
        What the step calls its arguments.
    title : str
        What the step is called.
    backend : {"llvm", "numpy"}
        What it becomes.
    reason : str
        Why it was made.
    numerals : mapping of str to str, optional
        Numbers of Python among the arguments, which are constants of it.

    Attributes
    ----------
    program : Program
        After all passes.
    efforts : list of Effort
        What each pass did.
    runners : WeakSet of Runner
        What takes many steps of it in one call, as long as somebody keeps it.
    """

    def __init__(
        self,
        agreement: Agreement,
        names: Sequence[str],
        title: str,
        backend: Backend,
        reason: str,
        numerals: Numerals = MappingProxyType({}),
    ) -> None:
        self.backend, self.reason, self.numerals = backend, reason, numerals
        self.program, self.efforts = optimize(agreement.program)
        self.runners: WeakSet[Runner] = WeakSet()
        self._argument_names, self._title = names, title
        state = self.program.state
        self._tensors = [agreement.state[v] for v in state if v in agreement.state]
        self._single = [i for i, t in enumerate(self._tensors) if not t.raw.shape]
        self._owners = [agreement.gradients[v] for v in state if v in agreement.gradients]
        written = {origin(line.output) for line in self.program.lines if line.writes}
        self._written = [agreement.state[v] for v in state if v in agreement.state and v in written]
        given = (*self.program.arguments, *state)
        self._targets = [(i, v) for i, v in enumerate(given) if v in written]
        self._apart: list[Any] = [None] * len(self._tensors)
        self._left = agreement.left
        self._returned = agreement.returned
        self._form = _form_of(agreement.returned)
        self._lock = threading.Lock()

    @cached_property
    def native(self) -> Native | None:
        """The machine code of one call, made when it is first wanted."""
        if self.backend != "llvm":
            return None
        with SignalsHeld():  # whatever raises inside of llvmlite is lost, or leaves it in pieces
            return Native(self.program)

    @cached_property
    def _step(self) -> Callable[..., Any]:
        return self.native or _drawing(loaded(self.source, self._title), self.program.generators())

    @cached_property
    def _listing(self) -> Listing:
        return listing(self.program, self._argument_names, self._title)

    @property
    def source(self) -> str:
        """The program as NumPy."""
        return self._listing.text

    @property
    def kept(self) -> tuple[int, ...]:
        """Bytes of each array that the source keeps from call to call."""
        return self._listing.kept

    @property
    def names(self) -> Mapping[Value, str]:
        """What the values are called in the source."""
        return self._listing.names

    def _given(self, arguments: Sequence[Tensor]) -> list[Array]:
        """The arrays of this call: of arguments, Tensors and gradients."""
        given: list[Any] = [*map(array_of, arguments)]
        if not self.program.state:
            return given
        state = [t.raw for t in self._tensors]
        for i in self._single:
            state[i] = array_of(self._tensors[i])
        given += state
        for leaf in self._owners:
            grad = (arguments[leaf] if isinstance(leaf, int) else leaf).grad
            assert grad is not None
            given.append(array_of(grad))
        self._check_apart(given, state)
        return given

    def run(self, arguments: Sequence[Tensor]) -> Any:
        """Run the program on arguments of the right shapes; return what the step returns.

        Raises
        ------
        ShapeError, RecordingError
            As :meth:`memory` does.
        """
        given = self._given(arguments)
        self._check_writable(given)
        if not self._written and not self._owners:
            return self._run(given, arguments)
        with SignalsHeld():  # else weights and their optimizer could be of two different steps
            return self._run(given, arguments)

    def _run(self, given: list[Array], arguments: Sequence[Tensor]) -> Any:
        with self._lock:  # the memory that is kept belongs to one call at a time
            results = self._step(*given)
        if self.native is None:
            results = [_own(result, given) for result in results]
        if self._written:
            now = tick()
            for t in self._written:
                t.written = now
        for owner, position in self._left:
            leaf = owner if isinstance(owner, Tensor) else arguments[owner]
            leaf.grad = None if position is None else constant(results[position])
        return self._form([constant(result) for result in results])

    def _check_writable(self, given: Sequence[Array]) -> None:
        for i, value in self._targets:
            if not given[i].flags.writeable:
                raise ShapeError(f"{self.names[value]}: its array is read-only. {_COPY}")

    def _check_apart(self, given: Sequence[Array], state: list[Any]) -> None:
        """Refuse memory that has become shared since the step was recorded, if state is new."""
        if all(map(is_, state, self._apart)):
            return
        values = (*self.program.arguments, *self.program.state)
        for i, value in self._targets:
            for other, x in zip(values, given):
                if other is value or not np.may_share_memory(x, given[i]):
                    continue
                if np.shares_memory(x, given[i]):
                    raise RecordingError(
                        f"compile: the step writes into {self.names[value]}, which shares memory "
                        f"with {self.names[other]} now; a program keeps them apart.\n"
                        "  Try a copy, t.raw = t.raw.copy(); or one Parameter in both places."
                    )
        self._apart = state

    @property
    def tensors(self) -> list[Tensor]:
        """The Tensors that the state stands for; gradients are none of them."""
        return self._tensors

    def memory(self, arguments: Sequence[Array]) -> list[Array]:
        """Return the memory of the state that goes with some arguments.

        Raises
        ------
        ShapeError
            If the step writes into memory that is read-only.
        RecordingError
            If two Tensors share memory now of which one is written.
        """
        state = [*map(array_of, self._tensors)]
        given = [*arguments, *state]
        self._check_writable(given)
        self._check_apart(given, state)
        return state

    @property
    def returned(self) -> Any:
        """What the step returns, with the position of a result for each Tensor."""
        return self._returned

    def is_repeatable(self) -> bool:
        """Whether many steps leave what the last one leaves: no gradient is read or kept."""
        return not self._owners and all(at is None for _, at in self._left)

    def note_steps(self) -> None:
        """Take note that steps were taken elsewhere: state was written, gradients were used up."""
        now = tick()
        for t in self._written:
            t.written = now
        for owner, _ in self._left:
            if isinstance(owner, Tensor):
                owner.grad = None


_COPY = "The step writes into it.\n  Try t.raw = t.raw.copy()."


def _drawing(step: Callable[..., Any], generators: list[Random]) -> Callable[..., Any]:
    """The function of a source, given what it draws from."""
    return (lambda *given: step(*given, *generators)) if generators else step


def _form_of(returned: Any) -> Callable[[list[Tensor]], Any]:
    """A function that gives what a step returns the Tensors of this call."""
    if isinstance(returned, Slot):
        return itemgetter(returned.position)
    if type(returned) is tuple and len(returned) > 1 and _are_slots(returned):
        return itemgetter(*[slot.position for slot in returned])
    if isinstance(returned, dict):
        rows = [(key, _form_of(part)) for key, part in returned.items()]
        return lambda made: {key: form(made) for key, form in rows}
    if isinstance(returned, (list, tuple)):
        forms, kind = [_form_of(part) for part in returned], type(returned)
        if hasattr(returned, "_fields"):
            return lambda made: kind(*[form(made) for form in forms])
        return lambda made: kind([form(made) for form in forms])
    return lambda made: returned


def _are_slots(parts: Iterable[Any]) -> bool:
    return all(isinstance(part, Slot) for part in parts)


def _own(result: Any, given: list[Any]) -> Any:
    """A result in memory of its own, which no later call overwrites."""
    if not isinstance(result, np.ndarray):
        return result
    if result.ndim == 0:
        return result[()]
    if result.base is not None or any(result is x for x in given):
        return result.copy()
    return result
