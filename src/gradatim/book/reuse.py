"""What a layer remembers between forward and backward, and when that is not what is meant."""

from __future__ import annotations

from gradatim.errors import GraphError


class OnePlace:
    """Base of the layers of the book: an instance remembers its last forward, and that alone.

    Put in two places of a network, or used twice in one calculation, an instance would answer the
    second ``backward`` with the numbers of the wrong ``forward``. It raises instead. Several
    ``forward`` before one ``backward`` are fine (a prediction, a numerical check), and so are
    several ``backward`` after one ``forward``.
    """

    _overwritten: bool = False
    _pulled: bool | None = None

    def _remember(self) -> None:
        """Note a forward; one before it that was not pulled back is lost."""
        self._overwritten = self._pulled is False
        self._pulled = False

    def _recall(self) -> None:
        """Note a backward, or say why there is nothing right to answer."""
        name = type(self).__name__
        if self._pulled is None:
            raise GraphError(
                f"{name}.backward: there was no forward, so there is nothing to go back through.\n"
                "  Try layer.forward(...) first."
            )
        if self._pulled and self._overwritten:
            raise GraphError(
                f"{name}.backward: a second backward after two forwards or more; the layer "
                "remembers the last forward only, so the answer would be that of other numbers.\n"
                f"  Does it stand in two places? Then give each a {name}() of its own; else call "
                "forward again before this backward."
            )
        self._pulled = True
