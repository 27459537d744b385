"""What stands in a formula for a Tensor: its name, or its numbers."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from gradatim.autograd.tensor import Tensor
from gradatim.derivation.expression import replaced
from gradatim.derivation.flow import Flow
from gradatim.derivation.latex import latex, name_latex, number_latex
from gradatim.derivation.number import DIGITS, array_text
from gradatim.derivation.wording import short
from gradatim.types import Raw


@dataclass(frozen=True, slots=True)
class Formula:
    """One formula, or one side of an equation, in both ways of writing.

    Parameters
    ----------
    text : str
        For a terminal, as Python and NumPy read it.
    latex : str
        For a notebook or a paper, without dollar signs.
    """

    text: str
    latex: str


@dataclass(frozen=True, slots=True)
class Label:
    """What is printed for a name in a formula.

    Parameters
    ----------
    formula : Formula
        The name or the numbers.
    wide : bool
        Whether it stands for an array, not for one number.
    """

    formula: Formula
    wide: bool = False


def written(expression: ast.expr, labels: Mapping[str, Label]) -> Formula:
    """Write an expression with labels for its names."""
    used = {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}
    labels = {name: labels[name] for name in used & labels.keys()}  # of a whole graph's
    alone = isinstance(expression, ast.Name)
    words = {name: ast.Name(_text(label, alone)) for name, label in labels.items()}
    text = ast.unparse(replaced(expression, words))
    signs = {name: label.formula.latex for name, label in labels.items()}
    wide = {name for name, label in labels.items() if label.wide}
    return Formula(text, latex(expression, signs, wide))


def _text(label: Label, alone: bool) -> str:
    text = label.formula.text
    return f"({text})" if text.startswith("-") and not alone else text


def named(name: str, wide: bool = False) -> Label:
    """Return the label of a name."""
    return Label(Formula(name, name_latex(name)), wide)


def numbers(raw: Raw, digits: int = DIGITS) -> Label:
    """Return the label of an array: one number, a few, or its shape."""
    text = array_text(raw, digits)
    spelt = re.sub(r"\((\d+(?:, \d+)+)\)", _sizes, re.sub(r"\((\d+),\)", r"(\1)", text))
    spelt = spelt.replace("shape ", r"\text{shape }").replace(", all ", r"\text{, all }")
    parts = re.split(r"(-?\d[\d.]*e[+-]?\d+|-?∞|NaN)", spelt)
    return Label(Formula(text, "".join(map(number_latex, parts))), raw.ndim > 0)


def summed(parts: Sequence[Formula]) -> Formula:
    """Write a sum of numbers: what is negative is taken off."""
    whole = parts[0]
    for part in parts[1:]:
        sign = "-" if part.text.startswith("-") else "+"
        cut = len(sign) if sign == "-" else 0
        whole = Formula(
            f"{whole.text} {sign} {part.text[cut:]}", f"{whole.latex} {sign} {part.latex[cut:]}"
        )
    return whole


def _sizes(found: re.Match[str]) -> str:
    return f"({found[1]})".replace(", ", r" \times ")


def names_of(flow: Flow, around: Mapping[int, str]) -> dict[Tensor, str]:
    """Return a name for each Tensor of a graph; single numbers that nobody named have none.

    Parameters
    ----------
    flow : Flow
        The graph.
    around : mapping of int to str
        What the user's variables are called, by identity of the Tensor.

    Returns
    -------
    dict of Tensor to str
        Its own name, else that of the variable, else ``x1`` for a leaf that wants a gradient,
        ``c1`` for one that does not, ``h1`` for a result, ``L`` for the end. Each name once, and
        none is that of another one's gradient, as ``dx`` is of ``x``.

    Examples
    --------
    >>> import gradatim as gd
    >>> from gradatim.derivation.flow import flow_of
    >>> apple = gd.Tensor(100.0, requires_grad=True)
    >>> list(names_of(flow_of(apple * 2 * 1.1), {id(apple): "apple"}).values())
    ['apple', 'h1', 'L']
    """
    given = {t: _clean(t.name or _called(t, around)) for t in flow.tensors}
    taken = _Given()
    names = {t: taken.give(given[t], t) for t in _gradients_last(given)}
    supply = {letter: count(1) for letter in "xch"}
    plain = {letter: _is_alone(flow.tensors, given, letter) for letter in "xc"}
    for t in flow.tensors:
        if t in names or (t.origin is None and not t.wanted and t.size == 1):
            continue
        letter = "L" if t is flow.output else _letter(t)
        stem = letter if letter == "L" or plain.get(letter) else f"{letter}{next(supply[letter])}"
        names[t] = taken.give(stem, t)
    return {t: names[t] for t in flow.tensors if t in names}


def _called(t: Tensor, around: Mapping[int, str]) -> str:
    """What the user calls a Tensor, or the array of their own that became a constant."""
    return around.get(id(t)) or ("" if t.wanted else around.get(id(t.raw), ""))


def _letter(t: Tensor) -> str:
    return "h" if t.origin is not None else "x" if t.wanted else "c"


def _is_alone(tensors: Sequence[Tensor], given: Mapping[Tensor, str], letter: str) -> bool:
    alike = [t for t in tensors if not given[t] and t.origin is None and _letter(t) == letter]
    return len([t for t in alike if t.wanted or t.size != 1]) == 1


def _clean(name: str) -> str:
    """A name in one word, without what would be read as arithmetic."""
    return re.sub(r"[\s+\-*/@=<>(),]+", "_", short(name)).strip("_")


class _Given:
    """Names that have been given, each with whether a gradient goes by it too."""

    def __init__(self) -> None:
        self._taken: dict[str, bool] = {}

    def give(self, name: str, t: Tensor) -> str:
        """Return a name that is nobody's, nor that of anybody's gradient, and note it."""
        found, number = name, 1
        while self._clashes(found, t.wanted):
            number += 1
            found = f"{name}_{number}"
        self._taken[found] = t.wanted
        return found

    def _clashes(self, name: str, wanted: bool) -> bool:
        is_gradient = name.startswith("d") and self._taken.get(name[1:], False)
        return name in self._taken or is_gradient or (wanted and f"d{name}" in self._taken)


def _gradients_last(given: Mapping[Tensor, str]) -> list[Tensor]:
    """Tensors with names; those called like the gradient of another one come after it."""
    known = {name for t, name in given.items() if name and t.wanted}
    return sorted(
        (t for t in given if given[t]), key=lambda t: given[t][:1] == "d" and given[t][1:] in known
    )
