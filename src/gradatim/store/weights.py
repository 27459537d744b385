"""Files of named arrays: safetensors and npz, neither of which can run code."""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from gradatim.atomic import writing
from gradatim.errors import DataError, DtypeError
from gradatim.types import Array

ORDER = "gradatim.order"
"""Metadata key under which the order of the names is kept; safetensors sorts them by size."""

_METADATA = "__metadata__"
_KINDS = {"b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"}
# What zipfile and numpy.lib.format raise on damaged bytes, found by damaging them.
_NPZ_FAULTS = (
    *(zipfile.BadZipFile, zlib.error, EOFError, ValueError, TypeError, AttributeError),
    *(KeyError, SyntaxError, MemoryError, RuntimeError, NotImplementedError),
)
_HEADS = {
    b"PK\x03\x04": "a zip archive (NumPy's .npz, or a PyTorch checkpoint)",
    b"\x80": "a pickle, which could run code when opened",
    b"version https://git-lfs": "a Git LFS pointer, not the file itself: run `git lfs pull`",
    b"<": "a web page or XML",
    b"\x89HDF": "an HDF5 file",
}


def save_weights(
    path: str | os.PathLike[str],
    arrays: Mapping[str, Array],
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write named arrays to a ``.safetensors`` or ``.npz`` file.

    Names keep their order, shapes (0-d and empty ones too) and dtypes. The file appears whole or
    not at all.

    Parameters
    ----------
    path : str or path
        Its suffix, ``.safetensors`` or ``.npz``, chooses the format.
    arrays : mapping of str to array of any shape
        Booleans, integers, float16, float32 or float64, in any memory order.
    metadata : mapping of str to str, optional
        Text that travels with the arrays.

    Raises
    ------
    DataError
        The suffix is neither of the two, a name is reserved, or the file cannot be written.
    DtypeError
        An entry is not an array of numbers, or a name or a text is not a ``str``.

    Notes
    -----
    Source: https://huggingface.co/docs/safetensors (format), ``numpy.lib.format`` (npz).

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_weights(f"{folder}/model.npz", {"w": np.eye(2), "b": np.zeros(2)}, {"by": "me"})
    ...     arrays, metadata = load_weights(f"{folder}/model.npz")
    >>> list(arrays), arrays["w"].tolist(), metadata
    (['w', 'b'], [[1.0, 0.0], [0.0, 1.0]], {'by': 'me'})
    """
    suffix = _suffix("save_weights", path)
    texts = _checked_texts(metadata or {})
    plain = {_checked_name(name): _plain(name, array) for name, array in arrays.items()}
    if suffix == ".npz":
        _write_npz(path, plain, texts)
    else:
        _write_safetensors(path, plain, {**texts, ORDER: json.dumps(list(plain))})


def load_weights(path: str | os.PathLike[str]) -> tuple[dict[str, Array], dict[str, str]]:
    """Read the arrays and the metadata of a ``.safetensors`` or ``.npz`` file.

    Nothing is unpickled: a file from a stranger can be wrong, but it cannot run code.

    Parameters
    ----------
    path : str or path
        A file written by `save_weights` or by another program.

    Returns
    -------
    arrays : dict of str to array
        In the order in which they were saved; writable, the caller's own.
    metadata : dict of str to str
        The text saved with them.

    Raises
    ------
    DataError
        The file is missing, is a folder, is cut short, damaged or of another format.

    Examples
    --------
    >>> load_weights("absent.safetensors")
    Traceback (most recent call last):
        ...
    gradatim.errors.DataError: load_weights: absent.safetensors: there is no such file; ...
    """
    suffix = _suffix("load_weights", path)
    file = Path(path)
    if file.is_dir():
        raise DataError(f"load_weights: {file}: this is a folder; name a file inside it.")
    if not file.exists():
        raise DataError(
            f"load_weights: {file}: there is no such file; check the path, "
            f"the current folder is {Path.cwd()}."
        )
    try:
        return _read_npz(file) if suffix == ".npz" else _read_safetensors(file)
    except OSError as error:
        raise DataError(
            f"load_weights: {file}: the file cannot be read: {error.strerror or error}; "
            "check its permissions."
        ) from error


def _suffix(caller: str, path: str | os.PathLike[str]) -> str:
    suffix = Path(path).suffix.lower()
    if suffix not in (".safetensors", ".npz"):
        raise DataError(
            f"{caller}: {path}: the suffix is {suffix or 'missing'}; it must be .safetensors "
            f"or .npz. Did you mean {Path(path).with_suffix('.safetensors').name}?"
        )
    return suffix


def _checked_name(name: object) -> str:
    if not isinstance(name, str):
        raise DtypeError(
            f"save_weights: a name is {name!r} ({type(name).__name__}); names must be str."
        )
    if name == _METADATA or "\0" in name:
        raise DataError(
            f"save_weights: an entry is named {name!r}, which the file format keeps for itself; "
            "choose another name."
        )
    return name


def _checked_texts(metadata: Mapping[str, str]) -> dict[str, str]:
    for key, text in metadata.items():
        if not isinstance(key, str) or not isinstance(text, str):
            raise DtypeError(
                f"save_weights: metadata {key!r} is {type(text).__name__}; keys and values must "
                "be str. Try json.dumps for anything else."
            )
        if key == ORDER:
            raise DataError(
                f"save_weights: metadata has the key {ORDER!r}, under which the order of the "
                "names is kept; choose another key."
            )
    return dict(metadata)


def _plain(name: str, value: object) -> Array:
    """Give the array in C order and this machine's byte order, copying only where needed."""
    array = np.asarray(value)
    if array.dtype.str[1:] not in _KINDS:
        raise DtypeError(
            f"save_weights: {name!r} has dtype {array.dtype}; it must be bool, an integer, "
            "float16, float32 or float64. Convert it first, or save real and imaginary parts "
            "as two arrays."
        )
    return np.asarray(array, dtype=array.dtype.newbyteorder("="), order="C")


def _write_safetensors(
    path: str | os.PathLike[str], arrays: dict[str, Array], metadata: dict[str, str]
) -> None:
    from safetensors.numpy import save

    content = memoryview(save(arrays, metadata))
    end = 8 + int.from_bytes(content[:8], "little")
    header = _sorted_header(bytes(content[8:end]))
    with writing(path) as file:
        file.write(len(header).to_bytes(8, "little"))
        file.write(header)
        file.write(content[end:])


def _sorted_header(header: bytes) -> bytes:
    """Sort the metadata: the library writes it in another order each time.

    One seed shall give one file, byte for byte.
    """
    entries = json.loads(header)
    entries[_METADATA] = dict(sorted(entries[_METADATA].items()))
    text = json.dumps(entries, separators=(",", ":"), ensure_ascii=False).encode()
    return text + b" " * (-len(text) % 8)


def _read_safetensors(path: Path) -> tuple[dict[str, Array], dict[str, str]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            metadata = dict(file.metadata() or {})
            names = _in_order(list(file.keys()), metadata.pop(ORDER, "[]"))
            return {name: _own(path, name, file) for name in names}, metadata
    except SafetensorError as error:
        _refuse(path, "safetensors", str(error), error)


def _own(path: Path, name: str, file: Any) -> Array:
    try:
        return np.array(file.get_tensor(name))
    except (TypeError, KeyError, AttributeError) as error:
        dtype = file.get_slice(name).get_dtype()
        raise DataError(
            f"load_weights: {path}: {name!r} is stored as {dtype}, for which NumPy has no dtype; "
            "convert it to F32 where the file was made."
        ) from error


def _in_order(names: list[str], order: str) -> list[str]:
    """Sort names as they were saved; those that another program added come last."""
    try:
        place = {name: i for i, name in enumerate(json.loads(order))}
    except (ValueError, TypeError):
        return names
    return sorted(names, key=lambda name: place.get(name, len(place)))


def _write_npz(
    path: str | os.PathLike[str], arrays: dict[str, Array], metadata: dict[str, str]
) -> None:
    text = np.frombuffer(json.dumps(metadata).encode(), np.uint8)
    # np.savez takes the names as keywords, so it cannot save an array that is named "file".
    with writing(path) as file, zipfile.ZipFile(file, "w", allowZip64=True) as archive:
        for name, array in [*arrays.items(), (_METADATA, text)]:
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def _read_npz(path: Path) -> tuple[dict[str, Array], dict[str, str]]:
    try:
        with zipfile.ZipFile(path) as archive:
            arrays = {
                info.filename.removesuffix(".npy"): _read_member(archive, info)
                for info in archive.infolist()
            }
        text = arrays.pop(_METADATA, None)
        metadata = json.loads(text.tobytes()) if text is not None else {}
        return arrays, {str(key): str(value) for key, value in metadata.items()}
    except _NPZ_FAULTS as error:
        _refuse(path, "npz", str(error), error)


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Array:
    with archive.open(info) as member:
        array: Array = np.lib.format.read_array(member, allow_pickle=False)
    return array


def _refuse(path: Path, format: str, reason: str, error: BaseException) -> NoReturn:
    with open(path, "rb") as file:
        head = file.read(64)
    found = next((text for start, text in _HEADS.items() if head.startswith(start)), None)
    if not head:
        found = "an empty file"
    if format == "npz" and head.startswith(b"PK"):
        found = None
    what = f"it looks like {found}" if found else f"it is damaged or cut short ({reason})"
    raise DataError(
        f"load_weights: {path}: this is not a readable {format} file: {what}. "
        "Copy or save it again."
    ) from error
