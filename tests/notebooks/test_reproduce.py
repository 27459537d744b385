"""The whole command, with all long runs, made once: every row, and the numbers of the long ones.

The same claims with short runs are in the other files here.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from gradatim.notebooks import NOTEBOOKS, Row

module = importlib.import_module("gradatim.cli.reproduce")
PAGE = Path(__file__).parents[2] / "docs" / "notebooks.md"
ROWS = {row.number: row for notebook in NOTEBOOKS.values() for row in notebook.rows}


def test_every_row_is_there():
    counted = {"C": 2, "G": 3, "4": 10, "2": 15, "3": 8, "0": 15, "1": 15}

    assert list(ROWS) == [f"{n}.{k}" for n, rows in counted.items() for k in range(1, rows + 1)]
    assert sum(len(notebook.rows) for notebook in NOTEBOOKS.values()) == len(ROWS)


def test_every_bug_says_why():
    assert [number for number, row in ROWS.items() if row.kind == "B" and not row.why] == []


def test_every_row_has_a_test_that_names_it():
    folder = Path(__file__).parent
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("test_*.py"))
    tests = set(re.findall(r"^def (test_\d_\d+)\(", text, re.MULTILINE))

    numbered = [number for number in ROWS if number[0].isdigit()]
    assert tests == {f"test_{number.replace('.', '_')}" for number in numbered}


def test_the_page_maps_every_row_to_its_test():
    rows = re.findall(r"^\| (\w+\.\d+) \| (\w) \| .* \| `(\w+)` \|", PAGE.read_text("utf-8"), re.M)

    assert [number for number, _, _ in rows] == list(ROWS)
    assert [kind for _, kind, _ in rows] == [row.kind for row in ROWS.values()]
    folder = Path(__file__).parent
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("test_*.py"))
    assert [test for _, _, test in rows if f"def {test}(" not in text] == []


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """Run ``gradatim reproduce all --full``: its status, outcomes by row, and pictures."""
    folder, outcomes, compute = tmp_path_factory.mktemp("full"), {}, Row.__call__

    def noting(row, session):
        outcomes[row.number] = compute(row, session)
        return outcomes[row.number]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Row, "__call__", noting)
        status = module.reproduce("all", full=True, pictures=folder)
    return status, outcomes, folder


@pytest.mark.slow
def test_reproduce_all_full_exits_0(full):
    status, outcomes, folder = full

    assert [outcome.row.number for outcome in outcomes.values() if not outcome.holds] == []
    assert status == 0
    assert list(outcomes) == list(ROWS)
    assert sorted(path.stem for path in folder.iterdir()) == [
        "apples",
        "layers",
        "losses",
        "mlp",
        "training",
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seed", "early", "late", "last"),
    [
        (0, (0.905133, 0.9069), (0.978583, 0.9699), (0.978883, 0.9704)),
        (1, (0.904117, 0.9068), (0.979967, 0.9719), (0.9796, 0.9721)),
        (2, (0.90565, 0.9090), (0.9779, 0.9683), (0.979433, 0.9694)),
    ],
)
def test_golden_runs_of_10_000_steps(full, seed, early, late, last):
    """Rows 0.5, 0.6, 3.4 and 4.9 in full."""
    outcome = full[1]["0.5"]

    for i, expected in ((600, early), (9600, late), (9999, last)):
        got = outcome[f"seed {seed}, i = {i}: train, test"].got
        assert got == pytest.approx(expected, abs=0.003)
    train = full[1]["4.9"][f"train accuracy, i = 9600, seed {seed}"].got
    assert 0.977 <= train <= 0.981
    assert 0.966 <= full[1]["4.9"][f"test accuracy, i = 9600, seed {seed}"].got <= 0.973


@pytest.mark.slow
def test_seventeen_lines_are_logged(full):
    assert full[1]["4.9"]["lines logged in 10,000 steps"].got == list(range(0, 9601, 600))
    assert full[1]["3.4"]["pairs"].got == 17


@pytest.mark.slow
def test_the_last_cell_of_mlp_fails_and_the_recipe_of_the_doctor_does_not(full):
    """Row 1.15 in full."""
    outcome = full[1]["1.15"]

    assert outcome["as written: test accuracy, one epoch"].got == pytest.approx(0.60, abs=0.15)
    assert outcome["as written: dead hidden units, of 512"].got == pytest.approx(396, abs=50)
    assert outcome["as written: the Doctor names"].got == ["dead units", "learning rate too high"]
    assert outcome["by the recipe: reached in three epochs"].got >= 0.975
    assert outcome["by the recipe: test accuracy at the end"].got >= 0.970
    assert outcome["by the recipe: dead hidden units"].got == 0
    assert outcome["by the recipe: the Doctor names"].got == []
