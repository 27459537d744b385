"""A view of a computation: its picture at any depth of modules."""

from __future__ import annotations

from functools import cache

from gradatim.draw.picture.account import Account
from gradatim.draw.picture.assemble import assemble
from gradatim.draw.picture.cut import MOST_NODES, cut
from gradatim.draw.picture.fold import Depth, Names, deepest, fold, level_of, scopes_called
from gradatim.draw.picture.picture import Picture


class View:
    """A computation that can be drawn with its modules folded or opened.

    Parameters
    ----------
    account : Account
        The computation.
    depth : int, "all" or None
        Levels of modules that are opened; see :func:`fold`.
    most : int or None
        Boxes that a picture shows at most.
    title, note : str
        What is said of the whole.
    folded, opened : str or several
        Modules that are folded, and that are opened, at any depth.

    Attributes
    ----------
    level : int
        The depth as a number.
    """

    def __init__(
        self,
        account: Account,
        depth: Depth = None,
        most: int | None = MOST_NODES,
        title: str = "",
        note: str = "",
        folded: Names = (),
        opened: Names = (),
    ) -> None:
        self.account = account
        self._folded = scopes_called(account.calls, folded, "fold")
        self._opened = scopes_called(account.calls, opened, "unfold")
        self.level = level_of(account.calls, depth)
        self._most, self._title, self._note = most, title, note
        self._at = cache(self._drawn)
        self._at(self.level)

    @property
    def picture(self) -> Picture:
        """The picture at the depth that was asked for."""
        return self._at(self.level)

    @property
    def levels(self) -> tuple[Picture, ...]:
        """The pictures of every depth, from whole models as boxes to every primitive."""
        return tuple(self._at(level) for level in range(deepest(self.account.calls) + 1))

    def _drawn(self, level: int) -> Picture:
        boxes = cut(fold(self.account.calls, level, self._folded, self._opened), self._most)
        return assemble(self.account, boxes, self._title, self._note)
