"""All rows of all files in this folder."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import pytest

from cases.case import Case

NOT_ROWS = {"case", "rows", "trial"}


def all_cases() -> list[Case]:
    """Every row, file by file."""
    stems = sorted(path.stem for path in Path(__file__).parent.glob("*.py"))
    names = [stem for stem in stems if stem not in NOT_ROWS and not stem.startswith("test_")]
    return [row for name in names for row in importlib.import_module(f"cases.{name}").CASES]


def every_sample(
    wanted: Callable[[Case], bool] = lambda case: True, *, kinks: bool = False
) -> pytest.MarkDecorator:
    """Run a test for every sample of every wanted row, as arguments ``case`` and ``sample``."""
    return pytest.mark.parametrize(
        ("case", "sample"),
        [
            pytest.param(case, sample, id=f"{case.name}-{i}")
            for case in all_cases()
            if wanted(case)
            for i, sample in enumerate([*case.samples, *(case.kinks if kinks else ())])
        ],
    )


def every_case(wanted: Callable[[Case], bool] = lambda case: True) -> pytest.MarkDecorator:
    """Run a test for every wanted row, as argument ``case``."""
    return pytest.mark.parametrize(
        "case", [pytest.param(case, id=case.name) for case in all_cases() if wanted(case)]
    )
