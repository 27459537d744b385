"""One call of a learner's layer: whose line is named when it fails."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from gradatim.check import numerical_diff
from gradatim.check.layers import call

LAYER = """
class Failing:
    def forward(self, x):
        return x

    def backward(self, dout):
        return fail()
"""


def raised_in(file, fail):
    """What is told of a layer in that file whose backward calls ``fail``."""
    names = {"fail": fail}
    exec(compile(LAYER, file, "exec"), names)
    subject = call.LayerAtPoint(names["Failing"](), (np.ones(2),), {}, 0)
    return subject.call(lambda output: output).raised


@pytest.mark.parametrize(
    "file", ["/lessons/gradatim/checks/mine.py", "/lessons/gradatim/check/mine.py", "mine.py"]
)
def test_a_learners_line_is_named_whatever_the_folder_is_called(file):
    """NumPy's own lines, where it was noticed, are not."""
    raised = raised_in(file, partial(np.linalg.inv, np.ones(2)))

    assert raised.where == f"{file}:7"
    assert raised.said.startswith("LinAlgError: 1-dimensional array given")


def test_no_line_of_the_check_itself_is_named():
    raised = raised_in("mine.py", lambda: numerical_diff(None, 1.0))

    assert raised.where.startswith(f"{__file__}:")
    assert "numerical_diff" in raised.line
