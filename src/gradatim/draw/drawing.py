"""Drawing: a computation that shows itself in a notebook and becomes a file of any form."""

from __future__ import annotations

from gradatim.derivation.flow import Flow
from gradatim.draw.form.dot import dot
from gradatim.draw.form.listing import WIDTH, listing
from gradatim.draw.form.mermaid import mermaid
from gradatim.draw.picture.picture import Picture
from gradatim.draw.picture.view import View


class Drawing:
    """A computation drawn: values above the lines, gradients below them.

    Made by :func:`draw`. A notebook shows it by itself; ``print`` gives it as text.

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

    def __init__(self, view: View, flow: Flow | None = None) -> None:
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

    def text(self, width: int = WIDTH) -> str:
        """Return the drawing as lines for a terminal of ``width`` columns."""
        return listing(self.picture, width)

    def dot(self) -> str:
        """Return the drawing in DOT, the language of Graphviz."""
        return dot(self.picture)

    def mermaid(self) -> str:
        """Return the drawing as a Mermaid flowchart, which many web pages draw by themselves."""
        return mermaid(self.picture)

    def __repr__(self) -> str:
        return self.text()
