"""Machine code: IR compiled for this processor, loaded, and called."""

from __future__ import annotations

import ctypes
import time
from typing import Any

import llvmlite.binding as llvm

_STATE: dict[str, Any] = {}


def lanes_of_host() -> dict[str, int]:
    """Return how many elements of each type a vector register of this processor holds."""
    _prepare()
    features = llvm.get_host_cpu_features()
    width = 16
    if features.get("avx2") and features.get("fma"):
        width = 32
    if features.get("avx512f"):
        width = 64
    return {"float": width // 4, "double": width // 8, "i64": width // 8}


def _prepare() -> None:
    if not _STATE:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        _STATE["ready"] = True


class Code:
    """Compiled functions.

    Parameters
    ----------
    text : str
        LLVM IR.
    """

    def __init__(self, text: str) -> None:
        _prepare()
        start = time.perf_counter()
        machine = llvm.Target.from_default_triple().create_target_machine(
            cpu=llvm.get_host_cpu_name(),
            features=llvm.get_host_cpu_features().flatten(),
            opt=2,
            jit=True,
        )
        module = llvm.parse_assembly(text)
        _optimize(module, machine)
        self._object = machine.emit_object(module)
        empty = llvm.parse_assembly(f'target triple = "{llvm.get_process_triple()}"\n')
        self._engine = llvm.create_mcjit_compiler(
            empty, llvm.Target.from_default_triple().create_target_machine(jit=True)
        )
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(self._object))
        self._engine.finalize_object()
        self.seconds = time.perf_counter() - start

    def function(self, name: str, *types: Any) -> Any:
        """Return a compiled function that takes arguments of the given ctypes."""
        return ctypes.CFUNCTYPE(None, *types)(self._engine.get_function_address(name))


def _optimize(module: Any, machine: Any) -> None:
    options = llvm.create_pipeline_tuning_options(0)
    builder = llvm.create_pass_builder(machine, options)
    passes = llvm.create_new_function_pass_manager()
    passes.add_sroa_pass()
    passes.add_instruction_combine_pass()
    passes.add_simplify_cfg_pass()
    for function in module.functions:
        if not function.is_declaration:
            passes.run(function, builder)
