"""No primitive with a derivative goes without PyTorch's word on it."""

from __future__ import annotations

from cases.rows import all_cases
from gradatim.primitives import TABLE


def test_every_differentiable_primitive_is_compared() -> None:
    compared = {case.primitive for case in all_cases() if case.torch is not None}
    differentiable = {name for name, primitive in TABLE.items() if any(primitive.rules)}
    assert differentiable - compared == set()
