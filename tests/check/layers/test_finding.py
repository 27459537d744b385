"""The report reads well: a headline, a line for each gradient, findings, remarks."""

from __future__ import annotations

import pytest

from gradatim.check import GradientRow, LayerCheck, LayerFinding

ROWS = (
    GradientRow("dx", (5, 4), "right", 3e-12, 0, 9),
    GradientRow("db", (3,), "WRONG", 0.8, 8, 9),
    GradientRow("dgamma", (), "missing", float("nan"), 0, 0),
)
FINDING = LayerFinding("db", "averages", "db is 1/5.", ("db[0]: 1 for 5",), "np.sum(dout, axis=0)")
POINTS = ("as given", "at random numbers", "at large numbers", "with 1 sample", "with 7 samples")


def test_a_right_layer():
    check = LayerCheck("Relu", ROWS[:1], points=POINTS)

    assert check
    assert check.passed
    check.assert_passed()
    assert str(check) == (
        "Relu is right.\n\n"
        "  dx  (5, 4)  right    agrees to 11 digits\n\n"
        "  Checked at 5 points: as given; at random and large numbers; with 1 and 7\n"
        "    samples."
    )


def test_a_wrong_layer():
    check = LayerCheck("Affine", ROWS, (FINDING,), ("it draws.",), POINTS[:1])

    assert not check
    assert str(check) == (
        "Affine is WRONG: 1 thing to mend.\n\n"
        "  dx      (5, 4)  right    agrees to 11 digits\n"
        "  db      (3,)    WRONG    off by up to 80%, at 8 of 9 points\n"
        "  dgamma  ()      missing\n\n"
        "  db is 1/5.\n"
        "      db[0]: 1 for 5\n"
        "      try: np.sum(dout, axis=0)\n\n"
        "  Checked at 1 point: as given.\n"
        "  Note: it draws."
    )
    with pytest.raises(AssertionError, match="Affine is WRONG"):
        check.assert_passed()


def test_rows_are_found_by_name():
    check = LayerCheck("Affine", ROWS)

    assert check["db"].verdict == "WRONG"
    with pytest.raises(KeyError, match="dW; there are dx, db, dgamma"):
        check["dW"]


def test_two_things_are_counted_and_long_lines_wrapped():
    long = LayerFinding("x", "other", "word " * 60)

    text = str(LayerCheck("A", (), (FINDING, long)))

    assert text.startswith("A is WRONG: 2 things to mend.")
    assert max(map(len, text.splitlines())) < 80


@pytest.mark.parametrize(
    ("difference", "told"),
    [(0.8, "80%"), (2.0, "200%"), (1e-4, "0.01%"), (float("inf"), "nan or inf")],
)
def test_a_difference_is_told_as_a_part(difference, told):
    row = GradientRow("dx", (2,), "WRONG", difference, 1, 2)

    assert told in str(LayerCheck("A", (row,), (FINDING,)))
