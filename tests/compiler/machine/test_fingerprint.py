"""Programs share machine code where the same text would be written, and only there."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from compiler.machine.test_module import X, layered, module_of
from gradatim.compiler.machine import fingerprint as room
from gradatim.compiler.machine.fingerprint import fingerprint
from gradatim.compiler.program import Value
from gradatim.native.engine import Code
from gradatim.primitives.index import HOLE

STEPS = [
    layered,
    lambda x: x * 2.0,
    lambda x: x * 3.0,
    lambda x: x * np.float32(2.0),
    lambda x: 2.0 * x,
    lambda x: x + 2.0,
    lambda x: x * x,
    lambda x: x.sum(axis=0),
    lambda x: x.sum(axis=1),
    lambda x: x.sum(axis=1, keepdims=True),
    lambda x: x.max(axis=1),
    lambda x: (x, x * 2.0),
    lambda x: (x * 2.0, x),
    lambda x: x[1:] * 2.0,
    lambda x: x @ x,
    lambda x: x @ x.T,
    lambda x: x * np.arange(40.0),
    lambda x: x * np.arange(1.0, 41.0),
]


def modules():
    for step in STEPS:
        for x in (X, X[:20, :20], X.astype("f")):
            try:
                yield module_of(step, x)[1]
            except gd.errors.ShapeError:
                continue
    yield from (module_of(layered, X, threads=threads)[1] for threads in (2, 3))


def test_equal_keys_mean_equal_texts():
    """Arrays of literals lie in the arena and not in the text: such programs may share it."""
    texts: dict[str | None, str] = {}
    for module in [*modules(), *modules()]:
        assert texts.setdefault(module.key, module.text) == module.text
    assert None not in texts
    assert len(texts) > 40


def test_no_text_is_written_where_the_code_is_known(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADATIM_CACHE", str(tmp_path))
    _, first = module_of(layered, X)
    Code(lambda: first.text, first.key)
    _, again = module_of(layered, X)

    def forbidden():
        raise AssertionError("written")

    Code(forbidden, again.key)
    with pytest.raises(AssertionError, match="written"):
        Code(forbidden, module_of(layered, X[:20, :20])[1].key)


def test_checked_code_is_found_by_its_text():
    assert module_of(layered, X, checked=True)[1].key is None


def test_other_files_write_other_code(monkeypatch):
    before = fingerprint(1)
    monkeypatch.setattr(room, "_sources", lambda: b"other")
    assert fingerprint(1) != before


def test_values_are_known_by_their_turn():
    a, b, c = (Value("", (2,), np.dtype(float)) for _ in range(3))
    assert fingerprint(a, b, a) == fingerprint(b, c, b)
    assert fingerprint(a, b, a) != fingerprint(a, b, b)
    assert fingerprint(Value("", (2,), np.dtype(float), a)) != fingerprint(a)


def test_generators_are_known_by_their_turn_and_their_kind():
    one, two = np.random.default_rng(0), np.random.default_rng(1)
    other = np.random.Generator(np.random.MT19937(0))
    assert fingerprint(one, one) == fingerprint(two, two)
    assert fingerprint(one, one) != fingerprint(one, two)
    assert fingerprint(one) != fingerprint(other)


PLAIN = [1, 1.0, True, "1", b"1", None, np.int64(1), np.float32(1), np.float64(1), np.array([1])]
PLAIN += [(1,), [1], ((1,),), {1: 1}, slice(1), HOLE, np.dtype("f"), np.dtype("d"), 0.0, -0.0]


def test_things_that_differ_have_other_digests():
    assert len({fingerprint(x) for x in PLAIN}) == len(PLAIN)
    assert len({fingerprint(1, 2), fingerprint((1, 2)), fingerprint(1, (2,))}) == 3


@pytest.mark.parametrize("odd", [{1, 2}, object(), lambda: 1, [object()]])
def test_what_cannot_be_told_apart_has_none(odd):
    assert fingerprint(1, odd) is None
