"""Boxes and the tensors between them, put together to a picture."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from functools import reduce
from itertools import takewhile
from operator import add

import numpy as np

from gradatim.derivation.number import number_text
from gradatim.derivation.wording import printable, short
from gradatim.draw.picture.account import Account, Scope
from gradatim.draw.picture.fold import Box
from gradatim.draw.picture.picture import Edge, Group, Kind, Node, Numbers, Picture, Quantity
from gradatim.draw.picture.sign import settings_text, sign_of
from gradatim.draw.picture.value import shape_text, tell
from gradatim.draw.picture.wiring import Read, Use, Wiring
from gradatim.types import Raw


def assemble(account: Account, boxes: Sequence[Box], title: str = "", note: str = "") -> Picture:
    """Return the picture of a computation.

    Parameters
    ----------
    account : Account
        The computation.
    boxes : sequence of Box
        Its calls, folded and cut, in an order of computing.
    title, note : str
        What is said of the whole.
    """
    made = _Assembly(account, boxes)
    return Picture(
        tuple(made.nodes), tuple(made.edges), tuple(made.quantities.values()),
        tuple(made.groups.values()), short(title), note,
        sum(len(box.calls) for box in boxes if box.is_rest),
    )  # fmt: skip


class _Assembly:
    """A picture while it is made: nodes, edges and all else in the order of computing."""

    def __init__(self, account: Account, boxes: Sequence[Box]) -> None:
        self._account = account
        self._wiring = Wiring(account, boxes)
        self._born = {call.output: i for i, call in enumerate(account.calls)}
        self._exits: dict[Hashable, str] = {}  # the node from which a tensor goes on
        self._places: dict[Box, int] = {}  # of boxes among the nodes
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.quantities: dict[Hashable, Quantity] = {}
        self.groups: dict[Scope, Group] = {}
        for box in boxes:
            self._place(box)
        for x in account.results:
            self._place_end(x)
        for box in boxes:
            if box.scope is not None:
                self._hold(box)

    # --- nodes ----------------------------------------------------------------------------------
    def _place(self, box: Box) -> None:
        arriving = self._wiring.arriving[box]
        group = self._group(box.around)
        sources = [self._source(use.x, group) for use in arriving]
        key = self._node(_kind_of(box), **self._described(box), group=group, count=len(box.calls))
        self._places[box] = len(self.nodes) - 1
        for use, source in zip(arriving, sources):
            self._lead(use, source, key)
        for call in box.calls:
            if call.output in self._wiring.uses:
                self._leave(call.output, key)

    def _hold(self, box: Box) -> None:
        """Note the parameters that a folded module keeps to itself."""
        read = dict.fromkeys(x for call in box.calls for x in call.inputs)
        inside = [x for x in read if x not in self._wiring.makers and x not in self._wiring.uses]
        learned = [x for x in inside if self._account.kind(x) == "parameter"]
        at = self._places[box]
        holds = tuple(self._quantity(x).key for x in learned)
        self.nodes[at] = replace(self.nodes[at], holds=holds)

    def _described(self, box: Box) -> dict[str, object]:
        """What a box says of itself."""
        leaving = [call.output for call in box.calls if call.output in self._wiring.uses]
        places = tuple(self._born[call.output] for call in box.calls)
        about: dict[str, object] = {
            "born": max(places),
            "members": places if box.is_folded else (),
            "quantity": self._quantity(leaving[0]).key if len(leaving) == 1 else "",
        }
        if box.is_rest:
            return about | {"lines": ("⋯", f"{len(box.calls)} left out")}
        call = box.calls[0]
        if box.scope is None:
            about |= {"lines": (sign_of(call.primitive),), "primitive": call.primitive.name}
            return about | {
                "settings": settings_text(call.primitive, call.settings),
                "note": printable(call.note),
            }
        lines = [short(line) for line in (box.scope.made, box.scope.name) if line]
        return about | {"lines": tuple(lines), "note": printable(box.scope.note)}

    def _source(self, x: Hashable, group: str) -> str:
        """The node from which a tensor goes on; a number that nobody named has one at each use."""
        if self._is_told(x):
            text = number_text(np.asarray(self._account.value(x)).item())
            quantity = self._quantity(x).key
            return self._node("constant", lines=(text,), quantity=quantity, group=group)
        if x not in self._exits:
            kind = self._account.kind(x)
            lines = (self._leaf_text(x, kind),)
            group = self._group(self._home(x))
            quantity = self._quantity(x).key
            self._leave(x, self._node(kind, lines=lines, quantity=quantity, group=group))
        return self._exits[x]

    def _leaf_text(self, x: Hashable, kind: Kind) -> str:
        """What is written in a leaf: inside of a module its name without the path to there."""
        name = self._account.name(x)
        for scope in self._home(x)[:0:-1]:
            name = name.removeprefix(f"{scope.name}.")
        return short(name) or kind

    def _place_end(self, x: Hashable) -> None:
        source = self._source(x, "")
        name = self._account.name(x) if x in self._wiring.makers else ""
        key = self._node("end", lines=(short(name) or "result",), quantity=self._quantity(x).key)
        self._lead(self._wiring.uses[x][-1], source, key)

    def _leave(self, x: Hashable, key: str) -> None:
        """Let a tensor go on from its node, over a fork where several read it."""
        self._exits[x] = key
        uses = self._wiring.uses[x]
        if len(uses) > 1:
            around = [use.box.around if use.box is not None else () for use in uses]
            maker = self._wiring.makers.get(x)
            source = maker.around if maker is not None else self._home(x)
            quantity = self._quantity(x)
            group = self._group(max((_shared(source, each) for each in around), key=len))
            fork = self._node("fork", quantity=quantity.key, group=group, born=quantity.born)
            self._edge(
                key, fork, x, role="trunk", value=quantity.value, gradient=quantity.gradient,
                label=self._label(x), inside=self._part(self._wiring.inside.get(x, ())),
            )  # fmt: skip
            self._exits[x] = fork

    def _home(self, leaf: Hashable) -> tuple[Scope, ...]:
        """The opened scopes that a leaf belongs to: its modules, or the phase it begins in."""
        around = [use.box.around if use.box else () for use in self._wiring.uses[leaf]]
        if around[0] and around[0][0].kind == "phase":
            return around[0][:1]
        shared = reduce(_shared, around)
        return tuple(takewhile(lambda scope: leaf in scope.owned, shared))

    # --- edges ----------------------------------------------------------------------------------
    def _lead(self, use: Use, source: str, target: str) -> None:
        """Draw the way of a tensor into a node."""
        x, quantity = use.x, self._quantity(use.x)
        position = use.reads[0][1] if use.box is not None and not use.box.is_folded else -1
        told = self._is_told(x)
        if len(self._wiring.uses[x]) > 1 and not told:
            part = self._part(use.reads)
            self._edge(source, target, x, role="branch", gradient=part, position=position)
            return
        self._edge(
            source, target, x,
            value=None if told else quantity.value,
            gradient=quantity.gradient,
            position=position,
            label="" if use.box is None else self._label(x),
            inside=self._part(self._wiring.inside.get(x, ())),
        )  # fmt: skip

    def _label(self, x: Hashable) -> str:
        return short(self._account.name(x)) if x in self._wiring.makers else ""

    def _is_told(self, x: Hashable) -> bool:
        """Whether the box of a leaf says its number already."""
        if x in self._wiring.makers or self._account.name(x):
            return False
        value, uses = self._account.value(x), self._wiring.uses[x]
        is_number = value is not None and value.size == 1
        return is_number and self._account.kind(x) == "constant" and uses[-1].box is not None

    def _part(self, reads: Sequence[Read]) -> Numbers | None:
        """The part of a gradient that comes back by some reads."""
        parts = [self._account.part(call, position) for call, position in reads]
        known = [part for part in parts if part is not None]
        return tell(reduce(add, known)) if known else None

    # --- what has a key -------------------------------------------------------------------------
    def _node(self, kind: Kind, **about: object) -> str:
        key = f"n{len(self.nodes)}"
        self.nodes.append(Node(key, kind, **about))  # type: ignore[arg-type]
        return key

    def _edge(self, source: str, target: str, x: Hashable, **about: object) -> None:
        key = f"e{len(self.edges)}"
        quantity = self._quantity(x).key
        self.edges.append(Edge(key, source, target, quantity, **about))  # type: ignore[arg-type]

    def _quantity(self, x: Hashable) -> Quantity:
        if x not in self.quantities:
            known, key = self._account, f"t{len(self.quantities)}"
            self.quantities[x] = Quantity(
                key, short(known.name(x)), known.shape(x), known.dtype(x), known.wanted(x),
                self._value(x), _told(known.gradient(x)), self._born.get(x, -1),
                short(known.alias(x)),
            )  # fmt: skip
        return self.quantities[x]

    def _value(self, x: Hashable) -> Numbers | None:
        """The numbers of a tensor; where they are not known, its shape."""
        value, shape = self._account.value(x), self._account.shape(x)
        if value is None and shape:
            return Numbers((shape_text(shape),), f"{self._account.dtype(x)} {shape_text(shape)}")
        return _told(value)

    def _group(self, around: Sequence[Scope]) -> str:
        key = ""
        for scope in around:
            if scope not in self.groups:
                name = short(": ".join(part for part in (scope.name, scope.made) if part))
                made = Group(f"g{len(self.groups)}", name, scope.kind, key)
                self.groups[scope] = made
            key = self.groups[scope].key
        return key


def _kind_of(box: Box) -> Kind:
    return "rest" if box.is_rest else "primitive" if box.scope is None else "module"


def _shared(a: Sequence[Scope], b: Sequence[Scope]) -> tuple[Scope, ...]:
    """The scopes that two things share, from the outside in."""
    return tuple(x for x, y in takewhile(lambda pair: pair[0] is pair[1], zip(a, b)))


def _told(raw: Raw | None) -> Numbers | None:
    return None if raw is None else tell(raw)
