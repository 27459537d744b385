"""Picture: what is to be drawn, as plain data and without coordinates.

A picture reads from left to right. Its nodes are leaves, primitives, modules and the end; its
edges are tensors on their way from one node to another. Above an edge stands what goes forward,
below it the gradient that comes back. Where a tensor is used more than once, its way forks: one
*trunk* leads from its maker to a node of kind ``fork`` and carries the value and the whole
gradient, and a *branch* leads on to each use and carries the part that this use gives.

Everything has a key, a short string such as ``n3``, ``e7`` or ``t4``. The same computation gives
the same keys, and every form of a picture names its marks with them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from gradatim.types import Shape

Kind = Literal[
    "variable",  # a leaf that wants a gradient
    "parameter",  # a leaf that a model learns
    "input",  # what a model or a step is called with
    "state",  # what outlives the call of a program: slots and rates
    "constant",  # a leaf that wants no gradient
    "primitive",
    "module",  # a module folded to one box
    "fork",  # where the way of a tensor forks; a dot
    "rest",  # stands for nodes that were left out
    "end",  # the result
]

LEAVES: frozenset[Kind] = frozenset({"variable", "parameter", "input", "state", "constant"})
"""The kinds of node at which a computation begins."""


@dataclass(frozen=True, slots=True)
class Heat:
    """A small map of a large array: its elements averaged in a few cells.

    Parameters
    ----------
    levels : tuple of tuple of float
        Rows of cells, each between -1 and 1: the mean of its elements over ``scale``. NaN where
        one of them is not finite.
    scale : float
        What a level of 1 stands for.
    """

    levels: tuple[tuple[float, ...], ...]
    scale: float


@dataclass(frozen=True, slots=True)
class Numbers:
    """How the numbers of an array are told.

    Parameters
    ----------
    lines : tuple of str
        What stands at the edge: one number, the rows of a small array, or shape and range.
    exact : str
        The same with all digits, for a tooltip and for who computes on.
    aligned : bool
        Whether the lines are rows of numbers, padded so that columns stand under one another
        in a font of one width.
    heat : Heat or None
        A map of an array that is too large for its numbers.
    span : str
        The range of the rows of a small array, for where these have no room.
    """

    lines: tuple[str, ...]
    exact: str = ""
    aligned: bool = False
    heat: Heat | None = None
    span: str = ""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A tensor: what it is called, what it holds, and the whole of its gradient.

    Parameters
    ----------
    key : str
        ``t0``, ``t1`` and so on, leaves and results in the order in which they were met.
    name : str
        What the user calls it; may be empty.
    shape : tuple of int
        Sizes of the axes.
    dtype : str
        Type of the elements.
    wanted : bool
        Whether a gradient is wanted.
    value : Numbers or None
        What it holds; None where that is not known, as in a program.
    gradient : Numbers or None
        The whole of its gradient; None where there is none.
    born : int
        Its place among the results in the order in which they were computed; -1 for a leaf.
    alias : str
        What lists and formulas call it: its name, else ``x``, ``c1`` or ``h1``; empty for a number
        that is written as it is.
    """

    key: str
    name: str
    shape: Shape
    dtype: str
    wanted: bool = False
    value: Numbers | None = None
    gradient: Numbers | None = None
    born: int = -1
    alias: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """Something with a place of its own in the picture.

    Parameters
    ----------
    key : str
        ``n0``, ``n1`` and so on.
    kind : str
        What it is; see :data:`Kind`.
    lines : tuple of str
        What is written in it: the sign of a primitive (``×``), the name of a leaf, path and
        class of a module. Empty for a fork, and for a leaf that is told by its edge alone.
    quantity : str
        Key of the tensor that leaves it, or that ends in it; empty where there are several.
    primitive : str
        Name of the primitive; empty for other kinds.
    settings : str
        Settings of the primitive that change what it does, as ``axis=0``; may be empty.
    group : str
        Key of the group in which it stands; empty if in none.
    note : str
        More about it, for a tooltip: the user's line, what a folded module holds.
    count : int
        Primitives that it stands for: 1 for a primitive, all inside for a folded module.
    born : int
        Place of its (last) result in the order of computing, as :attr:`Quantity.born`; -1 if it
        has none.
    members : tuple of int
        Places of all results that are computed inside of a folded module, or of what was left
        out; empty for other kinds.
    holds : tuple of str
        Keys of the parameters that a folded module keeps to itself.
    """

    key: str
    kind: Kind
    lines: tuple[str, ...] = ()
    quantity: str = ""
    primitive: str = ""
    settings: str = ""
    group: str = ""
    note: str = ""
    count: int = 0
    born: int = -1
    members: tuple[int, ...] = ()
    holds: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """All that is written in it, its settings last."""
        return (*self.lines, self.settings) if self.settings else self.lines

    @property
    def is_leaf(self) -> bool:
        """Whether the computation begins here."""
        return self.kind in LEAVES


