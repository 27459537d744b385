"""What the check of a layer found, in words: a row for each gradient, findings and remarks."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from math import log10
from typing import Literal

from gradatim.types import Shape

LayerVerdict = Literal["right", "WRONG", "missing"]

WIDTH = 79


@dataclass(frozen=True)
class LayerFinding:
    """One thing that is wrong with a layer.

    Parameters
    ----------
    about : str
        The gradient, input or method that it is about, such as ``"db"``.
    kind : str
        Its cause in a word or two, such as ``"averages"``, the same for every layer.
    what : str
        What is wrong and what probably causes it.
    evidence : tuple of str
        Where, what was got, and what was expected.
    fix : str
        What to try; a line of code where one can be given.
    """

    about: str
    kind: str
    what: str
    evidence: tuple[str, ...] = ()
    fix: str = ""

    def __str__(self) -> str:
        lines = _wrapped(self.what, "  ")
        for each in self.evidence:
            lines += _wrapped(each, "      ")
        if self.fix:
            lines += _wrapped(f"try: {self.fix}", "      ")
        return "\n".join(lines)


@dataclass(frozen=True)
class GradientRow:
    """The verdict on one gradient over all points.

    Parameters
    ----------
    name : str
        As its author writes it: ``dx``, ``dW``, ``grads['W1']``.
    shape : tuple of int
        Shape of what it is the gradient of.
    verdict : {"right", "WRONG", "missing"}
        Missing, if backward gave nothing that could be compared.
    difference : float
        Largest difference at any point, relative to the largest element there.
    wrong : int
        At how many points it is wrong.
    points : int
        At how many points it was compared.
    """

    name: str
    shape: Shape
    verdict: LayerVerdict
    difference: float
    wrong: int
    points: int


@dataclass(frozen=True, repr=False)
class LayerCheck:
    """What `layer` found; true if the layer is right, printed as a report.

    Parameters
    ----------
    name : str
        Class of the layer.
    rows : tuple of GradientRow
        One for each gradient: of the inputs first, then of the parameters.
    findings : tuple of LayerFinding
        What is wrong; nothing if the layer is right.
    remarks : tuple of str
        What is worth knowing, and is not wrong.
    points : tuple of str
        Where the layer was checked.
    unchecked : tuple of str
        Arrays that the output hangs on and that have no gradient, and gradients that belong to
        nothing: nothing is known of these.

    Examples
    --------
    >>> import gradatim as gd
    >>> check = gd.check.layer(gd.book.Relu, [[1.0, -2.0]])
    >>> check.passed, check["dx"].verdict
    (True, 'right')
    """

    name: str
    rows: tuple[GradientRow, ...]
    findings: tuple[LayerFinding, ...] = ()
    remarks: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    def __bool__(self) -> bool:
        return self.passed

    def __getitem__(self, name: str) -> GradientRow:
        for row in self.rows:
            if row.name == name:
                return row
        raise KeyError(f"{name}; there are {', '.join(row.name for row in self.rows)}")

    def assert_passed(self) -> None:
        """Raise AssertionError with the report unless the layer is right."""
        if not self.passed:
            raise AssertionError(str(self))

    def __str__(self) -> str:
        parts = [self._headline()]
        if self.rows:
            parts.append("\n".join(self._table()))
        parts += [str(finding) for finding in self.findings]
        told = [self._where()] if self.points else []
        told += [f"Note: {remark}" for remark in self.remarks]
        parts.append("\n".join(line for each in told for line in _wrapped(each, "  ", "    ")))
        return "\n\n".join(part for part in parts if part)

    __repr__ = __str__

    def _headline(self) -> str:
        if self.passed and self.unchecked:
            told = "\n".join(_wrapped(f"NOT checked: {', '.join(self.unchecked)}.", "  "))
            return f"{self.name} is right in what was checked.\n{told}"
        if self.passed:
            return f"{self.name} is right."
        count = len(self.findings)
        return f"{self.name} is WRONG: {count} {'thing' if count == 1 else 'things'} to mend."

    def _table(self) -> list[str]:
        names = max(len(row.name) for row in self.rows)
        shapes = max(len(str(row.shape)) for row in self.rows)
        return [
            f"  {row.name:{names}}  {row.shape!s:{shapes}}  {row.verdict:7}  {_told(row)}".rstrip()
            for row in self.rows
        ]

    def _where(self) -> str:
        """All points in one sentence: kinds of numbers, numbers of samples, and the rest."""
        numbers = [p.split()[1] for p in self.points if p.startswith("at ")]
        samples = sorted({int(p.split()[1]) for p in self.points if p.startswith("with ")})
        others = [p for p in self.points if not p.startswith(("at ", "with "))]
        told = list(dict.fromkeys(others))
        varied = [f"at {_listed(list(dict.fromkeys(numbers)))} numbers"] if numbers else []
        if samples:
            many = _listed([str(count) for count in samples])
            varied.append(f"with {many} sample{'s' if samples != [1] else ''}")
        told[1:1] = varied
        count = len(self.points)
        return f"Checked at {count} point{'s' if count > 1 else ''}: {'; '.join(told)}."


def _listed(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]


def _told(row: GradientRow) -> str:
    if row.verdict == "missing":
        return ""
    if not row.points:
        return "not of this shape"
    if row.verdict == "right":
        digits = min(15, int(-log10(row.difference or 1e-16)))
        return f"agrees to {digits} digits"
    if row.difference == float("inf"):
        return "nan or inf"
    percent = 100 * row.difference
    told = f"{percent:.0f}%" if percent >= 1 else f"{percent:.1g}%"
    return f"off by up to {told}, at {row.wrong} of {row.points} points"


def _wrapped(text: str, indent: str, hanging: str | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent if hanging is None else hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
