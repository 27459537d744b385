"""Sketch: a scene of ours that shows itself in a notebook and becomes an SVG or a PNG file."""

from __future__ import annotations

import os
from pathlib import Path

from gradatim.atomic import writing
from gradatim.draw.chart.chart import kind_of
from gradatim.draw.form.mark import Scene
from gradatim.draw.form.png import png_of
from gradatim.draw.form.svg import svg_of


class Sketch:
    """A drawing of lines, boxes and words; matplotlib is needed for PNG alone.

    In SVG text stays text, and colours follow light and dark.

    Parameters
    ----------
    called : str
        The function that was asked for it, for messages.
    scene : Scene
        What is drawn.

    Attributes
    ----------
    scene : Scene
        As given.

    Examples
    --------
    >>> Sketch("mine", Scene(10, 10, ())).svg()[:4]
    '<svg'
    """

    def __init__(self, called: str, scene: Scene) -> None:
        self._called, self.scene = called, scene

    def svg(self) -> str:
        """Return the sketch as the text of an SVG file."""
        return svg_of(self.scene)

    def png(self, *, scale: float = 2.0, dark: bool = False) -> bytes:
        """Return the sketch as the bytes of a PNG file.

        Parameters
        ----------
        scale : float
            Pixels for each unit.
        dark : bool
            Whether it is for a dark page.

        Raises
        ------
        BackendError
            matplotlib is not installed.
        """
        return png_of(self.scene, scale=scale, dark=dark)

    def save(self, *paths: str | os.PathLike[str]) -> None:
        """Write the sketch into files.

        Parameters
        ----------
        *paths : str or path
            The suffix, ``.svg`` or ``.png``, chooses the format. Replaced whole.

        Raises
        ------
        DataError
            A suffix is neither of the two, and nothing was written; or a file cannot be written.
        BackendError
            matplotlib is not installed, and a PNG was asked for.
        """
        kinds = [kind_of(Path(path), self._called) for path in paths]
        for path, kind in zip(paths, kinds):
            drawn = self.svg().encode("utf-8") if kind == "svg" else self.png()
            with writing(path) as file:
                file.write(drawn)

    def _repr_svg_(self) -> str:
        return self.svg()

    def __repr__(self) -> str:
        return f"Sketch {self._called}: {self.scene.description}"
