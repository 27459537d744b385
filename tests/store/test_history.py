"""A history is a CSV file that reads back as the same numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradatim.errors import DataError, DtypeError
from gradatim.store.history import read_history, write_history


@pytest.fixture
def file(tmp_path):
    return tmp_path / "history.csv"


def returned(file, rows):
    write_history(file, rows)
    return read_history(file)


def test_the_file_is_plain_csv(file):
    write_history(
        file,
        [
            {"step": 0, "loss": None, "test_accuracy": 0.0982},
            {"step": 600, "loss": 0.1, "test_accuracy": 0.9, "note": 'a "b", c'},
        ],
    )
    assert file.read_bytes().decode() == (
        'step,loss,test_accuracy,note\n0,,0.0982,\n600,0.1,0.9,"a ""b"", c"\n'
    )


def test_columns_stand_in_order_of_first_appearance(file):
    rows = returned(file, [{"b": 1}, {"a": 2, "b": 3}, {"c": 4}])
    assert list(rows[0]) == ["b", "a", "c"]
    assert rows[2] == {"b": None, "a": None, "c": 4}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.lists(st.floats(allow_nan=False), max_size=5), st.lists(st.integers(), max_size=5))
def test_every_number_comes_back_as_itself(file, floats, integers):
    rows = [{"n": n, "end": 0} for n in [*floats, *integers]]
    loaded = returned(file, rows)
    assert [(row["n"], type(row["n"])) for row in loaded] == [
        (row["n"], type(row["n"])) for row in rows
    ]


def test_numbers_that_are_not_finite_come_back(file):
    loaded = returned(file, [{"x": math.nan, "y": math.inf, "z": -math.inf, "w": -0.0}])[0]
    assert math.isnan(loaded["x"])
    assert (loaded["y"], loaded["z"]) == (math.inf, -math.inf)
    assert math.copysign(1, loaded["w"]) == -1


def test_numbers_of_numpy_are_taken(file):
    row = {"a": np.float32(0.1), "b": np.int64(7), "c": np.float64(1 / 3)}
    assert returned(file, [row]) == [{"a": float(np.float32(0.1)), "b": 7, "c": 1 / 3}]


@pytest.mark.parametrize("text", ["sgd", "a,b", 'say "x"', "두\n줄", "a\r\nb", "\u2028", " x "])
def test_text_comes_back(file, text):
    assert returned(file, [{"note": text, "end": 1}]) == [{"note": text, "end": 1}]


def test_nothing_at_all_is_an_empty_history(file):
    assert returned(file, []) == []
    assert returned(file, [{}]) == []


def test_a_spreadsheet_may_have_saved_it_again(file):
    file.write_bytes("\ufeffstep,loss\r\n0,2.3\r\n\r\n".encode())
    assert read_history(file) == [{"step": 0, "loss": 2.3}]


def test_an_endless_row_of_digits_is_text(file):
    file.write_text("n\n" + "9" * 5000 + "\n")
    assert read_history(file) == [{"n": "9" * 5000}]


@pytest.mark.parametrize(("value", "kind"), [([1], "list"), (True, "bool"), (1j, "complex")])
def test_another_type_is_refused_with_its_column(file, value, kind):
    with pytest.raises(DtypeError, match=rf"column 'loss' holds .* \({kind}\); a cell must be"):
        write_history(file, [{"loss": value}])
    assert not file.exists()


def test_a_column_is_named_by_text(file):
    with pytest.raises(DtypeError, match=r"a column is named 3 \(int\); it must be a str"):
        write_history(file, [{3: 1}])


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"absent\.csv: no such file or directory; check the path"):
        read_history(tmp_path / "absent.csv")


def test_a_row_that_was_cut_short_is_named(file):
    file.write_text("step,loss\n0,2.3\n600\n")
    with pytest.raises(DataError, match="row 3 has 1 cells, the header has 2"):
        read_history(file)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b'a\n"x\n', b'a\n"x"y\n'])
def test_what_is_not_csv_is_a_data_error(file, content):
    file.write_bytes(content)
    with pytest.raises(DataError, match="this is not a CSV file in UTF-8"):
        read_history(file)
