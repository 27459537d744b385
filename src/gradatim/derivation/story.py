"""The story that deserves a chapter: softmax and cross-entropy leave y - t behind."""

from __future__ import annotations

import numpy as np

from gradatim.derivation.chapter import NOTHING, Block, Chapter, Row
from gradatim.derivation.label import Formula, named
from gradatim.derivation.ledger import Ledger, gradient_label
from gradatim.derivation.number import number_text
from gradatim.derivation.softmax import Meeting
from gradatim.types import Array

MOST_CLASSES = 10
"""Classes of a sample whose numbers are printed."""


def story(meeting: Meeting, ledger: Ledger) -> Chapter:
    """Return why the gradient of the scores is y - t, times one number.

    Parameters
    ----------
    meeting : Meeting
        Softmax and cross-entropy in the graph.
    ledger : Ledger
        The graph with its names.

    Returns
    -------
    Chapter
        The derivation for one sample, then what the loss does with N of them, then numbers.
    """
    x, target = ledger.name(meeting.scores), ledger.name(meeting.target)
    whose = "the target" if target == "t" else f"the target {target}"
    end = ledger.name(ledger.flow.output)
    left, letter = gradient_label(end, x).formula, _letter(x, ledger)
    blocks: list[Block] = [
        f"{_scores(meeting, x, letter)} y = softmax({letter}) are the shares that are predicted "
        f"for the classes, t those of {whose}; for each sample they add up to 1. The loss of one "
        "sample, and the two derivatives:",
        (
            _row("l", "-sum_k t_k * log(y_k)", "l", r"-\sum_k t_k \ln y_k"),
            _row(
                "dl/dy_k", "-t_k / y_k",
                r"\frac{\partial l}{\partial y_k}", r"-\frac{t_k}{y_k}",
            ),
            _row(
                f"dy_k/d{letter}_i", "y_k * ((k == i) - y_i)",
                rf"\frac{{\partial y_k}}{{\partial {letter}_i}}",
                r"y_k \, (\mathbf{1}_{k = i} - y_i)",
            ),
        ),
        "In their product y_k cancels, and the sum over the classes is short:",
        (
            _row(
                f"dl/d{letter}_i", "sum_k (-t_k / y_k) * y_k * ((k == i) - y_i)",
                rf"\frac{{\partial l}}{{\partial {letter}_i}}",
                r"\sum_k \left(-\frac{t_k}{y_k}\right) y_k \, (\mathbf{1}_{k = i} - y_i)",
            ),
            _row("", "-t_i + y_i * sum_k t_k", "", r"-t_i + y_i \sum_k t_k"),
            _row("", "y_i - t_i", "", "y_i - t_i"),
        ),
        _scale(meeting),
        (Row((left, _difference(meeting))), *_sample(meeting, left)),
    ]  # fmt: skip
    return Chapter(f"Why d{x} is {_difference(meeting).text}", tuple(blocks))


def _letter(name: str, ledger: Ledger) -> str:
    """A letter for the scores of one sample: their own, or one that nothing else goes by."""
    if len(name) == 1 and name.isalpha():
        return name
    taken = set(ledger.names.values())
    return next((letter for letter in "xazsu" if letter not in taken), "x")


def _scores(meeting: Meeting, name: str, letter: str) -> str:
    """What the letter stands for."""
    if name == letter:
        whose = " of one sample" if meeting.scores.ndim > 1 else ""
        return f"{letter}_i is the score of class i{whose}."
    if meeting.scores.ndim > 1:
        told = f"Let {letter} be a row of {name}: the scores of one sample"
        return f"{told}, {letter}_i that of class i."
    return f"Let {letter} be {name}, the scores, and {letter}_i that of class i."


def _row(left: str, right: str, left_latex: str, right_latex: str) -> Row:
    return Row((Formula(left, left_latex) if left else NOTHING, Formula(right, right_latex)))


def _divisor(meeting: Meeting) -> int:
    """N where the loss is the mean over N samples, else 0."""
    return meeting.samples if np.isclose(meeting.factor * meeting.samples, 1, 1e-9) else 0


def _difference(meeting: Meeting) -> Formula:
    count, factor = _divisor(meeting), number_text(meeting.factor)
    if np.isclose(meeting.factor, 1, 1e-9):
        return Formula("y - t", "y - t")
    if count:
        return Formula(f"(y - t) / {count}", rf"\frac{{y - t}}{{{count}}}")
    return Formula(f"(y - t) * {factor}", rf"(y - t) \cdot {named(factor).formula.latex}")


def _scale(meeting: Meeting) -> str:
    how = (
        "Here the primitive cross_entropy does both at once, so no logarithm of 0 can arise"
        if meeting.fused
        else "Here softmax and logarithm are separate, and the steps above come to the same"
    )
    count = _divisor(meeting)
    if count > 1:
        return f"{how}. The loss is the mean over N = {count} samples, so each counts 1/{count}:"
    if np.isclose(meeting.factor, 1, 1e-9):
        return f"{how}. Each sample counts once:"
    return f"{how}. What follows multiplies it by {number_text(meeting.factor)}:"


def _sample(meeting: Meeting, left: Formula) -> tuple[Row, ...]:
    """The first sample in numbers, if it has not too many classes."""
    classes = meeting.probabilities.shape[-1]
    if classes > MOST_CLASSES:
        return ()
    y = meeting.probabilities.reshape(-1, classes)[0]
    t = meeting.shares.reshape(-1, classes)[0]
    gradient = (y - t) * meeting.factor
    note = "of the first sample" if meeting.samples > 1 else ""
    return (
        Row((Formula("y", "y"), _vector(y)), note),
        Row((Formula("t", "t"), _vector(t)), note),
        Row((left, _vector(gradient)), note),
    )


def _vector(numbers: Array) -> Formula:
    text = f"[{', '.join(number_text(x, 3) for x in numbers.tolist())}]"
    return Formula(text, rf"\left{text[:-1]}\right]")
