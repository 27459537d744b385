"""`benchmarks/peers.py` runs where no peer is installed, and says so."""

from __future__ import annotations

import dataclasses
import sys

import peers
import pytest
from sides.catalogue import SIDES

pytest.importorskip("llvmlite")


@pytest.fixture
def alone(monkeypatch):
    """Nothing but one of our own ways is here."""
    for name, entry in SIDES.items():
        if name != "printed":
            absent = dataclasses.replace(entry, needs=f"no_{entry.needs}")
            monkeypatch.setitem(SIDES, name, absent)
    monkeypatch.setattr(peers, "product_flops", lambda: 1e9)  # takes a second


def output(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["peers.py", *arguments])
    assert peers.main() == 0
    return capsys.readouterr().out


def test_without_peers_there_are_tables_of_ours(alone, monkeypatch, capsys):
    text = output(monkeypatch, capsys, "--work", "W6", "--rounds", "1", "--threads", "1")

    assert "W6: 1,000 operations on single numbers, forward and backward" in text
    assert "gradatim, printed NumPy" in text
    assert "not installed: no_jax (jax, jit a step)" in text
    assert "not installed: no_micrograd (micrograd)" in text


def test_tables_go_between_the_marks_of_a_page(alone, monkeypatch, capsys, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n\n<!-- run -->\nold\n<!-- end of run -->\n\nafter\n", "utf-8")
    monkeypatch.setattr(peers.Benchmark, "run", lambda self: self.shown.append("the table"))

    output(monkeypatch, capsys, "--page", str(page), "--threads", "2")

    text = page.read_text("utf-8")
    assert text.startswith("before\n\n<!-- run -->\n\n2")
    assert text.endswith("the table\n\n<!-- end of run -->\n\nafter\n")
    assert "old" not in text


def test_a_run_on_one_thread_has_a_place_of_its_own(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["peers.py", "--threads", "1", "--growth"])

    assert peers.mark(peers.arguments()) == "growth on one thread"


@pytest.mark.slow
def test_all_parts_are_shown_as_markdown(alone, monkeypatch, capsys):
    asked = ("--rounds", "1", "--markdown", "--train-steps", "100", "--threads", "1")
    text = output(monkeypatch, capsys, "--work", "W1,start,train", *asked)

    assert "| gradatim, printed NumPy |" in text
    assert "**Start, W1" in text
    assert "| again, median of 1 |" in text


def test_unknown_names_are_refused_with_those_that_there_are(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["peers.py", "--work", "W1,W9"])

    with pytest.raises(SystemExit):
        peers.arguments()
    assert "W9 must be among W1, W5" in capsys.readouterr().err


def test_none_means_no_peer_at_all(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["peers.py", "--peers", "none"])

    assert peers.arguments().peers == ()
