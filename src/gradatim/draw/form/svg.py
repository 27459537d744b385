"""A scene as SVG: text stays text, names are escaped, and the colours follow light and dark."""

from __future__ import annotations

import re
from html import escape

from gradatim.draw.form.mark import Circle, Curve, Frame, Mark, Part, Scene, Shape, Words
from gradatim.draw.form.paint import Look, Paint
from gradatim.draw.layout.path import Point, Segment

FONT = (
    '"DejaVu Sans","Verdana","Noto Sans","Noto Sans CJK KR","Noto Sans CJK JP","Noto Sans KR",'
    '"Noto Sans JP","Malgun Gothic","Yu Gothic","Apple SD Gothic Neo","Hiragino Sans",sans-serif'
)
MONO = (
    '"DejaVu Sans Mono","Menlo","Consolas","Noto Sans Mono","Noto Sans Mono CJK KR",'
    '"Noto Sans CJK KR","Malgun Gothic",monospace'
)

_WIDE = 1600.0
"""Wider drawings are not made to fit into a page, where nobody could read them: it scrolls."""

_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 does not allow: control characters, halves of letters, and two others."""


def svg_of(scene: Scene) -> str:
    """Write a scene as SVG.

    Parameters
    ----------
    scene : Scene
        What is shown.

    Returns
    -------
    str
        One element ``svg``, to be written as UTF-8 or put into a page. It needs no script and no
        other file; it is dark where dark is preferred, and in a page that says
        ``data-theme="dark"``.

    Examples
    --------
    >>> svg_of(Scene(10, 10, (), title="a < b")).count("a &lt; b")
    2
    """
    width, height = _number(scene.width), _number(scene.height)
    kind = "gradatim" if scene.width > _WIDE else "gradatim fitted"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{kind}" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="graphics-document" '
        f"aria-roledescription={_quoted(scene.kind)} aria-label={_quoted(scene.title)}>",
        f"<title>{_escaped(scene.title)}</title>",
        f"<desc>{_escaped(scene.description)}</desc>",
        f"<style>{_style(scene.paint)}</style>",
        f'<rect class="l-paper" width="{width}" height="{height}"/>',
    ]
    for part in scene.parts:
        _write(part, lines)
    return "\n".join([*lines, "</svg>"])


# --- marks -----------------------------------------------------------------------------------


def _write(part: Part, lines: list[str]) -> None:
    data = "".join(f" data-{name}={_quoted(key)}" for name, key in part.data.items())
    lines.append(f'<g class="{" ".join(part.classes)}"{data}>')
    if part.tip:
        lines.append(f"<title>{_escaped(part.tip)}</title>")
    lines += [_mark(mark) for mark in part.marks]
    for each in part.parts:
        _write(each, lines)
    lines.append("</g>")


def _mark(mark: Mark) -> str:
    look = f'class="l-{mark.look}"'
    if isinstance(mark, Circle):
        x, y, radius = map(_number, (mark.x, mark.y, mark.radius))
        return f'<circle {look} cx="{x}" cy="{y}" r="{radius}"/>'
    if isinstance(mark, Frame):
        return _frame(mark, look)
    if isinstance(mark, Words):
        return _words(mark)
    if isinstance(mark, Shape):
        return f'<polygon {look} points="{" ".join(map(_point, mark.points))}"/>'
    return f'<path {look} d="{_path(mark)}"/>'


def _frame(mark: Frame, look: str) -> str:
    left, top, width, height = map(_number, (mark.left, mark.top, mark.width, mark.height))
    corner = f' rx="{_number(min(mark.corner, mark.height / 2))}"' if mark.corner else ""
    faint = f' fill-opacity="{mark.opacity:g}"' if mark.opacity < 1 else ""
    return f'<rect {look} x="{left}" y="{top}" width="{width}" height="{height}"{corner}{faint}/>'


def _words(mark: Words) -> str:
    classes = f"l-{mark.look}" + " mono" * mark.mono
    anchor = "" if mark.centred else ' text-anchor="start"'
    # The style has the last word over an attribute, but not over the style of the element itself.
    anchor = ' style="text-anchor:end"' if mark.ending else anchor
    place = f'x="{_number(mark.x)}" y="{_number(mark.y)}" font-size="{_number(mark.size)}"'
    # Figures stand apart by several spaces, which would else be taken for one.
    space = ' xml:space="preserve"' if "  " in mark.text else ""
    return f'<text class="{classes}" {place}{anchor}{space}>{_escaped(mark.text)}</text>'


def _path(mark: Curve) -> str:
    pieces: list[str] = []
    end: Point | None = None
    for segment in mark.path:
        if segment[0] != end:
            pieces.append(f"M{_point(segment[0])}")
        pieces.append(_piece(segment))
        end = segment[-1]
    return "".join(pieces)


def _piece(segment: Segment) -> str:
    return ("L" if len(segment) == 2 else "C") + " ".join(map(_point, segment[1:]))


def _point(point: Point) -> str:
    return f"{_number(point[0])},{_number(point[1])}"


def _number(x: float) -> str:
    text = f"{x:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


# --- text and colours ------------------------------------------------------------------------


def _escaped(text: str) -> str:
    return escape(_printable(text), quote=False)


def _quoted(text: str) -> str:
    return f'"{escape(_printable(text))}"'


def _printable(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)


def _style(paint: Paint) -> str:
    light, dark = (
        ";".join(f"--g-{name}:{pair[shade]}" for name, pair in paint.colours.items())
        for shade in (0, 1)
    )
    rules = [
        f".gradatim{{{light}}}",
        f"@media (prefers-color-scheme:dark){{.gradatim{{{dark}}}}}",
        f'[data-theme="light"] .gradatim,[data-jp-theme-light="true"] .gradatim{{{light}}}',
        f'[data-theme="dark"] .gradatim,[data-jp-theme-light="false"] .gradatim{{{dark}}}',
        ".gradatim.fitted{max-width:100%;height:auto}",
        ".gradatim text{white-space:pre;text-anchor:middle;text-rendering:geometricPrecision}",
        f".gradatim text{{font-family:{FONT}}}",
        f".gradatim text.mono{{font-family:{MONO}}}",
        '.gradatim text[text-anchor="start"]{text-anchor:start}',
        *(f".gradatim .l-{name}{{{_rule(look, paint)}}}" for name, look in paint.looks.items()),
    ]
    return "\n".join(rules).replace("<", "").replace("&", "")


def _rule(look: Look, paint: Paint) -> str:
    rule = _colour("fill", look.fill, paint)
    if look.stroke:
        rule += f"{_colour('stroke', look.stroke, paint)}stroke-width:{look.width:g};"
    if look.dashes:
        rule += f"stroke-dasharray:{','.join(f'{dash:g}' for dash in look.dashes)};"
    return rule + "stroke-linejoin:round;" * look.smooth + "font-weight:700;" * look.bold


def _colour(what: str, name: str, paint: Paint) -> str:
    if not name:
        return f"{what}:none;"
    # Viewers that know no custom properties take the first.
    return f"{what}:{paint.colours[name][0]};{what}:var(--g-{name});"
