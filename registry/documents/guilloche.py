"""Security-print ornament as SVG: wave bands for the border and a rosette, drawn from formulas."""

from functools import cache
from math import cos, pi, sin


def _path(points: list[tuple[float, float]], *, close: bool = False) -> str:
    text = "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points)
    return text + ("Z" if close else "")


def _svg(width: float, height: float, paths: list[tuple[str, str, float]]) -> str:
    body = "".join(
        f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{stroke}"/>'
        for d, colour, stroke in paths
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm"'
        f' viewBox="0 0 {width} {height}">{body}</svg>'
    )


@cache
def border(width: float = 194.0, height: float = 281.0, depth: float = 6.5) -> str:
    """A frame of interlaced waves, ``depth`` mm wide, for a page of the given size in mm."""
    inset = depth / 2
    across, down = width - 2 * inset, height - 2 * inset
    around = 2 * (across + down)
    steps = int(around * 2.2)
    waves = 96
    paths: list[tuple[str, str, float]] = []
    for strand in range(6):
        phase = strand * pi / 6
        points = []
        for step in range(steps):
            run = around * step / steps
            sway = sin(2 * pi * waves * step / steps + phase) * cos(2 * pi * 24 * step / steps)
            sway *= depth / 2 - 0.25
            points.append(_on_frame(run, across, down, inset, sway))
        colour = "#b2452f" if strand % 2 else "#2f4a6d"
        paths.append((_path(points, close=True), colour, 0.09))
    for inner, stroke in ((0.0, 0.35), (depth, 0.2), (depth + 0.9, 0.08)):
        d = f"M{inner} {inner}H{width - inner}V{height - inner}H{inner}Z"
        paths.append((d, "#2f4a6d", stroke))
    return _svg(width, height, paths)


def _on_frame(
    run: float, across: float, down: float, inset: float, sway: float
) -> tuple[float, float]:
    if run < across:
        return inset + run, inset + sway
    run -= across
    if run < down:
        return inset + across - sway, inset + run
    run -= down
    if run < across:
        return inset + across - run, inset + down - sway
    return inset + sway, inset + down - (run - across)


@cache
def rosette(size: float = 120.0) -> str:
    """A pale rosette for the middle of the page, ``size`` mm across."""
    centre = size / 2
    paths: list[tuple[str, str, float]] = []
    for ring in range(14):
        radius = centre * (0.32 + 0.045 * ring)
        points = []
        for step in range(720):
            angle = 2 * pi * step / 720
            reach = radius * (1 + 0.085 * sin(12 * angle + ring * pi / 7) * cos(4 * angle))
            points.append((centre + reach * cos(angle), centre + reach * sin(angle)))
        paths.append((_path(points, close=True), "#eadfd4" if ring % 2 else "#dfe5ec", 0.22))
    return _svg(size, size, paths)
