"""The tables say what was measured, what failed and what does not agree."""

from __future__ import annotations

import pytest
from sides import report
from sides.rounds import Result
from sides.work import WORKS

W1 = WORKS["W1"]


def result(name, times, answer=0.5):
    return Result(name, [t * 1e-6 for t in times], [t * 1e-6 for t in times], 0.4, 10**8, answer)


def shown(*results, absent=()):
    found = {each.name: each for each in results}
    return report.of_work(W1, found, list(absent), 302e9).text()


def test_medians_and_our_share_of_them():
    text = shown(result("run", [90, 100, 500]), result("jax-scan", [300, 400, 410]))

    assert "run / it" in text
    words = next(line for line in text.splitlines() if "jax, scan over" in line).split()
    assert words[-7:] == ["350", "-", "405", "0.25", "1.0", "100", "0"]


def test_another_answer_is_marked():
    text = shown(result("run", [100]), result("numpy", [300], 0.5001), result("torch", [9], 0.6))

    assert "2e-04\n" in text
    assert "2e-01 (!)" in text


def test_what_failed_or_is_absent_is_said():
    text = shown(
        result("run", [100]),
        Result("torch-compiled", failure="OSError: no compiler"),
        absent=["not installed: jax"],
    )

    assert "failed: torch, compiled step: OSError: no compiler" in text
    assert "not installed: jax" in text


def test_the_share_of_the_peak_is_told():
    assert "16.0 Mflop a step, zeros counted; gradatim, a run a call: 53% of the" in shown(
        result("run", [100])
    )


def test_shares_are_of_the_first_side_where_none_of_ours_was_measured():
    assert report.reference({"numpy": result("numpy", [1])}) == "numpy"
    assert report.reference({}) == ""


def test_growth_names_the_best_peer_and_marks_a_cliff():
    table = report.of_growth("Growth", 302e9)
    found = [result("run", [140]), result("torch", [100]), result("numpy", [70])]
    report.add_growth(table, "100", W1, {each.name: each for each in found}, 302e9)

    (row,) = table.rows
    assert row[:5] == ("100", "140", "numpy", "70.0", "2.00")
    assert row[5] == "1.40 (!)"


def test_growth_without_peers_has_dashes():
    table = report.of_growth("Growth", 302e9)
    report.add_growth(table, "100", W1, {"run": result("run", [140])}, 302e9)

    assert table.rows[0][2:6] == ("-", "-", "-", "-")


def test_first_steps_show_both_launches():
    pair = Result("numpy", [0.5], peak_bytes=10**8), Result("numpy", [0.25])
    text = report.of_first_steps(W1, {"numpy": pair}, []).text()

    assert text.splitlines()[-1].split()[-3:] == ["0.50", "0.25", "100"]


def test_the_heading_names_versions_and_what_is_absent(monkeypatch):
    monkeypatch.setattr(report, "PACKAGES", ("numpy", "nothing-of-this-name"))

    heading = report.heading(2, 302e9, 237e9)

    assert "2 threads a side" in heading
    assert "nothing-of-this-name not installed" in heading
    assert "302 Gflop/s in registers, 237 in NumPy's product" in heading


@pytest.mark.parametrize(("times", "expected"), [([4e-6, 1e-6, 2e-6], 2e-6), ([], None)])
def test_a_side_without_times_has_no_median(times, expected):
    median = Result("numpy", times).median

    assert median == expected if times else median != median
