"""Two recordings of one step, and the program on which they agree.

What is the same object in both was there before the step: it is read anew in every call. What
was made inside the step is a literal if both times it held the same numbers, and else something
that a program cannot make.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradatim.autograd.tensor import Tensor
from gradatim.compiler.program import Line, Program, Value
from gradatim.compiler.recorder import Leaf, Recording, Slot
from gradatim.compiler.surroundings import memory_of, same
from gradatim.errors import RecordingError
from gradatim.primitives import shape
from gradatim.types import Array

Owner = Tensor | int
"""A leaf of a step: a Tensor that is always the same, or the number of an argument."""


@dataclass(frozen=True, eq=False)
class Agreement:
    """A program, and the Tensors that it is bound to.

    Parameters
    ----------
    program : Program
        As recorded; no pass has changed it.
    state : mapping of Value to Tensor
        The Tensor that each state stands for; it is asked for its numbers in every call.
    gradients : mapping of Value to (Tensor or int)
        The leaf whose ``grad`` each value was when the step began; an argument by its number.
    left : tuple of (Tensor or int, int or None)
        What the step leaves in ``grad`` of leaves: the position of a result, or None.
    returned : object
        What the step returned, with :class:`Slot` for Tensors.
    """

    program: Program
    state: Mapping[Value, Tensor]
    gradients: Mapping[Value, Owner]
    left: tuple[tuple[Owner, int | None], ...]
    returned: Any


def agree(first: Recording, second: Recording) -> Agreement:
    """Return the program on which two recordings of a step agree.

    Parameters
    ----------
    first, second : Recording
        Of two calls with arguments of the same shapes and dtypes.

    Raises
    ------
    RecordingError
        If they differ; it names the primitive and the user's line.
    """
    _check_lines(first, second)
    fresh = _fresh(first)
    literals: dict[Value, Array] = {}
    state: dict[Value, Tensor] = {}
    gradients: dict[Value, Owner] = {}
    number = {leaf.tensor: i for i, leaf in enumerate(first.leaves) if leaf.kind == "argument"}
    for leaf, other in zip(first.leaves, second.leaves):
        value = fresh[leaf.value]
        if leaf.kind == "gradient" and leaf.owner is not None:
            gradients[value] = number.get(leaf.owner, leaf.owner)
        elif leaf.kind == "tensor" and _is_lasting(leaf, other, first, second):
            state[value] = leaf.tensor
        elif leaf.kind == "tensor":
            literals[value] = np.array(_begun(first, leaf))
            _check_literal(literals[value], _begun(second, other), leaf.value, first)
    _check_memory(first, {line.output.home for line in first.lines if line.output.home})
    copies = _copied(first, fresh, literals)
    results = [fresh[value] for value in first.results]
    left: list[tuple[Owner, int | None]] = []
    for tensor, gradient in first.gradients.items():
        left.append((number.get(tensor, tensor), None if gradient is None else len(results)))
        results += [] if gradient is None else [fresh[gradient]]
    program = Program(
        arguments=tuple(fresh[leaf.value] for leaf in first.leaves if leaf.kind == "argument"),
        state=(*state, *gradients),
        literals=literals,
        lines=(*copies, *(_renewed(line, fresh) for line in first.lines)),
        results=tuple(results),
    )
    return Agreement(program, state, gradients, tuple(left), first.returned)


def _renewed(line: Line, fresh: Mapping[Value, Value]) -> Line:
    inputs = tuple(fresh[value] for value in line.inputs)
    return replace(line, output=fresh[line.output], inputs=inputs)


def _fresh(first: Recording) -> dict[Value, Value]:
    """A value with its final name for each that was recorded."""
    names = {line.output: first.name_of(line.output) for line in first.lines}
    names |= {leaf.value: first.name_of(leaf.value) for leaf in first.leaves}
    fresh = {value: replace(value, name=name, home=None) for value, name in names.items()}
    for line in first.lines:
        if line.output.home is not None:
            home = fresh[line.output.home]
            fresh[line.output] = replace(fresh[line.output], name=home.name, home=home)
    return fresh


def _copied(
    first: Recording, fresh: dict[Value, Value], literals: dict[Value, Array]
) -> tuple[Line, ...]:
    """Lines that copy each literal into which the step writes: it begins anew in every call."""
    lines = []
    homes = {line.output.home: line for line in first.lines if line.output.home is not None}
    for home, writing in homes.items():
        if home is None or fresh[home] not in literals:
            continue
        kept = Value("", home.shape, home.dtype)
        literals[kept] = literals.pop(fresh[home])
        settings = {"dtype": home.dtype}
        lines.append(Line(fresh[home], shape.cast, (kept,), settings, writing.phase, writing.place))
    return tuple(lines)


def _is_lasting(leaf: Leaf, other: Leaf, first: Recording, second: Recording) -> bool:
    """Whether both calls met the same Tensor, or the same memory, which is there for good."""
    if leaf.tensor is other.tensor:
        return True
    if leaf.tensor in first.around or other.tensor in second.around:
        raise _differ(f"{leaf.value!r} read", f"{other.value!r}, another Tensor")
    mine, others = memory_of(leaf.tensor.raw), memory_of(other.tensor.raw)
    return mine is not None and mine == others


def _check_memory(recording: Recording, homes: Set[Value]) -> None:
    """Refuse two Tensors in one piece of memory of which one is written."""
    arrays = [(leaf, leaf.tensor.raw) for leaf in recording.leaves]
    arrays = [(leaf, raw) for leaf, raw in arrays if isinstance(raw, np.ndarray)]
    for leaf, raw in arrays:
        for other, memory in arrays:
            two = leaf.value in homes and other.tensor is not leaf.tensor
            if two and np.may_share_memory(raw, memory) and np.shares_memory(raw, memory):
                raise RecordingError(
                    f"compile: the step writes into {leaf.value!r}, which shares memory with "
                    f"{other.value!r}; a program keeps them apart.\n"
                    "  Try a copy of one of them: gd.Tensor(x)."
                )


def _check_lines(first: Recording, second: Recording) -> None:
    number: dict[Value, int] = {}
    twin: dict[Value, int] = {}
    for leaf, other in zip(first.leaves, second.leaves):
        number[leaf.value], twin[other.value] = len(number), len(twin)
    for line, other_line in zip(first.lines, second.lines):
        number[line.output], twin[other_line.output] = len(number), len(twin)
        if not _alike(line, other_line, number, twin):
            raise _differ(_said(line), _said(other_line))
    if len(first.lines) != len(second.lines):
        longer = max(first.lines, second.lines, key=len)
        extra = longer[min(len(first.lines), len(second.lines))]
        raise _differ(f"{len(first.lines)} primitives", f"{len(second.lines)}; {_said(extra)}")
    if len(first.leaves) != len(second.leaves):
        raise _differ(f"{len(first.leaves)} Tensors read", f"{len(second.leaves)}")
    if [leaf.kind for leaf in first.leaves] != [leaf.kind for leaf in second.leaves]:
        raise _differ("a gradient of before read", "none")
    if [number[v] for v in first.results] != [twin[v] for v in second.results]:
        raise _differ("one result returned", "another one")
    _check_returned(first.returned, second.returned)
    _check_gradients(first, second, number, twin)


def _check_returned(one: Any, two: Any) -> None:
    """What is returned beside Tensors is the same each time: plain, or there before."""
    if type(one) is not type(two):
        raise _differ(f"{_shown(one)} returned", _shown(two))
    if isinstance(one, (dict, list, tuple)):
        if len(one) != len(two) or (isinstance(one, dict) and list(one) != list(two)):
            raise _differ(f"{_shown(one)} returned", _shown(two))
        inner, outer = (one.values(), two.values()) if isinstance(one, dict) else (one, two)
        for part, other in zip(inner, outer):
            _check_returned(part, other)
    elif not isinstance(one, Slot) and not same(one, two):
        raise _differ(f"{_shown(one)} returned", _shown(two))


def _check_gradients(
    first: Recording, second: Recording, number: Mapping[Value, int], twin: Mapping[Value, int]
) -> None:
    one = [None if v is None else number[v] for v in first.gradients.values()]
    two = [None if v is None else twin[v] for v in second.gradients.values()]
    if one != two:
        raise _differ("one set of gradients left at the leaves", "another one")


def _shown(x: Any) -> str:
    text = repr(x)
    return text if len(text) < 60 else f"a {type(x).__name__}"


def _alike(line: Line, other: Line, number: Mapping[Value, int], twin: Mapping[Value, int]) -> bool:
    if line.primitive is not other.primitive or line.phase != other.phase:
        return False
    if (line.output.shape, line.output.dtype) != (other.output.shape, other.output.dtype):
        return False
    if not _same_settings(line.settings, other.settings):
        return False
    return [number.get(v) for v in line.inputs] == [twin.get(v) for v in other.inputs]


def _same_settings(settings: Any, others: Any) -> bool:
    return settings.keys() == others.keys() and all(
        value is others[name] or repr(value) == repr(others[name])
        for name, value in settings.items()
    )


def _said(line: Line) -> str:
    settings = ", ".join(f"{name}={value!r}" for name, value in line.settings.items())
    shapes = ", ".join(str(value.shape) for value in line.inputs)
    return (
        f"{line.primitive.name} of {shapes}{f' ({settings})' if settings else ''} at {line.place}"
    )


def _differ(one: str, two: str) -> RecordingError:
    return RecordingError(
        f"compile: two calls of the step did not do the same: first {one}, then {two}.\n"
        "  A program always does the same; a branch, a loop or an axis that depends on data or on "
        "the number of the call cannot be in it.\n  Try gd.where for a choice, and what changes "
        "from call to call as an argument of the step."
    )


def _begun(recording: Recording, leaf: Leaf) -> Any:
    """What a leaf held before the step wrote into it."""
    return recording.initial.get(leaf.value, leaf.tensor.raw)


def _check_literal(one: Any, two: Any, value: Value, recording: Recording) -> None:
    alike = np.shape(one) == np.shape(two) and one.dtype == two.dtype
    if alike and np.array_equal(one, two, equal_nan=one.dtype.kind == "f"):
        return
    user = next((line for line in recording.lines if value in line.inputs), None)
    where = f"{user.primitive.name} at {user.place}" if user else "what the step returns"
    raise RecordingError(
        f"compile: {where} was given numbers made inside the step, "
        f"{_short(one)} in one call and {_short(two)} in the next.\n  A program would go on with "
        "the first for ever.\n  Try to hand them in as an argument of the step, or to keep them "
        "in a Tensor that is written with assign."
    )


def _short(raw: Any) -> str:
    if np.size(raw) == 1:
        return repr(np.asarray(raw).item())
    return f"an array of shape {np.shape(raw)} beginning with {np.asarray(raw).ravel()[0]!r}"
