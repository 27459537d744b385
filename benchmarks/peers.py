"""Training steps of gradatim beside those of its peers, in the same run.

Each side is a live process of its own with the same first weights and the same batches; they take
turns (A B C A B C ...), and medians and quartiles are quoted, because a machine is never quiet.
A peer that is not installed is said so.

    python benchmarks/peers.py                          all works, start-up, `gradatim train`
    python benchmarks/peers.py --work W1,W2 --threads 1 --peers torch,jax-scan
    python benchmarks/peers.py --growth                 over batch, width and depth
    python benchmarks/peers.py --markdown               tables as Markdown
    python benchmarks/peers.py --page docs/benchmarks.md          and puts them into that page
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sides import growth, page, report
from sides.catalogue import SIDES
from sides.peak import peak_flops, processors, product_flops
from sides.process import installed
from sides.rounds import first_steps, samples, take_turns
from sides.table import Table
from sides.training import train_table
from sides.work import WORKS

PARTS = (*WORKS, "start", "train")
STARTS = 3
"""Launches of each side for the table of first steps; `gradatim train` is as often repeated."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=among(PARTS), default=PARTS, help="such as W1,W2,start")
    sides = among(tuple(SIDES))
    parser.add_argument("--peers", type=sides, help="such as torch,jax-scan; all if not given")
    parser.add_argument("--threads", type=int, default=processors(), help="of each side")
    parser.add_argument("--rounds", type=int, default=9)
    directions = among(tuple(growth.TITLES))
    parser.add_argument(
        "--growth", type=directions, nargs="?", const=tuple(growth.TITLES), help="such as batch"
    )
    parser.add_argument("--train-steps", type=int, help="of `gradatim train`, if not the job's")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--page", type=Path, help="a page with marks between which tables go")
    return parser.parse_args()


def among(choices: tuple[str, ...]):
    """What reads words between commas, each one of the choices; "none" is none of them."""

    def names(text: str) -> tuple[str, ...]:
        found = tuple(filter(None, text.split(","))) if text != "none" else ()
        if unknown := [name for name in found if name not in choices]:
            raise argparse.ArgumentTypeError(
                f"{', '.join(unknown)} must be among {', '.join(choices)}"
            )
        return found

    return names


class Benchmark:
    """What the command line asks for, and the folder of the samples."""

    def __init__(self, given: argparse.Namespace, folder: Path) -> None:
        self.given, self.folder = given, folder
        self.peak = peak_flops(given.threads)
        self.shown: list[str] = []

    def sides(self, kind: str, name: str) -> tuple[list[str], list[str]]:
        """The sides that do a work and are here, ours first; and which are not here."""
        peers = self.given.peers
        wanted = [
            key
            for key, entry in SIDES.items()
            if entry.does(kind, name) and (not entry.peer or peers is None or key in peers)
        ]
        return installed(wanted)

    def show(self, table: Table) -> None:
        self.shown.append(table.text(markdown=True))
        print(f"\n{table.text(self.given.markdown)}", flush=True)

    def compare(self, name: str) -> None:
        work, given = WORKS[name], self.given
        names, absent = self.sides(work.kind, name)
        results = take_turns(work, names, given.rounds, given.threads, self.folder)
        self.show(report.of_work(work, results, absent, self.peak))

    def start(self) -> None:
        names, absent = self.sides("network", "W1")
        names = [name for name in names if not name.endswith("-u8")]  # they start like the others
        rounds = min(STARTS, self.given.rounds)
        found = first_steps(WORKS["W1"], names, rounds, self.given.threads, self.folder)
        self.show(report.of_first_steps(WORKS["W1"], found, absent))

    def train(self) -> None:
        self.show(train_table(min(STARTS, self.given.rounds), self.given.train_steps))

    def grow(self, along: str) -> None:
        given, peak = self.given, self.peak
        table = report.of_growth(growth.TITLES[along], peak)
        names, absent = self.sides("network", "growth")
        peers = growth.PEERS if given.peers is None else given.peers
        names = [name for name in names if name == names[0] or name in peers]
        for label, work in growth.works(along).items():
            results = take_turns(work, names, given.rounds, given.threads, self.folder)
            report.add_growth(table, label, work, results, peak)
        for sentence in absent:
            table.note(sentence)
        self.show(table)

    def run(self) -> None:
        """All that was asked for."""
        if self.given.growth:
            for along in self.given.growth:
                self.grow(along)
            return
        for part in self.given.work:
            if part in WORKS:
                self.compare(part)
            else:
                {"start": self.start, "train": self.train}[part]()


def mark(given: argparse.Namespace) -> str:
    """The place of a page where the tables go."""
    asked = "growth" if given.growth else "run"
    return f"{asked} on one thread" if given.threads == 1 else asked


def main() -> int:
    given = arguments()
    with samples() as folder:
        benchmark = Benchmark(given, folder)
        about = report.heading(given.threads, benchmark.peak, product_flops())
        print(about)
        benchmark.run()
    if given.page:
        page.put(given.page, mark(given), "\n\n".join([about, *benchmark.shown]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
