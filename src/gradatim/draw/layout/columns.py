"""A graph cut in columns, where a long link has a slot of its own in every column it crosses.

Out of one box many links may lead. They go one way as far as they can: the longest of them leads,
and each of the others begins where it parts from it. So all slots together are no more than the
boxes and the ways of those that lead, however often one thing is used.
"""

from __future__ import annotations

from collections import Counter
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
        For every link the slots that it goes through, one in each column; of one that goes along
        with another, from the last slot that both go through.
    leads : list of int
        For every link the number of that with which it goes along: its own, where it goes alone
        or leads.
    before, after : lists of lists of int
        For every slot its neighbours in the columns left and right of it.

    Examples
    --------
    >>> cut([0, 1, 2], [(0, 1), (1, 2), (0, 2)]).chains
    [[0, 1], [1, 2], [0, 3, 2]]
    """

    columns: list[list[int]]
    chains: list[list[int]]
    leads: list[int] = field(default_factory=list)
    before: list[list[int]] = field(default_factory=list)
    after: list[list[int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.leads = self.leads or list(range(len(self.chains)))
        count = sum(map(len, self.columns))
        self.before = [[] for _ in range(count)]
        self.after = [[] for _ in range(count)]
        met: set[Pair] = set()
        for number, chain in enumerate(self.chains):
            for piece in pairwise(chain):
                # What parts twice from one slot to one box is one piece; two links between two
                # boxes are two.
                if piece not in met or chain[0] == self.source(number):
                    met.add(piece)
                    self.before[piece[1]].append(piece[0])
                    self.after[piece[0]].append(piece[1])

    def source(self, number: int) -> int:
        """Tell in which box a link begins."""
        return self.chains[self.leads[number]][0]

    def positions(self) -> list[int]:
        """Tell how many slots of its column stand above each slot."""
        position = [0] * len(self.before)
        for column in self.columns:
            for place, slot in enumerate(column):
                position[slot] = place
        return position

    def numbers(self) -> list[int]:
        """Tell in which column each slot stands."""
        number = [0] * len(self.before)
        for at, column in enumerate(self.columns):
            for slot in column:
                number[slot] = at
        return number


def leads_of(
    rank: Sequence[int], links: Sequence[Pair], most: int, alone: Sequence[bool] = ()
) -> list[int]:
    """Tell with which other each link goes along, where many lead out of one box.

    Parameters
    ----------
    rank : sequence of int
        The column of every box.
    links : sequence of (int, int)
        From, to.
    most : int
        How many links out of one box go ways of their own.
    alone : sequence of bool, optional
        For every link, whether it goes its own way however many there are.

    Returns
    -------
    list of int
        For every link the number of the longest out of its box; its own, where it goes alone.

    Examples
    --------
    >>> leads_of([0, 1, 2, 3], [(0, 1), (2, 3), (0, 2), (0, 3)], 2)
    [3, 1, 3, 3]
    """
    out: dict[int, list[int]] = {}
    for number, (source, _) in enumerate(links):
        if not (alone and alone[number]):
            out.setdefault(source, []).append(number)
    leads = list(range(len(links)))
    for numbers in out.values():
        if len(numbers) > most:
            longest = max(numbers, key=lambda number: rank[links[number][1]])
            for number in numbers:
                leads[number] = longest
    return leads


def cut(rank: Sequence[int], links: Sequence[Pair], leads: Sequence[int] | None = None) -> Columns:
    """Put boxes and passages into columns, as yet in no useful order.

    Parameters
    ----------
    rank : sequence of int
        The column of every box.
    links : sequence of (int, int)
        From, to.
    leads : sequence of int, optional
        As `leads_of` gives it; else every link goes alone.

    Returns
    -------
    Columns
        One for every rank.

    Examples
    --------
    >>> cut([0, 1, 2], [(0, 2), (1, 2)]).columns
    [[0], [1, 3], [2]]
    """
    leads = list(leads or range(len(links)))
    columns: list[list[int]] = [[] for _ in range(max(rank, default=-1) + 1)]
    for box, column in enumerate(rank):
        columns[column].append(box)
    ways: dict[int, list[int]] = {}
    count = len(rank)
    for number in dict.fromkeys(leads):
        source, target = links[number]
        passed = range(rank[source] + 1, rank[target])
        ways[number] = [source, *range(count, count + len(passed)), target]
        for column, slot in zip(passed, ways[number][1:]):
            columns[column].append(slot)
        count += len(passed)
    chains = [
        ways[number] if lead == number else [ways[lead][rank[target] - rank[source] - 1], target]
        for number, (lead, (source, target)) in enumerate(zip(leads, links))
    ]
    return Columns(columns, chains, leads)


def with_labels(
    coarse: Columns, rank: Sequence[int], labelled: Sequence[bool]
) -> tuple[Columns, list[int]]:
    """Put a column for labels behind every column in which a link needs one.

    The slots there are in the order in which their links leave the column before, so that
    links cross behind their labels. A label stands behind its source; where several links go one
    way, before its target.

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
    graph : Columns
        The boxes have the numbers that they had.
    labels : list of int
        For every link the slot of its label; where it has none, the second that it goes through.

    Examples
    --------
    >>> fine, labels = with_labels(cut([0, 1], [(0, 1), (0, 1)]), [0, 1], [True, False])
    >>> fine.columns, fine.chains, labels
    ([[0], [2, 3], [1]], [[0, 2, 1], [0, 3, 1]], [2, 3])
    """
    many = Counter(coarse.leads)
    first = [rank[chain[-1]] - len(chain) + 1 for chain in coarse.chains]
    places = [
        rank[chain[-1]] - 1 if many[lead] > 1 else start
        for chain, lead, start in zip(coarse.chains, coarse.leads, first)
    ]
    wanted = {place for place, has in zip(places, labelled) if has}
    rows = _rows(coarse, first, wanted)
    columns: list[list[int]] = []
    slots: dict[Pair, int] = {}
    count = len(coarse.before)
    for column, boxes in enumerate(coarse.columns):
        columns.append(boxes)
        if column in wanted:
            row = {(number, column): count + n for n, number in enumerate(rows[column])}
            slots |= row
            count += len(row)
            columns.append(list(row.values()))
    chains, labels = [], []
    for number, chain in enumerate(coarse.chains):
        behind = [slots.get((number, first[number] + step)) for step in range(len(chain) - 1)]
        chains.append(_stitched(chain, behind))
        labels.append(slots.get((number, places[number]), chains[-1][1]))
    return Columns(columns, chains, coarse.leads), labels


def _rows(graph: Columns, first: Sequence[int], wanted: set[int]) -> dict[int, list[int]]:
    """List the links that go on behind every wanted column, from the top to the bottom."""
    position = graph.positions()
    gaps: dict[int, list[tuple[int, int, int]]] = {column: [] for column in wanted}
    for number, chain in enumerate(graph.chains):
        for column, (left, right) in enumerate(pairwise(chain), first[number]):
            if column in wanted:
                gaps[column].append((position[left], position[right], number))
    return {column: [number for _, _, number in sorted(gap)] for column, gap in gaps.items()}


def _stitched(chain: list[int], behind: list[int | None]) -> list[int]:
    """Put behind every slot but the last what was inserted behind it."""
    slots = []
    for slot, extra in zip(chain[:-1], behind):
        slots += [slot] if extra is None else [slot, extra]
    return [*slots, chain[-1]]
