"""The steps in which a picture is played: forward node by node, then backward."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol

from gradatim.derivation.number import number_text
from gradatim.draw.picture.picture import Edge, Node, Numbers, Picture

Phase = Literal["given", "forward", "turn", "backward", "done"]

Line = tuple[Literal["rule", "numbers", "sum", "text"], str]
"""One line that is said at a step: a formula, the same in numbers, a sum, or plain words."""


_MOST = 20
"""Lines that are said at once: of leaves at the beginning and at the end, of a large box."""

_FEW = 4
"""Primitives of a folded box that are told one by one."""


class Words(Protocol):
    """What is said of a primitive: formulas, and the same with numbers put in."""

    def forward(self, born: int) -> Sequence[Line]:
        """Return what is said when the result of that place in the computation is computed."""

    def backward(self, born: int) -> Sequence[Line]:
        """Return what is said when the gradients of its inputs are computed, sums included."""

    def learned(self, members: Sequence[int]) -> Sequence[Line]:
        """Return what results inside of a folded box hand to leaves, as to its parameters."""

    def gradients(self) -> Sequence[str]:
        """Return every leaf with its gradient, those inside of folded boxes too."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Parameters
    ----------
    phase : {"given", "forward", "turn", "backward", "done"}
        What happens: the leaves are given, a node computes, the gradient starts at the result,
        a node hands gradients back, and all is known.
    node : str
        Key of the node where it happens; empty if everywhere.
    born : int
        Place in the computation of the node's last result, :attr:`Node.born`.
    part : str
        Which part of a program the node stands in, as forward, backward or update; else empty.
    title : str
        What is written in the node, and what its result is called.
    lines : tuple of pairs of str
        What is said of it: kind and text.
    nodes, edges, values, gradients : tuple of str
        What is known from here on: keys of the nodes and edges that have been reached, and of the
        edges whose value and whose gradient are shown.
    partial : tuple of pairs of str
        Keys of trunks of which some parts have arrived, each with the sum so far.
    """

    phase: Phase
    node: str = ""
    born: int = -1
    part: str = ""
    title: str = ""
    lines: tuple[Line, ...] = ()
    nodes: tuple[str, ...] = ()
    edges: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    gradients: tuple[str, ...] = ()
    partial: tuple[tuple[str, str], ...] = ()


def steps_of(picture: Picture, words: Words | None = None) -> tuple[Step, ...]:
    """Return the steps in which a picture is played, forward and then backward.

    Each primitive, and each folded module, is one step. A gradient that is the sum of several
    parts is known when the last of them has arrived. O(nodes + edges).

    Parameters
    ----------
    picture : Picture
        What is played.
    words : Words, optional
        Formulas. By default only names and numbers are said.

    Returns
    -------
    tuple of Step
        The leaves first, and at the end a step at which all is known.

    Examples
    --------
    >>> from gradatim.draw.picture.picture import Edge, Node, Numbers, Quantity
    >>> nodes = Node("n0", "variable", ("x",)), Node("n1", "primitive", ("exp",)), Node("n2", "end")
    >>> one, e = Numbers(("1",)), Numbers(("2.718",))
    >>> edges = Edge("e0", "n0", "n1", "t0", value=one, gradient=e), Edge("e1", "n1", "n2", "t1",
    ...     value=e, gradient=one)
    >>> picture = Picture(nodes, edges, (Quantity("t0", "x", (), ""), Quantity("t1", "", (), "")))
    >>> [step.phase for step in steps_of(picture)]
    ['given', 'forward', 'turn', 'backward', 'done']
    """
    return tuple(_Play(picture, words).steps())


@dataclass
class _Met:
    """What becomes known at one step back.

    Parameters
    ----------
    keys : list of str
        Edges whose gradient is known now.
    handed, sums : list of Line
        What arrives, and sums that are complete.
    partial : list of pairs of str
        Trunks with what has come together so far.
    """

    keys: list[str]
    handed: list[Line] = field(default_factory=list)
    sums: list[Line] = field(default_factory=list)
    partial: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class _Play:
    picture: Picture
    words: Words | None

    def steps(self) -> Iterator[Step]:
        yield self._given()
        for node in self.picture.nodes:
            if _computes(node):
                yield self._forward(node)
        arrived: dict[str, list[Edge]] = {}
        for node in reversed(self.picture.nodes):
            edges = [e for e in self.picture.arriving[node.key] if e.gradient is not None]
            if edges and node.kind == "end":
                yield self._turn(node, edges, arrived)
            elif _computes(node) and (edges or self._learns(node)):
                yield self._backward(node, edges, arrived)
        yield Step("done", lines=self._closing())

    # --- forward --------------------------------------------------------------------------------

    def _given(self) -> Step:
        leaves = [node for node in self.picture.nodes if node.is_leaf]
        texts = [text for text in map(self._named_value, leaves) if text]
        return self._reached("given", leaves, _some(texts))

    def _forward(self, node: Node) -> Step:
        said = self._said(node, backward=False)
        if not said:
            out = [self._equation(edge) for edge in self.picture.leaving[node.key]]
            said = tuple(("numbers", text) for text in dict.fromkeys(out) if text)
        return self._reached("forward", [node], said, node)

    def _reached(
        self, phase: Phase, nodes: list[Node], lines: tuple[Line, ...], at: Node | None = None
    ) -> Step:
        """The step at which nodes and what leaves them is reached, beyond forks as well."""
        found, edges = [], []
        waiting = list(nodes)
        while waiting:
            node = waiting.pop(0)
            found.append(node.key)
            for edge in self.picture.leaving[node.key]:
                edges.append(edge.key)
                target = self.picture.node[edge.target]
                if target.kind in ("fork", "end"):
                    waiting.append(target)
        place = (at.key, at.born, self._part(at), self._title(at)) if at else ("", -1, "", "")
        known = tuple(edges)
        return Step(phase, *place, lines, tuple(found), known, values=known)

    # --- backward -------------------------------------------------------------------------------

    def _turn(self, node: Node, edges: list[Edge], arrived: dict[str, list[Edge]]) -> Step:
        met = self._arrive(edges, arrived)
        begun: Line = ("text", "Here the way back begins, with the gradient at the result.")
        return Step(
            "turn", node.key, node.born, lines=(*met.handed, begun, *met.sums),
            gradients=tuple(met.keys), partial=tuple(met.partial),
        )  # fmt: skip

    def _learns(self, node: Node) -> bool:
        """Whether a folded box hands gradients to leaves inside of it."""
        out = any(edge.gradient is not None for edge in self.picture.leaving[node.key])
        is_told = self.words is not None and node.kind == "module" and out
        return is_told and bool(self.words.learned(node.members))  # type: ignore[union-attr]

    def _backward(self, node: Node, edges: list[Edge], arrived: dict[str, list[Edge]]) -> Step:
        met = self._arrive(edges, arrived)
        lines = self._said(node, backward=True)
        lines = lines or (*met.handed, *met.sums, *self._inside(node))
        return Step(
            "backward", node.key, node.born, title=self._title(node, backward=True), lines=lines,
            gradients=tuple(met.keys), partial=tuple(met.partial),
        )  # fmt: skip

    def _inside(self, node: Node) -> tuple[Line, ...]:
        """What the parameters of a large box get."""
        if self.words is None or node.kind != "module":
            return ()
        lines = self.words.learned(node.members)
        rules = [line for line in lines if line[0] != "numbers"]
        return _cut(lines if len(lines) <= _MOST else rules)

    def _arrive(self, edges: list[Edge], arrived: dict[str, list[Edge]]) -> _Met:
        met = _Met([edge.key for edge in edges])
        for edge in edges:
            if edge.role != "branch":
                met.handed.append(("numbers", self._gradient_equation(edge)))
                continue
            fork, branches = edge.source, self._branches[edge.source]
            there = arrived.setdefault(fork, [])
            there.append(edge)
            met.handed.append(("numbers", self._part_equation(edge, len(there), len(branches))))
            trunks = [trunk.key for trunk in self.picture.arriving[fork]]
            if len(there) == len(branches):
                met.keys += trunks
                met.sums += [self._sum(edge, branches)] if len(branches) > 1 else []
            elif so_far := _sum_of(there):
                met.partial += [(trunk, so_far) for trunk in trunks]
        return met

    @cached_property
    def _branches(self) -> dict[str, list[Edge]]:
        """The ways behind each fork on which gradients come back."""
        forks = [node.key for node in self.picture.nodes if node.kind == "fork"]
        leaving = self.picture.leaving
        return {fork: [e for e in leaving[fork] if e.gradient is not None] for fork in forks}

    def _sum(self, edge: Edge, branches: list[Edge]) -> Line:
        trunk = next(iter(self.picture.arriving[edge.source]), edge)
        parts = [in_a_line(branch.gradient) for branch in branches]
        parts += [f"{in_a_line(trunk.inside)} (inside)"] if trunk.inside is not None else []
        told = parts if len(parts) <= _MOST else [parts[0], "...", parts[-1]]
        text = f"d{self._name(edge)} = {' + '.join(told)} = {in_a_line(trunk.gradient)}"
        return "sum", f"{text}   added, where {len(parts)} paths meet"

    def _closing(self) -> tuple[Line, ...]:
        if self.picture.note:
            return (("text", self.picture.note),)
        if not any(edge.gradient for edge in self.picture.edges):
            return (("text", "Every value is known."),)
        if self.words is not None:
            return _some(self.words.gradients())
        ends = [n for n in self.picture.nodes if n.is_leaf and n.kind != "constant"]
        edges = [edge for node in ends for edge in self.picture.leaving[node.key][:1]]
        texts = [self._gradient_equation(edge) for edge in edges if edge.gradient is not None]
        return _some(texts)

    # --- names and numbers ----------------------------------------------------------------------

    def _said(self, node: Node, *, backward: bool) -> tuple[Line, ...]:
        places = node.members if node.kind != "primitive" else (node.born,)
        if self.words is None or len(places) > _FEW:
            return ()
        told = self.words.backward if backward else self.words.forward
        return tuple(line for at in sorted(places, reverse=backward) for line in told(at))

    def _part(self, node: Node) -> str:
        groups = {group.key: group for group in self.picture.groups}
        group = groups.get(node.group)
        while group is not None and group.kind != "phase":
            group = groups.get(group.parent)
        return group.name if group is not None else ""

    def _title(self, node: Node, *, backward: bool = False) -> str:
        """What is written in a node, and what its result is called in the formulas."""
        quantity = self.picture.quantity.get(node.quantity)
        called = (quantity.alias or quantity.name) if quantity is not None else ""
        way = f"← d{called}" if backward else f"→ {called}"
        return f"{_title(node)} {way}" if called else _title(node)

    def _name(self, edge: Edge) -> str:
        quantity = self.picture.quantity.get(edge.quantity)
        if quantity is not None and (quantity.alias or quantity.name):
            return quantity.alias or quantity.name
        maker = self.picture.node[edge.source]
        while maker.kind == "fork":
            maker = self.picture.node[self.picture.arriving[maker.key][0].source]
        return f"({_title(maker)})" if _computes(maker) else (_title(maker) or edge.quantity)

    def _named_value(self, leaf: Node) -> str:
        edge = next(iter(self.picture.leaving[leaf.key]), None)
        told = self._equation(edge) if edge is not None and _title(leaf) else ""
        return "" if told == f"{_title(leaf)} = {_title(leaf)}" else told  # a number

    def _equation(self, edge: Edge) -> str:
        value = edge.value
        if value is None:
            quantity = self.picture.quantity.get(edge.quantity)
            value = quantity.value if quantity is not None else None
        return f"{self._name(edge)} = {in_a_line(value)}" if value is not None else ""

    def _gradient_equation(self, edge: Edge) -> str:
        return f"d{self._name(edge)} = {in_a_line(edge.gradient)}"

    def _part_equation(self, edge: Edge, number: int, count: int) -> str:
        trunk = next(iter(self.picture.arriving[edge.source]), edge)
        count += trunk.inside is not None
        if count == 1:
            return self._gradient_equation(edge)
        told = f"d{self._name(edge)} += {in_a_line(edge.gradient)}"
        return f"{told}   part {number} of {count}"


def _sum_of(edges: Sequence[Edge]) -> str:
    """What single numbers come to; empty where they are arrays."""
    try:
        return number_text(sum(float(e.gradient.exact) for e in edges if e.gradient is not None))
    except ValueError:
        return ""


def _some(texts: Sequence[str]) -> tuple[Line, ...]:
    """A line for each, or for the first of many."""
    return _cut([("numbers", text) for text in texts])


def _cut(lines: Sequence[Line]) -> tuple[Line, ...]:
    left = len(lines) - _MOST
    more: tuple[Line, ...] = (("text", f"and {left} more"),) if left > 0 else ()
    return (*lines[:_MOST], *more)


def _computes(node: Node) -> bool:
    return node.kind in ("primitive", "module", "rest")


def _title(node: Node) -> str:
    return " ".join(node.lines)


def in_a_line(numbers: Numbers | None) -> str:
    """Write the numbers of a label in one line."""
    if numbers is None:
        return "?"
    lines = [" ".join(line.split()).replace("[ ", "[") for line in numbers.lines]
    return f"[{' '.join(lines)}]" if numbers.aligned and len(lines) > 1 else " ".join(lines)