@dataclass(frozen=True, slots=True)
class Edge:
    """One way of a tensor from a node to a node.

    Parameters
    ----------
    key : str
        ``e0``, ``e1`` and so on.
    source, target : str
        Keys of nodes.
    quantity : str
        Key of the tensor that goes this way; empty where only an order is shown.
    role : {"whole", "trunk", "branch"}
        Whether it is all of the tensor's way, its way up to the fork, or one after it.
    value : Numbers or None
        What stands above it. None on a branch, whose trunk tells it, and where the box of a
        constant tells it already.
    gradient : Numbers or None
        What stands below it: the whole gradient, or on a branch the part of this use.
    position : int
        Which input of the target it is; -1 where that has no meaning.
    label : str
        A name that stands with the value above; may be empty.
    inside : Numbers or None
        What of the gradient comes from within the node that it leaves: a box in which the tensor
        was not only made but used as well. All branches and this add up to the trunk.
    """

    key: str
    source: str
    target: str
    quantity: str = ""
    role: Literal["whole", "trunk", "branch"] = "whole"
    value: Numbers | None = None
    gradient: Numbers | None = None
    position: int = -1
    label: str = ""
    inside: Numbers | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes with a frame round them: an opened module, or a phase of a program.

    Parameters
    ----------
    key : str
        ``g0``, ``g1`` and so on.
    name : str
        What stands at the frame: path and class of the module, or the phase.
    kind : {"module", "phase"}
        What it is.
    parent : str
        Key of the group round this one; empty if there is none.
    """

    key: str
    name: str
    kind: Literal["module", "phase"] = "module"
    parent: str = ""


@dataclass(frozen=True)
class Picture:
    """All that is drawn.

    Parameters
    ----------
    nodes : tuple of Node
        Each after those from which edges lead to it: a node stands where its result was born.
        Walked backwards this is the order in which gradients are computed.
    edges : tuple of Edge
        In the order of their targets, and of the inputs of each.
    quantities : tuple of Quantity
        The tensors that the edges carry, and then those that boxes hold.
    groups : tuple of Group
        Frames, the outer before the inner.
    title : str
        What the picture shows, in a few words.
    note : str
        What must be said of the whole, such as "no gradient yet"; may be empty.
    left_out : int
        Number of primitives that were left out because the graph is large.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    groups: tuple[Group, ...] = ()
    title: str = ""
    note: str = ""
    left_out: int = 0

    @cached_property
    def node(self) -> dict[str, Node]:
        """Each node by its key."""
        return {node.key: node for node in self.nodes}

    @cached_property
    def quantity(self) -> dict[str, Quantity]:
        """Each tensor by its key."""
        return {quantity.key: quantity for quantity in self.quantities}

    @cached_property
    def arriving(self) -> dict[str, tuple[Edge, ...]]:
        """The edges that lead to each node, by its key and in the order of its inputs."""
        return self._by(lambda edge: edge.target)

    @cached_property
    def leaving(self) -> dict[str, tuple[Edge, ...]]:
        """The edges that lead away from each node, by its key."""
        return self._by(lambda edge: edge.source)

    @cached_property
    def members(self) -> dict[str, tuple[list[Node], list[Group]]]:
        """The nodes and groups that stand directly in each group, by its key; "" for no group."""
        found: dict[str, tuple[list[Node], list[Group]]] = {"": ([], [])}
        found |= {group.key: ([], []) for group in self.groups}
        for node in self.nodes:
            found[node.group][0].append(node)
        for group in self.groups:
            found[group.parent][1].append(group)
        return found

    def _by(self, end: Callable[[Edge], str]) -> dict[str, tuple[Edge, ...]]:
        found: dict[str, list[Edge]] = {node.key: [] for node in self.nodes}
        for edge in self.edges:
            found[end(edge)].append(edge)
        return {key: tuple(edges) for key, edges in found.items()}
