"""``import gradatim`` loads NumPy and the standard library, little of it, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys

PROBE = """
import json, sys, time
start = time.perf_counter()
import numpy
between = time.perf_counter()
before = set(sys.modules)
import gradatim
end = time.perf_counter()
print(json.dumps([sorted(set(sys.modules) - before), between - start, end - between]))
"""
# Compiled parts of numpy.random register themselves under these names.
CYTHON = ("cython_runtime", "_cython_")
RARE = {"difflib", "html", "subprocess", "textwrap", "webbrowser"}
"""Of the standard library; what few calls need, or errors alone, they load themselves."""


def is_foreign(module):
    top = module.partition(".")[0]
    own = {"gradatim", "numpy", *sys.stdlib_module_names}
    return top not in own and not top.startswith(CYTHON)


def test_import_loads_only_numpy_and_the_standard_library(report_import_time):
    command = [sys.executable, "-P", "-c", PROBE]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    modules, numpy_seconds, own_seconds = json.loads(answer)
    report_import_time(
        f"import gradatim: {own_seconds * 1e3:.0f} ms beyond NumPy's {numpy_seconds * 1e3:.0f} ms, "
        f"{sum(name.startswith('gradatim') for name in modules)} modules of its own"
    )
    rare = sorted(RARE & {*modules})
    foreign = sorted({name.partition(".")[0] for name in modules if is_foreign(name)})

    assert not foreign, f"import these inside the functions that need them: {foreign}"
    assert not rare, f"import these inside the functions that need them: {rare}"
