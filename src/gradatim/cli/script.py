"""A learner's own file of Python: run as theirs, and searched for layers."""

from __future__ import annotations

import inspect
import sys
import traceback
import types
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from gradatim.errors import DataError


def split_target(target: str) -> tuple[Path, str | None]:
    """Split ``my_layers.py:Affine`` into the file and the name in it, if one is given.

    Examples
    --------
    >>> split_target("my_layers.py:Affine")[1], split_target("my_layers.py")[1]
    ('Affine', None)
    """
    file, colon, name = target.rpartition(":")
    if colon and not Path(target).exists() and not set(name) & {"/", "\\"}:
        return Path(file), name
    return Path(target), None


def run(path: Path) -> types.ModuleType:
    """Run a file as a module of its own; what it imports is looked for beside it first."""
    source = _read(path)
    # No import finds this name: a file called random.py must not stand in for Python's random.
    module = types.ModuleType(f"<{path.name}>")
    module.__file__ = str(path)
    try:
        code = compile(source, str(path), "exec")
    except SyntaxError as error:
        line = (error.text or "").strip()
        raise DataError(
            f"{path}:{error.lineno}: Python cannot read this: {error.msg}{_at(line)}"
        ) from error
    sys.modules[module.__name__] = module  # dataclasses look their own module up
    sys.path.insert(0, str(path.resolve().parent))
    try:
        exec(code, module.__dict__)
    except (Exception, SystemExit) as error:
        place, line = place_of(error, path)
        raise DataError(f"check: {place}: {_told(error)}{_at(line)}") from error
    finally:
        sys.path.remove(str(path.resolve().parent))
        sys.modules.pop(module.__name__, None)
    return module


def _read(path: Path) -> bytes:
    if path.is_dir():
        raise DataError(f"check: {path}: this is a folder; name a file of Python in it.")
    if not path.exists():
        near = get_close_matches(path.name, [p.name for p in path.parent.glob("*.py")], n=1)
        tip = f"did you mean {path.parent / near[0]}?" if near else "check the path."
        raise DataError(f"check: {path}: there is no such file; {tip}")
    if path.suffix == ".ipynb":
        raise DataError(
            f"check: {path}: this is a notebook; copy the cell of the layer into a .py file."
        )
    return path.read_bytes()


def place_of(error: BaseException, path: Path) -> tuple[str, str]:
    """The last line of the learner's own file that an exception passed, and its text."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == str(path)]
    if not own:
        return str(path), ""
    return f"{path}:{own[-1].lineno}", (own[-1].line or "").strip()


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _at(line: str) -> str:
    return f"\nin {line}" if line else ""


def is_layer(value: Any) -> bool:
    """Whether a class, or an object, has forward and backward."""
    return all(callable(getattr(value, method, None)) for method in ("forward", "backward"))


def layers(module: types.ModuleType) -> dict[str, Any]:
    """Classes with forward and backward that a file defines itself, in its order."""
    return {
        name: value
        for name, value in vars(module).items()
        if inspect.isclass(value) and value.__module__ == module.__name__ and is_layer(value)
    }


def named(module: types.ModuleType, path: Path, name: str) -> Any:
    """What a name in the file stands for: a class, an object or a function that makes one."""
    if name in vars(module):
        return vars(module)[name]
    known = [each for each, value in vars(module).items() if not each.startswith("_")]
    near = get_close_matches(name, known, n=1)
    found = list(layers(module))
    if near:
        tip = f"did you mean {near[0]}?"
    elif found:
        tip = f"its layers are {', '.join(found)}."
    else:
        tip = "no class in it has forward and backward."
    raise DataError(f"check: {path}: there is no {name} in this file; {tip}")
