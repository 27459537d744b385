"""A finding as text and as plain data."""

from __future__ import annotations

import json

from gradatim.train import Finding


def test_it_is_two_lines_what_is_wrong_and_what_to_try():
    found = Finding("dead units", "9 of 9 units give 0.", "Begin again.", "layers.0", 3)

    assert str(found) == "dead units (layers.0): 9 of 9 units give 0.\n  Begin again."


def test_what_concerns_the_whole_has_no_place():
    assert str(Finding("labels constant", "all are 3.", "Look.")).startswith("labels constant: all")


def test_it_can_be_saved():
    found = Finding("learning rate too high", "it rises.", "Try lr=0.1.", settings={"lr": 0.1})

    assert json.loads(json.dumps(found.plain())) == {
        "name": "learning rate too high",
        "evidence": "it rises.",
        "fix": "Try lr=0.1.",
        "where": None,
        "step": 0,
        "settings": {"lr": 0.1},
    }
