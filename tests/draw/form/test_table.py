"""Columns stand under one another, whatever the script, and fit the terminal as far as they can."""

from __future__ import annotations

import pytest

from gradatim.draw.form.table import Row, Table, columns

HEAD = Row("name", "shape", ("value",), ("gradient",))


def lines(*rows, width=80):
    table = Table([HEAD, *rows], width)
    return [line for row in (HEAD, *rows) for line in table.lines(row)]


def test_wide_letters_take_two_columns_and_marks_none():
    assert [columns(text) for text in ("ab", "사과", "みかん", "e\u0301")] == [2, 4, 6, 1]


def test_numbers_stand_under_one_another():
    found = lines(
        Row("apple", "", ("100",), ("2.2",)),
        Row("みかん", "", ("1",), ("110",)),
    )

    assert found == [
        "name    value  gradient",
        "apple     100       2.2",
        "みかん      1       110",
    ]


def test_a_column_without_content_is_left_out():
    assert lines(Row("x", "", ("1",))) == ["name  value", "x         1"]


def test_numbers_of_several_lines_stand_side_by_side():
    assert lines(Row("x", "(2, 1)", ("[1]", "[2]"), ("[3]", "[4]"))) == [
        "name   shape  value  gradient",
        "x     (2, 1)    [1]       [3]",
        "                [2]       [4]",
    ]


def test_a_long_text_is_cut_before_short_numbers():
    found = lines(Row("x" * 100, "", ("123456",)), width=40)

    assert max(map(columns, found)) == 40
    assert found[1].endswith("…  123456")


def test_long_numbers_are_cut_before_the_text():
    found = lines(Row("x" * 30, "", ("1 " * 40,)), width=60)

    assert max(map(columns, found)) == 60
    assert found[1].startswith("x" * 30 + " ")


def test_wide_letters_are_never_cut_in_half():
    for width in range(30, 40):
        found = lines(Row("사" * 40, "", ("123456",)), width=width)
        assert max(map(columns, found)) <= width


def test_a_narrow_terminal_still_shows_something_of_all():
    found = lines(Row("x" * 40, "(3,)", ("11 " * 9,), ("-0.00247 … 0.00271",)), width=1)

    assert "x…" in found[1]
    assert "  11 11 11 …  " in found[1]
    assert found[1].endswith("  -0.00247 …")


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ("[0.1049  -0.5357  0.64]", "[0.1049 …]"),
        ("[   10   2000   30000 ]", "[   10 …]"),
        ("647.7 = 190.23 + 457.47", "647.7 = …"),
        ("1234567890123456789", "…"),
        ("[1  2  3  4]", "[1  2  3  4]"),
    ],
)
def test_numbers_are_left_out_whole(numbers, told):
    rows = [Row("x" * 40, "", (numbers,), ("1",))]
    table = Table([Row("y", "", ("value",), ("gradient",)), *rows], 1)
    found = next(table.lines(rows[0]))

    assert found.split("…  ", 1)[1].rsplit("  ", 1)[0].strip() == told


def test_the_range_stands_for_rows_that_have_no_room():
    row = Row("x", "(2,)", ("[1.25  2.25  3.25  4.25]",) * 2, ("1", "2"), ("1.25 … 4.25", "1 … 2"))

    assert [line.split() for line in Table([HEAD, row], 40).lines(row)] == [
        ["x", "(2,)", "1.25", "…", "4.25", "1"],
        ["2"],
    ]
    assert "[1.25  2.25  3.25  4.25]" in next(Table([HEAD, row], 80).lines(row))
