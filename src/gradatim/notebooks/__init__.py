"""The five notebooks that gradatim grew from: each of their numbers, computed anew and compared.

A `Notebook` has rows, a `Row` computes claims in a `Session`, and a `Claim` is one number beside
what it must be; for a bug of a notebook, also beside what the notebook's own lines give.

>>> outcome = NOTEBOOKS["apples"]["4.2"](Session())
>>> outcome["dApple"].got, outcome.holds
(2.2, True)
"""

from gradatim.notebooks import apples, facts, layers, losses, mlp, training
from gradatim.notebooks.claim import Claim, Notebook, Outcome, Row
from gradatim.notebooks.pictures import save_picture
from gradatim.notebooks.report import Report
from gradatim.notebooks.session import Session

NOTEBOOKS = {
    each.NOTEBOOK.name: each.NOTEBOOK for each in (facts, apples, losses, layers, training, mlp)
}
"""By name: the five, and before them the facts that they share."""

__all__ = ["NOTEBOOKS", "Claim", "Notebook", "Outcome", "Report", "Row", "Session", "save_picture"]
