"""What is to be seen in a sketch of lines: its plots, their names and their words."""

from __future__ import annotations

from gradatim.draw.form.mark import Curve, Words


def plots(sketch):
    """The plots of a sketch by their titles."""
    return {part.data["plot"]: part for part in sketch.scene.parts if "plot" in part.data}


def parts(plot, kind):
    """The parts of a plot that are of one kind."""
    return [part for part in plot.parts if part.classes[0] == kind]


def words(part):
    """All words of a part."""
    own = [mark.text for mark in part.marks if isinstance(mark, Words)]
    return own + [text for inner in part.parts for text in words(inner)]


def names(plot):
    """What stands beside the lines of a plot, in the order of the lines."""
    return [word for part in parts(plot, "name") for word in words(part)]


def tips(plot):
    """What is told where a pointer rests, from left to right."""
    return [part.tip.split("\n") for part in parts(plot, "tip")]


def numbers(plot):
    """What is written beside the axes of a plot, less its title, note and unit."""
    return words(parts(plot, "axes")[0])[1:-1]


def strokes(part):
    """The curves among the marks of a part."""
    return [mark for mark in part.marks if isinstance(mark, Curve)]
