"""What is opened late is the same as what is imported."""

from __future__ import annotations

import sys

import pytest

from gradatim import opening


def test_it_is_the_module():
    assert opening.opened("gradatim.opening") is opening


def test_a_module_that_is_nowhere_is_an_import_error():
    with pytest.raises(ModuleNotFoundError, match=r"gradatim\.opnening"):
        opening.opened("gradatim.opnening")
    assert "gradatim.opnening" not in sys.modules
