"""What a run was made of: settings, versions and machine, as JSON."""

from __future__ import annotations

import json
import math
import os
import platform
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gradatim.atomic import writing
from gradatim.errors import DataError, DtypeError

FORMAT = "gradatim-run"
"""What the file says it is."""

FORMAT_VERSION = 1
"""The newest layout of a run that this release reads and writes."""


def write_manifest(path: str | os.PathLike[str], manifest: Mapping[str, Any]) -> None:
    """Write a manifest to a JSON file, marked with the format and its version.

    Parameters
    ----------
    path : str or path
        The file, replaced whole.
    manifest : mapping
        Texts, numbers, booleans, ``None``, and lists and mappings of these. NumPy's numbers and
        arrays, tuples and paths are taken too; a float that is not finite becomes null, since
        JSON has no number for it.

    Raises
    ------
    DtypeError
        A value is of another type; the message names its place.
    DataError
        The file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_manifest(f"{folder}/run.json", {"seed": 0, "layers": (784, 50, 10)})
    ...     read_manifest(f"{folder}/run.json")
    {'seed': 0, 'layers': [784, 50, 10]}
    """
    text = json.dumps(stamped(manifest), indent=2, ensure_ascii=False, allow_nan=False)
    # Names of files that are no UTF-8 hold letters that no encoding has, but JSON has escapes.
    text = re.sub(r"[\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", text)
    with writing(path, "w") as file:
        file.write(text + "\n")


def read_manifest(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a manifest written by `write_manifest`.

    Parameters
    ----------
    path : str or path
        The file.

    Returns
    -------
    dict
        What was saved, without the marks of the format.

    Raises
    ------
    DataError
        The file is missing, is not JSON, is not a manifest, or is of a newer format.

    Examples
    --------
    >>> read_manifest("absent.json")
    Traceback (most recent call last):
        ...
    gradatim.errors.DataError: read_manifest: absent.json: no such file or directory; ...
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DataError(f"read_manifest: {path}: {reason}; check the path.") from error
    except UnicodeDecodeError as error:
        raise DataError(f"read_manifest: {path}: this is not text in UTF-8.") from error
    return unstamped(text, f"read_manifest: {path}")


def stamped(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Mark a manifest with the format and its version, its values made plain for JSON.

    Parameters
    ----------
    manifest : mapping
        As for `write_manifest`.

    Returns
    -------
    dict
        Ready for ``json.dumps``.

    Raises
    ------
    DtypeError
        A value cannot stand in JSON.
    DataError
        A key is one of the two marks.

    Examples
    --------
    >>> stamped({"rate": np.float64(0.5)})
    {'format': 'gradatim-run', 'format_version': 1, 'rate': 0.5}
    """
    marks = {"format": FORMAT, "format_version": FORMAT_VERSION}
    for key in marks:
        if key in manifest:
            raise DataError(
                f"write_manifest: there is an entry {key!r}, a name that is kept for the mark of "
                "the file; choose another name."
            )
    return {**marks, **_plain(manifest, "")}


def unstamped(text: str, caller: str) -> dict[str, Any]:
    """Parse a marked manifest and take its marks off.

    Parameters
    ----------
    text : str
        JSON.
    caller : str
        What stands before an error message: who reads, and where from.

    Returns
    -------
    dict
        The manifest.

    Raises
    ------
    DataError
        The text is not JSON, not marked, or of a newer version.

    Examples
    --------
    >>> unstamped('{"format": "gradatim-run", "format_version": 1, "seed": 0}', "read")
    {'seed': 0}
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"{caller}: this is not JSON ({error}); it was cut short or edited, restore it or "
            "train again."
        ) from error
    if not isinstance(found, dict) or found.pop("format", None) != FORMAT:
        raise DataError(
            f'{caller}: this must be a JSON object with "format": "{FORMAT}"; '
            "is it a run of gradatim?"
        )
    _check_version(found.pop("format_version", None), caller)
    return found


def versions() -> dict[str, str]:
    """Name the releases that made a run.

    Returns
    -------
    dict
        ``gradatim``, ``python`` and ``numpy``.

    Examples
    --------
    >>> sorted(versions())
    ['gradatim', 'numpy', 'python']
    """
    # Package metadata would tell of what is installed, not of what runs, and takes 20 ms to load.
    own = sys.modules["gradatim"].__version__
    return {"gradatim": own, "python": platform.python_version(), "numpy": np.__version__}


def machine() -> dict[str, Any]:
    """Describe this machine, without its name or its owner's.

    Returns
    -------
    dict
        ``cpu`` (as it calls itself), ``cores`` (that this process may use), ``platform``,
        ``architecture`` and ``blas`` (NumPy's matrix library).

    Examples
    --------
    >>> sorted(machine())
    ['architecture', 'blas', 'cores', 'cpu', 'platform']
    """
    affinity = getattr(os, "sched_getaffinity", None)
    return {
        "cpu": _cpu(),
        "cores": len(affinity(0)) if affinity else os.cpu_count() or 1,
        "platform": f"{platform.system()} {platform.release()}",
        "architecture": platform.machine(),
        "blas": _blas(),
    }


def _check_version(found: object, caller: str) -> None:
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise DataError(
            f'{caller}: "format_version" is {found!r}; it must be a positive integer. '
            "Restore the file or train again."
        )
    if found > FORMAT_VERSION:
        raise DataError(
            f"{caller}: the run is of format {found}, written by a newer gradatim; this one "
            f"({versions()['gradatim']}) reads up to format {FORMAT_VERSION}. "
            "Try pip install --upgrade gradatim."
        )


def _plain(value: Any, place: str) -> Any:
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        return {str(k): _plain(v, f"{place}.{k}" if place else str(k)) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, f"{place}[{i}]") for i, item in enumerate(value)]
    raise DtypeError(
        f"write_manifest: {place} is {value!r} ({type(value).__name__}); it must be text, a "
        "number, a boolean, None, or a list or mapping of these. Try str(...)."
    )


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine() or "unknown"


def _blas() -> str:
    described: Any = np.show_config(mode="dicts")
    blas = (described or {}).get("Build Dependencies", {}).get("blas", {})
    return f"{blas.get('name', 'unknown')} {blas.get('version', '')}".strip()
