"""A graph cut in columns, where a long link has a slot of its own in every column it crosses."""

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
        met: set[tuple[int, int]] = set()
        for chain in self.chains:
            for left, right in pairwise(chain):
                # A piece that bundled links share is one, two links between two boxes are two.
                shared = len(chain) > 2 and (left, right) in met
                if not shared:
                    met.add((left, right))
                    self.before[right].append(left)
                    self.after[left].append(right)

    def positions(self) -> list[int]:
        """Tell how many slots of its column stand above each slot."""
        position = [0] * len(self.before)
        for column in self.columns:
            for place, slot in enumerate(column):
                position[slot] = place
        return position


def alone(count: int) -> list[int]:
    """Tell of links that each goes its own way.

    Parameters
    ----------
    count : int
        How many links there are.

    Returns
    -------
    list of int
        For every link its own number.

    Examples
    --------
    >>> alone(3)
    [0, 1, 2]
    """
    return list(range(count))


def bundles(links: Sequence[Pair], most: int) -> list[int]:
    """Bundle the links of every box out of which many lead: they go one way as far as they can.

    Parameters
    ----------
    links : sequence of (int, int)
        From, to.
    most : int
        How many links out of one box go ways of their own.

    Returns
    -------
    list of int
        For every link the number of the first in its bundle: its own, where it goes alone.

    Examples
    --------
    >>> bundles([(0, 1), (2, 3), (0, 2), (0, 3)], 2)
    [0, 1, 0, 0]
    """
    out: dict[int, list[int]] = {}
    for number, (source, _) in enumerate(links):
        out.setdefault(source, []).append(number)
    bundle = alone(len(links))
    for numbers in out.values():
        if len(numbers) > most:
            for number in numbers:
                bundle[number] = numbers[0]
    return bundle


def cut(rank: Sequence[int], links: Sequence[Pair], bundle: Sequence[int] | None = None) -> Columns:
    """Put boxes and passages into columns, as yet in no useful order.

    Parameters
    ----------
    rank : sequence of int
        The column of every box.
    links : sequence of (int, int)
        From, to.
    bundle : sequence of int, optional
        As `bundles` gives it: links of one bundle share their passages.

    Returns
    -------
    Columns
        One for every rank.

    Examples
    --------
    >>> cut([0, 1, 2], [(0, 2), (1, 2)]).columns
    [[0], [1, 3], [2]]
    """
    bundle = bundle or alone(len(links))
    columns: list[list[int]] = [[] for _ in range(max(rank, default=-1) + 1)]
    for box, column in enumerate(rank):
        columns[column].append(box)
    slots: dict[tuple[int, int], int] = {}
    chains = []
    for number, (source, target) in enumerate(links):
        chain = [source]
        for column in range(rank[source] + 1, rank[target]):
            key = bundle[number], column
            if key not in slots:
                slots[key] = len(rank) + len(slots)
                columns[column].append(slots[key])
            chain.append(slots[key])
        chains.append([*chain, target])
    return Columns(columns, chains)


def label_step(chain: Sequence[int], bundled: bool) -> int:
    """Tell behind which slot of a link its label stands.

    Parameters
    ----------
    chain : sequence of int
        The slots of the link.
    bundled : bool
        Whether it shares its way with others.

    Returns
    -------
    int
        0, behind its source; or in a bundle the last place before its target.

    Examples
    --------
    >>> label_step([4, 9, 5], False), label_step([4, 9, 5], True)
    (0, 1)
    """
    return len(chain) - 2 if bundled else 0


def with_labels(
    coarse: Columns,
    rank: Sequence[int],
    labelled: Sequence[bool],
    bundle: Sequence[int] | None = None,
) -> tuple[Columns, list[int]]:
    """Put a column for labels behind every column in which a link needs one.

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
    bundle : sequence of int, optional
        As `bundles` gives it.

    Returns
    -------
    graph : Columns
        The boxes have the numbers that they had.
    labels : list of int
        For every link the slot of its label; where it has none, the first behind its source.

    Examples
    --------
    >>> fine, labels = with_labels(cut([0, 1], [(0, 1), (0, 1)]), [0, 1], [True, False])
    >>> fine.columns, fine.chains, labels
    ([[0], [2, 3], [1]], [[0, 2, 1], [0, 3, 1]], [2, 3])
    """
    ways = _Ways(coarse, rank, bundle or alone(len(coarse.chains)))
    wanted = {
        rank[chain[0]] + ways.steps[number]
        for number, chain in enumerate(coarse.chains)
        if labelled[number]
    }
    rows = _rows(coarse, ways, wanted)
    columns: list[list[int]] = []
    slots: dict[tuple[_Key, int], int] = {}
    first = sum(map(len, coarse.columns))
    for column, boxes in enumerate(coarse.columns):
        columns.append(boxes)
        if column in wanted:
            row = {(key, column): first + len(slots) + n for n, key in enumerate(rows[column])}
            slots.update(row)
            columns.append(list(row.values()))
    chains, labels = [], []
    for number, chain in enumerate(coarse.chains):
        inserted = [slots.get(ways.key(number, step)) for step in range(len(chain) - 1)]
        chains.append(_stitched(chain, inserted))
        own = inserted[ways.steps[number]]
        labels.append(chains[-1][1] if own is None else own)
    return Columns(columns, chains), labels


_Key = tuple[bool, int]


class _Ways:
    """Which links share the slots behind the columns that they cross."""

    def __init__(self, graph: Columns, rank: Sequence[int], bundle: Sequence[int]) -> None:
        size = Counter(bundle)
        self.start = [rank[chain[0]] for chain in graph.chains]
        self.bundle = bundle
        self.steps = [
            label_step(chain, size[bundle[number]] > 1) for number, chain in enumerate(graph.chains)
        ]

    def key(self, number: int, step: int) -> tuple[_Key, int]:
        """Name the slot of a link behind one of its slots, and the column it stands behind."""
        shared = step < self.steps[number]
        name = shared, self.bundle[number] if shared else number
        return name, self.start[number] + step


def _rows(graph: Columns, ways: _Ways, wanted: set[int]) -> dict[int, list[_Key]]:
    """Order the slots behind every column that has any."""
    position = graph.positions()
    gaps: dict[int, dict[_Key, tuple[int, int, int]]] = {column: {} for column in wanted}
    for number, chain in enumerate(graph.chains):
        for step, (left, right) in enumerate(pairwise(chain)):
            key, column = ways.key(number, step)
            if column in wanted:
                place = position[left], position[right], number
                gaps[column][key] = min(place, gaps[column].get(key, place))
    return {column: sorted(gap, key=gap.__getitem__) for column, gap in gaps.items()}


def _stitched(chain: list[int], inserted: list[int | None]) -> list[int]:
    """Put behind every slot but the last what was inserted behind it."""
    slots = []
    for slot, extra in zip(chain[:-1], inserted):
        slots += [slot] if extra is None else [slot, extra]
    return [*slots, chain[-1]]
