"""Claims, rows and notebooks: what holds, what does not, and what cannot be said yet."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.errors import DataError
from gradatim.notebooks import Notebook, Row, Session
from gradatim.notebooks.claim import below, between, exact, near, plain, shown, timed


@pytest.mark.parametrize(
    ("expected", "got", "holds"),
    [
        (2.2, 2.2, True),
        (2.2, 2.2000000000000006, False),
        ([6.0, 8.0], np.array([6.0, 8.0]), True),
        ([6.0, 8.0], np.array([[6.0, 8.0]]), False),
        ((3,), (3,), True),
        ([(1, 2), (3,)], [(1, 2), (3,)], True),
        (0.0, float("nan"), False),
        ("GraphError", "no error", False),
    ],
)
def test_exact_holds_for_the_same_numbers_in_the_same_shape(expected, got, holds):
    assert exact("number", expected, got).holds is holds


@pytest.mark.parametrize(
    ("got", "holds"), [(1.0, True), (1.01, True), (0.98, False), (float("nan"), False)]
)
def test_near_holds_within_a_tolerance(got, holds):
    assert near("number", 1.0, got, within=0.0101).holds is holds


def test_near_takes_a_part_of_what_is_expected():
    assert near("number", [100.0, 1.0], [101.0, 1.01], 0, relative=0.011).holds
    assert not near("number", [100.0, 1.0], [101.0, 1.02], 0, relative=0.011).holds
    assert near("number", 100.0, 100.0, 0, relative=0.011).expected == "100.0 ± 0.011 of it"


def test_near_holds_for_no_other_shape():
    assert not near("numbers", [1.0, 1.0], 1.0, within=1).holds


@pytest.mark.parametrize(
    ("got", "holds"), [(0.5, True), (0.0, True), (1.0, True), (1.1, False), (np.nan, False)]
)
def test_between_holds_from_bound_to_bound(got, holds):
    assert between("share", 0, 1, got).holds is holds
    assert between("shares", 0, 1, [0.5, got]).holds is holds


@pytest.mark.parametrize(("got", "holds"), [(1e-15, True), (2e-15, False), (np.nan, False)])
def test_below_holds_up_to_its_bound(got, holds):
    assert below("difference", 1e-15, got).holds is holds


@pytest.mark.parametrize("seconds", [0.1, 1e9, np.nan])
def test_no_time_is_wrong(seconds):
    claim = timed("seconds", "at most 5", seconds)

    assert claim.verdict == "timed"
    assert row(lambda session: [exact("one", 1, 1), claim])(Session()).holds


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.float64(0.1), "0.1"),
        (True, "yes"),
        (np.bool_(False), "no"),
        ((1, 2.5), "(1, 2.5)"),
        (np.array([1.0, np.nan]), "[1.0, nan]"),
        ([(1, 2), (3,)], "[(1, 2), (3)]"),
        ("GraphError", "GraphError"),
        (-6.111107928998789e-10, "-6.111107928998789e-10"),
    ],
)
def test_all_digits_are_shown(value, text):
    assert shown(value) == text


def test_plain_makes_lists_of_tuples_and_arrays():
    assert plain(((1, np.arange(2)), np.float64(3))) == [[1, [0, 1]], 3.0]


def row(compute):
    return Row("9.1", "E", "a row", compute)


def test_a_row_holds_if_all_of_its_claims_do():
    one, other = exact("one", 1, 1), exact("other", 2, 3)

    assert row(lambda session: [one])(Session()).holds
    assert row(lambda session: [one, timed("seconds", "at most 5", 9.0)])(Session()).holds
    assert not row(lambda session: [one, other])(Session()).holds
    assert not row(lambda session: [])(Session()).holds


def test_an_error_is_a_claim_that_is_wrong():
    def compute(session):
        yield exact("one", 1, 1)
        raise ArithmeticError("out of range")

    outcome = row(compute)(Session())

    assert [claim.verdict for claim in outcome.claims] == ["ok", "WRONG"]
    assert outcome["computing this"].got == "ArithmeticError: out of range"


def test_ctrl_c_goes_through_a_row():
    def compute(session):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        row(compute)(Session())


def test_a_row_draws_the_same_numbers_each_time_and_leaves_the_generator_alone():
    drawing = row(lambda session: [exact("drawn", 0, np.random.rand())])
    state = np.random.get_state()[1].copy()
    first, second = (drawing(Session())["drawn"].got for _ in range(2))

    assert first == second == pytest.approx(0.5488135)
    assert np.array_equal(np.random.get_state()[1], state)


def test_an_outcome_names_the_claims_it_has():
    outcome = row(lambda session: [exact("one", 1, 1)])(Session())

    with pytest.raises(KeyError, match=r"'two'; there are \['one'\]"):
        outcome["two"]


def test_a_notebook_names_the_rows_it_has():
    notebook = Notebook("apples", "prices")

    @notebook.row("4.1", "E", "two apples", why="because")
    def price(session):
        yield exact("price", 2, 2)

    assert notebook["4.1"] is price
    assert price.why == "because"
    with pytest.raises(DataError, match=r"notebook apples: there is no row 4\.2; there are 4\.1\."):
        notebook["4.2"]
