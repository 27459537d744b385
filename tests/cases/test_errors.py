"""Every row: a call that cannot work says why, in an error of the library."""

from __future__ import annotations

import pytest

from cases.rows import all_cases
from gradatim.errors import GradatimError

BAD = [
    pytest.param(case, bad, id=f"{case.name}-{i}")
    for case in all_cases()
    for i, bad in enumerate(case.bad)
]


@pytest.mark.parametrize(("case", "bad"), BAD)
def test_a_bad_call_teaches(case, bad):
    with pytest.raises(bad.error) as caught:
        case.door(*bad.inputs, **bad.settings)

    assert isinstance(caught.value, GradatimError)
    assert bad.text in str(caught.value)
