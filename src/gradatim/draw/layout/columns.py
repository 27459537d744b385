"""A graph cut in columns, where a long link has a slot of its own in every column it crosses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from gradatim.draw.layout.rank import Pair


@dataclass
class Columns:
    """Slots in columns; the first slots are the boxes, all others are passages of links.

    Parameters
    ----------
    columns : list of lists of int
        The slots of every column, from top to bottom.
    chains : list of lists of int
        For every link the slots that it goes through, one in each column.
    before, after : lists of lists of int
        For every slot its neighbours in the columns left and right of it.

    Examples
    --------
    >>> cut([0, 1, 2], [(0, 1), (1, 2), (0, 2)]).chains
    [[0, 1], [1, 2], [0, 3, 2]]
    """

    columns: list[list[int]]
    chains: list[list[int]]
    before: list[list[int]] = field(default_factory=list)
    after: list[list[int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        count = sum(map(len, self.columns))
        self.before = [[] for _ in range(count)]
        self.after = [[] for _ in range(count)]
        for chain in self.chains:
            for left, right in pairwise(chain):
                self.before[right].append(left)
                self.after[left].append(right)

    def positions(self) -> list[int]:
        """Tell how many slots of its column stand above each slot."""
        position = [0] * len(self.before)
        for column in self.columns:
            for place, slot in enumerate(column):
                position[slot] = place
        return position


def cut(rank: Sequence[int], links: Sequence[Pair]) -> Columns:
    """Put boxes and passages into columns, as yet in no useful order.

    Parameters
    ----------
    rank : sequence of int
        The column of every box.
    links : sequence of (int, int)
        From, to.

    Returns
    -------
    Columns
        One for every rank.

    Examples
    --------
    >>> cut([0, 1, 2], [(0, 2), (1, 2)]).columns
    [[0], [1, 3], [2]]
    """
    columns: list[list[int]] = [[] for _ in range(max(rank, default=-1) + 1)]
    for box, column in enumerate(rank):
        columns[column].append(box)
    chains, slot = [], len(rank)
    for source, target in links:
        crossed = range(rank[source] + 1, rank[target])
        passages = list(range(slot, slot + len(crossed)))
        for passage, column in zip(passages, crossed):
            columns[column].append(passage)
        chains.append([source, *passages, target])
        slot += len(passages)
    return Columns(columns, chains)


def with_labels(coarse: Columns, rank: Sequence[int], labelled: Sequence[bool]) -> Columns:
    """Put a column for labels behind every column in which a labelled link begins.

    The slots there are in the order in which their links leave the column before, so that
    links cross behind their labels.

    Parameters
    ----------
    coarse : Columns
        Columns in their final order.
    rank : sequence of int
        The column of every box.
    labelled : sequence of bool
        For every link, whether it has a label.

    Returns
    -------
    Columns
        The boxes have the numbers that they had. The label of a link is in its second slot.

    Examples
    --------
    >>> fine = with_labels(cut([0, 1], [(0, 1), (0, 1)]), [0, 1], [True, False])
    >>> fine.columns, fine.chains
    ([[0], [2, 3], [1]], [[0, 2, 1], [0, 3, 1]])
    """
    wanted = {rank[chain[0]] for chain, wants in zip(coarse.chains, labelled) if wants}
    position = coarse.positions()
    gaps: dict[int, list[tuple[int, int, int]]] = {column: [] for column in wanted}
    for number, chain in enumerate(coarse.chains):
        for step, (left, right) in enumerate(pairwise(chain)):
            if rank[chain[0]] + step in wanted:
                gap = gaps[rank[chain[0]] + step]
                gap.append((position[left], position[right], number))
    columns: list[list[int]] = []
    inserted: dict[tuple[int, int], int] = {}
    slot = len(position)
    for column, slots in enumerate(coarse.columns):
        columns.append(slots)
        if column in wanted:
            for _, _, number in sorted(gaps[column]):
                inserted[number, column] = slot + len(inserted)
            columns.append([inserted[number, column] for _, _, number in sorted(gaps[column])])
    chains = [
        _stitched(chain, [inserted.get((number, rank[chain[0]] + k)) for k in range(len(chain))])
        for number, chain in enumerate(coarse.chains)
    ]
    return Columns(columns, chains)


def _stitched(chain: list[int], inserted: list[int | None]) -> list[int]:
    """Put behind every slot but the last what was inserted behind it."""
    slots = []
    for slot, extra in zip(chain[:-1], inserted):
        slots += [slot] if extra is None else [slot, extra]
    return [*slots, chain[-1]]
