"""The table: as wide as it may be, every number in full where it is claimed in full."""

from __future__ import annotations

import pytest

from gradatim.notebooks import Claim, Notebook, Outcome, Report, Row
from gradatim.notebooks.claim import below, exact, near, timed
from gradatim.notebooks.report import shortened


def outcome(*claims, why="", number="2.5", kind="B"):
    return Outcome(Row(number, kind, "a gradient", lambda session: claims, why), claims, 0.25)


def lines(*claims, width=80, why=""):
    return list(Report(width).row(outcome(*claims, why=why)))


def test_a_line_shows_expected_got_and_verdict():
    shown = [" ".join(line.split()) for line in lines(exact("dApple", 2.2, 2.2))]

    assert shown == ["2.5 a gradient", "dApple 2.2 2.2 ok"]


def test_what_is_wrong_says_so():
    assert lines(exact("dApple", 2.2, 2.3))[1].endswith("  WRONG")


def test_a_time_is_shown_beside_its_aim():
    shown = lines(timed("seconds", "at most 5", 7.123456789))[1]

    assert shown.split() == ["seconds", "aim:", "at", "most", "5", "7.12346", "timed"]
    assert shortened(timed("rate", "at least 10", 1 / 3)) == "0.333333"


def test_a_bug_shows_what_the_notebook_gave_and_why():
    shown = lines(exact("gradient", [6, 8], [6, 8], [6, 0]), why="The loop is left too early.")

    assert shown[2:] == ["     notebook: [6, 0]", "     The loop is left too early."]


def test_what_the_notebook_gave_is_shown_once_for_equal_neighbours():
    shown = lines(exact("ours", 8, 8, 0), exact("book", 8, 8, 0))

    assert sum("notebook: 0" in line for line in shown) == 1


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_no_line_is_wider_than_the_terminal(width):
    long = exact("a name that is much longer than its column", [1 / 3] * 4, [1 / 3] * 4, "x " * 90)
    shown = lines(long, width=width, why="word " * 60)
    heading = list(Report(width).heading(Notebook("apples", "prices")))

    assert max(map(len, shown + heading)) <= width
    assert "".join("".join(shown).split()).count("0.3333333333333333") >= 4 or width < 80


def test_exact_numbers_keep_their_digits_and_sizes_lose_them():
    assert shortened(exact("price", 220.0, 220.00000000000003)) == "220.00000000000003"
    assert shortened(near("b2", 1.2e-10, 1.20790001e-10, 1e-12)) == "1.20790001e-10"
    assert shortened(below("gap", 1e-9, 1.23456789e-10)) == "1.23457e-10"
    assert shortened(Claim("many", "0 to 1", [0.25, 0.5, 0.1, 0.2, 0.3], True)) == "0.1 to 0.5"
    assert shortened(Claim("pair", "0 to 1", (1 / 3, 0.5), True)) == "[0.333333, 0.5]"


def test_the_summary_counts_claims_and_names_what_is_wrong():
    notebook = Notebook("losses", "losses")
    good = outcome(exact("a", 1, 1), timed("rate", "10", 9.0), number="2.1")
    bad = outcome(exact("a", 1, 2), number="2.5")

    assert Report().summary(notebook, [good]) == (
        "losses: 1 of 1 claims hold, in 1 row; 1 timed; 0.2 s"
    )
    slow = outcome(timed("seconds", "at most 5", 9.0), number="2.6")
    assert Report().summary(notebook, [good, slow]) == (
        "losses: 1 of 1 claims hold, in 2 rows; 2 timed; 0.5 s"
    )
    assert Report().summary(notebook, [good, bad]) == (
        "losses: 1 of 2 claims hold, in 2 rows; 1 timed; 0.5 s; WRONG: 2.5"
    )
