"""Explanation: the derivation of a graph's gradients, as data and ready to be read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from typing import Literal

from gradatim.atomic import writing
from gradatim.autograd.tensor import Tensor
from gradatim.derivation import plain, typeset
from gradatim.derivation.chapter import Chapter, backward_chapter, chain_chapter, forward_chapter
from gradatim.derivation.derivative import Derivative, derivative
from gradatim.derivation.flow import Flow
from gradatim.derivation.ledger import Equation, Ledger
from gradatim.derivation.path import leading_to
from gradatim.derivation.softmax import Meeting, find_meetings
from gradatim.derivation.step import Step, Turn, turns_into
from gradatim.derivation.story import story
from gradatim.errors import DataError

FORMS: Mapping[str, Literal["text", "latex", "markdown"]] = {
    ".txt": "text", ".tex": "latex", ".md": "markdown", ".markdown": "markdown",
}  # fmt: skip
"""Forms of a derivation by the suffix of a file."""


class Explanation:
    """Why gradients are what they are, step by step.

    It prints itself in a terminal, and shows itself in a notebook with its formulas set. All of
    it is derived when it is first looked at.

    Parameters
    ----------
    ledger : Ledger
        The graph with its names.
    wrt : tuple of Tensor
        What is differentiated by.

    Attributes
    ----------
    flow : Flow
        The graph and its gradients.
    names : mapping of Tensor to str
        What its Tensors are called; single numbers that nobody named are not in it.

    Examples
    --------
    >>> import gradatim as gd
    >>> x = gd.Tensor(3.0, requires_grad=True)
    >>> found = gd.explain(x * x, wrt=x)
    >>> [step.equation.formula.text for step in found.steps]
    ['dL * x', 'dL * x']
    """

    def __init__(self, ledger: Ledger, wrt: tuple[Tensor, ...]) -> None:
        self._ledger, self.wrt = ledger, wrt
        self.flow: Flow = ledger.flow
        self.names: Mapping[Tensor, str] = ledger.names

    @cached_property
    def forward(self) -> tuple[tuple[Tensor, Equation], ...]:
        """How each result came about, the first computed first."""
        return tuple((y, self._ledger.value(y)) for y in self.flow.results)

    @cached_property
    def seed(self) -> Equation:
        """The gradient with which backward begins: that of the end by itself."""
        return self._ledger.seed()

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every step of backward on the way to what is asked for, in its order."""
        return tuple(turn.step(self._ledger) for turn in self._turns)

    @cached_property
    def derivatives(self) -> tuple[Derivative, ...]:
        """The chain rule for each Tensor that is asked for."""
        return tuple(derivative(self._ledger, x) for x in self.wrt)

    @cached_property
    def meetings(self) -> tuple[Meeting, ...]:
        """Where softmax meets cross-entropy, if it does."""
        return tuple(m for m in find_meetings(self.flow) if m.scores in self._on_the_way)

    @cached_property
    def _on_the_way(self) -> set[Tensor]:
        return leading_to(self.flow, self.wrt)

    @cached_property
    def _turns(self) -> tuple[Turn, ...]:
        return turns_into(self.flow, self._on_the_way)

    @cached_property
    def _chapters(self) -> list[Chapter]:
        found = [forward_chapter(self._ledger), backward_chapter(self._ledger, self._turns)]
        found += [chain_chapter(each) for each in self.derivatives]
        return [*found, *(story(meeting, self._ledger) for meeting in self.meetings)]

    @cached_property
    def text(self) -> str:
        """The derivation for a terminal."""
        return plain.page(self._chapters)

    @cached_property
    def latex(self) -> str:
        """The derivation for a paper; its formulas need the package amsmath."""
        return typeset.latex_page(self._chapters)

    @cached_property
    def markdown(self) -> str:
        """The derivation for a notebook or a page, its formulas between dollar signs."""
        return typeset.markdown_page(self._chapters)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the derivation into a file.

        Parameters
        ----------
        path : str or path
            The suffix chooses the form: ``.txt``, ``.tex`` or ``.md``. A file is replaced whole.

        Raises
        ------
        DataError
            The suffix is none of these, and nothing was written; or the file cannot be written.
        """
        suffix = os.path.splitext(os.fspath(path))[1].lower()
        if suffix not in FORMS:
            raise DataError(
                f"explain: {os.fspath(path)!r}: the suffix is {suffix or 'missing'}; it must be "
                '.txt, .tex or .md.\n  Try save("why.md").'
            )
        whole = getattr(self, FORMS[suffix])
        with writing(path, "w") as file:
            file.write(f"{whole}\n")

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return self.markdown

    def _repr_latex_(self) -> str:
        return typeset.display(self._chapters)
