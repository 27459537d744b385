"""Sketch: a scene of ours that shows itself in a notebook and becomes a file."""

from __future__ import annotations

from gradatim.draw.chart.sheet import Sheet
from gradatim.draw.form.mark import Scene
from gradatim.draw.form.png import png_of
from gradatim.draw.form.svg import svg_of


class Sketch(Sheet):
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
        super().__init__(called)
        self.scene = scene
        self._papers = scene.paint.colours["paper"]

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

    def __repr__(self) -> str:
        return f"Sketch {self._called}: {self.scene.description}"
