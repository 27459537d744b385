"""What would look wrong in a layout: labels that overlap, or that touch what is not theirs."""

from __future__ import annotations

import math
import random
from itertools import pairwise

from gradatim.draw.layout.sheet import Box, Link

STEPS = 16


def faults(layout, links, *, rows=False):
    """Everything that touches though it should not, in words; in ``rows`` lines may turn back."""
    ends = {link.key: {link.source, link.target} for link in links}
    labels = [
        (key, name, place)
        for key, route in layout.links.items()
        for name, place in (("above", route.above), ("below", route.below))
        if place.width
    ]
    lines = [(key, points(route)) for key, route in layout.links.items()]
    found = []
    for at, (key, name, place) in enumerate(labels):
        found += [
            f"label {key} {name} overlaps label {other} {its}"
            for other, its, there in labels[at + 1 :]
            if overlap(place, there)
        ]
        found += [
            f"label {key} {name} touches box {box}"
            for box, there in layout.boxes.items()
            if overlap(place, there)
        ]
        found += [
            f"label {key} {name} touches line {other}"
            for other, line in lines
            if any(inside(point, place) for point in line)
        ]
    for key, line in lines:
        found += [
            f"line {key} cuts through box {box}"
            for box, place in layout.boxes.items()
            if box not in ends[key] and any(inside(point, place) for point in line)
        ]
    found += [
        f"boxes {a} and {b} overlap"
        for a, here in layout.boxes.items()
        for b, there in layout.boxes.items()
        if a < b and overlap(here, there)
    ]
    wrong = found + outside(layout, labels, lines) + broken(layout, links)
    return [fault for fault in wrong if not (rows and fault.endswith("turns back"))]


def outside(layout, labels, lines):
    """What lies beyond the sheet."""
    places = [*layout.boxes.items(), *((key, place) for key, _, place in labels)]
    found = [
        f"{key} lies beyond the sheet"
        for key, place in places
        if place.left < -0.01
        or place.top < -0.01
        or place.right > layout.width + 0.01
        or place.bottom > layout.height + 0.01
    ]
    for key, line in lines:
        if any(not (0 <= x <= layout.width and -1 <= y <= layout.height + 1) for x, y in line):
            found.append(f"line {key} leaves the sheet")
    return found


def broken(layout, links):
    """Lines that do not go from box to box without a gap, or that turn back."""
    found = []
    for link in links:
        path = layout.links[link.key].path
        source, target = layout.boxes[link.source], layout.boxes[link.target]
        if any(math.dist(a[-1], b[0]) > 0.01 for a, b in pairwise(path)):
            found.append(f"line {link.key} has a gap")
        if abs(path[0][0][0] - source.right) > 0.01 or abs(path[0][0][1] - source.y) > 0.01:
            found.append(f"line {link.key} does not begin at {link.source}")
        x, y = path[-1][-1]
        if not (target.left - 0.01 <= x <= target.x and target.top <= y <= target.bottom):
            found.append(f"line {link.key} does not end at {link.target}")
        line = points(layout.links[link.key])
        if any(b[0] < a[0] - 0.01 for a, b in pairwise(line)):
            found.append(f"line {link.key} turns back")
    return found


def points(route):
    """Points along a line, close to each other."""
    return [at(segment, step / STEPS) for segment in route.path for step in range(STEPS + 1)]


def at(segment, t):
    while len(segment) > 1:  # de Casteljau's way to a point of a curve
        segment = [
            ((1 - t) * a[0] + t * b[0], (1 - t) * a[1] + t * b[1]) for a, b in pairwise(segment)
        ]
    return segment[0]


def overlap(a, b):
    apart = abs(a.x - b.x) - (a.width + b.width) / 2, abs(a.y - b.y) - (a.height + b.height) / 2
    return max(apart) < -0.01


def inside(point, place):
    return (
        place.left + 0.01 < point[0] < place.right - 0.01
        and place.top + 0.01 < point[1] < place.bottom - 0.01
    )


def graph(text, *, leaves="", above=(30, 14), below=(24, 21)):
    """Boxes and links from words: ``"x>× y>× ×>z"``; dots begin with a point."""
    pairs = [word.split(">") for word in text.split()]
    keys = dict.fromkeys(key for pair in pairs for key in pair)
    boxes = [box(key, leaves.split()) for key in keys]
    links = []
    for at, (source, target) in enumerate(pairs):
        pull = 0.5 if source in leaves.split() else 1.0
        links.append(Link(f"e{at}", source, target, above, below, pull))
    return boxes, links


def box(key, leaves=()):
    if key.startswith("."):
        return Box(key, 7, 7, round=True)
    return Box(key, 60, 26) if key in leaves else Box(key, 36, 36, round=True)


def random_graph(seed, count=24, reach=6):
    """A graph without circles, with boxes, circles, dots and labels of every size."""
    choose = random.Random(seed)
    boxes, links = [], []
    for at_box in range(count):
        kind = choose.choice("ccbd")
        key = ("." if kind == "d" else "n") + str(at_box)
        size = choose.randint(30, 110), choose.randint(24, 70)
        boxes.append(Box(key, *size) if kind == "b" else box(key))
        for _ in range(choose.choice([0, 1, 1, 2, 3]) if at_box else 0):
            source = boxes[choose.randrange(max(0, at_box - reach), at_box)].key
            sizes = [
                choose.choice([(0, 0), (choose.randint(8, 120), choose.randint(10, 60))])
                for _ in range(2)
            ]
            links.append(Link(f"e{len(links)}", source, key, *sizes, choose.choice([0.5, 1])))
    return boxes, links
