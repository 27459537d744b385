"""What a compiled step keeps: its programs, and notes of first calls that wait for a second one.

Both are limited. Who calls with ever new shapes would else fill the memory with programs; those
unused for longest go.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

from gradatim.compiler.glance import Glance
from gradatim.compiler.numerals import Numerals
from gradatim.compiler.plan import Plan
from gradatim.compiler.recorder import Recording
from gradatim.compiler.signature import Call
from gradatim.compiler.surroundings import Leaves, Surroundings
from gradatim.compiler.watch import Watch

MOST_PROGRAMS = 64
"""Programs of one step; of more, those unused for longest go."""

MOST_NOTES = 64
"""First calls that wait for a second one; of more, the oldest go."""


class Note(NamedTuple):
    """A first call that was noted: what it did, found and left, and the numbers it was given."""

    recording: Recording
    leaves: Leaves
    after: Surroundings
    numerals: Numerals


class Known:
    """A program, and what it takes for granted.

    Parameters
    ----------
    plan : Plan
        The program.
    watch : Watch
        What it takes for granted.
    call : Call
        The call that it was made of. Of its arguments those are kept that are told apart by
        identity, so that no other takes it.
    """

    def __init__(self, plan: Plan, watch: Watch, call: Call) -> None:
        self.plan, self.watch, self._others = plan, watch, call.others
        self.likeness, self.numerals = call.likeness(), call.numerals
        self.glance: Glance | None = None
        self.used = 0


class Shelf:
    """Programs and notes by the kind of call, no more than a number of each.

    Attributes
    ----------
    gone : int
        Programs that had to go.
    """

    def __init__(self) -> None:
        self._programs: dict[Any, list[Known]] = {}
        self._notes: dict[Any, list[Note]] = {}
        self._turn = count(1).__next__
        self.gone = 0

    def __iter__(self) -> Iterator[Known]:
        """Every program, those of one kind of call from the oldest on."""
        for known in self._programs.values():
            yield from reversed(known)

    def __bool__(self) -> bool:
        return bool(self._programs)

    def programs(self, key: Any) -> list[Known]:
        """Return the programs for one kind of call, the newest first."""
        return [*self._programs.get(key, ())]

    def use(self, known: Known) -> Plan:
        """Return the program of an entry, which stays longer because of it."""
        known.used = self._turn()
        return known.plan

    def keep(self, key: Any, known: Known) -> None:
        """Add a program; another one may have to go."""
        self.use(known)
        self._programs.setdefault(key, []).insert(0, known)
        if sum(map(len, self._programs.values())) > MOST_PROGRAMS:
            self.gone += 1
            self._drop(min(self, key=lambda each: each.used))

    def _drop(self, known: Known) -> None:
        for key, row in self._programs.items():
            if known in row:
                row.remove(known)
                if not row:
                    del self._programs[key]
                return

    def note(self, key: Any, note: Note) -> None:
        """Add a note; of too many the oldest goes."""
        self._notes.setdefault(key, []).append(note)
        if sum(map(len, self._notes.values())) > MOST_NOTES:
            oldest = next(iter(self._notes))
            self._notes[oldest].pop(0)
            self._forget(oldest)

    def noted(self, key: Any) -> Note | None:
        """Return a note of a first call in the same surroundings as now; None if there is none."""
        return next(
            (n for n in self._notes.get(key, ()) if not n.leaves.change() and not n.after.change()),
            None,
        )

    def alike(self, call: Call) -> list[Numerals]:
        """Return the numbers of programs for calls like one but for numbers, the latest first."""
        likeness = call.likeness()
        found = [known for known in self if known.likeness == likeness]
        return [known.numerals for known in sorted(found, key=lambda each: -each.used)]

    def waiting(self) -> list[Numerals]:
        """Return the numbers of the calls that were noted and have found no second one."""
        return [note.numerals for notes in self._notes.values() for note in notes]

    def take(self, key: Any, note: Note) -> None:
        """Remove a note that has found its second call."""
        self._notes[key].remove(note)
        self._forget(key)

    def _forget(self, key: Any) -> None:
        if not self._notes[key]:
            del self._notes[key]
