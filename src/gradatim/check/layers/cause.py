"""The likely cause of a wrong gradient, found by trying what learners get wrong most often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from gradatim.check.layers.finding import LayerFinding
from gradatim.check.layers.mistake import MISTAKES, alike
from gradatim.check.layers.trial import Row, Trial
from gradatim.types import Array

Pairs = list[tuple[Trial, Row]]
"""Every point, with the row of one gradient there."""

Told = tuple[str, str, str]
"""Kind of a cause, what it is in words, and what to try."""


def explain(name: str, pairs: Pairs) -> LayerFinding:
    """Say why one gradient is wrong, and where."""
    wrong = [(trial, row) for trial, row in pairs if row.wrong]
    trial, row = wrong[0]
    told: Told | None = None
    for look in (_broken, _later, _other_targets, _zero, _deaf, _factor, _offset, _other, _only):
        told = look(name, wrong, pairs)
        if told is not None:
            break
    else:
        told = ("other", f"{name} is not the slope of forward.", _by_hand(row))
    kind, what, fix = told
    return LayerFinding(name, kind, what, (_evidence(trial, row), *_reach_of(wrong, pairs)), fix)


def _evidence(trial: Trial, row: Row) -> str:
    place = row.worst
    at = ", ".join(map(str, row.index(place)))
    where = f"{row.name}[{at}]" if at else row.name
    point = "" if trial.point.label == "as given" else f", {trial.point.label}"
    found, slope = row.found[place], row.slopes[place]
    digits = 6 if abs(found - slope) > 1e-4 * abs(slope) else 10
    expected = f"{slope:.{digits}g}"
    if place in row.bounds:
        low, high = row.bounds[place]
        expected = f"between {low:.6g} and {high:.6g}"
    return f"{where}: backward gives {found:.{digits}g}, the slope is {expected}{point}"


def _reach_of(wrong: Pairs, pairs: Pairs) -> list[str]:
    """In which elements, and at which points, where it is not everywhere."""
    if len(wrong) == len(pairs):
        return []
    right = [trial.point.label for trial, row in pairs if not row.wrong and row.scale]
    labels = list(dict.fromkeys(trial.point.label for trial, _ in wrong))
    if len(labels) <= 3 and right:
        return [f"It is wrong only {_listed(labels)}."]
    return [f"It is right {_listed(list(dict.fromkeys(right)))}."] if 0 < len(right) < 4 else []


def _listed(labels: list[str]) -> str:
    return f"{', '.join(labels[:-1])} and {labels[-1]}" if len(labels) > 1 else labels[0]


def _by_hand(row: Row) -> str:
    at = ", ".join(map(str, row.index(row.worst)))
    place = f"{row.of}[{at}]" if at else row.of
    return f"move {place} a little by hand, and follow on paper what it changes"


def _broken(name: str, wrong: Pairs, pairs: Pairs) -> Told | None:
    """Nan or inf."""
    row = wrong[0][1]
    if np.isfinite(row.found).all():
        return None
    return (
        "not finite",
        f"{name} holds nan or inf, though the slopes of forward are finite.",
        "look for a division by 0, or log(0), in backward",
    )


def _later(name: str, wrong: Pairs, pairs: Pairs) -> Told | None:
    """Wrong only when the layer has been used before."""
    if not all(trial.point.reused for trial, _ in wrong):
        return None
    for trial, row in wrong:
        before = trial.before.get(name)
        if before is None or before.shape != row.got.shape:
            continue
        if alike(row.found - row.expected, before.reshape(-1)[row.at]):
            return (
                "accumulates",
                f"{name} is added to that of the call before: each backward makes it larger.",
                f"{_owned(name)} = ... in place of {_owned(name)} += ...",
            )
    return (
        "remembers",
        f"{name} is right on the first call and wrong on the next: something is kept from an "
        "earlier forward or backward.",
        "let forward store anew, each time, whatever backward uses",
    )


def _other_targets(name: str, wrong: Pairs, pairs: Pairs) -> Told | None:
    """Wrong for labels alone, or for one-hot rows alone."""
    if not all(trial.point.like is not None for trial, _ in wrong):
        return None
    trial, row = wrong[0]
    kind = trial.point.label.removeprefix("for ")
    square = len(row.got) == row.got.shape[-1] and len(wrong) == 1
    why = " where the batch is as large as the number of classes, so that y - t broadcasts"
    return (
        "other targets",
        f"{name} is wrong for {kind} as targets{why if square else ''}, though forward takes them "
        "and gives the right loss.",
        "if self.t.ndim == 1: dx[np.arange(batch_size), self.t] -= 1"
        if kind == "labels"
        else "dx = (self.y - self.t) / batch_size for one-hot rows",
    )


def _zero(name: str, wrong: Pairs, pairs: Pairs) -> Told | None:
    """Never computed."""
    if any(row.got.any() for _, row in wrong):
        return None
    return "zero", f"{name} is 0 everywhere. Is it never computed?", _by_hand(wrong[0][1])


def _deaf(name: str, wrong: Pairs, pairs: Pairs) -> Told | None:
    """The same, whatever dout is."""
    trial, row = wrong[0]
    again = trial.deaf.get(name)
    if again is None or not alike(again.reshape(-1), row.got.reshape(-1)):
        return None
    return (
        "ignores dout",
        f"{name} ignores dout: it is the same whatever dout is. By the chain rule every gradient "
        f"is dout times the layer's own slope.{_at_one(name, wrong)}",
        _sum(name, row, f"{_owned(name)} = dout * ..."),
    )


def _at_one(name: str, wrong: Pairs) -> str:
    """Whether a gradient of a loss that ignores dout is right for dout = 1, and if not, why."""
    if any(np.ndim(trial.call.dout) for trial, _ in wrong):
        return ""
    ones = [(trial, _divided(row, float(trial.call.dout))) for trial, row in wrong]
    ratios = [ratio for _, row in ones if (ratio := _ratio(row)) is not None]
    if len(ratios) > _MOST * len(ones) and all(_near(ratio, 1.0) for ratio in ratios):
        return " For dout = 1 it is right, for any other it is wrong."
    told = _factor(name, ones, ones)
    return f" And for dout = 1 it is wrong, too: {told[1]}" if told is not None else ""


def _divided(row: Row, dout: float) -> Row:
    return replace(row, slopes=[slope / dout for slope in row.slopes])


def _factor(name: str, wrong: Pairs, pairs: Pairs) -> Told | None:
    """A constant factor, or one that follows the number of samples."""
    counts, shares = [], []
    for trial, row in wrong:
        ratio = _ratio(row)
        if ratio is not None and not _near(ratio, 1.0):
            counts.append((ratio, trial.point.samples or 0, np.size(trial.call.dout)))
            shares.append(row.got.size / max(1, np.size(trial.call.dout)))
    if len(counts) <= _MOST * len(wrong):
        return None
    told = _by_samples(name, wrong[0][1], counts) or _by_share(name, counts, shares)
    first = counts[0][0]
    if told is not None or len(counts) < 3 or not all(_near(r / first, 1.0) for r, *_ in counts):
        return told
    if _near(first, -1.0):
        return "sign", f"{name} has the wrong sign in every element.", f"put a minus before {name}"
    told_factor = f"{_as_fraction(first)} {'times' if abs(first) > 1 else 'of'} what it should be"
    fix = f"look for a factor {_as_fraction(first)} too many"
    if abs(first) < 1:
        fix = f"look for a factor {_as_fraction(1 / first)} that is missing"
    return "factor", f"{name} is {told_factor}, in every element.", f"{fix} in {name}"


_MOST = 0.75
"""Share of the points at which a factor must be seen; what a loss adds in its log hides some."""


def _by_share(name: str, counts: list[tuple[float, int, int]], shares: list[float]) -> Told | None:
    """As many times too large as there are elements in x for each one in dout."""
    if not all(n and s > 1 and _near(r / s, 1.0) for (r, n, _), s in zip(counts, shares)):
        return None
    if all(_near(s, float(size)) for s, (_, size, _) in zip(shares, counts)):
        return None
    many = f"{shares[0]:g}"
    return (
        "spreads",
        f"{name} is {many} times what it should be, and there are {many} elements of it for each "
        "of dout: if forward averages over them, backward must divide by their number.",
        "divide by the number of elements that forward takes the mean of",
    )


def _offset(name: str, wrong: Pairs, pairs: Pairs) -> Told | None:
    """The same number too much in every element."""
    apart = np.concatenate([row.found - row.expected for _, row in wrong])
    middle = float(np.median(apart))
    if len(wrong) < 3 or not middle or np.abs(apart - middle).max() > 0.01 * abs(middle):
        return None
    what = "large" if middle > 0 else "small"
    return (
        "offset",
        f"{name} is too {what} by {abs(middle):.3g} in every element.",
        f"look for a number that is added in {name}",
    )


def _by_samples(name: str, row: Row, counts: list[tuple[float, int, int]]) -> Told | None:
    """Factors that follow the number of samples, or of all elements of dout."""
    first, samples, size = counts[0]
    if all(_near(r * n, 1.0) for r, n, _ in counts):
        return (
            "averages",
            f"{name} is 1/{samples} of what it should be, and there are {samples} samples: it "
            "averages over the batch where it should sum. The loss has divided already.",
            _sum(name, row, "leave out the division by the batch size"),
        )
    if all(n and _near(r / n, 1.0) for r, n, _ in counts):
        return (
            "sums",
            f"{name} is {samples} times what it should be, and there are {samples} samples: it "
            "sums over the batch where forward averages.",
            _DIVIDE,
        )
    if all(_near(r * s, 1.0) for r, _, s in counts):
        return (
            "averages",
            f"{name} is 1/{size} of what it should be, and dout has {size} elements: it averages "
            "over all of them where it should sum.",
            _sum(name, row, "np.sum in place of np.mean"),
        )
    follows = all(n and _near(r / n * samples / first, 1.0) for r, n, _ in counts)
    if not follows or len({n for _, n, _ in counts}) == 1:
        return None
    told = f"{name} is divided by {_as_fraction(samples / first)}, however many samples there are."
    return "fixed divisor", told, _DIVIDE


_DIVIDE = "divide by the number of samples, as in (self.y - self.t) / batch_size"


def _sum(name: str, row: Row, otherwise: str) -> str:
    if name in ("db", "dbeta"):
        return f"self.{name} = np.sum(dout, axis=0)"
    return "self.dW = np.dot(self.x.T, dout)" if name == "dW" and row.got.ndim == 2 else otherwise


def _as_fraction(number: float) -> str:
    for below in range(1, 13):
        if _near(number * below, round(number * below)) and round(number * below):
            over = round(number * below)
            return str(over) if below == 1 else f"{over}/{below}"
    return f"{number:.4g}"


def _ratio(row: Row) -> float | None:
    """By what every element is off, if it is the same for all."""
    keep = [i for i in range(len(row.at)) if i not in row.bounds]
    got, expected = row.found[keep], row.expected[keep]
    square = float((expected * expected).sum())
    if not square or not np.isfinite(got).all():
        return None
    ratio = float((got * expected).sum()) / square
    # A loss with 1e-7 within its log has slopes that are a little smaller than those of the book.
    close = np.allclose(got, ratio * expected, rtol=1e-4, atol=1e-5 * float(np.abs(got).max()))
    return ratio if ratio and close else None


def _other(name: str, wrong: Pairs, pairs: Pairs) -> Told | None:
    """What stands there is the right value of something else."""
    trial, row = wrong[0]
    for other, their in trial.rows.items():
        if other == name or their.got.shape != row.got.shape or row.at != their.at:
            continue
        if alike(row.found, their.expected) and not alike(row.expected, their.expected):
            both = alike(their.found, row.expected)
            return (
                "swapped",
                f"{name} is what {other} should be{_EXCHANGED if both else ''}.",
                "return the gradients in the order in which forward takes the inputs"
                if both
                else f"look for the wrong name in {name}",
            )
    for mistake in MISTAKES:
        if all(mistake.fits(trial, row) for trial, row in wrong[:4]):
            return mistake.kind, mistake.what.format(name=name), mistake.fix.format(name=name)
    return None


_EXCHANGED = ", and the other way round: they are in each other's place"


def _only(name: str, wrong: Pairs, pairs: Pairs) -> Told | None:
    """Some elements only: by their sign, their size or their place."""
    full = [(t, r) for t, r in wrong if len(r.wrong) < len(r.at)]
    if len(full) < len(wrong) / 2:
        return None
    row = full[0][1]
    where = _by_value(full) or _by_place(full)
    if where is None:
        where = f"in {len(row.wrong)} of {len(row.at)} elements that were looked at"
    return "partly", f"{name} is wrong {where}.", _by_hand(row)


def _by_value(pairs: Pairs) -> str | None:
    """By the sign or the size of what moves, or of dout."""
    told = []
    for trial, row in pairs:
        bad, good = _sides(row)
        for what, values in _values(trial, row):
            told += [f"only where {what} is {word}" for word in _rules(values[bad], values[good])]
    return _commonest(told, len(pairs))


_WORDS: list[tuple[str, Callable[[Array], Array]]] = [
    ("negative", lambda values: values < 0),
    ("positive", lambda values: values > 0),
    ("0", lambda values: values == 0),
]


def _rules(bad: Array, good: Array) -> list[str]:
    size = np.abs(bad).min() > np.abs(good).max(initial=0.0)
    rules = [(w, f(bad), f(good)) for w, f in _WORDS]
    words = [word for word, some, others in rules if some.all() and not others.any()]
    return [*words, *(["large"] if size and not words else [])]


def _commonest(told: list[str], count: int) -> str | None:
    """What is said of most points."""
    if not told:
        return None
    most = max(told, key=told.count)
    return most if told.count(most) > count / 2 else None


def _sides(row: Row) -> tuple[list[int], list[int]]:
    """Places of the elements that are wrong, and of those that are right and are not 0."""
    good = [i for i in range(len(row.at)) if i not in set(row.wrong) and row.slopes[i]]
    return row.wrong, good


def _values(trial: Trial, row: Row) -> list[tuple[str, Array]]:
    named = [*zip(trial.subject.names, trial.subject.inputs), ("dout", trial.call.dout)]
    return [
        (name, np.asarray(value).reshape(-1)[row.at])
        for name, value in named
        if name in (row.of, "dout") and np.shape(value) == row.got.shape
    ]


def _by_place(pairs: Pairs) -> str | None:
    """One row, one column, one element, or all samples but the first."""
    told = []
    for _, row in pairs:
        bad, good = _sides(row)
        told.append(_place_of([row.index(i) for i in bad], [row.index(i) for i in good]))
    return _commonest([each for each in told if each], len(pairs))


def _place_of(bad: list[tuple[int, ...]], good: list[tuple[int, ...]]) -> str:
    if len(bad) == 1:
        return f"in one element, at {list(bad[0])}"
    for axis, word in ((0, "row"), (1, "column")):
        if len(bad[0]) <= axis:
            break
        places = {index[axis] for index in bad}
        if len(places) == 1 and len(bad[0]) > 1:
            return f"only in {word} {places.pop()}"
        if axis == 0 and {index[0] for index in good} == {0}:
            return "in every row but the first"
    return ""


def _owned(name: str) -> str:
    return name if name.startswith("dx") else f"self.{name}"


def _near(number: float, other: float) -> bool:
    return abs(number - other) < 1e-4 * max(1.0, abs(other))
