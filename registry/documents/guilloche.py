"""Security-print ornament as SVG, drawn by formula: a lace border and a pale rosette."""

from collections.abc import Iterator
from functools import cache
from math import cos, pi, sin

_BLUE, _RED = "#2f4a6d", "#b2452f"
_STRAND = 0.1
"""Width of a strand in mm: print shows it, a copier at 200 dpi begins to lose it."""
_WAVE = 9.2
"""Wanted length of one wave in mm; each side has a whole number of them."""

_Stroke = tuple[str, str, float]
"""Path data, colour, width in mm."""


@cache
def border(width: float = 194.0, height: float = 281.0, depth: float = 7.0) -> str:
    """A frame of interlaced waves, ``depth`` mm wide, for a page of the given size in mm.

    The lace of each side ends on the side of a corner square, so that no two sides meet askew.
    """
    strokes: list[_Stroke] = []
    for length, across in ((width - 2 * depth, True), (height - 2 * depth, False)):
        for offset in (depth / 2, (height if across else width) - depth / 2):
            strokes += _lace(length, depth, offset, across)
    for x in (depth / 2, width - depth / 2):
        for y in (depth / 2, height - depth / 2):
            strokes += _corner(x, y, depth)
    for inset, stroke in ((0.0, 0.4), (depth, 0.25), (depth + 1.0, 0.1)):
        strokes.append((_frame(inset, width, height), _BLUE, stroke))
    strokes += [(d, _BLUE, 0.18) for d in _joints(width, height, depth)]
    return _svg(width, height, strokes)


@cache
def rosette(size: float = 120.0) -> str:
    """A pale rosette for the middle of the page, ``size`` mm across."""
    centre = size / 2
    strokes: list[_Stroke] = []
    rings = ((0.80, 0.19, 18, 10), (0.50, 0.13, 12, 8), (0.27, 0.10, 9, 6))
    for place, (reach, sway, waves, strands) in enumerate(rings):
        colour = "#ece2d8" if place % 2 else "#e2e8ef"
        for strand in range(strands):
            phase = 2 * pi * strand / strands
            strokes.append((_ring(centre, centre, centre * reach, centre * sway, waves, phase),
                            colour, 0.16))  # fmt: skip
    return _svg(size, size, strokes)


def _lace(length: float, depth: float, offset: float, across: bool) -> Iterator[_Stroke]:
    """One side's strands, which run between its two corner squares."""
    waves = 2 * round(length / _WAVE / 2)
    steps = waves * 16
    outer, inner = depth / 2 - 0.35, depth / 2 - 1.5
    for strands, reach, colour, rounds in ((8, outer, _BLUE, waves / 2), (5, inner, _RED, waves)):
        for strand in range(strands):
            points = []
            for step in range(steps + 1):
                run = depth + length * step / steps
                angle = 2 * pi * (rounds * step / steps + strand / strands)
                sway = offset + reach * sin(angle)
                points.append((run, sway) if across else (sway, run))
            yield _path(points), colour, _STRAND


def _corner(x: float, y: float, depth: float) -> Iterator[_Stroke]:
    for strand in range(4):
        phase = 2 * pi * strand / 4
        yield _ring(x, y, depth * 0.33, depth * 0.1, 8, phase, 160), _BLUE, _STRAND
    for strand in range(2):
        yield _ring(x, y, depth * 0.15, depth * 0.06, 6, pi * strand, 96), _RED, _STRAND


def _ring(
    x: float, y: float, reach: float, sway: float, waves: int, phase: float, steps: int = 540
) -> str:
    points = []
    for step in range(steps):
        angle = 2 * pi * step / steps
        radius = reach + sway * sin(waves * angle + phase)
        points.append((x + radius * sin(angle), y - radius * cos(angle)))
    return _path(points, close=True)


def _frame(inset: float, width: float, height: float) -> str:
    return f"M{inset} {inset}H{width - inset}V{height - inset}H{inset}Z"


def _joints(width: float, height: float, depth: float) -> Iterator[str]:
    """The two inner sides of each corner square."""
    for x in (depth, width - depth):
        yield f"M{x} 0V{depth}M{x} {height - depth}V{height}"
    for y in (depth, height - depth):
        yield f"M0 {y}H{depth}M{width - depth} {y}H{width}"


def _path(points: list[tuple[float, float]], *, close: bool = False) -> str:
    text = "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points)
    return text + ("Z" if close else "")


def _svg(width: float, height: float, strokes: list[_Stroke]) -> str:
    # Strokes of the outer frame lie half outside, so the picture is a little wider than the frame.
    body = "".join(
        f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{stroke}"/>'
        for d, colour, stroke in strokes
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width + 1}mm" height="{height + 1}mm"'
        f' viewBox="-0.5 -0.5 {width + 1} {height + 1}">{body}</svg>'
    )
