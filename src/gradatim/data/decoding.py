"""All pictures of a folder decoded, by several processes where that pays."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING, NamedTuple

from gradatim.data import decoder
from gradatim.data.cache import Sink
from gradatim.data.decoder import Batch, Fault, Form, decode

if TYPE_CHECKING:
    import subprocess

AT_ONCE, BYTES_AT_ONCE = 500, 2**24
"""Most pictures, and most bytes of them, that a worker decodes before it answers."""

# A worker takes 0.2 s to start. A small PNG takes 25 us to read and decode, a JPEG 20 ns a byte.
_START_SECONDS, _FILE_SECONDS, _BYTE_SECONDS = 0.2, 25e-6, 20e-9


class Decoded(NamedTuple):
    """The sha256 of every file, 32 bytes each, and what was wrong."""

    digests: bytes
    faults: list[Fault]


def decode_all(
    root: Path,
    names: Sequence[str],
    form: Form,
    sink: Sink,
    *,
    workers: int = 1,
    advance: Callable[[int], None] = lambda count: None,
) -> Decoded:
    """Decode files into a sink.

    Parameters
    ----------
    root
        Folder that the names are below.
    names
        Of the files.
    form
        What all pictures become.
    sink
        Takes the pixels, in any order.
    workers
        Processes; with 1 all is done here. Work that a worker does not do is done here too.
    advance
        Told by the calling thread how many more files are done.

    Returns
    -------
    Decoded
        In the order of the names.
    """
    pieces = list(_pieces(len(names), form))
    digests: dict[int, bytes] = {}
    faults: list[Fault] = []
    done = _by_workers if workers > 1 and len(pieces) > 1 else _here
    for piece, batch in done(str(root), names, pieces, form, sink, workers):
        digests[piece.start] = batch.digests
        faults += [fault._replace(number=piece.start + fault.number) for fault in batch.faults]
        advance(len(piece))
    return Decoded(b"".join(digests[start] for start in sorted(digests)), sorted(faults))


def suitable_workers(count: int, nbytes: int) -> int:
    """Return how many processes will decode so many files of so many bytes soonest.

    Parameters
    ----------
    count
        Number of files.
    nbytes
        Of all files.

    Returns
    -------
    int
        1 where starting others would take longer than the work.

    Examples
    --------
    >>> suitable_workers(10, 10_000)
    1
    """
    seconds = count * _FILE_SECONDS + nbytes * _BYTE_SECONDS
    cores = _cores()
    return cores if seconds * (1 - 1 / cores) > 2 * _START_SECONDS else 1


def _cores() -> int:
    with suppress(AttributeError, OSError):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def _pieces(count: int, form: Form) -> Iterator[range]:
    size = max(1, min(AT_ONCE, BYTES_AT_ONCE // form.nbytes))
    return (range(start, min(start + size, count)) for start in range(0, count, size))


Results = Iterator[tuple[range, Batch]]


def _here(
    root: str, names: Sequence[str], pieces: list[range], form: Form, sink: Sink, workers: int
) -> Results:
    for piece in pieces:
        batch = decode(root, list(names[piece.start : piece.stop]), form)
        sink(piece.start, batch.pixels)
        yield piece, batch


def _by_workers(
    root: str, names: Sequence[str], pieces: list[range], form: Form, sink: Sink, workers: int
) -> Results:
    crew = _Crew(min(workers, len(pieces)), root, form)

    def work(piece: range) -> tuple[range, Batch]:
        batch = crew.decode(list(names[piece.start : piece.stop]))
        sink(piece.start, batch.pixels)
        return piece, batch

    pool = ThreadPoolExecutor(crew.size)
    try:
        for done in as_completed([pool.submit(work, piece) for piece in pieces]):
            yield done.result()
    finally:
        # Ctrl-C arrives here as well: threads wait for workers, so these must go first.
        crew.dismiss()
        pool.shutdown(cancel_futures=True)
        crew.close()


class _Crew:
    """Workers, each busy with one task at a time."""

    def __init__(self, size: int, root: str, form: Form) -> None:
        self.size, self._root, self._form = size, root, form
        self._lock, self._dismissed = Lock(), Event()
        self._free = [process for _ in range(size) if (process := _start()) is not None]
        self._all = list(self._free)

    def decode(self, names: list[str]) -> Batch:
        """Let a free worker decode files, or do it here."""
        with self._lock:
            process = self._free.pop() if self._free else None
        answer = None if process is None else self._ask(process, names)
        if answer is None:
            if self._dismissed.is_set():
                raise RuntimeError("dismissed")
            return decode(self._root, names, self._form)
        with self._lock:
            self._free.append(process)  # type: ignore[arg-type]
        return answer

    def _ask(self, process: subprocess.Popen[bytes], names: list[str]) -> Batch | None:
        """Return the answer of a worker; None if it has died."""
        assert process.stdin is not None
        assert process.stdout is not None
        task = {"root": self._root, "names": names, "form": self._form}
        try:
            process.stdin.write(json.dumps(task).encode() + b"\n")
            process.stdin.flush()
            head = json.loads(process.stdout.readline())
            pixels = bytearray(process.stdout.read(len(names) * self._form.nbytes))
        except (OSError, ValueError):
            return None
        if len(pixels) < len(names) * self._form.nbytes:
            return None
        faults = [Fault(*fault) for fault in head["faults"]]
        return Batch(pixels, bytes.fromhex(head["digests"]), faults)

    def dismiss(self) -> None:
        """End all workers, whatever they are doing."""
        self._dismissed.set()
        for process in self._all:
            process.kill()

    def close(self) -> None:
        """Clear away what is left of dismissed workers, when nobody waits for them any more."""
        for process in self._all:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(OSError):  # what a dead worker did not read
                        pipe.close()


def _start() -> subprocess.Popen[bytes] | None:
    import subprocess

    if not sys.executable:  # Python is embedded in another program
        return None
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        return subprocess.Popen(
            # -P: else the folder of this file would stand before all packages.
            [sys.executable, "-P", str(decoder.__file__)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            # Ctrl-C is for the caller alone, who then ends its workers.
            process_group=0 if os.name == "posix" else None,
        )
    except (OSError, ValueError):
        return None
