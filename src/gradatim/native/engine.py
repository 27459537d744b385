"""Machine code: IR compiled for this processor, loaded, and called."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from gradatim.errors import BackendError
from gradatim.native.keeping import kept


def is_there() -> bool:
    """Whether machine code can be made here at all."""
    try:
        llvm()
    except BackendError:
        return False
    return True


@cache
def llvm() -> Any:
    """Return LLVM, ready for this processor.

    Raises
    ------
    BackendError
        If llvmlite is not installed, or its library cannot be loaded.
    """
    try:
        import llvmlite.binding as binding  # type: ignore[import-untyped]
    except (ImportError, OSError) as error:
        missing = isinstance(error, ModuleNotFoundError)
        reason = "is not installed" if missing else f"cannot be loaded here ({error})"
        raise BackendError(
            f"compile: backend 'llvm' needs llvmlite, which {reason}.\n"
            "  Try pip install llvmlite, or backend='numpy'."
        ) from error
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return binding


class Host(NamedTuple):
    """The processor that code is made for.

    Parameters
    ----------
    lanes : dict of str to int
        How many elements of each type a vector register holds.
    is_x86 : bool
        Whether it is of that family.
    """

    lanes: dict[str, int]
    is_x86: bool


def host(width_bits: int | None = None) -> Host:
    """Return what code for this processor must know.

    Parameters
    ----------
    width_bits : int, optional
        Bits of a vector register; those of this processor if not given.
    """
    binding = llvm()
    features = binding.get_host_cpu_features()
    width = width_bits or 128
    if width_bits is None and features.get("avx2") and features.get("fma"):
        width = 512 if features.get("avx512f") else 256
    is_x86 = binding.get_process_triple().startswith(("x86_64", "i686"))
    return Host({"float": width // 32, "double": width // 64, "i64": width // 64}, is_x86)


class Code:
    """Compiled functions.

    Parameters
    ----------
    text : str or callable
        LLVM IR, or what writes it.
    key : str, optional
        Stands for the text: where code was compiled under it before, no text is written.
    """

    def __init__(self, text: str | Callable[[], str], key: str | None = None) -> None:
        binding = llvm()
        start = time.perf_counter()
        known = key or _written(text)
        self._object = kept((known, *_identity()), lambda: _compiled(_written(text)))
        triple = binding.get_process_triple()
        empty = binding.parse_assembly(f'target triple = "{triple}"\n')
        self._engine = binding.create_mcjit_compiler(
            empty, binding.Target.from_default_triple().create_target_machine(jit=True)
        )
        self._engine.add_object_file(binding.ObjectFileRef.from_data(self._object))
        self._engine.finalize_object()
        self.seconds = time.perf_counter() - start

    def function(self, name: str, *types: Any) -> Any:
        """Return a compiled function that takes arguments of the given ctypes."""
        call = ctypes.CFUNCTYPE(None, *types)(self._engine.get_function_address(name))
        call.code = self  # type: ignore[attr-defined]  # the memory it lies in goes with the engine
        return call


def _written(text: str | Callable[[], str]) -> str:
    return text if isinstance(text, str) else text()


@cache
def _processor() -> tuple[str, str]:
    """Name and features of this processor."""
    binding = llvm()
    return binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()


@cache
def _identity() -> tuple[str, ...]:
    """All that decides what a text becomes."""
    import llvmlite

    binding = llvm()
    version = ".".join(map(str, binding.llvm_version_info))
    passes = Path(__file__).read_text(encoding="utf-8")
    return (*_processor(), binding.get_process_triple(), version, llvmlite.__version__, passes)


def _compiled(text: str) -> bytes:
    """A text as the bytes of an object file."""
    binding = llvm()
    name, features = _processor()
    machine = binding.Target.from_default_triple().create_target_machine(
        cpu=name,
        features=features,
        opt=1,  # 2 takes a fifth longer and the code is no faster
        jit=True,
    )
    module = binding.parse_assembly(text)
    _optimize(module, machine)
    return bytes(machine.emit_object(module))


def _optimize(module: Any, machine: Any) -> None:
    binding = llvm()
    options = binding.create_pipeline_tuning_options(0)
    builder = binding.create_pass_builder(machine, options)
    passes = binding.create_new_function_pass_manager()
    passes.add_sroa_pass()
    passes.add_simplify_cfg_pass()
    for function in module.functions:
        if not function.is_declaration:
            passes.run(function, builder)
