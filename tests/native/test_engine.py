"""LLVM: text becomes functions; the processor is asked what it can do."""

from __future__ import annotations

import ctypes
import gc
import sys

import pytest

from gradatim.errors import BackendError
from gradatim.native import engine
from gradatim.native.engine import Code, Host, host

TEXT = """
define void @twice(ptr %x) {
  %a = load i64, ptr %x
  %b = add i64 %a, %a
  store i64 %b, ptr %x
  ret void
}
"""


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADATIM_CACHE", str(tmp_path))
    return tmp_path / "code"


def twice(code, number):
    x = ctypes.c_int64(number)
    code.function("twice", ctypes.c_void_p)(ctypes.addressof(x))
    return x.value


def test_text_becomes_a_function():
    code = Code(TEXT)
    assert twice(code, 21) == 42
    assert 0 < code.seconds < 60


def test_the_second_time_it_is_loaded(cache, monkeypatch):
    Code(TEXT)

    def forbidden(text):
        raise AssertionError("compiled again")

    monkeypatch.setattr(engine, "_compiled", forbidden)
    assert twice(Code(TEXT), 4) == 8
    with pytest.raises(AssertionError, match="compiled again"):
        Code(TEXT + "; another text")


@pytest.mark.parametrize("part", range(6))
def test_another_processor_or_version_compiles_anew(part, monkeypatch, cache):
    Code(TEXT)
    identity = list(engine._identity())
    assert len(identity) == 6
    identity[part] += "?"
    monkeypatch.setattr(engine, "_identity", lambda: tuple(identity))
    Code(TEXT)
    assert len(list(cache.iterdir())) == 2


def test_a_function_keeps_its_code_alive():
    call = Code(TEXT).function("twice", ctypes.c_void_p)
    gc.collect()
    x = ctypes.c_int64(3)
    call(ctypes.addressof(x))
    assert x.value == 6


def test_two_codes_do_not_know_each_other():
    first, second = Code(TEXT), Code(TEXT.replace("add i64 %a, %a", "mul i64 %a, %a"))
    assert (twice(first, 5), twice(second, 5)) == (10, 25)


def test_text_that_is_no_ir_is_an_error():
    with pytest.raises(RuntimeError, match="parsing error"):
        Code("define nonsense")


@pytest.mark.parametrize("bits", [128, 256, 512])
def test_lanes_follow_the_width(bits):
    target = host(bits)
    assert target.lanes == {"float": bits // 32, "double": bits // 64, "i64": bits // 64}


def test_this_processor_has_a_width():
    assert isinstance(host(), Host)
    assert host().lanes["float"] in (4, 8, 16)


def test_a_library_that_cannot_be_loaded_is_as_good_as_none(monkeypatch, tmp_path):
    (tmp_path / "llvmlite").mkdir()
    (tmp_path / "llvmlite" / "__init__.py").write_text("raise OSError('no libllvmlite.so')")
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.partition(".")[0] == "llvmlite"]:
        monkeypatch.delitem(sys.modules, name)
    engine.llvm.cache_clear()
    try:
        with pytest.raises(BackendError, match=r"cannot be loaded here \(no libllvmlite.so\)"):
            engine.llvm()
        assert not engine.is_there()
    finally:
        engine.llvm.cache_clear()
    monkeypatch.undo()
    assert engine.is_there()


def test_without_llvmlite_the_error_says_what_to_do(monkeypatch):
    engine.llvm.cache_clear()
    monkeypatch.setitem(sys.modules, "llvmlite.binding", None)
    try:
        with pytest.raises(BackendError, match="pip install llvmlite, or backend='numpy'"):
            engine.llvm()
        assert not engine.is_there()
    finally:
        engine.llvm.cache_clear()
    monkeypatch.undo()
    assert engine.is_there()
