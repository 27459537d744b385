"""A picture as lines of text for a terminal: one tensor a line, in the order of computing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from gradatim.draw.form.table import Row, Table, columns
from gradatim.draw.picture.picture import Edge, Node, Numbers, Picture
from gradatim.draw.picture.sign import INFIX
from gradatim.draw.picture.value import shape_text

WIDTH = 80
_LONGEST_SUM = 30

_MOST_HELD = 8
"""Parameters that are told of one box."""


def listing(picture: Picture, width: int = WIDTH) -> str:
    """Return a picture as text: what is computed from what, values and gradients.

    Read downwards it is the computation, upwards the way of the gradient. Where a tensor is used
    more than once, its gradient is told as the sum of the parts. Below a folded module stands what
    it learns.

    Parameters
    ----------
    picture : Picture
        Any.
    width : int
        Columns of the terminal.

    Returns
    -------
    str
        Lines without a last line end and without control characters.

    Examples
    --------
    >>> import gradatim as gd
    >>> apple, tax = gd.Tensor(100.0, requires_grad=True), gd.Tensor(1.1, requires_grad=True)
    >>> price = apple * 2 * tax
    >>> price.backward()
    >>> print(gd.draw(price).text())
    price             value  gradient
    ─────────────────────────────────
    apple               100       2.2
    h1 = apple × 2      200       1.1
    tax                 1.1       200
    price = h1 × tax    220         1
    """
    rows = list(_Rows(picture).all())
    head = Row(picture.title or "tensor", "shape", ("value",), ("gradient",))
    table = Table([head, *rows], width)
    lines = [*table.lines(head)]
    body = [line for row in rows for line in table.lines(row)]
    lines += ["─" * max(map(columns, [*lines, *body])), *body]
    if picture.left_out:
        lines.append(f"{picture.left_out} primitives are left out; nodes=None shows all.")
    return "\n".join([*lines, *filter(None, [picture.note])])


class _Rows:
    """One row for each tensor, and one for each frame that begins."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._names = _unique_names(picture)
        self._told: set[str] = set()  # parameters that were told of
        self._groups = {group.key: group for group in picture.groups}

    def all(self) -> Iterator[Row]:
        open_groups: list[str] = []
        for node in self._picture.nodes:
            texts = self._texts(node)
            if not texts:
                continue
            around = self._around(node.group)
            for depth, key in enumerate(around):
                if open_groups[depth : depth + 1] != [key]:
                    open_groups = around[: depth + 1]
                    yield Row("  " * depth + self._groups[key].name)
            open_groups = around
            for text, edge in texts:
                yield self._row("  " * len(around) + text, edge)
            yield from self._held(node, "  " * (len(around) + 1))

    def _around(self, key: str) -> list[str]:
        found: list[str] = []
        while key:
            found.insert(0, key)
            key = self._groups[key].parent
        return found

    def _texts(self, node: Node) -> list[tuple[str, Edge | None]]:
        """What is said of each tensor that leaves a node."""
        leaving = self._picture.leaving[node.key]
        if node.kind in ("fork", "end") or (node.is_leaf and self._is_number(node)):
            return []
        if node.is_leaf:
            name = self._names[node.quantity]
            said = name if self._picture.quantity[node.quantity].name else f"{name}: {node.kind}"
            return [(said, leaving[0] if leaving else None)]
        made = self._expression(node)
        if not leaving:
            return [(made, None)]
        return [(f"{self._names[edge.quantity]} = {made}", edge) for edge in leaving]

    def _row(self, text: str, edge: Edge | None) -> Row:
        if edge is None:
            return Row(text)
        shape = shape_text(self._picture.quantity[edge.quantity].shape)
        gradient = _cell(edge.gradient, shape)
        if edge.role == "trunk" and edge.gradient is not None:
            parts = [part.gradient for part in self._picture.leaving[edge.target]]
            cells = [_cell(part, shape) for part in parts if part is not None]
            if edge.inside is not None:
                *most, last = _cell(edge.inside, shape)
                cells.append((*most, f"{last} inside"))
            gradient = _sum(gradient, cells)
        spans = _span(edge.value), _span(edge.gradient)
        value = _cell(edge.value, shape)
        return Row(text, "" if shape == "()" else shape, value, gradient, spans)

    def _held(self, node: Node, indent: str) -> Iterator[Row]:
        """The parameters of a folded module, where it is met first."""
        new = [key for key in node.holds if key not in self._told]
        self._told.update(new)
        for key in new[:_MOST_HELD]:
            x = self._picture.quantity[key]
            shape = shape_text(x.shape)
            cells = _cell(x.value, shape), _cell(x.gradient, shape)
            spans = _span(x.value), _span(x.gradient)
            yield Row(indent + self._names[key], "" if shape == "()" else shape, *cells, spans)
        if new[_MOST_HELD:]:
            yield Row(f"{indent}… and {len(new) - _MOST_HELD} more parameters")

    def _is_number(self, node: Node) -> bool:
        """Whether a leaf is a constant that is written where it is used."""
        leaving = self._picture.leaving[node.key]
        return node.kind == "constant" and all(edge.value is None for edge in leaving)

    def _expression(self, node: Node) -> str:
        inputs = [self._input(edge) for edge in self._picture.arriving[node.key]]
        if node.kind == "rest":
            return f"… {node.count} left out ({', '.join(inputs)})"
        if node.kind == "module":
            return f"{node.lines[0]}({', '.join(inputs)})"
        sign = INFIX.get(node.primitive)
        if sign is not None and len(inputs) == 2:
            return f" {sign} ".join(inputs)
        return f"{node.primitive}({', '.join([*inputs, *filter(None, [node.settings])])})"

    def _input(self, edge: Edge) -> str:
        source = self._picture.node[edge.source]
        if source.kind == "constant" and self._is_number(source):
            return source.lines[0]
        return self._names[edge.quantity]


def _unique_names(picture: Picture) -> dict[str, str]:
    """A name for each tensor; two of one name get their keys too."""
    alias = {each.key: each.alias or each.name or each.key for each in picture.quantities}
    count = Counter(alias.values())
    return {key: name if count[name] == 1 else f"{name} {key}" for key, name in alias.items()}


def _cell(numbers: Numbers | None, shape: str) -> tuple[str, ...]:
    """Numbers as lines, without the shape, which has a place of its own."""
    if numbers is None:
        return ()
    return numbers.lines[1:] if numbers.lines[0] == shape else numbers.lines


def _span(numbers: Numbers | None) -> str:
    return "" if numbers is None else numbers.span


def _sum(whole: tuple[str, ...], parts: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """A gradient as the sum of its parts, where each is a number or a short row."""
    text = f"{' '.join(whole)} = {' + '.join(' '.join(part) for part in parts)}"
    text = text.replace(" + -", " - ")
    single = all(len(each) == 1 for each in (whole, *parts))
    return (text,) if single and "…" not in text and len(text) <= _LONGEST_SUM else whole
