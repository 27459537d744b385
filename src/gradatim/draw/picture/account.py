"""Account: a computation call by call, wherever it comes from, and what is known of its tensors.

A graph of Tensors, a model that is run once and the program of a step each give an account; what
folds it, cuts it and puts it together knows nothing of where it comes from. A *tensor* here is
whatever the account speaks of, told apart by identity: a Tensor, or a Value of a program.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from gradatim.draw.picture.picture import Kind
from gradatim.primitives import Primitive
from gradatim.types import Raw, Settings, Shape


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """One call of a module, or one phase of a program: what a computation happened inside of.

    Parameters
    ----------
    name : str
        Path of the module in the model, or the phase.
    kind : {"module", "phase"}
        What it is.
    made : str
        Class of the module and its sizes, as ``Linear(784, 50)``.
    owned : frozenset
        The tensors that belong to it: parameters and state, those of inner modules included.
    note : str
        More about it.
    """

    name: str
    kind: Literal["module", "phase"] = "module"
    made: str = ""
    owned: frozenset[Hashable] = frozenset()
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One call of a primitive.

    Parameters
    ----------
    output : tensor
        What it gave.
    primitive : Primitive
        The row of the table.
    inputs : tuple of tensors
        What it was given, by position.
    settings : dict
        Its keyword arguments.
    scopes : tuple of Scope
        What it happened inside of, the outer before the inner.
    note : str
        Where: the user's line.
    """

    output: Hashable
    primitive: Primitive
    inputs: tuple[Hashable, ...]
    settings: Settings
    scopes: tuple[Scope, ...] = ()
    note: str = ""


class Account(Protocol):
    """A computation: its calls in the order in which they ran, its results, its tensors."""

    @property
    def calls(self) -> Sequence[Call]:
        """The calls that matter for the results, in the order in which they ran."""

    @property
    def results(self) -> Sequence[Hashable]:
        """What comes out."""

    def kind(self, leaf: Hashable) -> Kind:
        """Return what kind of leaf a tensor is."""

    def name(self, x: Hashable) -> str:
        """Return what a tensor is called; empty if nothing."""

    def alias(self, x: Hashable) -> str:
        """Return what lists and formulas call a tensor; empty for a number as it stands."""

    def shape(self, x: Hashable) -> Shape:
        """Return the sizes of its axes."""

    def dtype(self, x: Hashable) -> str:
        """Return the type of its elements."""

    def wanted(self, x: Hashable) -> bool:
        """Return whether its gradient is wanted."""

    def value(self, x: Hashable) -> Raw | None:
        """Return its numbers, if they are known."""

    def gradient(self, x: Hashable) -> Raw | None:
        """Return the whole of its gradient, if there is one."""

    def part(self, call: Call, position: int) -> Raw | None:
        """Return the part of the gradient of an input that a call gave, if there is one."""


def aliases(calls: Sequence[Call], name: Callable[[Hashable], str]) -> dict[Hashable, str]:
    """Return what lists call each tensor: its name, else ``h1`` for a result, ``c1`` for a leaf.

    Parameters
    ----------
    calls : sequence of Call
        The computation.
    name : callable
        Gives the name of a tensor; empty if it has none.
    """
    results = dict.fromkeys(call.output for call in calls)
    found: dict[Hashable, str] = {}
    for letter, group in (("c", (x for call in calls for x in call.inputs)), ("h", results)):
        number = 0
        for x in group:
            if x not in found and (x in results) == (letter == "h"):
                number += not name(x)
                found[x] = name(x) or f"{letter}{number}"
    return found
