"""Drawing: a computation that shows itself in a notebook and becomes a file of any form."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from gradatim.derivation.flow import Flow
from gradatim.draw.chart.sheet import Sheet
from gradatim.draw.form.dot import dot
from gradatim.draw.form.formula import Formulas
from gradatim.draw.form.html import html_of
from gradatim.draw.form.listing import WIDTH, listing
from gradatim.draw.form.mark import Scene
from gradatim.draw.form.mermaid import mermaid
from gradatim.draw.form.png import png_of
from gradatim.draw.form.scene import Cast, cast_of, layout_of, scene_of
from gradatim.draw.form.svg import svg_of
from gradatim.draw.layout.sheet import Layout
from gradatim.draw.picture.picture import Picture
from gradatim.draw.picture.view import View
from gradatim.errors import DtypeError

_WIDEST = 1400
"""Width up to which a notebook fits a drawing into its column; wider ones would be too small."""


class Drawing(Sheet):
    """A computation drawn: values above the lines, gradients below them.

    Made by :func:`draw`. A notebook shows it by itself; ``print`` gives it as text. ``save`` writes
    files, whose suffix chooses the form: ``.svg``, ``.png`` (needs matplotlib), ``.html``,
    ``.dot`` or ``.gv``, ``.mmd`` or ``.md`` (Mermaid, in a fence), ``.txt``.

    Parameters
    ----------
    view : View
        What is drawn.
    flow : Flow, optional
        The graph with its gradients, for the formulas of each step.

    Attributes
    ----------
    flow : Flow or None
        The graph with its gradients.

    Examples
    --------
    >>> import gradatim as gd
    >>> x = gd.Tensor(3.0, requires_grad=True)
    >>> y = x * x
    >>> y.backward()
    >>> print(gd.draw(y))
    y          value   gradient
    ───────────────────────────
    x              3  6 = 3 + 3
    y = x × x      9          1
    """

    _forms: Mapping[str, str] = {
        ".svg": "svg",
        ".png": "png",
        ".html": "html",
        ".dot": "dot",
        ".gv": "dot",
        ".mmd": "mermaid",
        ".md": "_fenced",
        ".txt": "_lines",
    }

    def __init__(self, view: View, flow: Flow | None = None) -> None:
        super().__init__("draw")
        self._view = view
        self.flow = flow

    @property
    def picture(self) -> Picture:
        """What is drawn, as plain data."""
        return self._view.picture

    @property
    def levels(self) -> tuple[Picture, ...]:
        """The same with more and more levels of modules opened."""
        return self._view.levels

    @cached_property
    def layout(self) -> Layout:
        """Where everything stands."""
        return layout_of(self.picture, self._cast)

    @cached_property
    def scene(self) -> Scene:
        """The marks of the drawing, with their places."""
        return scene_of(self.picture, self.layout, self._cast)

    @cached_property
    def _cast(self) -> Cast:
        """What is to be placed, with its size."""
        return cast_of(self.picture)

    # --- forms ----------------------------------------------------------------------------------
    def svg(self) -> str:
        """Return the drawing as SVG: text that can be selected, for light and for dark pages."""
        return svg_of(self.scene)

    def png(self, *, scale: float = 2.0, dark: bool = False) -> bytes:
        """Return the drawing as PNG, ``scale`` pixels to a unit, on light or ``dark`` paper."""
        return png_of(self.scene, scale=scale, dark=dark)

    def html(self) -> str:
        """Return a page that plays the computation step by step; it needs no other file."""
        words = None if self.flow is None else Formulas(self.flow, self._view.account.alias)
        svg = lambda picture: svg_of(scene_of(picture))  # noqa: E731
        return html_of(self.levels, svg, words=words, start=self._view.level)

    def text(self, width: int = WIDTH) -> str:
        """Return the drawing as lines for a terminal of ``width`` columns."""
        if not isinstance(width, int) or width < 1:
            raise DtypeError(
                f"draw: text was given {width!r}; it must be the number of columns of the "
                'terminal.\n  Try text(80), or save("picture.txt") for a file.'
            )
        return listing(self.picture, width)

    def dot(self) -> str:
        """Return the drawing in DOT, the language of Graphviz."""
        return dot(self.picture)

    def mermaid(self) -> str:
        """Return the drawing as a Mermaid flowchart, which many web pages draw by themselves."""
        return mermaid(self.picture)

    def _fenced(self) -> str:
        return f"```mermaid\n{self.mermaid()}\n```\n"

    def _lines(self) -> str:
        return f"{self.text()}\n"

    # --- shown ----------------------------------------------------------------------------------
    def _repr_html_(self) -> str:
        """The SVG inside of the page, so that it follows its theme; wide ones are scrolled."""
        svg = self.svg()
        if self.scene.width > _WIDEST:
            svg = svg.replace("max-width:100%", "max-width:none", 1)
        return f'<div style="overflow-x:auto">{svg}</div>'

    def __repr__(self) -> str:
        return self.text()
