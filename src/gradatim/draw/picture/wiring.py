"""Which box reads which tensor, and which leaves a folded box keeps to itself."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from gradatim.draw.picture.account import Account, Call
from gradatim.draw.picture.fold import Box

Read = tuple[Call, int]
"""A call, and the position of the input that it reads."""


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """A tensor on its way into a box, or to the end.

    Parameters
    ----------
    x : tensor
        What goes there.
    box : Box or None
        What reads it; None for the end.
    reads : tuple of (Call, int)
        The calls inside that read it, each with the position of the input.
    """

    x: Hashable
    box: Box | None
    reads: tuple[Read, ...] = ()


class Wiring:
    """The tensors between boxes.

    Parameters
    ----------
    account : Account
        The computation.
    boxes : sequence of Box
        Its calls, folded and cut.

    Attributes
    ----------
    makers : dict of tensor to Box
        The box that each result comes from.
    arriving : dict of Box to list of Use
        What each box reads, in the order of its inputs.
    uses : dict of tensor to list of Use
        All who read a tensor, the end last.
    inside : dict of tensor to list of (Call, int)
        The calls that read a tensor within the box that made it, with the position of the input.
    """

    def __init__(self, account: Account, boxes: Sequence[Box]) -> None:
        self._account = account
        self.makers = {call.output: box for box in boxes for call in box.calls}
        self.inside: dict[Hashable, list[Read]] = {}
        found = {box: self._reads(box) for box in boxes}
        readers: dict[Hashable, set[str]] = {}
        for box, uses in found.items():
            for use in uses:
                readers.setdefault(use.x, set()).add(_reader(box, use.x))
        for x in account.results:
            readers.setdefault(x, set()).add("")
        self.arriving = {
            box: [use for use in uses if len(readers[use.x]) > 1 or self._is_shown(use, uses)]
            for box, uses in found.items()
        }
        self.uses: dict[Hashable, list[Use]] = {}
        ends = [Use(x, None) for x in account.results]
        for use in [*(use for uses in self.arriving.values() for use in uses), *ends]:
            self.uses.setdefault(use.x, []).append(use)

    def _reads(self, box: Box) -> list[Use]:
        """What a box reads of others: a primitive input by input, a folded box tensor by tensor."""
        reads = []
        for call in box.calls:
            for position, x in enumerate(call.inputs):
                if self.makers.get(x) is box:
                    self.inside.setdefault(x, []).append((call, position))
                else:
                    reads.append((x, (call, position)))
        if not box.is_folded:
            return [Use(x, box, (read,)) for x, read in reads]
        together: dict[Hashable, list[Read]] = {}
        for x, read in reads:
            together.setdefault(x, []).append(read)
        return [Use(x, box, tuple(each)) for x, each in together.items()]

    def _is_shown(self, use: Use, beside: Sequence[Use]) -> bool:
        """Whether a tensor that only this box reads comes from outside.

        A folded box keeps its own parameters to itself, and numbers and masks that it made; data
        that a model begins with, and what it borrows from another one, is shown.
        """
        box, x = use.box, use.x
        if box is None or not box.is_folded or x in self.makers:
            return True
        if box.scope is None or x in box.scope.owned:
            return False
        if self._account.kind(x) != "constant" or self._account.name(x):
            return True
        fed = any(other.x in self.makers for other in beside)
        return not fed and bool(self._account.shape(x))


def _reader(box: Box, x: Hashable) -> str:
    """Who reads a leaf: every call of a folded module that owns it counts as the same reader."""
    owned = box.scope is not None and x in box.scope.owned
    return f"module {box.scope.name}" if box.scope is not None and owned else f"box {id(box)}"
