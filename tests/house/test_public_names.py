"""A public name never comes, goes or changes unnoticed."""

from __future__ import annotations

import difflib
import importlib

import pytest

COMMAND = "python tests/house/list_public_names.py --write"


def test_public_names_are_those_listed(listing):
    stored = listing.STORED.read_text(encoding="utf-8").splitlines()
    changes = list(
        difflib.unified_diff(stored, listing.public_names(), "listed", "found", n=0, lineterm="")
    )

    if changes:
        pytest.fail("\n".join([*changes, f"If this is meant: {COMMAND}"]), pytrace=False)


def test_a_room_of_several_files_says_what_is_public(room):
    module = importlib.import_module(room)

    assert not hasattr(module, "__path__") or hasattr(module, "__all__"), f"{room} has no __all__"


def test_every_name_in_all_is_there_once(room):
    module = importlib.import_module(room)
    names = getattr(module, "__all__", [])
    missing = [name for name in names if not hasattr(module, name)]

    assert not missing, f"{room}.__all__ names what is not there: {missing}"
    assert len(names) == len(set(names)), f"{room}.__all__ names something twice"


def test_a_signature_is_written_as_in_the_source(listing):
    def sample(a: Tensor, /, b: int = 2, *, axis: Axis = None, **rest: Any) -> Tensor:  # noqa: F821
        raise NotImplementedError

    assert listing.signature_text(sample) == (
        "(a: Tensor, /, b: int = 2, *, axis: Axis = None, **rest: Any) -> Tensor"
    )
    assert listing.signature_text(lambda *arrays, dtype=float: 0) == "(*arrays, dtype = float)"
