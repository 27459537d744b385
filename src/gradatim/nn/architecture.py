"""Models as plain data: which layers, with which settings, and back. No code, no pickle."""

from __future__ import annotations

import reprlib
from typing import Any, TypeVar

from gradatim.autograd.tree import Container
from gradatim.errors import GradatimError, StateError

LAYERS: dict[str, type[Any]] = {}
"""The layers of the library by their names."""

_MOST_LEVELS = 64

Layer = TypeVar("Layer", bound=type[Any])


def layer(kind: Layer) -> Layer:
    """Enter a class among those that can be saved as plain data."""
    LAYERS[kind.__name__] = kind
    return kind


def architecture(module: Container) -> dict[str, Any]:
    """Return the layers and settings of a module as what JSON can hold.

    Parameters
    ----------
    module : Module
        A layer of the library, or a Sequential or MLP made of them.

    Returns
    -------
    dict
        ``{"layer": name, ...settings}``; a container's layers stand in the list ``layers``.
        Weights and seeds are not in it.

    Raises
    ------
    StateError
        If a class is not of the library, or a setting is a function.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.nn.architecture(gd.nn.Dropout(0.5))
    {'layer': 'Dropout', 'p': 0.5}
    """
    kind = type(module)
    if LAYERS.get(kind.__name__) is not kind:
        raise StateError(
            f"architecture: {kind.__name__} is not a layer of gradatim, so it cannot be rebuilt "
            "from plain data; only its weights can be saved.\n"
            "  Try saving model.state_dict(), and load_state_dict into a model made by your class."
        )
    return {"layer": kind.__name__, **module.settings()}  # type: ignore[attr-defined]


def from_architecture(plain: dict[str, Any]) -> Any:
    """Build a model from what :func:`architecture` returned; its weights are drawn anew.

    Parameters
    ----------
    plain : dict
        ``{"layer": name, ...settings}``, as JSON gives it.

    Returns
    -------
    Module
        A model of the same layers and settings; give it its weights by ``load_state_dict``.

    Raises
    ------
    StateError
        If a layer is unknown, or its settings are not those that it takes.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.nn.from_architecture({"layer": "Dropout", "p": 0.5})
    Dropout(0.5)
    """
    if not isinstance(plain, dict) or "layer" not in plain:
        raise StateError(
            f"from_architecture: a layer is a dict with its name under 'layer', this is "
            f"{_shortened(plain)}."
        )
    if _depth(plain) > _MOST_LEVELS:
        raise StateError(
            f"from_architecture: layers stand in layers more than {_MOST_LEVELS} levels deep; "
            "no model is saved like that."
        )
    name, settings = plain["layer"], {k: v for k, v in plain.items() if k != "layer"}
    kind = LAYERS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise StateError(
            f"from_architecture: there is no layer named {_shortened(name)}; known are "
            f"{', '.join(sorted(LAYERS))}.\n  Was the file made by a newer version?"
        )
    try:
        return kind.from_settings(settings)
    except StateError:
        raise
    except (GradatimError, TypeError, ValueError, MemoryError) as error:
        raise StateError(
            f"from_architecture: {name} cannot be made of {_shortened(settings)}: {error}"
        ) from error


def _shortened(value: Any) -> str:
    text = reprlib.repr(value)  # stops at a few levels, however deep a file nests
    return text if len(text) <= 80 else text[:77] + "..."


def _depth(plain: Any) -> int:
    """Levels of layers inside layers, counted without recursion."""
    level, depth = [plain], 0
    while level and depth <= _MOST_LEVELS:
        inside = (each.get("layers") for each in level if isinstance(each, dict))
        level = [part for parts in inside if isinstance(parts, list) for part in parts]
        depth += 1
    return depth
